import { expect, test } from "vitest";
import { said } from "@/pages/lineage/gist";

function line(summary: string, name: string, value: unknown): string {
  const actor = { type: "agent" as const, id: "reader", name: "reader", role: null };
  return said({ actor, summary: `reader ${summary}`, content: [{ name, state: "shown", value }] });
}

test("two entries of one kind are told apart by what they speak of", () => {
  expect(line("read evidence", "read", { item: "idp", kind: "json", spans: 24 })).toBe("read evidence: idp, 24 spans");
  expect(line("froze evidence", "item", { file: "idp.json", id: "idp", size: 870 })).toBe("froze evidence: idp.json");
});

test("what has only figures says them, and leaves out those that are nought", () => {
  expect(line("made evidence findable", "spans", 772)).toBe("made evidence findable: 772 spans");
  expect(line("checked", "found", { blocked_requests: 1, blockers: 2, holds: 0 })).toBe(
    "checked: 1 blocked request, 2 blockers",
  );
});

test("a proposed edit says its words, and not the name of its place", () => {
  const edit = { after: "The trail lists no event.", target: "corrections/draft1-6c68a92fdb" };
  expect(line("proposed an edit", "edit", edit)).toBe("proposed an edit: The trail lists no event.");
});

test("one of a kind is one, also where it is the only figure", () => {
  expect(line("looked for objections", "objections", 1)).toBe("looked for objections: 1 objection");
});
