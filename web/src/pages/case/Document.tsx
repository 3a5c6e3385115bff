import { Link } from "@tanstack/react-router";
import { memo, type ReactNode, useMemo, useState } from "react";
import type { Artifact, Edit, Registers, Section } from "@/api/types";
import { useKeys } from "@/keys/keys";
import { Hash } from "@/parts/Id";
import { counted } from "@/parts/words";
import type { CaseAddress } from "./address";
import { useCase } from "./context";
import { EditBlock } from "./EditBlock";
import { Exhibits } from "./exhibits/Exhibits";
import { FieldRow } from "./FieldRow";
import { RejectedEdits } from "./RejectedEdits";
import { Statement } from "./Statement";
import { type Review, useReview } from "./useReview";

interface DocumentProps {
  artifact: Artifact;
  registers: Registers;
  /** An earlier revision is read, never edited. */
  past: boolean;
  onObject: (to: string) => void;
}

/** The governed document: fields, statements, and the edits that are proposed to it, each in its place. */
export function Document({ artifact, registers, past, onObject }: DocumentProps) {
  const { run } = useCase();
  const order = useMemo(
    () => artifact.sections.flatMap((section) => section.claims.map((claim) => `${section.id}/${claim.id}`)),
    [artifact],
  );
  const drawn = useMemo(() => new Set(run.exhibits.flatMap((exhibit) => exhibit.sections)), [run.exhibits]);
  const review = useReview(order);
  const edits = past ? [] : review.proposed;
  const rejected = past ? [] : review.rejected;
  const sections = useMemo(() => withNewSections(artifact.sections, edits), [artifact.sections, edits]);
  useReviewKeys(review, past || !run.may.review_edits);
  useReadingKeys(order);
  useKeys(
    "Document",
    past || !run.may.object
      ? []
      : [{ keys: "o", does: "Object to a statement", run: () => onObject(review.here?.target ?? "") }],
  );
  return (
    <article className="doc" aria-label={artifact.name} id="document">
      <DocumentHead artifact={artifact} proposed={edits.length} past={past} />
      {past && <PastStrip artifact={artifact} />}
      {review.fault && (
        <div className="strip clash" role="alert">
          The decision was not taken in: {review.fault.message || "the server does not answer"}. Nothing changed; try
          again.
        </div>
      )}
      <div className="doc-body">
        <Exhibits heads={run.exhibits} revision={artifact.revision} />
        {Object.entries(artifact.fields).map(([key, field]) => (
          <FieldRow
            key={key}
            name={key}
            field={field}
            registers={registers}
            onObject={run.may.object && !past ? onObject : undefined}
          />
        ))}
        {edits
          .filter((edit) => !edit.target.includes("/"))
          .map((edit) => (
            <EditBlock key={edit.id} edit={edit} review={review} />
          ))}
        <RejectedEdits edits={elsewhere(rejected, sections)} />
        {sections.map((section) => (
          <SectionBlock
            key={section.id}
            section={section}
            drawn={drawn.has(section.id)}
            edits={edits}
            rejected={rejected}
            registers={registers}
            review={review}
            onObject={run.may.object && !past ? onObject : undefined}
          />
        ))}
      </div>
    </article>
  );
}

/** Edits may write into a section that does not stand yet. */
function withNewSections(sections: Section[], edits: Edit[]): Section[] {
  const standing = new Set(sections.map((section) => section.id));
  const wanted = edits.map((edit) => edit.target.split("/")[0] ?? "").filter((id) => id && !standing.has(id));
  const fresh = [...new Set(wanted)].filter((id) => edits.some((edit) => edit.target.startsWith(`${id}/`)));
  return [...sections, ...fresh.map((id) => ({ id, title: id.replaceAll("_", " "), claims: [] }))];
}

/** Those of no section that stands: of a field, or of a section that was only proposed. */
function elsewhere(edits: Edit[], sections: Section[]): Edit[] {
  return edits.filter((edit) => !sections.some((section) => edit.target.startsWith(`${section.id}/`)));
}

function DocumentHead({ artifact, proposed, past }: { artifact: Artifact; proposed: number; past: boolean }) {
  const { run, go } = useCase();
  const before = artifact.supersedes.at(-1);
  return (
    <header className="doc-head">
      <h2>{artifact.name}</h2>
      <div className="doc-tools">
        {proposed > 0 && !past && (
          <button
            type="button"
            className="button small plain"
            onClick={() => go({ edit: firstProposed(run.edits), tab: "document" }, true)}
          >
            ✎ {counted(proposed, "proposed edit")}
          </button>
        )}
        {before && (
          <Link
            className="button small plain"
            to="/runs/$run"
            params={{ run: run.run }}
            search={(now: CaseAddress) => ({ ...now, diff: `${before}..${artifact.revision}` })}
            title={`What changed from ${before} to ${artifact.revision}`}
          >
            {before} ⇄ {artifact.revision}
          </Link>
        )}
        <Hash value={artifact.sha256} />
      </div>
    </header>
  );
}

function firstProposed(edits: Edit[]): string {
  return edits.find((edit) => edit.state === "proposed")?.id ?? "";
}

function PastStrip({ artifact }: { artifact: Artifact }) {
  const { run } = useCase();
  return (
    <div className="doc-strip">
      <span>
        This is {artifact.revision}. The current revision is {run.artifact?.revision ?? "none"}.
      </span>
      <Link to="/runs/$run" params={{ run: run.run }} search={({ rev: _rev, ...now }: CaseAddress) => now}>
        Open the current one
      </Link>
      <Link
        to="/runs/$run"
        params={{ run: run.run }}
        search={({ rev: _rev, ...now }: CaseAddress) => ({
          ...now,
          diff: `${artifact.revision}..${run.artifact?.revision}`,
        })}
      >
        What changed since
      </Link>
    </div>
  );
}

