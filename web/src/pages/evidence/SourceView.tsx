import "@/style/evidence.css";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { evidenceQuery, type Place } from "@/api/queries";
import type { EvidenceRow, EvidenceView } from "@/api/types";
import { Fault } from "@/parts/Fault";
import { Hash } from "@/parts/Id";
import { Loading, SkeletonLines } from "@/parts/Skeleton";
import { Time } from "@/parts/Time";
import { spoken } from "@/parts/words";
import { LinesView } from "./LinesView";
import { MailView } from "./MailView";
import { PaperView } from "./PaperView";
import { PictureView } from "./PictureView";
import { cell, characters } from "./place";
import { TableView } from "./TableView";
import { TreeView } from "./TreeView";

interface SourceViewProps {
  run: string;
  item: string;
  at?: string | undefined;
  quote?: string | undefined;
  /** What cites the place, above it. */
  says?: ReactNode;
  onClose: () => void;
  closeWord: string;
}

/** One source, opened at a place. */
export function SourceView({ run, item, at, quote, says, onClose, closeWord }: SourceViewProps) {
  const [place, setPlace] = useState<Place>({});
  const asked =
    Object.keys(place).length > 0
      ? place
      : { locator: at, sheet: cell(at)?.sheet || undefined, page: characters(at)?.page };
  const { data, error, refetch } = useQuery({ ...evidenceQuery(run, item, asked), placeholderData: keepPreviousData });
  return (
    <section className="source" aria-label={`Evidence ${item}`}>
      <header className="source-head">
        <div className="line">
          <button type="button" className="as-link" onClick={onClose}>
            {closeWord}
          </button>
          <h3>
            {item}
            {data && <span className="quiet"> · {data.item.file}</span>}
          </h3>
        </div>
        {data ? <Provenance item={data.item} run={run} /> : <SkeletonLines count={1} />}
      </header>
      {says}
      {data && at && data.target === null && (
        <p className="strip doubt">
          The place {at} does not stand in this source as you may see it. The quote above is what was cited.
        </p>
      )}
      {error && !data ? (
        <Fault error={error} again={() => void refetch()} />
      ) : data ? (
        <Body key={`${item} ${JSON.stringify(place)}`} view={data} run={run} at={at} quote={quote} onPlace={setPlace} />
      ) : (
        <Loading what="the source">
          <div className="mail">
            <SkeletonLines count={9} />
          </div>
        </Loading>
      )}
    </section>
  );
}

function Provenance({ item, run }: { item: EvidenceRow; run: string }) {
  const states = [
    item.withdrawn ? "withdrawn" : "",
    item.quarantined ? "quarantined: secrets or personal data" : "",
    item.replaced_by ? `replaced by ${item.replaced_by}` : "",
    item.usable ? "" : "not usable",
  ].filter(Boolean);
  return (
    <div className="line small quiet">
      <span>{item.source ?? spoken(item.system)}</span>
      <span>{rankWords(item.rank)}</span>
      {item.captured_at && (
        <span>
          captured <Time at={item.captured_at} />
        </span>
      )}
      <Hash value={item.sha256} />
      {item.raw && (
        <a
          href={`/api/runs/${encodeURIComponent(run)}/evidence/${encodeURIComponent(item.id)}/raw`}
          download={item.file}
        >
          Download
        </a>
      )}
      {states.map((state) => (
        <strong key={state} className="mark unverified">
          {state}
        </strong>
      ))}
    </div>
  );
}

export function rankWords(rank: EvidenceRow["rank"]): string {
  if (rank === null) return "no rank";
  return rank === "excluded" ? "excluded until a person promotes it" : `rank ${rank}`;
}

interface BodyProps {
  view: EvidenceView;
  run: string;
  at: string | undefined;
  quote: string | undefined;
  onPlace: (place: Place) => void;
}

function Body({ view, run, at, quote, onPlace }: BodyProps) {
  const { rendering, item } = view;
  switch (rendering.kind) {
    case "mail":
      return <MailView rendering={rendering} at={at} quote={quote} />;
    case "table":
      return (
        <TableView run={run} item={item.id} rendering={rendering} at={at} onSheet={(sheet) => onPlace({ sheet })} />
      );
    case "lines":
    case "text":
      return <LinesView run={run} item={item.id} rendering={rendering} at={at} quote={quote} />;
    case "tree":
      return <TreeView run={run} item={item.id} rendering={rendering} at={at} quote={quote} />;
    case "page":
      return (
        <PaperView rendering={rendering} file={item.file} at={at} quote={quote} onPage={(page) => onPlace({ page })} />
      );
    case "image":
      return <PictureView rendering={rendering} file={item.file} at={at} />;
    case "none":
      return (
        <div className="empty">
          <strong>This source cannot be shown</strong>
          <p>{rendering.reason}</p>
        </div>
      );
  }
}
