/**
 * Where one is in a case, as the address has it, so that a reload and the Back key lose nothing.
 *
 * `ev` and `at` are the evidence that is open and the place in it, `ev2` and `at2` the one beside it, `of` the
 * statement whose citation it is, `show` the row of an exhibit that is unfolded. `rev` is an earlier revision that is read, `diff` two that are compared ("r2..r3").
 */
export interface CaseAddress {
  tab?: Tab;
  ev?: string;
  at?: string;
  ev2?: string;
  at2?: string;
  of?: string;
  rev?: string;
  diff?: string;
  edit?: string;
  show?: string;
}

export const TABS = [
  "document",
  "chat",
  "evidence",
  "contradictions",
  "holds",
  "blockers",
  "objections",
  "open_questions",
  "blocked_requests",
  "exceptions",
  "decisions",
] as const;
export type Tab = (typeof TABS)[number];

const BY_LETTER = {
  k: "contradictions",
  h: "holds",
  b: "blockers",
  o: "objections",
  q: "open_questions",
  r: "blocked_requests",
  x: "exceptions",
} as const;

/** The tab that has an item of a register, by its id. */
export function registerOf(id: string): Tab {
  const letter = id[0] ?? "";
  return letter in BY_LETTER ? BY_LETTER[letter as keyof typeof BY_LETTER] : "chat";
}

const TEXTS = ["ev", "at", "ev2", "at2", "of", "rev", "diff", "edit", "show"] as const;

export function readAddress(raw: Record<string, unknown>): CaseAddress {
  const address: CaseAddress = {};
  const tab = TABS.find((one) => one === raw.tab);
  if (tab) address.tab = tab;
  for (const key of TEXTS) {
    const value = raw[key];
    if (typeof value === "string" && value) address[key] = value;
    else if (typeof value === "number") address[key] = String(value);
  }
  return address;
}

/** The two revisions of a `diff`, or null where it names no two. */
export function readDiff(diff: string | undefined): [string, string] | null {
  const [a, b, more] = (diff ?? "").split("..");
  return a && b && more === undefined ? [a, b] : null;
}
