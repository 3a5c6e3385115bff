import type { EvalInterval, EvalPoint, EvalRow } from "@/api/types";
import { sentence, spoken } from "@/parts/words";

/** A rate with three places, as the reports write it. */
export const rate = (value: number): string => value.toFixed(3);

/** A difference with its sign. */
export const difference = (value: number): string => `${value >= 0 ? "+" : "−"}${Math.abs(value).toFixed(4)}`;

/** What an eval was asked for. */
export const asked = (row: EvalRow): string =>
  row.names.length === 0 ? "all scenarios and lists" : row.names.join(", ");

/** "two-documents-name-different-products" as people read it. Cases of lists are numbered: "allowed_fresh2:006". */
export function caseWords(name: string): string {
  const [list, number] = name.split(":");
  const words = sentence(spoken(list ?? "").replaceAll("-", " "));
  return number === undefined ? words : `${words}, no. ${number}`;
}

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

export interface EndName {
  text: string;
  /** Where it stands, a share of the height from above: apart from the next one, however close their lines end. */
  y: number;
}

/** What each line is, at its end. Lines that end at the same rate share a name; `gap` is the least share between two. */
export function endNames(lines: Plotted[], gap: number): EndName[] {
  const ends = new Map<number, string[]>();
  for (const line of lines) {
    const y = line.points.at(-1)?.y;
    if (y !== undefined) ends.set(y, [...(ends.get(y) ?? []), line.suite]);
  }
  const names: EndName[] = [];
  for (const [y, suites] of [...ends].sort(([a], [b]) => a - b)) {
    const [first = "", second] = suites;
    const text = suites.length > 2 ? `${first} and ${suites.length - 1} more` : second ? `${first}, ${second}` : first;
    names.push({ text, y: Math.max(y, (names.at(-1)?.y ?? -gap) + gap) });
  }
  return names;
}

/** How far the intervals reach from 0, so that all of them fit. */
export const reach = (intervals: EvalInterval[]): number =>
  Math.max(0.0001, ...intervals.flatMap((one) => [Math.abs(one.low), Math.abs(one.high)]));

/** Whether a case that moved so is a loss. */
export const worse = (how: string): boolean => how === "less_safe" || how === "lost";

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
