import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { diffQuery } from "@/api/queries";
import type { Gate, Run } from "@/api/types";
import type { Tab } from "@/pages/case/address";
import { DECISION_SIGN } from "@/pages/case/Decisions";
import { DiffView } from "@/parts/DiffView";
import { Mark, type MarkKind } from "@/parts/Mark";
import { SkeletonLines } from "@/parts/Skeleton";
import { Time } from "@/parts/Time";
import { counted, sentence, spoken } from "@/parts/words";

/** What stands around the decision: the change since the last approval, what is open, and each check as it is now. */
export function Standing({ gate, now, run }: { gate: Gate; now: Gate; run: Run }) {
  return (
    <>
      {gate.diff_base && gate.revision && (
        <section aria-labelledby="changed">
          <h2 id="changed">Changed since {gate.diff_base.revision}, approved last</h2>
          <Changed run={run.run} a={gate.diff_base.revision} b={gate.revision.revision} />
        </section>
      )}
      <section aria-labelledby="open">
        <h2 id="open">Open</h2>
        <OpenItems gate={gate} run={run.run} />
      </section>
      <section aria-labelledby="checks">
        <h2 id="checks">
          Reasons to refuse{" "}
          <span className="counted small">
            checked at <Time at={now.checked_at} form="full" />
          </span>
        </h2>
        <ul className="checks">
          {now.checks.map((check) => (
            <li key={check.text}>
              <Mark kind={CHECK_SIGN[check.result]} />
              <span>
                {sentence(check.text)} <span className="quiet">· {CHECK_WORDS[check.result]}</span>
                {check.about.length > 0 && <span className="id faint"> {check.about.join(", ")}</span>}
              </span>
            </li>
          ))}
          {now.checks.length === 0 && <li className="quiet">The scenario names no reason to refuse here.</li>}
        </ul>
      </section>
      {now.given.length > 0 && (
        <section aria-labelledby="given">
          <h2 id="given">Answered</h2>
          <ul className="checks">
            {now.given.map((one) => (
              <li key={one.by + one.at}>
                <Mark kind={DECISION_SIGN[one.state]} />
                <span>
                  {one.by_name || one.by}: {one.decision} {one.revision} · <Time at={one.at} />
                  {one.reason && <span className="under">{one.reason}</span>}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

const CHECK_SIGN: Record<Gate["checks"][number]["result"], MarkKind> = {
  clear: "passed",
  refuses: "failed",
  bound: "passed",
  at_answer: "passed",
  not_tested: "unverified",
};
const CHECK_WORDS: Record<Gate["checks"][number]["result"], string> = {
  clear: "does not apply",
  refuses: "applies, and stands in the way",
  bound: "ruled out: if it changes, an answer is void",
  at_answer: "checked of whoever answers, when they do",
  not_tested: "not tested by rule: yours to judge",
};

function Changed({ run, a, b }: { run: string; a: string; b: string }) {
  const { data, error } = useQuery(diffQuery(run, a, b));
  if (error) return <p className="quiet">The difference could not be loaded: {error.message}</p>;
  return data ? <DiffView diff={data} /> : <SkeletonLines count={3} />;
}

interface OpenLine {
  tab: Tab;
  id: string;
  text: string;
}

function OpenItems({ gate, run }: { gate: Gate; run: string }) {
  const lines: OpenLine[] = [
    ...open(gate.blockers).map((item) => ({
      tab: "blockers" as const,
      id: item.id,
      text: `${item.precondition}: ${item.detail}`,
    })),
    ...open(gate.holds).map((item) => ({
      tab: "holds" as const,
      id: item.id,
      text: [item.trigger, item.detail].filter(Boolean).join(": "),
    })),
    ...open(gate.contradictions).map((item) => ({
      tab: "contradictions" as const,
      id: item.id,
      text: `Sources disagree about ${spoken(item.about)}`,
    })),
    ...open(gate.objections).map((item) => ({
      tab: "objections" as const,
      id: item.id,
      text: `${item.by_name || item.by}: ${item.text}`,
    })),
    ...open(gate.open_questions).map((item) => ({ tab: "open_questions" as const, id: item.id, text: item.question })),
  ];
  if (gate.open_edits > 0) {
    lines.push({ tab: "document", id: "✎", text: `${counted(gate.open_edits, "proposed edit")} not decided` });
  }
  if (lines.length === 0)
    return <p className="quiet">No hold, blocker, contradiction, objection or question is open.</p>;
  return (
    <ul className="checks">
      {lines.map((line) => (
        <li key={line.tab + line.id}>
          <Link className="id" to="/runs/$run" params={{ run }} search={{ tab: line.tab }}>
            {line.id}
          </Link>
          <span>
            <span className="faint">{line.tab === "document" ? "" : `${spoken(line.tab).replace(/s$/, "")} · `}</span>
            {line.text}
          </span>
        </li>
      ))}
    </ul>
  );
}

function open<T extends { state: string }>(items: T[]): T[] {
  return items.filter((item) => item.state === "open");
}
