import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { latestQuery } from "@/api/queries";
import type { SignalRow, SignalStream } from "@/api/types";
import { Fault } from "@/parts/Fault";
import { SkeletonLines } from "@/parts/Skeleton";
import { Spacer } from "@/parts/Spacer";
import { Time } from "@/parts/Time";
import { useNarrow } from "@/parts/useNarrow";
import { useWindowRows } from "@/parts/useWindowRows";

/** The signals that came last: those that were there, and above them those that come. */
export function LatestSignals({ stream, rows }: { stream: SignalStream; rows: SignalRow[] | undefined }) {
  const before = useQuery(latestQuery(stream.tenant));
  const known = new Map((before.data?.rows ?? []).map((row) => [row.seq, row]));
  for (const row of rows ?? []) known.set(row.seq, row);
  const shown = [...known.values()].sort((one, other) => other.seq - one.seq);
  const narrow = useNarrow();
  const table = useWindowRows({ count: shown.length, height: narrow ? 92 : 44 });
  if (before.isError) return <Fault error={before.error} again={() => void before.refetch()} />;
  if (before.isPending) return <SkeletonLines count={8} />;
  if (shown.length === 0) {
    return (
      <div className="empty">
        <strong>No signal has come yet</strong>
        <p>Sources send them to the address that docs/signals.md gives.</p>
      </div>
    );
  }
  return (
    <section className="table-scroll" ref={table.ref} aria-label="Signals" tabIndex={0}>
      <table className="rows signals" aria-rowcount={shown.length + 1}>
        <thead>
          <tr>
            <th scope="col">Signal</th>
            <th scope="col">Who</th>
            <th scope="col">Where</th>
            <th scope="col">Happened</th>
            <th scope="col">Cluster</th>
          </tr>
        </thead>
        <tbody>
          <Spacer height={table.before} />
          {table.items.map((item) => {
            const row = shown[item.index];
            if (!row) return null;
            return (
              <tr key={row.seq} className="row" aria-rowindex={item.index + 2}>
                <th scope="row">
                  <span className="two">{row.source}</span>
                  <span className="two">{row.name}</span>
                </th>
                <td>{row.operator || <span className="faint">nobody named</span>}</td>
                <td className="full">
                  <span className="two">{row.tenant}</span>
                  <span className="two">{[row.session, ...row.exports, ...row.cases].filter(Boolean).join(", ")}</span>
                </td>
                <td>
                  <Time at={row.at} />
                </td>
                <td>
                  {row.cluster === null ? (
                    <span className="faint">being placed</span>
                  ) : (
                    <Link
                      from="/monitor"
                      to="/monitor"
                      search={{ tenant: stream.tenant, show: "signals", cluster: row.cluster }}
                    >
                      {row.cluster}
                    </Link>
                  )}
                </td>
              </tr>
            );
          })}
          <Spacer height={table.after} />
        </tbody>
      </table>
    </section>
  );
}
