import { expect, test } from "vitest";
import type { Run } from "@/api/types";
import { questionsOf } from "@/pages/case/questions";

const NONE = {
  contradictions: [],
  holds: [],
  blockers: [],
  objections: [],
  open_questions: [],
  blocked_requests: [],
  exceptions: [],
};

function run(registers: object, fields: object = {}, revision = "r1"): Run {
  return { registers: { ...NONE, ...registers }, artifact: { fields, revision } } as unknown as Run;
}

test("a case in which nothing is open is asked where it stands", () => {
  expect(questionsOf(run({}))).toEqual(["Where do we stand?"]);
});

test("what stops it comes first, and what is settled is not asked about", () => {
  const registers = { holds: [{ state: "open" }], contradictions: [{ state: "settled_by_rule" }] };
  expect(questionsOf(run(registers, {}, "r2"))).toEqual([
    "What stops this case?",
    "What changed since r1?",
    "Where do we stand?",
  ]);
});

test("there are at most four", () => {
  const open = [{ state: "open" }];
  const all = run({ holds: open, contradictions: open, open_questions: open }, { a: { status: "missing" } }, "r3");
  expect(questionsOf(all)).toEqual([
    "What stops this case?",
    "Which sources contradict each other?",
    "What is missing?",
    "What is still open?",
  ]);
});
