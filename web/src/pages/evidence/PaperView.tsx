import { useEffect, useRef } from "react";
import type { Rendering } from "@/api/types";
import { characters } from "./place";

interface PaperViewProps {
  rendering: Extract<Rendering, { kind: "page" }>;
  file: string;
  at: string | undefined;
  quote: string | undefined;
  onPage: (page: number) => void;
}

/** A page of a PDF: its text with the cited characters marked, and its picture. */
export function PaperView({ rendering, file, at, quote, onPage }: PaperViewProps) {
  const body = useRef<HTMLElement>(null);
  const cited = characters(at);
  useEffect(() => {
    if (at) body.current?.querySelector("mark, rect.hit")?.scrollIntoView({ block: "center" });
  }, [at]);
  const here = cited?.page === rendering.page ? citedPart(rendering, cited.start, cited.end, quote) : null;
  return (
    <section className="source-body" ref={body} tabIndex={0} aria-label={`Page ${rendering.page}`}>
      <div className="paper-pages">
        <div className="actions">
          <button
            type="button"
            className="button small"
            disabled={rendering.page <= 1}
            onClick={() => onPage(rendering.page - 1)}
          >
            Previous page
          </button>
          <span className="small quiet">
            Page {rendering.page} of {rendering.pages}
          </span>
          <button
            type="button"
            className="button small"
            disabled={rendering.page >= rendering.pages}
            onClick={() => onPage(rendering.page + 1)}
          >
            Next page
          </button>
        </div>
        {rendering.masked && <p className="small quiet">Some characters are masked for your role.</p>}
        <div className="paper-page paper-text">
          {here ? (
            <>
              {rendering.text.slice(0, here.start)}
              <mark>{rendering.text.slice(here.start, here.end)}</mark>
              {rendering.text.slice(here.end)}
            </>
          ) : (
            rendering.text || "No text on this page."
          )}
        </div>
        {rendering.image ? (
          <figure className="paper-page">
            <img src={rendering.image} alt={`Page ${rendering.page} of ${file} as printed`} />
          </figure>
        ) : (
          rendering.image_why_not && <p className="small quiet">{rendering.image_why_not}</p>
        )}
      </div>
    </section>
  );
}

/** Where the cited words stand: the quote inside the cited characters, or all of those. */
function citedPart(rendering: PaperViewProps["rendering"], start: number, end: number, quote: string | undefined) {
  const at = quote ? rendering.text.indexOf(quote, Math.max(0, start - 4)) : -1;
  if (quote && at >= 0) return { start: at, end: at + quote.length };
  return end > start ? { start, end } : null;
}
