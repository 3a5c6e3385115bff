import "@/style/case.css";
import { useQuery } from "@tanstack/react-query";
import { useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useRunEvents } from "@/api/events";
import { revisionQuery, runQuery } from "@/api/queries";
import { ClockOf } from "@/parts/clock";
import { useConnection } from "@/parts/connection";
import { Fault } from "@/parts/Fault";
import { Loading, SkeletonLines } from "@/parts/Skeleton";
import { span, useNow } from "@/parts/Time";
import { readDiff } from "./address";
import { CaseBar } from "./CaseBar";
import { CaseProvider, useCase } from "./context";
import { Document } from "./Document";
import { ObjectDialog } from "./ObjectDialog";
import { RevisionDiff } from "./RevisionDiff";
import { Side } from "./Side";

export function CasePage() {
  const { run: id } = useParams({ from: "/inside/runs/$run" });
  const address = useSearch({ from: "/inside/runs/$run" });
  const page = useQuery(runQuery(id));
  const live = useRunEvents(id, page.data && page.data.lineage.entries - 1);
  const connection = useConnection();
  const [objecting, setObjecting] = useState<string | null>(null);
  const { data: run } = page;
  if (!run) return page.error ? <Fault error={page.error} again={() => void page.refetch()} /> : <CaseSkeleton />;
  const classes = ["case-body"];
  if (address.ev2) classes.push("pair");
  classes.push(address.tab && address.tab !== "document" ? "on-side" : "on-document");
  return (
    <ClockOf now={run.now} readAt={page.dataUpdatedAt}>
      <CaseProvider run={run} address={address}>
        <title>{`${run.case} · ${run.tenant_name || run.tenant} · Casegate`}</title>
        <div className="case">
          <CaseBar onObject={() => setObjecting("")} />
          {live.link === "lost" && live.lostAt !== null && connection === "there" && <LostStrip since={live.lostAt} />}
          <div className={classes.join(" ")}>
            <Middle onObject={setObjecting} />
            <Side progress={live.progress} />
          </div>
        </div>
        {objecting !== null && <ObjectDialog to={objecting} onClose={() => setObjecting(null)} />}
      </CaseProvider>
    </ClockOf>
  );
}

function LostStrip({ since }: { since: number }) {
  const length = useNow() - since;
  return (
    <div className="strip doubt" role="status">
      <strong>The live connection is lost</strong>
      <span>
        What you see is {length < 1000 ? "as of now" : `${span(length)} old`}. It is tried again, and nothing that
        happens meanwhile is missed.
      </span>
    </div>
  );
}

/** The document in the middle: the current revision, an earlier one, or the difference of two. */
function Middle({ onObject }: { onObject: (to: string) => void }) {
  const { run, address } = useCase();
  const diff = readDiff(address.diff);
  if (diff) return <RevisionDiff a={diff[0]} b={diff[1]} />;
  if (address.rev && address.rev !== run.artifact?.revision) return <PastRevision revision={address.rev} />;
  if (!run.artifact) {
    return (
      <div className="doc">
        <div className="empty">
          <strong>{run.working ? "The agents are reading the evidence" : "There is no revision yet"}</strong>
          <p>{run.next}</p>
          {run.working && <SkeletonLines count={6} />}
        </div>
      </div>
    );
  }
  return <Document artifact={run.artifact} registers={run.registers} past={false} onObject={onObject} />;
}

function PastRevision({ revision }: { revision: string }) {
  const { run } = useCase();
  const { data, error, refetch } = useQuery(revisionQuery(run.run, revision));
  if (error) return <Fault error={error} again={() => void refetch()} />;
  if (!data) return <DocumentSkeleton />;
  return <Document artifact={data.artifact} registers={data.registers} past onObject={() => undefined} />;
}

function CaseSkeleton() {
  return (
    <Loading what="the case">
      <div className="case">
        <div className="case-bar">
          <span className="skeleton text" style={{ width: "46%" }} />
          <span />
          <span className="skeleton text" style={{ width: "64%" }} />
          <span className="skeleton text" style={{ width: "80%" }} />
        </div>
        <div className="case-body">
          <DocumentSkeleton />
          <div className="side">
            <div className="mail">
              <SkeletonLines count={7} />
            </div>
          </div>
        </div>
      </div>
    </Loading>
  );
}

function DocumentSkeleton() {
  return (
    <div className="doc">
      <div className="doc-body">
        {[38, 54, 30, 62, 44, 58, 36, 50].map((width) => (
          <div key={width} className="field-row">
            <span className="skeleton text" style={{ width: "70%" }} />
            <span className="skeleton text" style={{ width: `${width}%` }} />
          </div>
        ))}
      </div>
    </div>
  );
}