interface SectionBlockProps {
  section: Section;
  /** Whether an exhibit above draws it: then its words are folded, until one of them is wanted. */
  drawn: boolean;
  edits: Edit[];
  rejected: Edit[];
  registers: Registers;
  review: Review;
  onObject: ((to: string) => void) | undefined;
}

const SectionBlock = memo(function SectionBlock(props: SectionBlockProps) {
  const { section, edits, review } = props;
  const { run, address } = useCase();
  const own = edits.filter((edit) => edit.target.startsWith(`${section.id}/`));
  const gone = props.rejected.filter((edit) => edit.target.startsWith(`${section.id}/`));
  const open = own.filter((edit) => !review.sent.has(edit.id));
  const tools = open.length > 1 && run.may.review_edits && (
    <button type="button" className="button small plain" onClick={() => review.accept(open)}>
      Accept {open.length} in this section
    </button>
  );
  if (props.drawn && section.claims.length > 0) {
    // What a reader is asked about, or was led to, is never behind a fold.
    const wanted =
      own.length > 0 ||
      address.of?.startsWith(`${section.id}/`) === true ||
      gone.some((edit) => edit.id === address.edit);
    return (
      <Folded key={wanted ? "wanted" : "folded"} section={section} open={wanted} tools={tools}>
        <SectionBody {...props} own={own} />
        <RejectedEdits edits={gone} />
      </Folded>
    );
  }
  return (
    <section className="doc-section" aria-labelledby={`section-${section.id}`}>
      <h3 id={`section-${section.id}`}>
        {section.title}
        {tools}
      </h3>
      <SectionBody {...props} own={own} />
      <RejectedEdits edits={gone} />
    </section>
  );
});

/** Above so many statements, those behind a fold are drawn when it is opened: what is not there costs no reader time. */
const FOLDED_AT_ONCE = 60;

interface FoldedProps {
  section: Section;
  open: boolean;
  tools: ReactNode;
  children: ReactNode;
}

/** A section that an exhibit draws, in words: folded until it is asked for. */
function Folded({ section, open, tools, children }: FoldedProps) {
  const [seen, setSeen] = useState(open || section.claims.length <= FOLDED_AT_ONCE);
  return (
    <details
      className="doc-section folded"
      open={open || undefined}
      onToggle={(event) => event.currentTarget.open && setSeen(true)}
    >
      <summary>
        <h3 id={`section-${section.id}`}>{section.title}</h3>
        <span>{counted(section.claims.length, "statement")} in words</span>
        {tools}
      </summary>
      {seen && children}
    </details>
  );
}

function SectionBody({ section, own, registers, review, onObject }: SectionBlockProps & { own: Edit[] }) {
  const claims = new Set(section.claims.map((claim) => `${section.id}/${claim.id}`));
  return (
    <>
      {section.claims.length === 0 && own.length === 0 && <p className="under">Nothing stands here yet.</p>}
      {section.claims.map((claim) => {
        const target = `${section.id}/${claim.id}`;
        return (
          <div key={claim.id}>
            <Statement claim={claim} target={target} registers={registers} onObject={onObject} />
            {own
              .filter((edit) => edit.target === target)
              .map((edit) => (
                <EditBlock key={edit.id} edit={edit} review={review} />
              ))}
          </div>
        );
      })}
      {own
        .filter((edit) => !claims.has(edit.target))
        .map((edit) => (
          <EditBlock key={edit.id} edit={edit} review={review} />
        ))}
    </>
  );
}

function statementAt(order: string[], at: number): HTMLElement | null {
  const target = order[at];
  return target === undefined ? null : document.getElementById(`claim-${target}`);
}

/** From statement to statement, each with the focus, so that what belongs to it is one Tab away. */
function useReadingKeys(order: string[]): void {
  const move = (by: number) => {
    const here = document.activeElement?.closest(".claim")?.id.slice("claim-".length);
    let at = (here === undefined ? -1 : order.indexOf(here)) + by;
    // Those of a folded section are not there for a reader, drawn or not.
    let shown = statementAt(order, at);
    while (order[at] !== undefined && !shown?.checkVisibility()) {
      at += by;
      shown = statementAt(order, at);
    }
    shown?.focus({ preventScroll: true });
    shown?.scrollIntoView({ block: "nearest" });
  };
  useKeys("Statements", [
    { keys: "j", does: "Next statement", run: () => move(1) },
    { keys: "k", does: "Previous statement", run: () => move(-1) },
  ]);
}

function useReviewKeys(review: Review, off: boolean): void {
  const { here } = review;
  const section = here?.target.split("/")[0];
  const ready = here && !review.sent.has(here.id) ? here : undefined;
  const inSection = review.proposed.filter((edit) => edit.target.split("/")[0] === section);
  useKeys(
    "Proposed edits",
    off
      ? []
      : [
          { keys: "n", does: "Next proposed edit", run: () => review.move(1) },
          { keys: "p", does: "Previous proposed edit", run: () => review.move(-1) },
          { keys: "a", does: "Accept the edit", run: () => ready && review.accept([ready]) },
          { keys: "r", does: "Reject the edit, with a reason", run: () => ready && review.setRejecting(ready.id) },
          { keys: ".", does: "Accept all edits of its section", run: () => section && review.accept(inSection) },
        ],
  );
}
