import { cleanup, render, screen, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import type { ChatTurn } from "@/api/types";
import { gathered } from "@/pages/case/Chat";
import { Turn } from "@/pages/case/ChatTurn";

vi.mock("@/pages/case/context", () => ({ useCase: () => ({ numbers: new Map(), address: {}, files: new Map() }) }));
afterEach(cleanup);

const turn: ChatTurn = {
  seq: 4,
  at: "2026-06-03T08:30:00Z",
  by: "supervisor",
  by_name: "supervisor",
  by_type: "agent",
  kind: "answered",
  text: "",
  note: "",
  mode: null,
  confidence: null,
  paused: false,
  edits: [],
  rejected: [],
  objection: null,
  revision: null,
  lines: [
    { text: "The panel is refreshed once an hour", unverified: false, citations: [] },
    { text: "It is so by design", unverified: true, citations: [] },
  ],
};

test("a line that its quotes do not carry has the mark of what is unverified, with its word", () => {
  render(<Turn turn={turn} />);
  const [carried, leaning] = screen.getAllByRole("listitem");
  expect(within(leaning as HTMLElement).getByText("unverified").className).toBe("mark unverified");
  expect(within(carried as HTMLElement).queryByText("unverified")).toBeNull();
});

test("what one message asked for against several lines is refused in one place, line by line", () => {
  const refused: ChatTurn = { ...turn, kind: "refused", lines: [] };
  const [one, other] = gathered([
    { ...refused, seq: 5, text: "outside the boundary: issue a credit" },
    { ...refused, seq: 6, text: "outside the boundary: rewrite policy" },
    { ...refused, seq: 9, text: "outside the boundary: rewrite policy", at: "2026-06-03T08:31:00Z" },
  ]);
  render(<Turn turn={one as ChatTurn} />);
  expect(screen.getAllByText(/Refused/)).toHaveLength(1);
  expect(screen.getAllByRole("listitem").map((item) => item.textContent)).toEqual([
    "outside the boundary: issue a credit",
    "outside the boundary: rewrite policy",
  ]);
  expect(other?.seq).toBe(9);
});
