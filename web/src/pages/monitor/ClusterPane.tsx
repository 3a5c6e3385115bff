import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { api, data } from "@/api/client";
import { clusterQuery } from "@/api/queries";
import type { ClusterPage, SignalStream } from "@/api/types";
import { useKeys } from "@/keys/keys";
import { Fault } from "@/parts/Fault";
import { SkeletonLines } from "@/parts/Skeleton";
import { Time } from "@/parts/Time";
import { counted, sentence } from "@/parts/words";
import { clusterState } from "./ClustersTable";
import { ReasonDialog } from "./ReasonDialog";

interface Props {
  stream: SignalStream;
  number: number;
  /** The version of the cluster that was last heard of: a newer one is read anew. */
  version: number | undefined;
}

/** One cluster: its signals, why each was merged, what it waits for, and its splits. */
export function ClusterPane({ stream, number, version }: Props) {
  const navigate = useNavigate({ from: "/monitor" });
  const close = () => void navigate({ search: ({ cluster: _, ...rest }) => rest });
  const page = useQuery(clusterQuery(stream.tenant, number));
  const [opened, setOpened] = useState<ClusterPage | null>(null);
  const { refetch } = page;
  const stale = page.data && version !== undefined && page.data.cluster.version < version;
  useEffect(() => {
    if (stale) void refetch();
  }, [stale, refetch]);
  useKeys("Cluster", [{ keys: "Escape", does: "Close the cluster", run: close }]);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  const shown = opened ?? page.data;
  return (
    <article className="cluster-pane" aria-label={`Cluster ${number}`}>
      <header className="cluster-head">
        <h2 ref={heading} tabIndex={-1}>
          Cluster {number}
        </h2>
        {shown && clusterState(shown.cluster)}
        <span className="space" />
        <button type="button" className="button plain small" onClick={close}>
          Close
        </button>
      </header>
      {page.isError ? (
        <Fault error={page.error} again={() => void page.refetch()} />
      ) : shown ? (
        <Shown stream={stream} page={shown} onOpen={setOpened} onSplit={() => setOpened(null)} />
      ) : (
        <SkeletonLines count={8} />
      )}
    </article>
  );
}

interface ShownProps {
  stream: SignalStream;
  page: ClusterPage;
  onOpen: (page: ClusterPage) => void;
  onSplit: () => void;
}

