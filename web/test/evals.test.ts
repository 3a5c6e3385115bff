import { expect, test } from "vitest";
import type { EvalPoint } from "@/api/types";
import { readEvalAddress, readEvalFilters } from "@/pages/evals/address";
import { caseWords, difference, endNames, metricsOf, plotted, reach } from "@/pages/evals/figures";
import { blocks } from "@/parts/Written";
import { folded, wordPieces } from "@/parts/wordPieces";

const point = (run: string, suite: string, metric: string, rate: number): EvalPoint => ({
  eval: run,
  version: run,
  at: "2026-01-01T00:00:00Z",
  suite,
  metric,
  rate,
  of: 10,
});

const HISTORY = [
  point("ev_1", "a", "passed", 0.5),
  point("ev_2", "a", "passed", 1),
  point("ev_2", "b", "passed", 0.75),
  point("ev_2", "b", "field_accuracy", 1),
];

test("a plot has a line for each suite, from the lowest rate to 1", () => {
  const { lines, least } = plotted(HISTORY, "passed");
  expect(least).toBe(0.5);
  expect(lines.map((line) => [line.suite, line.points.map((one) => [one.x, one.y])])).toEqual([
    [
      "a",
      [
        [0, 1],
        [1, 0],
      ],
    ],
    ["b", [[1, 0.5]]],
  ]);
});

test("a plot of nothing but 1 still has a scale, and one eval stands in the middle", () => {
  const { lines, least } = plotted(HISTORY, "field_accuracy");
  expect(least).toBe(0.9);
  expect(lines[0]?.points[0]).toMatchObject({ x: 0.5, y: 0 });
});

test("metrics begin with what passed", () => {
  expect(metricsOf(HISTORY)).toEqual(["passed", "field_accuracy"]);
});

test("differences have a sign, and intervals fit about 0", () => {
  expect(difference(-0.25)).toBe("−0.2500");
  expect(difference(0.1)).toBe("+0.1000");
  expect(reach([{ figure: "passed", mean: 0, low: -0.3, high: 0.1, cases: 3, worse: false }])).toBe(0.3);
});

test("an address says what is open, and nothing that is no text", () => {
  expect(readEvalAddress({ against: "ev_1", metric: "", case: 7 })).toEqual({ against: "ev_1" });
  expect(readEvalFilters({ state: "nowhere", suite: "quotes" })).toEqual({ suite: "quotes" });
  expect(readEvalFilters({ state: "failed" })).toEqual({ state: "failed" });
});

test("lines that end together share a name, and names that would touch stand apart", () => {
  const ends = (rates: Record<string, number>) =>
    endNames(
      plotted(
        Object.entries(rates).map(([suite, rate]) => point("ev_1", suite, "passed", rate)),
        "passed",
      ).lines,
      0.2,
    );
  expect(ends({ a: 1, b: 1, c: 0.5 })).toEqual([
    { text: "a, b", y: 0 },
    { text: "c", y: 1 },
  ]);
  expect(ends({ a: 1, b: 1, c: 1, d: 0.95, e: 0.5 }).map((one) => one.text)).toEqual(["a and 2 more", "d", "e"]);
  expect(ends({ a: 1, d: 0.95, e: 0.5 }).map((one) => one.y)).toEqual([0, 0.2, 1]);
});

test("what is alike is folded, and with it unfolded nothing is lost", () => {
  const lines = (middle: string) => [...Array(20).keys(), middle, ...Array(20).keys()].join("\n");
  const pieces = wordPieces(lines("old"), lines("new"));
  const shown = folded(pieces);
  expect(shown.filter((one) => one.op === "fold")).toHaveLength(2);
  const newer = shown.filter((one) => one.op !== "removed").map((one) => one.text);
  expect(newer.join("").replaceAll("\n", "")).toBe(lines("new").replaceAll("\n", ""));
  expect(new Set(shown.map((one) => `${one.op} ${one.at}`)).size).toBe(shown.length);
  const short = wordPieces("a\nold\nb", "a\nnew\nb");
  expect(folded(short)).toEqual(short);
});

test("a case is named in words, one of a list by its number", () => {
  expect(caseWords("another-tenant-in-running-text")).toBe("Another tenant in running text");
  expect(caseWords("allowed_fresh2:006")).toBe("Allowed fresh2, no. 006");
});

test("an artifact that was written as Markdown is read as headings, tables and lists", () => {
  const text = [
    "# Title",
    "",
    "| field | value |",
    "| --- | --- |",
    "| Tenant | a \\| b |",
    "",
    "## Holds (1)",
    "",
    "- h1 [open] tenant\\_mixing",
    "",
    "1. ticket",
    "2. mail",
  ].join("\n");
  expect(blocks(text)).toEqual([
    { kind: "heading", level: 1, text: "Title" },
    { kind: "table", head: ["field", "value"], rows: [["Tenant", "a \\| b"]] },
    { kind: "heading", level: 2, text: "Holds (1)" },
    { kind: "list", ordered: false, items: ["h1 [open] tenant\\_mixing"] },
    { kind: "list", ordered: true, items: ["ticket", "mail"] },
  ]);
});
