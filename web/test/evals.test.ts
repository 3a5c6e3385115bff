import { expect, test } from "vitest";
import type { EvalPoint } from "@/api/types";
import { readEvalAddress, readEvalFilters } from "@/pages/evals/address";
import { difference, metricsOf, plotted, reach } from "@/pages/evals/figures";

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
