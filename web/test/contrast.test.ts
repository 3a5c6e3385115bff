import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync("src/style/tokens.css", "utf8");
const tokens = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map((m) => [m[1] ?? "", [m[2] ?? "", m[3] ?? ""]]),
);

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

const INKS = ["ink", "ink-2", "ink-3", "accent", "proven", "clash", "doubt", "held", "agent", "human"];
const PAPERS = ["paper", "sheet", "sunken", "hover"];
const PAIRS: [string, string][] = [
  ...INKS.flatMap((ink) => PAPERS.map((paper): [string, string] => [ink, paper])),
  ["accent", "accent-soft"],
  ["on-accent", "accent"],
  ...["clash", "doubt", "held", "proven", "agent", "human"].map((hue): [string, string] => [hue, `${hue}-soft`]),
  ...["clash", "doubt", "held", "proven", "agent", "human", "accent"].flatMap((hue): [string, string][] => [
    ["ink", `${hue}-soft`],
    ["ink-2", `${hue}-soft`],
  ]),
  ["ink", "found"],
];

describe.each([
  ["light", 0],
  ["dark", 1],
] as const)("%s theme", (_theme, index) => {
  it.each(PAIRS)("%s on %s is readable", (ink, paper) => {
    const [one, other] = [tokens.get(ink)?.[index], tokens.get(paper)?.[index]];
    expect(one && other).toBeTruthy();
    expect(contrast(one ?? "", other ?? "")).toBeGreaterThanOrEqual(4.5);
  });
});
