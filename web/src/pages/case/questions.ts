import type { Run } from "@/api/types";

const MOST = 4;

/** Questions that this case answers from its own record, the most pressing first: for who does not know what to ask. */
export function questionsOf(run: Run): string[] {
  const open = (name: keyof Run["registers"]) => run.registers[name].some((item) => item.state === "open");
  const missing = Object.values(run.artifact?.fields ?? {}).some((field) => field.status === "missing");
  const asked: [boolean, string][] = [
    [open("holds") || open("blockers"), "What stops this case?"],
    [open("contradictions"), "Which sources contradict each other?"],
    [missing, "What is missing?"],
    [open("open_questions"), "What is still open?"],
    [(run.artifact?.revision ?? "r1") !== "r1", "What changed since r1?"],
    [run.registers.exceptions.length > 0, "What was not used, and why?"],
    [true, "Where do we stand?"],
  ];
  return asked
    .filter(([applies]) => applies)
    .map(([, question]) => question)
    .slice(0, MOST);
}
