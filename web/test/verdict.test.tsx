import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { Verdict } from "@/pages/verify/Verdict";
import type { Report } from "@/receipt/report";

afterEach(cleanup);

function report(lines: string[]): Report {
  const answer = { title: "Which evidence", standing: "shown" as const, shown: lines.length, sealed: 0, erased: 0 };
  return { intact: true, of: {}, entries: null, answers: [{ question: "evidence", ...answer, lines }], problems: [] };
}

test("a hash in a line is set apart from the words around it", () => {
  render(<Verdict report={report(["policy.yaml, cited as policy: sha256:d72bc514, withdrawn"])} />);
  expect(screen.getByText("sha256:d72bc514").className).toBe("id faint");
  expect(screen.getByRole("listitem").textContent).toBe("policy.yaml, cited as policy: sha256:d72bc514, withdrawn");
});

test("a long answer folds what is beyond its first lines and says how many there are", () => {
  render(<Verdict report={report(Array.from({ length: 30 }, (_, n) => `field ${n} (confirmed)`))} />);
  expect(screen.getByText("18 further lines").tagName).toBe("SUMMARY");
  expect(screen.getByText("field 29 (confirmed)").closest("details")?.open).toBe(false);
});

test("one line too many is no reason to fold", () => {
  render(<Verdict report={report(Array.from({ length: 13 }, (_, n) => `field ${n} (confirmed)`))} />);
  expect(screen.queryByText(/further lines/)).toBeNull();
  expect(screen.getAllByRole("listitem")).toHaveLength(13);
});
