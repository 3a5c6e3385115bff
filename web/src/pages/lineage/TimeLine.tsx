import { useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import type { Entry } from "@/api/types";
import { Hash } from "@/parts/Id";
import { Time } from "@/parts/Time";
import { sentence, spoken } from "@/parts/words";
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
              <EntryLine entry={entry} open={entry.seq === open} onToggle={() => toggle(entry.seq)} />
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function EntryLine({ entry, open, onToggle }: { entry: Entry; open: boolean; onToggle: () => void }) {
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
      {open && <EntryDetails entry={entry} />}
    </div>
  );
}

function EntryDetails({ entry }: { entry: Entry }) {
  const { agent } = entry;
  const lists: [string, string[]][] = [
    ["Accepted edits", entry.accepted_edits],
    ["Rejected edits", entry.rejected_edits],
    ["Opens", entry.opens],
    ["Closes", entry.closes],
    ["Cites", entry.citations],
  ];
  return (
    <dl className="facts entry-facts">
      <dt>Kind</dt>
      <dd>{spoken(entry.kind)}</dd>
      <dt>When</dt>
      <dd>
        <Time at={entry.at} form="full" />
      </dd>
      {agent && (
        <>
          <dt>Agent</dt>
          <dd>
            {[agent.name, agent.model ?? "no model", agent.prompt && `${agent.prompt} ${agent.prompt_version ?? ""}`]
              .filter(Boolean)
              .join(" · ")}
          </dd>
        </>
      )}
      {entry.new_sha256 && (
        <>
          <dt>Revision</dt>
          <dd>
            {entry.base_revision && `${entry.base_revision} → `}
            {entry.new_revision} <Hash value={entry.new_sha256} />
          </dd>
        </>
      )}
      {lists
        .filter(([, ids]) => ids.length > 0)
        .map(([title, ids]) => (
          <div key={title} className="contents">
            <dt>{title}</dt>
            <dd className="id">{ids.join(", ")}</dd>
          </div>
        ))}
      {entry.policy_version && (
        <>
          <dt>Policy</dt>
          <dd className="id">{entry.policy_version}</dd>
        </>
      )}
      {entry.content.map((part) => (
        <div key={part.name} className="contents">
          <dt>{spoken(part.name)}</dt>
          <dd>
            {part.state === "erased" ? (
              <span className="faint">erased; its commitment stands in the chain</span>
            ) : (
              <Content value={part.value} />
            )}
          </dd>
        </div>
      ))}
      <dt>Hash</dt>
      <dd>
        <Hash value={entry.hash} />
      </dd>
      <dt>After</dt>
      <dd>
        <Hash value={entry.prev} />
      </dd>
    </dl>
  );
}

function Content({ value }: { value: unknown }) {
  if (typeof value === "string") return <>{value}</>;
  return <pre className="entry-content">{JSON.stringify(value, null, 2)}</pre>;
}
