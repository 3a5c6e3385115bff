import type { Rendering } from "@/api/types";
import { Breaks } from "@/parts/Breaks";
import { covers } from "./place";
import { Quoted } from "./Quoted";
import { usePages } from "./usePages";

interface TreeViewProps {
  run: string;
  item: string;
  rendering: Extract<Rendering, { kind: "tree" }>;
  at: string | undefined;
  quote: string | undefined;
}

/** A document like JSON, leaf by leaf with its path, opened at the cited path. */
export function TreeView({ run, item, rendering, at, quote }: TreeViewProps) {
  const first = windowOf(rendering) ?? { offset: 0, rows: [] };
  const target = rendering.at === null ? null : rendering.offset + rendering.at;
  const pages = usePages({ run, item, total: rendering.total, first, target, height: 20, read: windowOf });
  return (
    <section className="source-body lines tree" ref={pages.scroll} tabIndex={0} aria-label="Values of the source">
      <div style={{ height: pages.size, position: "relative" }}>
        {pages.items.map(({ index, start }) => {
          const leaf = pages.row(index);
          const hit = leaf !== undefined && covers(at, leaf.locator);
          return (
            <div
              key={index}
              ref={pages.measure}
              data-index={index}
              className={hit ? "row hit" : "row"}
              style={{ position: "absolute", insetInline: 0, transform: `translateY(${start}px)` }}
            >
              <Pointer locator={leaf?.locator ?? ""} />
              <span className="text">{leaf ? hit ? <Quoted text={leaf.text} quote={quote} /> : leaf.text : " "}</span>
            </div>
          );
        })}
      </div>
    </section>
  );
}

function Pointer({ locator }: { locator: string }) {
  const cut = locator.lastIndexOf("/") + 1;
  return (
    <span className="pointer">
      <Breaks text={locator.slice(0, cut)} />
      <wbr />
      <b>{locator.slice(cut)}</b>
    </span>
  );
}

function windowOf(rendering: Rendering) {
  return rendering.kind === "tree" ? { offset: rendering.offset, rows: rendering.leaves } : null;
}
