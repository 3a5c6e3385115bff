import type { ReactElement } from "react";

/** What a part of an exhibit can be, beside how sure it is. Each has a sign and a word: colour alone says nothing. */
export type SignKind =
  | "supports"
  | "disconfirms"
  | "silent"
  | "open"
  | "met"
  | "failed"
  | "uncertain"
  | "in force"
  | "ended"
  | "protected"
  | "frozen"
  | "chosen"
  | "fallback"
  | "possible"
  | "rejected"
  | "gap"
  | "doubt"
  | "blocked";

const SIGNS: Record<SignKind, ReactElement> = {
  supports: <path d="M7 2.5v9M2.5 7h9" strokeWidth="2" />,
  disconfirms: <path d="M2.5 7h9" strokeWidth="2.2" />,
  silent: <circle cx="7" cy="7" r="1.1" fill="currentColor" stroke="none" />,
  open: <path d="M4.8 5.2a2.3 2.3 0 1 1 3.3 2.1c-.8.4-1.1.8-1.1 1.6M7 11.4v.1" />,
  met: <path d="m2.5 7.6 3 3 6-7.2" />,
  failed: <path d="m3.2 3.2 7.6 7.6m0-7.6-7.6 7.6" strokeWidth="2" />,
  uncertain: <path d="M4.8 5.2a2.3 2.3 0 1 1 3.3 2.1c-.8.4-1.1.8-1.1 1.6M7 11.4v.1" />,
  "in force": <path d="m2.5 7.6 3 3 6-7.2" />,
  ended: <path d="M2.2 7h9.6M9 4.2v5.6" />,
  protected: <path d="M7 1.8 2.8 3.4v3.4c0 2.6 1.8 4.3 4.2 5.4 2.4-1.1 4.2-2.8 4.2-5.4V3.4Z" strokeLinejoin="round" />,
  frozen: <path d="M7 1.8v10.4M2.5 4.4l9 5.2m0-5.2-9 5.2" />,
  chosen: <path d="m7 1.8 1.6 3.4 3.7.5-2.7 2.6.7 3.7L7 10.2 3.7 12l.7-3.7L1.7 5.7l3.7-.5Z" strokeLinejoin="round" />,
  fallback: <path d="M11.5 8.5V5.8a2 2 0 0 0-2-2h-7m2.6-2.4L2.4 3.8l2.7 2.4" />,
  possible: <path d="M4.7 2.6v8.8M9.3 2.6v8.8" strokeWidth="2" />,
  rejected: <path d="m3.2 3.2 7.6 7.6m0-7.6-7.6 7.6" />,
  gap: <path d="M2 7h2.2m5.6 0H12M5.6 4.4v5.2m2.8-5.2v5.2" />,
  doubt: <path d="M2 5.6c1.7-1.8 3.3-1.8 5 0s3.3 1.8 5 0M2 9.4c1.7-1.8 3.3-1.8 5 0s3.3 1.8 5 0" />,
  blocked: (
    <>
      <circle cx="7" cy="7" r="4.9" />
      <path d="m3.6 3.6 6.8 6.8" />
    </>
  ),
};

/** A sign with its word. `word` takes its place where the row has a word of its own ("superseded"). */
export function Sign({ kind, word }: { kind: SignKind; word?: string | undefined }) {
  return (
    <span className={`sign ${kind.replace(" ", "-")}`}>
      <svg
        viewBox="0 0 14 14"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinecap="round"
        aria-hidden="true"
      >
        {SIGNS[kind]}
      </svg>
      {word ?? kind}
    </span>
  );
}
