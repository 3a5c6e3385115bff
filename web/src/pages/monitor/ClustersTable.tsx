import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { Cluster } from "@/api/types";
import { useKeys } from "@/keys/keys";
import { CaseState } from "@/parts/CaseState";
import { Fault } from "@/parts/Fault";
import { Loading, SkeletonLines } from "@/parts/Skeleton";
import { Spacer } from "@/parts/Spacer";
import { utc } from "@/parts/Time";
import { useNarrow } from "@/parts/useNarrow";
import { useWindowRows } from "@/parts/useWindowRows";
import { counted, sentence } from "@/parts/words";
import type { useClusters } from "./useMonitor";

interface Props {
  list: ReturnType<typeof useClusters>["list"];
  rows: Cluster[];
  tenant: string;
  chosen: number | undefined;
}

export function ClustersTable({ list, rows, tenant, chosen }: Props) {
  if (list.isPending) {
    return (
      <Loading what="clusters">
        <SkeletonLines count={8} />
      </Loading>
    );
  }
  if (list.isError && rows.length === 0) return <Fault error={list.error} again={() => void list.refetch()} />;
  if (rows.length === 0) {
    return (
      <div className="empty">
        <strong>No signal has come yet</strong>
        <p>Each signal shows here within a second of its arrival, with those that it belongs to.</p>
      </div>
    );
  }
  return <Table list={list} rows={rows} tenant={tenant} chosen={chosen} />;
}

function Table({ list, rows, tenant, chosen }: Props) {
  const narrow = useNarrow();
  const table = useWindowRows({
    count: rows.length,
    height: narrow ? 92 : 44,
    more: list.hasNextPage && !list.isFetchingNextPage ? () => void list.fetchNextPage() : undefined,
  });
  const [at, setAt] = useState(-1);
  const navigate = useNavigate({ from: "/monitor" });
  const move = (to: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, to));
    setAt(next);
    table.scrollTo(next);
  };
  useKeys("Clusters", [
    { keys: "j", does: "Next cluster", run: () => move(at + 1) },
    { keys: "k", does: "Previous cluster", run: () => move(at - 1) },
    {
      keys: "o",
      does: "Open the cluster",
      run: () => {
        const row = rows[at];
        if (row) void navigate({ search: { tenant, cluster: row.number } });
      },
    },
  ]);
  return (
    <section className="table-scroll" ref={table.ref} aria-label="Clusters" tabIndex={0}>
      <table className="rows clusters" aria-rowcount={rows.length + 1}>
        <thead>
          <tr>
            <th scope="col">Cluster</th>
            <th scope="col">Signals</th>
            <th scope="col">Who and where</th>
            <th scope="col">State</th>
            <th scope="col">Waits for</th>
            <th scope="col">Last</th>
          </tr>
        </thead>
        <tbody>
          <Spacer height={table.before} />
          {table.items.map((item) => {
            const row = rows[item.index];
            if (!row) return null;
            const here = row.number === chosen || item.index === at;
            return <Line key={row.number} row={row} tenant={tenant} index={item.index} chosen={here} />;
          })}
          <Spacer height={table.after} />
        </tbody>
      </table>
    </section>
  );
}

function Line({ row, tenant, index, chosen }: { row: Cluster; tenant: string; index: number; chosen: boolean }) {
  const kinds = Object.entries(row.kinds).map(([kind, count]) => `${count} ${kind}`);
  return (
    <tr className="row" aria-rowindex={index + 2} aria-selected={chosen}>
      <th scope="row" className="main">
        <Link from="/monitor" to="/monitor" search={{ tenant, cluster: row.number }}>
          {row.number}
        </Link>
      </th>
      <td className="full">
        <span className="two">{counted(row.size, "signal")}</span>
        <span className="two">{kinds.join(", ")}</span>
      </td>
      <td className="full">
        <span className="two">{row.operators.join(", ") || "nobody named"}</span>
        <span className="two">{row.tenants.join(", ")}</span>
      </td>
      <td className="aside">{clusterState(row)}</td>
      <td className="full">
        <span className="two">{row.waits[0] ? sentence(row.waits[0]) : "nothing"}</span>
        {row.waits.length > 1 && <span className="two">and {row.waits.length - 1} more</span>}
      </td>
      <td className="wide">
        <time dateTime={row.last_at} title={utc(row.last_at, "full")}>
          {utc(row.last_at)}
        </time>
      </td>
    </tr>
  );
}

/** How a cluster stands: like its case, or that it has none. */
export function clusterState(row: Cluster) {
  if (row.state === "watched") return <span className="faint">watched</span>;
  if (row.state === "opening") return <CaseState state="working" />;
  return <CaseState state={row.state} />;
}
