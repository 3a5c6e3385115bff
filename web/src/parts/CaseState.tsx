import type { CaseRow } from "@/api/types";

const WORDS: Record<CaseRow["state"], string> = {
  working: "at work",
  waiting: "waiting",
  resting: "at rest",
  ended: "ended",
  failed: "failed",
};

/** How a case stands: a sign of its own shape for each state, and the word. */
export function CaseState({ state, mine = false }: { state: CaseRow["state"]; mine?: boolean }) {
  return (
    <span className={`state ${state}${mine ? " mine" : ""}`}>
      <svg viewBox="0 0 10 10" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
        {state === "ended" && <circle cx="5" cy="5" r="4" fill="currentColor" stroke="none" />}
        {state === "waiting" && (
          <>
            <circle cx="5" cy="5" r="4" />
            <path d="M5 1a4 4 0 0 1 0 8Z" fill="currentColor" stroke="none" />
          </>
        )}
        {state === "resting" && <path d="M3.2 1.5v7M6.8 1.5v7" />}
        {state === "working" && <circle cx="5" cy="5" r="4" strokeDasharray="2 1.5" />}
        {state === "failed" && <path d="m1.5 1.5 7 7m0-7-7 7" />}
      </svg>
      {mine && state === "waiting" ? "waiting for you" : WORDS[state]}
    </span>
  );
}
