import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Link } from "@/api/events";
import { clustersQuery } from "@/api/queries";
import type { Cluster, MonitorEvent, SignalRow } from "@/api/types";

export interface Live {
  link: Link;
  /** The newest figures, or null until the first event. */
  news: { version: number; stored: number; dead: number; latest: SignalRow[] } | null;
  /** Clusters that changed since the page was opened, by number; those that are gone too. */
  changed: Map<number, Cluster>;
}

/**
 * Listens to a stream. What changed lies over what was loaded, so that thousands of rows are not read anew for one.
 * The browser reconnects with the last version, and the server sends what changed since.
 */
export function useMonitor(tenant: string): Live {
  const client = useQueryClient();
  const [link, setLink] = useState<Link>("connecting");
  const [news, setNews] = useState<Live["news"]>(null);
  const [changed, setChanged] = useState<Map<number, Cluster>>(new Map());
  const last = useRef<number | undefined>(undefined);
  useEffect(() => {
    let source: EventSource | undefined;
    let opening: number | undefined;
    let counting: number | undefined;
    // How many clusters there are, and which sources are late, is counted by the server: at most once a second.
    const count = () => {
      counting ??= window.setTimeout(() => {
        counting = undefined;
        void client.invalidateQueries({ queryKey: ["monitor", tenant, "page"] });
      }, 1000);
    };
    last.current = undefined;
    setNews(null);
    setChanged(new Map());
    const open = () => {
      const after = last.current === undefined ? "" : `?after=${last.current}`;
      source = new EventSource(`/api/monitor/${encodeURIComponent(tenant)}/events${after}`);
      source.onopen = () => setLink("live");
      source.onerror = () => {
        setLink("lost");
        if (source?.readyState === EventSource.CLOSED) opening = window.setTimeout(open, 3000);
      };
      source.addEventListener("monitor", (event: MessageEvent<string>) => {
        last.current = Number(event.lastEventId);
        const told = JSON.parse(event.data) as MonitorEvent;
        setNews(told);
        count();
        if (told.clusters.length > 0) {
          setChanged((before) => new Map([...before, ...told.clusters.map((one) => [one.number, one] as const)]));
        }
      });
    };
    open();
    return () => {
      source?.close();
      window.clearTimeout(opening);
      window.clearTimeout(counting);
    };
  }, [tenant, client]);
  return { link, news, changed };
}

/** The clusters as they stand: those that were loaded, with what changed, the heaviest first. */
export function useClusters(tenant: string, changed: Map<number, Cluster>) {
  const list = useInfiniteQuery(clustersQuery(tenant));
  const rows = useMemo(() => {
    const known = new Map<number, Cluster>();
    for (const page of list.data?.pages ?? []) for (const row of page.rows) known.set(row.number, row);
    for (const [number, row] of changed) {
      const before = known.get(number);
      if (!before || before.version <= row.version) known.set(number, row);
    }
    return [...known.values()].filter((row) => row.gone_into === null).sort(heavier);
  }, [list.data, changed]);
  return { list, rows };
}

function heavier(one: Cluster, other: Cluster): number {
  return (
    Object.keys(other.kinds).length - Object.keys(one.kinds).length ||
    other.tenants.length - one.tenants.length ||
    other.size - one.size ||
    other.last_at.localeCompare(one.last_at) ||
    other.number - one.number
  );
}
