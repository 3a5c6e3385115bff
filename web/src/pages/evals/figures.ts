import type { EvalInterval, EvalPoint, EvalRow } from "@/api/types";
import { spoken } from "@/parts/words";

/** A rate with three places, as the reports write it. */
export const rate = (value: number): string => value.toFixed(3);

/** A difference with its sign. */
export const difference = (value: number): string => `${value >= 0 ? "+" : "−"}${Math.abs(value).toFixed(4)}`;

/** What an eval was asked for. */
export const asked = (row: EvalRow): string =>
  row.names.length === 0 ? "all scenarios and lists" : row.names.join(", ");

/** The metrics that have points, in the order of the alphabet, with `passed` first. */
export function metricsOf(history: EvalPoint[]): string[] {
  const names = [...new Set(history.map((point) => point.metric))].sort();
  return ["passed", ...names.filter((name) => name !== "passed")];
}

export interface Plotted {
  suite: string;
  /** In the order of time; x and y are shares of the width and of the height, y from above. */
  points: { x: number; y: number; point: EvalPoint }[];
}

/** One line a suite over the evals that were kept. The scale begins at the lowest rate, in steps of a tenth. */
export function plotted(history: EvalPoint[], metric: string): { lines: Plotted[]; least: number } {
  const shown = history.filter((point) => point.metric === metric);
  const evals = [...new Set(shown.map((point) => point.eval))];
  const lowest = Math.min(1, ...shown.map((point) => point.rate));
  const least = lowest >= 1 ? 0.9 : Math.floor(lowest * 10) / 10;
  const suites = [...new Set(shown.map((point) => point.suite))].sort();
  return {
    least,
    lines: suites.map((suite) => ({
      suite,
      points: shown
        .filter((point) => point.suite === suite)
        .map((point) => ({
          x: evals.length === 1 ? 0.5 : evals.indexOf(point.eval) / (evals.length - 1),
          y: 1 - (point.rate - least) / (1 - least),
          point,
        })),
    })),
  };
}

/** How far the intervals reach from 0, so that all of them fit. */
export const reach = (intervals: EvalInterval[]): number =>
  Math.max(0.0001, ...intervals.flatMap((one) => [Math.abs(one.low), Math.abs(one.high)]));

/** What happened to a case between two evals. */
export function movedWords(how: string): string {
  const words: Record<string, string> = {
    less_safe: "less safe than before",
    lost: "missed now, not before",
    won: "met now, not before",
    changed: "changed, as expected still",
    new: "new",
    gone: "gone",
  };
  return words[how] ?? spoken(how);
}
