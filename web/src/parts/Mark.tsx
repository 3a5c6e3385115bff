import type { ReactElement } from "react";

/** What a statement, a check or an edit can be. Each has a sign and a word: colour alone says nothing. */
export type MarkKind =
  | "confirmed"
  | "conflicting"
  | "unverified"
  | "missing"
  | "held"
  | "lossy"
  | "accepted"
  | "rejected"
  | "passed"
  | "failed";

const SIGNS: Record<MarkKind, ReactElement> = {
  confirmed: <path d="m2.5 7.6 3 3 6-7.2" />,
  accepted: <path d="m2.5 7.6 3 3 6-7.2" />,
  passed: <path d="m2.5 7.6 3 3 6-7.2" />,
  conflicting: <path d="M8.4 1 3 8.2h3.6L5.6 13 11 5.8H7.4Z" strokeLinejoin="round" />,
  unverified: <circle cx="7" cy="7" r="4.7" strokeDasharray="2.1 1.6" />,
  missing: (
    <>
      <circle cx="7" cy="7" r="4.7" />
      <path d="m2.6 11.4 8.8-8.8" />
    </>
  ),
  held: <path d="M4.7 2.6v8.8M9.3 2.6v8.8" strokeWidth="2" />,
  lossy: <path d="M2 5.6c1.7-1.8 3.3-1.8 5 0s3.3 1.8 5 0M2 9.4c1.7-1.8 3.3-1.8 5 0s3.3 1.8 5 0" />,
  rejected: <path d="m3.2 3.2 7.6 7.6m0-7.6-7.6 7.6" />,
  failed: <path d="m3.2 3.2 7.6 7.6m0-7.6-7.6 7.6" />,
};

interface MarkProps {
  kind: MarkKind;
  /** Whether the word stands beside the sign; otherwise it shows on hover and on focus. */
  word?: boolean;
  /** The word beside the sign, where the kind is not said by its own. */
  says?: string;
}

export function Mark({ kind, word = false, says = kind }: MarkProps) {
  const sign = (
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
  );
  if (word) {
    return (
      <span className={`mark ${kind}`}>
        {sign}
        {says}
      </span>
    );
  }
  return (
    <span className={`mark ${kind}`} role="img" aria-label={kind} data-word={kind} tabIndex={0}>
      {sign}
    </span>
  );
}
