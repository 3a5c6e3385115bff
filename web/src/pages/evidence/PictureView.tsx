import { useEffect, useRef } from "react";
import type { Rendering } from "@/api/types";
import { box, covers } from "./place";

interface PictureViewProps {
  rendering: Extract<Rendering, { kind: "image" }>;
  file: string;
  at: string | undefined;
}

/** A screenshot with the cited place framed, and what was read on it. */
export function PictureView({ rendering, file, at }: PictureViewProps) {
  const body = useRef<HTMLElement>(null);
  const cited = box(at);
  useEffect(() => {
    if (at) body.current?.querySelector("rect.hit, .hit")?.scrollIntoView({ block: "center" });
  }, [at]);
  return (
    <section className="source-body" ref={body} tabIndex={0} aria-label="Picture">
      {rendering.image ? (
        <figure className="shot">
          <img
            src={rendering.image}
            alt={`${file}, with the text below read on it`}
            width={rendering.width}
            height={rendering.height}
          />
          {cited && (
            <svg viewBox={`0 0 ${rendering.width} ${rendering.height}`} aria-hidden="true">
              <rect className="hit" x={cited.x - 3} y={cited.y - 3} width={cited.w + 6} height={cited.h + 6} rx="3" />
            </svg>
          )}
        </figure>
      ) : (
        <div className="empty">
          <p>{rendering.image_why_not ?? "The picture is not shown to your role."}</p>
        </div>
      )}
      <div className="shot-words">
        <p className="label">Read on it</p>
        {rendering.boxes.length === 0 && <p className="quiet">Nothing. No statement may rest on it.</p>}
        <ul className="lines">
          {rendering.boxes.map((word) => (
            <li key={word.locator} className={covers(at, word.locator) ? "hit" : ""}>
              {covers(at, word.locator) ? <mark>{word.text}</mark> : word.text}{" "}
              {word.confidence < 0.8 && <span className="faint">read with {Math.round(word.confidence * 100)} %</span>}
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}
