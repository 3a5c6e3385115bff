/** What a verification found: an answer to each question, and every problem with its place. */

export type Standing = "shown" | "sealed" | "erased" | "absent" | "invalid";
export type Question = "approved" | "policy" | "actions" | "evidence" | "integrity" | "open";

export interface Problem {
  question: Question;
  place: string;
  text: string;
}

export interface Answer {
  question: Question;
  title: string;
  standing: Standing;
  shown: number;
  sealed: number;
  erased: number;
  lines: string[];
}

export interface Report {
  intact: boolean;
  /** Case, run, tenant, scenario, policy version and issuer, as far as the file could be read. */
  of: Record<string, string>;
  entries: string | null;
  answers: Answer[];
  problems: Problem[];
}

export interface Count {
  entries: number;
  shown: number;
  sealed: number;
  erased: number;
  missing: number;
}

/** `40 entries, 4 shown, 36 sealed, none missing`. */
export function countLine({ entries, shown, sealed, erased, missing }: Count): string {
  const gone = erased ? `, ${erased} erased` : "";
  const absent = missing > 0 ? `${missing} missing` : "none missing";
  return `${entries} entries, ${shown} shown, ${sealed} sealed${gone}, ${absent}${missing < 0 ? `, ${-missing} too many` : ""}`;
}

/** Problems as checks find them. */
export class Findings {
  readonly problems: Problem[] = [];

  add(question: Question, place: string, text: string): void {
    this.problems.push({ question, place, text });
  }

  spoils(question: Question): boolean {
    return this.problems.some((one) => one.question === question);
  }
}
