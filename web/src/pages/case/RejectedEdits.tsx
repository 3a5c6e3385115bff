import { useEffect, useRef } from "react";
import type { Edit } from "@/api/types";
import { Mark } from "@/parts/Mark";
import { counted } from "@/parts/words";
import { Cites } from "./Cites";
import { useCase } from "./context";
import { Words } from "./EditBlock";

/** What was proposed here and rejected, by whom and why: folded, and open for who was led to one of them. */
export function RejectedEdits({ edits }: { edits: Edit[] }) {
  const { address } = useCase();
  if (edits.length === 0) return null;
  const wanted = edits.some((edit) => edit.id === address.edit);
  return (
    <details className="rejected-edits" open={wanted || undefined} key={wanted ? "wanted" : "folded"}>
      <summary className="small quiet">{counted(edits.length, "rejected edit")}</summary>
      {edits.map((edit) => (
        <Rejected key={edit.id} edit={edit} here={edit.id === address.edit} />
      ))}
    </details>
  );
}

function Rejected({ edit, here }: { edit: Edit; here: boolean }) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (here) ref.current?.scrollIntoView({ block: "nearest" });
  }, [here]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would promise form fields; this groups words and a decision.
    <div
      ref={ref}
      role="group"
      id={`edit-${edit.id}`}
      className={here ? "edit rejected here" : "edit rejected"}
      aria-label={`Rejected edit ${edit.id}`}
      aria-current={here ? "true" : undefined}
    >
      <Words before={edit.before} after={edit.after} />
      <div className="edit-foot">
        <span className="id">{edit.id}</span>
        <span className="grow">
          {edit.author_name} · rejected by {edit.decided_by_name}: {edit.decision_reason || "no reason given"}
        </span>
        <span className="signs">
          <Mark kind="rejected" />
          <Cites citations={edit.citations} of={edit.target} />
        </span>
      </div>
    </div>
  );
}
