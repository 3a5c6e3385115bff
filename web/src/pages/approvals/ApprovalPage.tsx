import "@/style/case.css";
import "@/style/approval.css";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useRunEvents } from "@/api/events";
import { gateQuery, runQuery } from "@/api/queries";
import type { Gate, Run } from "@/api/types";
import { CaseProvider } from "@/pages/case/context";
import { Exhibits } from "@/pages/case/exhibits/Exhibits";
import { FieldRow } from "@/pages/case/FieldRow";
import { Statement } from "@/pages/case/Statement";
import { ClockOf } from "@/parts/clock";
import { Fault } from "@/parts/Fault";
import { Hash } from "@/parts/Id";
import { Loading, SkeletonLines } from "@/parts/Skeleton";
import { Countdown, Time } from "@/parts/Time";
import { sentence, spoken } from "@/parts/words";
import { Bound } from "./Bound";
import { Decide } from "./Decide";
import { moved } from "./moved";
import { Standing } from "./Standing";

/** One column: what leaves, to whom, until when, what changed, what is open, every check; then the decision. */
export function ApprovalPage() {
  const { run: id, gate: name } = useParams({ from: "/inside/runs/$run/approve/$gate" });
  const address = useSearch({ from: "/inside/runs/$run/approve/$gate" });
  const gate = useQuery({ ...gateQuery(id, name), refetchInterval: 30_000 });
  const run = useQuery(runQuery(id));
  const live = useRunEvents(id, run.data && run.data.lineage.entries - 1);
  // What the person reads is held fast: what comes later is told, and never slips under the button.
  const [shown, setShown] = useState<Gate | null>(null);
  const { data: now } = gate;
  useEffect(() => {
    if (now) setShown((before) => before ?? now);
  }, [now]);
  const error = gate.error ?? run.error;
  if (error && !(now && run.data)) return <Fault error={error} again={() => void gate.refetch()} />;
  if (!now || !shown || !run.data) return <ApprovalSkeleton />;
  return (
    <ClockOf now={now.now} readAt={gate.dataUpdatedAt}>
      <CaseProvider run={run.data} address={address}>
        <Column shown={shown} now={now} run={run.data} lost={live.link === "lost"} onReread={() => setShown(now)} />
      </CaseProvider>
    </ClockOf>
  );
}

interface ColumnProps {
  shown: Gate;
  now: Gate;
  run: Run;
  lost: boolean;
  onReread: () => void;
}

function Column({ shown, now, run, lost, onReread }: ColumnProps) {
  const changes = moved(shown, now);
  const artifact = run.artifact?.sha256 === shown.revision?.sha256 ? run.artifact : null;
  return (
    <div className="approval-scroll">
      <title>{`${shown.gate_title} · ${run.case} · Casegate`}</title>
      <article className="approval">
        <header className="approval-head">
          <Link to="/runs/$run" params={{ run: run.run }} search={{}}>
            ← {run.case}
          </Link>
          <h1>{sentence(shown.gate_title)}</h1>
          <p className="quiet">
            {run.tenant_name || run.tenant} · {spoken(run.scenario_short)}
          </p>
        </header>
        <dl className="facts approval-facts">
          <dt>What leaves</dt>
          <dd>
            {shown.revision ? (
              <>
                <strong>{shown.revision.revision}</strong> <Hash value={shown.revision.sha256} />
              </>
            ) : (
              spoken(shown.subject)
            )}
          </dd>
          <dt>To whom</dt>
          <dd>
            {shown.lane_text}
            <span className="under">{shown.audience.map(spoken).join(", ")}</span>
          </dd>
          <dt>Until when</dt>
          <dd>
            {shown.expires_at ? (
              <>
                <Countdown until={shown.expires_at} /> <span className="quiet">· answerable until </span>
                <Time at={shown.expires_at} />
              </>
            ) : (
              "No time limit"
            )}
            {shown.valid_for_minutes && (
              <span className="under">A decision stays good for {shown.valid_for_minutes} minutes.</span>
            )}
          </dd>
          <dt>If approved</dt>
          <dd>{sentence(spoken(shown.if_approved))}</dd>
        </dl>
        <Standing gate={shown} now={now} run={run} />
        {artifact && run.exhibits.length > 0 && (
          <section aria-labelledby="drawn" className="approval-drawn">
            <h2 id="drawn">What it says, drawn</h2>
            <p className="quiet">
              Drawn from the records behind {artifact.revision}. What your answer binds are its words, which stand
              below.
            </p>
            <Exhibits heads={run.exhibits} revision={artifact.revision} />
          </section>
        )}
        <section aria-labelledby="leaves">
          <h2 id="leaves">{artifact?.name ?? "What leaves"}</h2>
          {artifact ? (
            <Content run={run} />
          ) : (
            <p className="quiet">
              This is no longer the current revision. It can be read in the case, as it was.{" "}
              {shown.revision && (
                <Link to="/runs/$run" params={{ run: run.run }} search={{ rev: shown.revision.revision }}>
                  Open {shown.revision.revision}
                </Link>
              )}
            </p>
          )}
        </section>
        <Bound gate={shown} />
      </article>
      <Decide shown={shown} now={now} changes={changes} lost={lost} onReread={onReread} />
    </div>
  );
}

/** The document as its audience will have it: every statement with its mark. */
function Content({ run }: { run: Run }) {
  const { artifact, registers } = run;
  if (!artifact) return null;
  return (
    <>
      {Object.entries(artifact.fields).map(([name, field]) => (
        <FieldRow key={name} name={name} field={field} registers={registers} />
      ))}
      {artifact.sections.map((section) => (
        <div key={section.id} className="doc-section">
          <h3>{section.title}</h3>
          {section.claims.map((claim) => (
            <Statement key={claim.id} claim={claim} target={`${section.id}/${claim.id}`} registers={registers} />
          ))}
        </div>
      ))}
    </>
  );
}

function ApprovalSkeleton() {
  return (
    <Loading what="what waits for approval">
      <div className="approval-scroll">
        <div className="approval">
          <header className="approval-head">
            <span className="skeleton text" style={{ width: "18%" }} />
            <span className="skeleton title" style={{ width: "46%" }} />
            <span className="skeleton text" style={{ width: "30%" }} />
          </header>
          <div className="facts approval-facts">
            {[70, 34, 60, 88, 72, 24, 64, 76].map((width) => (
              <span key={width} className="skeleton text" style={{ width: `${width}%` }} />
            ))}
          </div>
          <SkeletonLines count={4} />
          <SkeletonLines count={8} />
        </div>
      </div>
    </Loading>
  );
}
