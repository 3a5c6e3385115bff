import { type FormEvent, useEffect, useMemo, useRef, useState } from "react";
import type { Edit } from "@/api/types";
import { Mark } from "@/parts/Mark";
import { type Piece, wordPieces } from "@/parts/wordPieces";
import { Cites } from "./Cites";
import { useCase } from "./context";
import type { Review } from "./useReview";

/** A proposed edit in its place: what goes, what comes, by whom and why, and the decision. */
export function EditBlock({ edit, review }: { edit: Edit; review: Review }) {
  const { run, go } = useCase();
  const ref = useRef<HTMLDivElement>(null);
  const here = review.here?.id === edit.id;
  const sent = review.sent.get(edit.id);
  useEffect(() => {
    if (here) ref.current?.scrollIntoView({ block: "nearest" });
  }, [here]);
  const classes = ["edit", edit.author.startsWith("person:") ? "person" : "", here ? "here" : "", sent ? "sent" : ""];
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would promise form fields; this groups words and a decision.
    <div
      ref={ref}
      role="group"
      id={`edit-${edit.id}`}
      className={classes.filter(Boolean).join(" ")}
      aria-label={`Proposed edit ${edit.id}`}
      aria-current={here ? "true" : undefined}
    >
      <Words before={edit.before} after={edit.after} />
      <div className="edit-foot">
        <span className="id">{edit.id}</span>
        <span className="grow">
          {edit.author_name} · {edit.reason || "no reason given"}
          {edit.repeats && ` · was ${edit.repeats}, rejected; new: ${edit.new_evidence.join(", ")}`}
        </span>
        <span className="signs">
          <Mark kind={edit.status} />
          <Cites citations={edit.citations} of={edit.target} />
        </span>
        {sent ? (
          <Mark kind={sent} word />
        ) : run.may.review_edits ? (
          <span className="actions">
            <button type="button" className="button small" onClick={() => review.accept([edit])}>
              Accept {here && <kbd>a</kbd>}
            </button>
            <button
              type="button"
              className="button small"
              onClick={() => {
                go({ edit: edit.id }, true);
                review.setRejecting(edit.id);
              }}
            >
              Reject {here && <kbd>r</kbd>}
            </button>
          </span>
        ) : (
          <span className="faint">{run.may.why_not.review_edits ?? "proposed"}</span>
        )}
      </div>
      {review.rejecting === edit.id && !sent && (
        <ReasonForm onCancel={() => review.setRejecting(null)} onSend={(reason) => review.reject(edit, reason)} />
      )}
    </div>
  );
}

function ReasonForm({ onCancel, onSend }: { onCancel: () => void; onSend: (reason: string) => void }) {
  const [reason, setReason] = useState("");
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (reason.trim()) onSend(reason.trim());
  };
  return (
    <form className="reason-form" onSubmit={submit}>
      <input
        ref={input}
        className="input"
        placeholder="Why it is rejected; the agents read this"
        aria-label="Reason for the rejection"
        required
        maxLength={2000}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && onCancel()}
      />
      <button type="submit" className="button small">
        Reject it
      </button>
      <button type="button" className="button small plain" onClick={onCancel}>
        Cancel
      </button>
    </form>
  );
}

/** Both wordings, one under the other, with the words that differ marked in each. */
export function Words({ before, after }: { before: string; after: string }) {
  const pieces = useMemo(() => wordPieces(before, after), [before, after]);
  return (
    <div className="words">
      {before && (
        <div className="goes">
          <b aria-hidden="true">−</b>
          <span>
            <span className="unseen">Goes: </span>
            <Wording pieces={pieces} without="added" marks={after !== ""} />
          </span>
        </div>
      )}
      {after && (
        <div className="comes">
          <b aria-hidden="true">+</b>
          <span>
            <span className="unseen">Comes: </span>
            <Wording pieces={pieces} without="removed" marks={before !== ""} />
          </span>
        </div>
      )}
    </div>
  );
}

/** One of the two wordings. Where there is no other one, nothing in it needs a mark, and what only goes is struck whole. */
function Wording({ pieces, without, marks }: { pieces: Piece[]; without: "added" | "removed"; marks: boolean }) {
  return pieces
    .filter((piece) => piece.op !== without)
    .map((piece) => {
      if (piece.op === "removed") return <del key={piece.at}>{piece.text}</del>;
      if (piece.op === "added" && marks) return <ins key={piece.at}>{piece.text}</ins>;
      return <span key={piece.at}>{piece.text}</span>;
    });
}
