import { useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import type { Entry } from "@/api/types";
import { Time } from "@/parts/Time";
import { sentence, spoken } from "@/parts/words";
import { Details } from "./Details";
import { said } from "./gist";

interface TimeLineProps {
  run: string;
  entries: Entry[];
  /** The entry whose details are shown. */
  open: number | undefined;
  more: (() => void) | undefined;
}

/** Entries one by one; the one that is open shows what it carries. Only those near the reader are in the page. */
export function TimeLine({ run, entries, open, more }: TimeLineProps) {
  const scroll = useRef<HTMLElement>(null);
  const navigate = useNavigate();
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => 46,
    overscan: 16,
  });
  // An entry that an address names is brought into sight; what is opened by hand is in sight already.
  const named = useRef(open);
  const place = entries.findIndex((entry) => entry.seq === named.current);
  useEffect(() => {
    if (place < 0) return;
    rows.scrollToIndex(place, { align: "center" });
    named.current = undefined;
  }, [place, rows]);
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && last >= entries.length - 30) more();
  }, [more, last, entries.length]);
  const toggle = (seq: number) =>
    void navigate({
      to: "/runs/$run/lineage",
      params: { run },
      search: seq === open ? {} : { entry: seq },
      replace: true,
      resetScroll: false,
    });
  return (
    <section className="entries" ref={scroll} tabIndex={0} aria-label="Entries">
      <ol style={{ height: rows.getTotalSize(), position: "relative" }}>
        {items.map(({ index, start }) => {
          const entry = entries[index];
          if (!entry) return null;
          return (
            <li
              key={entry.seq}
              ref={rows.measureElement}
              data-index={index}
              style={{ position: "absolute", insetInline: 0, transform: `translateY(${start}px)` }}
            >
              <EntryLine run={run} entry={entry} open={entry.seq === open} onToggle={() => toggle(entry.seq)} />
            </li>
          );
        })}
      </ol>
    </section>
  );
}

interface EntryLineProps {
  run: string;
  entry: Entry;
  open: boolean;
  onToggle: () => void;
}

function EntryLine({ run, entry, open, onToggle }: EntryLineProps) {
  const { actor, agent } = entry;
  return (
    <div className={`entry ${actor.type}`}>
      <button type="button" className="entry-head" aria-expanded={open} onClick={onToggle}>
        <span className="seq">{entry.seq}</span>
        <Time at={entry.at} form="clock" />
        <span className="who">
          {actor.name || actor.id}
          {actor.role && <span className="faint"> · {spoken(actor.role)}</span>}
        </span>
        <span className="what">{sentence(said(entry))}</span>
        <span className="with faint">{[agent?.model, agent?.prompt_version].filter(Boolean).join(" · ")}</span>
      </button>
      {open && <Details run={run} entry={entry} />}
    </div>
  );
}
