import { cleanup, render, screen, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import type { ChatTurn } from "@/api/types";
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
