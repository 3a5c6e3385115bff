import { Mark, type MarkKind } from "@/parts/Mark";
import type { Answer, Report, Standing } from "@/receipt/report";

const MARKS: Record<Standing, MarkKind> = {
  shown: "passed",
  sealed: "held",
  erased: "missing",
  absent: "unverified",
  invalid: "failed",
};

/** The six answers of a verification, and first of all whether they can be relied on. */
export function Verdict({ report, beside }: { report: Report; beside?: string }) {
  const { of } = report;
  return (
    <>
      <div className={`notice ${report.intact ? "proven" : "clash"} verdict`} role="status">
        <strong>
          <Mark kind={report.intact ? "passed" : "failed"} /> {report.intact ? "Intact" : "Not intact"}
        </strong>
        {report.entries && <span>{report.entries}</span>}
        {beside && <span>{beside}</span>}
      </div>
      {of.case && (
        <p className="quiet small">
          Case {of.case} · run {of.run} · tenant {of.tenant} · {of.scenario} · policies {of.policy_version} · issued by{" "}
          {of.iss}
        </p>
      )}
      {report.problems.length > 0 && (
        <ul className="problems">
          {numbered(report.problems).map(([key, { place, text }]) => (
            <li key={key}>
              {place && <code>{place}</code>} {text}
            </li>
          ))}
        </ul>
      )}
      {report.answers.map((answer) => (
        <article key={answer.question} className="answer">
          <h2>
            <Mark kind={MARKS[answer.standing]} />
            {answer.title} <span className="counted">{answer.standing}</span>
          </h2>
          {answer.standing !== "invalid" && <Lines lines={answer.lines} />}
          <p className="quiet small">{beneath(answer)}</p>
        </article>
      ))}
    </>
  );
}

/** So many lines of one answer stand open; a case with a hundred fields would bury the answers that follow. */
const AT_ONCE = 12;

function Lines({ lines }: { lines: string[] }) {
  if (lines.length === 0) return null;
  const rest = lines.slice(AT_ONCE);
  const list = (some: string[]) => (
    <ul>
      {numbered(some).map(([key, line]) => (
        <li key={key}>{withHashes(line)}</li>
      ))}
    </ul>
  );
  // One line more would take the place of the fold itself.
  if (rest.length <= 1) return list(lines);
  return (
    <>
      {list(lines.slice(0, AT_ONCE))}
      <details>
        <summary>{rest.length} further lines</summary>
        {list(rest)}
      </details>
    </>
  );
}

/** A line with its hashes set as what they are: to be compared, not read. */
function withHashes(line: string) {
  return numbered(line.split(/(sha256:[0-9a-f]+…?)/)).map(([key, part]) =>
    part.startsWith("sha256:") ? (
      <span key={key} className="id faint">
        {part}
      </span>
    ) : (
      part
    ),
  );
}

/** What is not shown. A file that does not hold proves none of its answers, so none of its lines are repeated. */
function beneath({ standing, shown, sealed, erased }: Answer): string {
  if (standing === "invalid") return "This file proves no answer to this.";
  const parts = [sealed && `${sealed} sealed in this copy`, erased && `${erased} erased for good`].filter(Boolean);
  if (shown + sealed + erased === 0) return "Nothing of this kind in this run.";
  return parts.join(" · ");
}

function numbered<One>(all: readonly One[]): [string, One][] {
  return all.map((one, place) => [String(place), one]);
}
