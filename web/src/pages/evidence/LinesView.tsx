import type { Rendering } from "@/api/types";
import { covers, lines as readLines } from "./place";
import { Quoted } from "./Quoted";
import { usePages } from "./usePages";

type LinesRendering = Extract<Rendering, { kind: "lines" | "text" }>;

interface LinesViewProps {
  run: string;
  item: string;
  rendering: LinesRendering;
  at: string | undefined;
  quote: string | undefined;
}

/** Text and logs line by line, opened at the cited line with what stands around it. */
export function LinesView({ run, item, rendering, at, quote }: LinesViewProps) {
  const first = windowOf(rendering) ?? { offset: 0, rows: [] };
  const target =
    rendering.at === null ? null : rendering.kind === "lines" ? rendering.at - 1 : rendering.offset + rendering.at;
  const pages = usePages({ run, item, total: rendering.total, first, target, height: 20, read: windowOf });
  return (
    <section className="source-body lines" ref={pages.scroll} tabIndex={0} aria-label="Text of the source">
      <div style={{ height: pages.size, position: "relative" }}>
        {pages.items.map(({ index, start }) => {
          const line = pages.row(index);
          const hit = line !== undefined && covers(at, line.locator);
          return (
            <div
              key={index}
              ref={pages.measure}
              data-index={index}
              aria-current={index === pages.cursor || undefined}
              className={hit ? "row hit" : "row"}
              style={{ position: "absolute", insetInline: 0, transform: `translateY(${start}px)` }}
            >
              <span className="number">{line ? (readLines(line.locator)?.first ?? index + 1) : index + 1}</span>
              <span className={line?.hidden ? "text hidden-text" : "text"}>
                {line ? hit ? <Quoted text={line.text} quote={quote} /> : line.text || " " : " "}
                {line?.hidden && <span className="faint"> (not seen by a reader of the source)</span>}
              </span>
            </div>
          );
        })}
      </div>
    </section>
  );
}

function windowOf(rendering: Rendering) {
  if (rendering.kind === "lines") return { offset: rendering.first - 1, rows: rendering.lines };
  if (rendering.kind === "text") return { offset: rendering.offset, rows: rendering.lines };
  return null;
}
