import "@/style/tables.css";
import "@/style/monitor.css";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { monitorQuery, streamsQuery } from "@/api/queries";
import type { MonitorPage as Page, SignalStream } from "@/api/types";
import { useKeys } from "@/keys/keys";
import { Fault } from "@/parts/Fault";
import { Mark } from "@/parts/Mark";
import { Loading, SkeletonLines } from "@/parts/Skeleton";
import { Time } from "@/parts/Time";
import { useNarrow } from "@/parts/useNarrow";
import type { MonitorTab } from "./address";
import { ClusterPane } from "./ClusterPane";
import { ClustersTable } from "./ClustersTable";
import { DeadLetters } from "./DeadLetters";
import { LatestSignals } from "./LatestSignals";
import { type Live, useClusters, useMonitor } from "./useMonitor";

/** Live signals: clusters as they grow, why each merge was made, what waits for what, and what could not be read. */
export function MonitorPage() {
  const streams = useQuery(streamsQuery);
  const { tenant } = useSearch({ from: "/inside/monitor" });
  const found = streams.data?.streams ?? [];
  const stream = found.find((one) => one.tenant === tenant) ?? found[0];
  return (
    <div className="page">
      <title>Monitor · Casegate</title>
      {streams.isPending ? (
        <Loading what="the monitor">
          <div className="page-head">
            <SkeletonLines count={6} />
          </div>
        </Loading>
      ) : streams.isError ? (
        <Fault error={streams.error} again={() => void streams.refetch()} />
      ) : stream ? (
        <Stream key={stream.tenant} stream={stream} streams={found} />
      ) : (
        <NoStream />
      )}
    </div>
  );
}

function NoStream() {
  return (
    <div className="empty">
      <strong>No live signals here</strong>
      <p>
        A stream is shown to people who have a role in its tenant. An installation takes in signals when its signals
        file lists their sources: docs/signals.md says how.
      </p>
    </div>
  );
}

function Stream({ stream, streams }: { stream: SignalStream; streams: SignalStream[] }) {
  const { show: tab = "clusters", cluster } = useSearch({ from: "/inside/monitor" });
  const navigate = useNavigate({ from: "/monitor" });
  const live = useMonitor(stream.tenant);
  const page = useQuery(monitorQuery(stream.tenant));
  const { list, rows } = useClusters(stream.tenant, live.changed);
  const narrow = useNarrow(900);
  const go = (to: MonitorTab) => void navigate({ search: { tenant: stream.tenant, show: to } });
  useKeys("Monitor", [
    { keys: "1", does: "Clusters", run: () => go("clusters") },
    { keys: "2", does: "Signals", run: () => go("signals") },
    { keys: "3", does: "Dead letters", run: () => go("dead") },
    { keys: "4", does: "Sources", run: () => go("sources") },
  ]);
  const shown =
    cluster === undefined ? undefined : { stream, number: cluster, version: live.changed.get(cluster)?.version };
  return (
    <>
      <Head stream={stream} streams={streams} live={live} page={page.data} tab={tab} go={go} />
      {page.isError && <Fault error={page.error} again={() => void page.refetch()} />}
      <div className="monitor">
        {!(narrow && shown) && (
          <div className="monitor-list">
            {tab === "clusters" && <ClustersTable list={list} rows={rows} tenant={stream.tenant} chosen={cluster} />}
            {tab === "signals" && <LatestSignals stream={stream} rows={live.news?.latest} />}
            {tab === "dead" && <DeadLetters stream={stream} count={live.news?.dead ?? page.data?.dead ?? 0} />}
            {tab === "sources" && <Sources page={page.data} />}
          </div>
        )}
        {shown && <ClusterPane key={shown.number} {...shown} />}
      </div>
    </>
  );
}

interface HeadProps {
  stream: SignalStream;
  streams: SignalStream[];
  live: Live;
  page: Page | undefined;
  tab: MonitorTab;
  go: (to: MonitorTab) => void;
}

function Head({ stream, streams, live, page, tab, go }: HeadProps) {
  const navigate = useNavigate({ from: "/monitor" });
  // What is not known yet is not nought: a number shows once the server has said it.
  const stored = (live.news?.stored ?? page?.stored)?.toLocaleString("en");
  const dead = (live.news?.dead ?? page?.dead)?.toLocaleString("en");
  const lagging = page?.sources.filter((one) => one.lagging).length ?? 0;
  const tabs: [MonitorTab, string][] = [
    ["clusters", page ? `Clusters ${page.clusters.toLocaleString("en")}` : "Clusters"],
    ["signals", "Signals"],
    ["dead", dead === undefined ? "Dead letters" : `Dead letters ${dead}`],
    ["sources", lagging > 0 ? `Sources · ${lagging} late` : "Sources"],
  ];
  return (
    <>
      <div className="page-head">
        <h1>
          Monitor{" "}
          {stored !== undefined && (
            <span className="counted" title="signals taken in">
              {stored}
            </span>
          )}
        </h1>
        <span className={`live-link ${live.link}`} role="status">
          {live.link === "live"
            ? "live"
            : live.link === "lost"
              ? "connection lost; what is shown stands still"
              : "connecting"}
        </span>
        <span className="space" />
        {streams.length > 1 ? (
          <select
            className="input stream-choice"
            aria-label="Stream"
            value={stream.tenant}
            onChange={(event) => void navigate({ search: { tenant: event.target.value } })}
          >
            {streams.map((one) => (
              <option key={one.tenant} value={one.tenant}>
                {one.tenant_name || one.tenant}
              </option>
            ))}
          </select>
        ) : (
          <span className="quiet">{stream.tenant_name || stream.tenant}</span>
        )}
      </div>
      <div className="filters">
        <div className="segments">
          {tabs.map(([name, words]) => (
            <button key={name} type="button" aria-pressed={tab === name} onClick={() => go(name)}>
              {words}
            </button>
          ))}
        </div>
        <details className="masked">
          <summary>Names are masked</summary>
          <ul>
            {page?.masked.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </details>
      </div>
    </>
  );
}

function Sources({ page }: { page: Page | undefined }) {
  if (!page) return <SkeletonLines count={4} />;
  return (
    <section className="table-scroll" aria-label="Sources" tabIndex={0}>
      <table className="rows">
        <thead>
          <tr>
            <th scope="col">Source</th>
            <th scope="col">State</th>
            <th scope="col">Signals</th>
            <th scope="col">Complete through</th>
            <th scope="col">Next word expected</th>
          </tr>
        </thead>
        <tbody>
          {page.sources.map((one) => (
            <tr key={one.name} className="row source">
              <th scope="row">
                <span className="two">{one.name}</span>
                {one.kind !== one.name && <span className="two">{one.kind}</span>}
              </th>
              <td>
                <Mark kind={one.lagging ? "held" : "passed"} word says={one.lagging ? "late" : "on time"} />
              </td>
              <td className="full">
                <span className="two">{one.stored.toLocaleString("en")} stored</span>
                <span className="two">
                  {one.repeated.toLocaleString("en")} came again, {one.dead.toLocaleString("en")} dead
                </span>
              </td>
              <td className="wide">{one.complete_through ? <Time at={one.complete_through} /> : "it has not said"}</td>
              <td className="full">
                {one.expected_at ? (
                  <Time at={one.expected_at} />
                ) : one.lagging ? (
                  "nothing was heard of it yet"
                ) : (
                  "no time is set"
                )}
                {one.lagging && <span className="two">late: what rests on it waits</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
