import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { deadQuery } from "@/api/queries";
import type { SignalStream } from "@/api/types";
import { Fault } from "@/parts/Fault";
import { SkeletonLines } from "@/parts/Skeleton";
import { Spacer } from "@/parts/Spacer";
import { Time } from "@/parts/Time";
import { useNarrow } from "@/parts/useNarrow";
import { useWindowRows } from "@/parts/useWindowRows";
import { sentence } from "@/parts/words";

/** What could not be read, and why. The others went on. */
export function DeadLetters({ stream, count }: { stream: SignalStream; count: number }) {
  const list = useInfiniteQuery(deadQuery(stream.tenant));
  const rows = list.data?.pages.flatMap((page) => page.rows) ?? [];
  const read = list.data?.pages[0]?.total;
  const { refetch } = list;
  useEffect(() => {
    if (read !== undefined && read !== count) void refetch();
  }, [read, count, refetch]);
  const narrow = useNarrow();
  const table = useWindowRows({
    count: rows.length,
    height: narrow ? 92 : 44,
    more: list.hasNextPage && !list.isFetchingNextPage ? () => void list.fetchNextPage() : undefined,
  });
  if (list.isError && rows.length === 0) return <Fault error={list.error} again={() => void list.refetch()} />;
  if (list.isPending) return <SkeletonLines count={6} />;
  if (rows.length === 0) {
    return (
      <div className="empty">
        <strong>Everything could be read</strong>
        <p>A signal that cannot be read is listed here with the place and the reason, and never holds up the others.</p>
      </div>
    );
  }
  return (
    <section className="table-scroll" ref={table.ref} aria-label="Dead letters" tabIndex={0}>
      <table className="rows dead" aria-rowcount={count + 1}>
        <thead>
          <tr>
            <th scope="col">Signal</th>
            <th scope="col">Reason</th>
            <th scope="col">Came</th>
          </tr>
        </thead>
        <tbody>
          <Spacer height={table.before} />
          {table.items.map((item) => {
            const row = rows[item.index];
            if (!row) return null;
            return (
              <tr key={row.seq} className="row" aria-rowindex={item.index + 2}>
                <th scope="row">
                  <span className="two">{row.source}</span>
                  <span className="two">{row.name || "without an id"}</span>
                </th>
                <td className="full">{sentence(row.reason)}</td>
                <td className="wide">
                  <Time at={row.received_at} />
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
