import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { ProgressEvent } from "./types";

export type Link = "connecting" | "live" | "lost";

/** What an agent did in the turn that is at work. The lines are live only; what counts comes from the lineage. */
export interface Progress {
  /** Which line of the turn it is, from 0. */
  at: number;
  title: string;
  node: string;
  state: ProgressEvent["state"];
  note: string;
}

interface Live {
  link: Link;
  progress: Progress[];
  /** When the connection was lost, in milliseconds. */
  lostAt: number | null;
}

/**
 * Listens to a run from the entry after `after`. Every lineage event makes what the page shows of the run stale, so that
 * it is read anew. The browser reconnects by itself with the last event's id, and the server replays what was missed;
 * where the browser gives up (an error page of a proxy, say) it is opened again from here.
 */
export function useRunEvents(run: string, after: number | undefined): Live {
  const client = useQueryClient();
  const [link, setLink] = useState<Link>("connecting");
  const [lostAt, setLostAt] = useState<number | null>(null);
  const [progress, setProgress] = useState<Progress[]>([]);
  const last = useRef<number | undefined>(undefined);
  last.current ??= after;
  const ready = last.current !== undefined;
  useEffect(() => {
    if (!ready) return;
    let source: EventSource | undefined;
    let reading: number | undefined;
    let opening: number | undefined;
    let lost = false;
    // A turn writes dozens of entries in a moment: one reading after them, at most every 150 ms.
    const refresh = () => {
      reading ??= window.setTimeout(() => {
        reading = undefined;
        void client.invalidateQueries({ queryKey: ["run", run] });
      }, 150);
    };
    const open = () => {
      source = new EventSource(`/api/runs/${encodeURIComponent(run)}/events?after=${last.current ?? -1}`);
      source.onopen = () => {
        setLink("live");
        setLostAt(null);
        if (lost) refresh();
        lost = false;
      };
      source.onerror = () => {
        lost = true;
        setLink("lost");
        setLostAt((at) => at ?? Date.now());
        if (source?.readyState === EventSource.CLOSED) opening = window.setTimeout(open, 3000);
      };
      source.addEventListener("lineage", (event: MessageEvent<string>) => {
        last.current = Number(event.lastEventId);
        refresh();
      });
      source.addEventListener("progress", (event: MessageEvent<string>) => {
        const line = JSON.parse(event.data) as ProgressEvent;
        setProgress((lines) => afterLine(lines, line));
        refresh();
      });
    };
    open();
    return () => {
      source?.close();
      window.clearTimeout(reading);
      window.clearTimeout(opening);
    };
  }, [run, ready, client]);
  return { link, progress, lostAt };
}

/** The lines of the turn at work with one more. A line that comes after the turn came to rest begins a new turn. */
export function afterLine(lines: Progress[], line: ProgressEvent): Progress[] {
  const standing = lines.at(-1)?.state === "done" ? lines : [];
  return [...standing, { ...line, at: standing.length }];
}
