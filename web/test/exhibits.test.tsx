import { cleanup, render, screen, within } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Argument, Axis, Obligation, Obligations, Options, Rates, Shown } from "@/api/types";
import { drawnTimes } from "@/pages/case/exhibits/AxisChart";
import { stances } from "@/pages/case/exhibits/MatrixTable";
import { lines, ObligationTable } from "@/pages/case/exhibits/ObligationTable";
import { limitsOf, OptionTable } from "@/pages/case/exhibits/OptionTable";
import { RatesChart, topOf } from "@/pages/case/exhibits/RatesChart";
import { ALL_AT_ONCE, Rows } from "@/pages/case/exhibits/Rows";
import { timeScale } from "@/pages/case/exhibits/scale";
import { clockIn, daysOf, offsetOf, offsetText, placeOf } from "@/pages/case/exhibits/zones";

// The parts are drawn without a router and a server: a link is then what it leads to.
vi.mock("@tanstack/react-router", () => ({
  defaultStringifySearch: (search: object) => `#${JSON.stringify(search)}`,
  Link: ({
    children,
    search,
    className,
  }: {
    children: ReactNode;
    search: (now: object) => object;
    className?: string;
  }) => (
    <a href={`#${JSON.stringify(search({}))}`} className={className}>
      {children}
    </a>
  ),
}));
vi.mock("@tanstack/react-query", () => ({
  useQuery: () => ({ data: undefined }),
  queryOptions: (one: unknown) => one,
}));
vi.mock("@/api/queries", () => ({ ledgerQuery: () => ({}) }));
vi.mock("@/pages/case/context", () => ({
  useCase: () => ({
    run: { run: "run_1" },
    address: {},
    numbers: new Map([["rn", 1]]),
    files: new Map([["rn", "renewal.pdf"]]),
    go: () => undefined,
    open: () => undefined,
  }),
}));
afterEach(cleanup);

function said(text: string, more: Partial<Shown> = {}): Shown {
  const citations = [{ evidence: "rn", locator: "page=2,char=10-20", quote: text, sha256: "sha256:0" }];
  return { text, status: "confirmed", citations, of: "", ...more };
}

function obligation(id: string, more: Partial<Obligation> = {}): Obligation {
  return {
    id,
    party: "provider",
    title: id,
    value: said("30 minutes", { of: `verified_obligations/${id}` }),
    document: "RN-1",
    clause: "Renewal, Section 2.3",
    excerpt: "within 30 minutes",
    since: "2026-01-01",
    until: null,
    state: "in force",
    why: "",
    in_force: true,
    replaces: [],
    ...more,
  };
}

describe("obligations", () => {
  const drawn: Obligations = {
    kind: "obligations",
    day: "2026-06-09",
    rows: [
      obligation("old", { in_force: false, state: "superseded", why: "RN-1 replaces it" }),
      obligation("response"),
      obligation("notice", { party: "customer" }),
    ],
  };

  it("keep what is in force apart from what is not, by who owes it", () => {
    const order = lines(drawn).map((line) => ("heading" in line ? line.heading : line.id));
    expect(order).toEqual(["The provider owes", "response", "The customer owes", "notice", "Not in force", "old"]);
  });

  it("lead each clause to its page, and say in a word why one is not in force", () => {
    render(<ObligationTable drawn={drawn} title="Obligations" />);
    const row = screen.getByText("RN-1 replaces it").closest("tr") as HTMLElement;
    expect(within(row).getByText("superseded")).toBeTruthy();
    const clause = within(row).getByText("RN-1 · Renewal, Section 2.3");
    expect(clause.getAttribute("href")).toContain('"at":"page=2,char=10-20"');
    expect(clause.getAttribute("href")).toContain('"tab":"evidence"');
  });
});

describe("a long table", () => {
  it("keeps only the rows near the reader in the page, and says how many there are", () => {
    const rows = Array.from({ length: 500 }, (_, index) => `row ${index}`);
    render(
      <Rows
        name="Five hundred"
        columns={[{ id: "one", title: "One" }]}
        rows={rows}
        keyOf={(row) => row}
        cells={(row) => <td>{row}</td>}
      />,
    );
    expect(rows.length).toBeGreaterThan(ALL_AT_ONCE);
    expect(screen.getByRole("table").getAttribute("aria-rowcount")).toBe("501");
    expect(screen.getAllByRole("row").length).toBeLessThan(60);
  });
});

describe("a matrix", () => {
  it("says each stance of a source once, with its strongest word and how often", () => {
    const argument = (stance: Argument["stance"], strength: string): Argument => ({
      column: "log",
      stance,
      strength,
      said: said(`${stance} ${strength}`),
    });
    const found = [argument("disconfirms", "moderate"), argument("supports", "weak"), argument("supports", "strong")];
    expect(stances(found).map(({ stance, strength, count }) => [stance, strength, count])).toEqual([
      ["supports", "strong", 2],
      ["disconfirms", "moderate", 1],
    ]);
    expect(stances([])).toEqual([]);
  });
});

