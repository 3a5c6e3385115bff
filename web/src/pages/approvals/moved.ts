import type { Gate } from "@/api/types";
import { sentence, spoken } from "@/parts/words";

const ITEMS = ["contradictions", "holds", "blockers", "objections"] as const;

/**
 * What differs between the gate as the person reads it and the gate as it is now, one line each; nothing where the
 * two bind the same under the same checks. While there is a line, the page offers no button.
 */
export function moved(shown: Gate, now: Gate): string[] {
  const lines: string[] = [];
  if (shown.revision?.sha256 !== now.revision?.sha256) {
    lines.push(
      `The document is now ${now.revision?.revision ?? "gone"}; you are reading ${shown.revision?.revision ?? "none"}.`,
    );
  } else if (shown.subject_sha256 !== now.subject_sha256) {
    lines.push("What the approval binds has changed.");
  }
  if (shown.evidence_digest !== now.evidence_digest) lines.push("The evidence has changed.");
  if (shown.policy_version !== now.policy_version) lines.push(`The policy is now ${now.policy_version}.`);
  if (shown.lane !== now.lane || shown.audience.join() !== now.audience.join())
    lines.push("Lane or audience has changed.");
  for (const check of now.checks) {
    const before = shown.checks.find((one) => one.text === check.text);
    if (check.result === "refuses" && before?.result !== "refuses") lines.push(`Now stands in the way: ${check.text}.`);
  }
  for (const register of ITEMS) {
    const known = new Set(shown[register].filter((item) => item.state === "open").map((item) => item.id));
    const fresh = now[register].filter((item) => item.state === "open" && !known.has(item.id));
    if (fresh.length > 0) lines.push(`New in ${spoken(register)}: ${fresh.map((item) => item.id).join(", ")}.`);
  }
  lines.push(...answered(shown, now));
  if (shown.state === "open" && now.state !== "open" && lines.length === 0) {
    lines.push(`The gate is not open any more: ${spoken(now.state)}.`);
  }
  if (shown.may_decide && !now.may_decide && lines.length === 0)
    lines.push(now.why_not ? `${sentence(spoken(now.why_not))}.` : "You can no longer answer it.");
  return lines;
}

function answered(shown: Gate, now: Gate): string[] {
  const known = new Set(shown.given.map((one) => one.by + one.at));
  return now.given
    .filter((one) => !known.has(one.by + one.at))
    .map((one) => `${one.by_name || one.by} answered: ${one.decision}.`);
}