function Shown({ stream, page, onOpen, onSplit }: ShownProps) {
  const [asking, setAsking] = useState<"reveal" | "split" | null>(null);
  const [chosen, setChosen] = useState<Set<number>>(new Set());
  const path = { tenant: stream.tenant, number: page.cluster.number };
  const client = useQueryClient();
  const reveal = useMutation({
    mutationFn: (reason: string) =>
      data(api.POST("/api/monitor/{tenant}/clusters/{number}/reveal", { params: { path }, body: { reason } })),
    onSuccess: (found) => {
      setAsking(null);
      onOpen(found);
    },
  });
  const split = useMutation({
    mutationFn: (reason: string) => {
      const body = { signals: [...chosen], reason };
      return data(api.POST("/api/monitor/{tenant}/clusters/{number}/split", { params: { path }, body }));
    },
    onSuccess: () => {
      setAsking(null);
      setChosen(new Set());
      onSplit();
      void client.invalidateQueries({ queryKey: ["monitor", stream.tenant] });
    },
  });
  const choose = (seq: number) =>
    setChosen((before) => {
      const now = new Set(before);
      if (!now.delete(seq)) now.add(seq);
      return now;
    });
  const row = page.cluster;
  return (
    <section className="cluster-body" aria-label="Signals, merges and splits" tabIndex={0}>
      {page.view === "restricted" && (
        <div className="notice held" role="status">
          <strong>Restricted view</strong>
          <span>That you opened it, and why, is in the lineage.</span>
        </div>
      )}
      {row.gone_into !== null && (
        <div className="notice accent">
          <strong>This cluster is part of another now</strong>
          <Link from="/monitor" to="/monitor" search={{ tenant: stream.tenant, cluster: row.gone_into }}>
            Cluster {row.gone_into}
          </Link>
        </div>
      )}
      <section aria-label="What it waits for">
        <h3>Waits for</h3>
        <ul className="waits">
          {row.waits.length === 0 ? <li>Nothing</li> : row.waits.map((line) => <li key={line}>{sentence(line)}</li>)}
        </ul>
        <div className="actions">
          {row.run && (
            <Link to="/runs/$run" params={{ run: row.run }} search={{}} className="button small">
              Open the case
            </Link>
          )}
          {stream.may_reveal && page.view === "queue" && (
            <button type="button" className="button small" onClick={() => setAsking("reveal")}>
              Open the restricted view…
            </button>
          )}
          {stream.may_split && (
            <button
              type="button"
              className="button small"
              disabled={chosen.size === 0 || chosen.size >= row.size}
              onClick={() => setAsking("split")}
            >
              {chosen.size === 0 ? "Split: choose signals" : `Split ${counted(chosen.size, "signal")}…`}
            </button>
          )}
        </div>
      </section>
      <Signals page={page} chosen={chosen} choose={stream.may_split ? choose : undefined} />
      <Links page={page} />
      <Splits page={page} />
      {asking === "reveal" && (
        <ReasonDialog
          title="Open the restricted view"
          says="Names and texts of this cluster are shown to you. Your name and this reason go into the lineage first."
          verb="Open the restricted view"
          work={reveal}
          onClose={() => setAsking(null)}
        />
      )}
      {asking === "split" && (
        <ReasonDialog
          title={`Split ${counted(chosen.size, "signal")} from cluster ${row.number}`}
          says="Nothing joins them with the rest again, whatever arrives. Your name and this reason stay with the split."
          verb={`Split ${counted(chosen.size, "signal")}`}
          work={split}
          onClose={() => setAsking(null)}
        />
      )}
    </section>
  );
}

function Signals({
  page,
  chosen,
  choose,
}: {
  page: ClusterPage;
  chosen: Set<number>;
  choose?: ((seq: number) => void) | undefined;
}) {
  return (
    <section aria-label="Signals">
      <h3>{counted(page.cluster.size, "signal")}</h3>
      <ol className="cluster-signals">
        {page.signals.map((one) => (
          <li key={one.seq}>
            {choose && (
              <input
                type="checkbox"
                aria-label={`Choose ${one.name}`}
                checked={chosen.has(one.seq)}
                onChange={() => choose(one.seq)}
              />
            )}
            <span>
              <span className="two">
                <Time at={one.at} form="clock" /> · {one.source} · {one.name}
              </span>
              <span className="two faint">
                {[one.operator, one.tenant, one.session, ...one.exports, ...one.cases].filter(Boolean).join(" · ")}
              </span>
              {one.text && <span className="two quiet">{one.text}</span>}
            </span>
          </li>
        ))}
      </ol>
      {page.more > 0 && <p className="faint">{counted(page.more, "more signal")} not shown here.</p>}
    </section>
  );
}

function Links({ page }: { page: ClusterPage }) {
  if (page.links.length === 0) return null;
  return (
    <section aria-label="Why each was merged">
      <h3>Why each was merged</h3>
      <ol className="cluster-links">
        {page.links.map((one) => (
          <li key={`${one.left_name} ${one.right_name}`}>
            <strong>{one.reason}</strong> {one.shared}
            <span className="two faint">
              {one.left_name} with {one.right_name}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Splits({ page }: { page: ClusterPage }) {
  if (page.splits.length === 0) return null;
  return (
    <section aria-label="Splits">
      <h3>Split by people</h3>
      <ul className="cluster-links">
        {page.splits.map((one) => (
          <li key={`${one.at} ${one.by}`}>
            {one.by} took out {counted(one.signals, "signal")}, <Time at={one.at} />
            {one.reason && <span className="two faint">{one.reason}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
