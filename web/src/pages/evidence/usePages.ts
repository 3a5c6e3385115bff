import { useQueryClient } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";
import { evidenceQuery } from "@/api/queries";
import type { Rendering } from "@/api/types";
import { useKeys } from "@/keys/keys";

const PAGE = 400;

interface Window<Row> {
  offset: number;
  rows: Row[];
}

interface Source<Row> {
  run: string;
  item: string;
  sheet?: string | undefined;
  total: number;
  first: Window<Row>;
  /** Index of the row to open at, among all. */
  target: number | null;
  height: number;
  read: (rendering: Rendering) => Window<Row> | null;
}

interface Aim {
  index: number;
  align: "start" | "center" | "end";
}

/** The rows of a long source: those near the reader are in the page, those near them are fetched, the rest is space. */
export function usePages<Row>({ run, item, sheet, total, first, target, height, read }: Source<Row>) {
  const client = useQueryClient();
  const scroll = useRef<HTMLDivElement>(null);
  const [known, setKnown] = useState<ReadonlyMap<number, Row>>(new Map());
  const fetching = useRef(new Set<number>());
  const rows = useVirtualizer({
    count: total,
    getScrollElement: () => scroll.current,
    estimateSize: () => height,
    overscan: 20,
    // The head of a table stands over the first row: the last one in sight must not lie below the edge by as much.
    scrollPaddingEnd: height,
  });
  const scrollTo = useRef(rows.scrollToIndex);
  scrollTo.current = rows.scrollToIndex;
  // Where the reader wants to be until he scrolls himself: rows that arrive later may be higher than they were empty.
  const aim = useRef<Aim | null>(null);
  const leave = useRef<() => void>(() => undefined);
  const go = useRef((to: Aim) => {
    aim.current = to;
    leave.current();
    leave.current = settle(() => scrollTo.current(to.index, { align: to.align }), scroll);
  });
  useEffect(() => () => leave.current(), []);
  useEffect(() => {
    const element = scroll.current;
    const free = () => {
      aim.current = null;
    };
    for (const kind of OWN) element?.addEventListener(kind, free, { passive: true });
    return () => {
      for (const kind of OWN) element?.removeEventListener(kind, free);
    };
  }, []);
  useEffect(() => {
    if (target !== null) go.current({ index: target, align: "center" });
  }, [target]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is what arrived that moves rows
  useEffect(() => {
    if (aim.current) go.current(aim.current);
  }, [known]);
  // Where the keys stand: at the row that was cited, else before the first one that is in sight.
  const [cursor, setCursor] = useState(target);
  const move = (by: number) => {
    const top = rows.getVirtualItemForOffset(rows.scrollOffset ?? 0)?.index ?? 0;
    const next = Math.max(0, Math.min(total - 1, cursor === null ? top : cursor + by));
    setCursor(next);
    aim.current = null;
    rows.scrollToIndex(next, { align: "auto" });
  };
  const jump = (to: number, align: "start" | "end") => {
    if (total === 0) return;
    setCursor(to);
    go.current({ index: to, align });
  };
  useKeys("Source", [
    { keys: "j", does: "Next row of the source", run: () => move(1) },
    { keys: "k", does: "Previous row of the source", run: () => move(-1) },
    { keys: "Home", does: "First row of the source", run: () => jump(0, "start") },
    { keys: "End", does: "Last row of the source", run: () => jump(total - 1, "end") },
  ]);
  const items = rows.getVirtualItems();
  useEffect(() => {
    const missing = items.filter((one) => !known.has(one.index) && !inside(first, one.index));
    for (const page of new Set(missing.map((one) => Math.floor(one.index / PAGE)))) {
      if (fetching.current.has(page)) continue;
      fetching.current.add(page);
      void client.fetchQuery(evidenceQuery(run, item, { offset: page * PAGE, sheet })).then((view) => {
        const part = read(view.rendering);
        if (part) setKnown((now) => new Map([...now, ...part.rows.map((row, at) => [part.offset + at, row] as const)]));
      });
    }
  }, [items, known, first, client, run, item, sheet, read]);
  const row = (index: number): Row | undefined =>
    known.get(index) ?? (inside(first, index) ? first.rows[index - first.offset] : undefined);
  return { scroll, items, row, cursor, size: rows.getTotalSize(), measure: rows.measureElement };
}

const STEADY = 3;
const AT_MOST = 40;

/**
 * Goes to a place again until the scroller rests there: what is drawn on the way is measured, and a row that is higher
 * than was thought moves all that follow it. A reader who scrolls himself is never pulled back. Returns how to stop.
 */
function settle(go: () => void, scroll: { current: HTMLElement | null }): () => void {
  let [frame, tries, steady, height, stopped] = [0, 0, 0, -1, false];
  const stop = () => {
    stopped = true;
    cancelAnimationFrame(frame);
    for (const kind of OWN) element?.removeEventListener(kind, stop);
  };
  const element = scroll.current;
  for (const kind of OWN) element?.addEventListener(kind, stop, { passive: true });
  const again = () => {
    if (stopped) return;
    const now = scroll.current?.scrollHeight ?? 0;
    steady = now === height ? steady + 1 : 0;
    height = now;
    if (steady >= STEADY || tries >= AT_MOST) return stop();
    tries += 1;
    go();
    frame = requestAnimationFrame(again);
  };
  again();
  return stop;
}

const OWN = ["wheel", "touchmove", "keydown", "pointerdown"] as const;

function inside<Row>(window: Window<Row>, index: number): boolean {
  return index >= window.offset && index < window.offset + window.rows.length;
}