describe("a time scale", () => {
  const at = (text: string) => Date.parse(text);

  it("keeps the order, tells seconds apart and marks what it shortens", () => {
    const times = ["2026-09-01T00:00:00Z", "2026-09-03T04:20:00Z", "2026-09-03T04:20:05Z", "2026-09-03T05:00:00Z"].map(
      at,
    );
    const scale = timeScale(times, 0, 600);
    const places = times.map(scale.x);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect((places[2] ?? 0) - (places[1] ?? 0)).toBeGreaterThan(20);
    expect(scale.shortened.map((one) => one.length)).toContain(at("2026-09-03T04:20:00Z") - at("2026-09-01T00:00:00Z"));
    expect([scale.x(times[0] ?? 0), scale.x(times[3] ?? 0)]).toEqual([0, 600]);
  });

  it("draws one moment in the middle, and takes in the ends of gaps", () => {
    expect(timeScale([5], 0, 100).x(5)).toBe(50);
    const axis: Axis = {
      kind: "axis",
      since: "2026-09-01T00:00:00Z",
      until: "2026-09-02T00:00:00Z",
      lanes: [],
      marks: [
        {
          lane: "a",
          kind: "gap",
          at: "2026-09-01T01:00:00Z",
          until: "2026-09-01T02:00:00Z",
          said: said("gap"),
          raw: "",
          doubt: "",
        },
      ],
      moments: [],
      tolerance_seconds: 0,
    };
    expect(drawnTimes(axis)).toContain(Date.parse("2026-09-01T02:00:00Z"));
  });
});

describe("rates", () => {
  const drawn: Rates = {
    kind: "rates",
    frozen: true,
    causes: [said("a floor would be crossed", { status: "held" })],
    step: said("5"),
    drift: null,
    hours: null,
    rows: [
      {
        id: "identity",
        title: "identity",
        said: said("20 → 20 percent"),
        protected: true,
        before: 20,
        after: 20,
        wanted: 25,
        low: said("10"),
        high: said("22"),
        floor: said("20"),
        cooling_until: "",
        held: false,
        drift: 0,
        binding: "band",
        why: "above the band",
      },
    ],
  };

  it("say that the cycle is frozen and why, and name the bound that blocked a move", () => {
    render(<RatesChart drawn={drawn} title="Rates" />);
    expect(screen.getByText("Frozen: no rate moves")).toBeTruthy();
    expect(screen.getByText("a floor would be crossed")).toBeTruthy();
    expect(screen.getByText("blocked by band")).toBeTruthy();
    expect(screen.getByText("protected")).toBeTruthy();
    expect(screen.getByRole("img", { name: /20 to 20 percent, band 10 to 22, floor 20/ })).toBeTruthy();
  });

  it("have a scale that holds every bound and every wanted rate", () => {
    expect(topOf(drawn)).toBe(30);
  });
});

describe("options", () => {
  const drawn: Options = {
    kind: "options",
    criteria: "smallest use",
    prerequisites: [],
    rows: [
      {
        id: "option 1",
        title: "Credit",
        class: "blocked",
        rank: null,
        preferred: false,
        amount: said("6006.00 USD"),
        grounds: "",
        said: said("blocked"),
        tests: [
          {
            title: "Within the cap",
            state: "failed",
            value: "6006.00 USD",
            limit: "6000.00 USD",
            rule: "L-01",
            said: said("above"),
          },
        ],
      },
      {
        id: "option 2",
        title: "Split",
        class: "in band",
        rank: 1,
        preferred: true,
        amount: null,
        grounds: "supported by P-88; takes little",
        said: said("in band"),
        tests: [],
      },
    ],
    blocked: [
      { title: "permanent rate cut", kind: "blocked", rule: "N-1", asked: 2, said: said("permanent rate cut") },
    ],
  };

  it("show the value against its limit, and the blocked paths with their rule and how often they were asked for", () => {
    render(<OptionTable drawn={drawn} title="Options" />);
    expect(limitsOf(drawn)).toEqual(["Within the cap"]);
    const cell = screen.getByText("not met").closest("td") as HTMLElement;
    expect(cell.textContent).toContain("6006.00 USD of 6000.00 USD");
    expect(cell.textContent).toContain("L-01");
    expect(screen.getByText("does not apply")).toBeTruthy();
    const paths = screen.getByRole("region", { name: "Blocked paths" });
    expect(paths.textContent).toContain("N-1");
    expect(paths.textContent).toContain("asked for 2 times");
    expect(screen.getByText("preferred")).toBeTruthy();
  });
});

describe("zones", () => {
  const noon = Date.parse("2026-03-18T12:00:00Z");

  it("give the clock by the rules of the zone for that date", () => {
    expect(clockIn("America/New_York", noon)).toBe("08:00");
    expect(offsetText(offsetOf("America/New_York", noon))).toBe("UTC−04:00");
    expect(offsetText(offsetOf("Asia/Kolkata", noon))).toBe("UTC+05:30");
    expect(offsetText(0)).toBe("UTC");
    expect(placeOf("America/New_York")).toBe("New York");
  });

  it("have days of 23 and 25 hours where clocks change", () => {
    const hours = (since: string, until: string) =>
      daysOf("Europe/Berlin", Date.parse(since), Date.parse(until)).map((day) => (day.to - day.from) / 3_600_000);
    expect(hours("2026-03-27T23:00:00Z", "2026-03-30T22:00:00Z")).toEqual([24, 23, 24]);
    expect(hours("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")).toEqual([25]);
  });
});
