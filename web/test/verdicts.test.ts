// @vitest-environment node
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readKeys, type Trust } from "../src/receipt/keys";
import type { Report } from "../src/receipt/report";
import { verify } from "../src/receipt/verify";

interface Refused {
  intact: false;
  answers: { question: string; standing: string }[];
  problems: [string, string][];
}

interface Case {
  test: string;
  trust: number;
  base: number;
  start: number;
  end: number;
  put: string;
  report: Report | Refused;
}

interface Verdicts {
  trusts: string[];
  bases: string[];
  cases: Case[];
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PYTHON = join(ROOT, ".venv", "bin", "python");
const folder = mkdtempSync(join(tmpdir(), "verdicts-"));

/** What `casegate receipt verify` says of every file that its own tests verify: thousands of mutations among them. */
function verdicts(): Verdicts {
  const file = process.env.CASEGATE_VERDICTS ?? join(folder, "verdicts.json");
  if (!process.env.CASEGATE_VERDICTS) {
    execFileSync(PYTHON, [join(ROOT, "tests", "receipts", "verdicts.py"), file], { cwd: ROOT, stdio: "ignore" });
  }
  return JSON.parse(readFileSync(file, "utf8")) as Verdicts;
}

describe("the browser's verifier beside the one of the command line", () => {
  let asked: Verdicts;
  let trusts: Trust[];
  let found: { case: Case; mine: Report }[];

  beforeAll(async () => {
    asked = verdicts();
    trusts = await Promise.all(asked.trusts.map(readKeys));
    const bases = asked.bases.map((text) => Buffer.from(text, "base64"));
    found = [];
    for (const one of asked.cases) {
      const base = bases[one.base] ?? Buffer.of();
      const put = Buffer.from(one.put, "base64");
      const data = Buffer.concat([base.subarray(0, one.start), put, base.subarray(base.length - one.end)]);
      found.push({ case: one, mine: await verify(data, trusts[one.trust] ?? new Map()) });
    }
  }, 600_000);

  afterAll(() => rmSync(folder, { recursive: true }));

  it("is asked about more than a thousand files that are refused, and about sound ones", () => {
    expect(found.filter((one) => !one.case.report.intact).length).toBeGreaterThan(1000);
    expect(found.filter((one) => one.case.report.intact).length).toBeGreaterThan(20);
  });

  it("accepts nothing that is refused there", () => {
    const accepted = found.filter((one) => !one.case.report.intact && one.mine.intact);
    expect(accepted.map((one) => one.case.test)).toEqual([]);
  });

  it("gives each of its refusals a reason", () => {
    const silent = found.filter((one) => !one.mine.intact && !one.mine.problems.every((problem) => problem.text));
    expect(silent.map((one) => one.case.test)).toEqual([]);
  });

  it("says of an intact file what is said there, word for word", () => {
    for (const { case: one, mine } of found) if (one.report.intact) expect(mine, one.test).toEqual(one.report);
  });

  it("finds the same places wrong, and the same questions without an answer", () => {
    const other = found.filter(({ case: one, mine }) => {
      // Here a number that is no integer ends the reading at once; there it is read, and found where it stands.
      if (one.report.intact || (one.test.startsWith("test_whatever_stands") && mine.entries === null)) return false;
      const places = mine.problems.map((problem) => [problem.question, problem.place]);
      const standings = mine.answers.map(({ question, standing }) => ({ question, standing }));
      return JSON.stringify([places, standings]) !== JSON.stringify([one.report.problems, one.report.answers]);
    });
    expect(other.map(({ case: one, mine }) => [one.test, one.report.problems, mine.problems])).toEqual([]);
  });
});
