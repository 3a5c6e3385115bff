import type { Claim, Diff, Field } from "@/api/types";
import { valueText } from "@/pages/case/FieldRow";
import { Mark } from "./Mark";
import { placed } from "./wordPieces";
import { spoken } from "./words";

/** What differs between two revisions: fields, statements word by word, register items. */
export function DiffView({ diff }: { diff: Diff }) {
  if (diff.same) return <p className="quiet">The two have the same content.</p>;
  return (
    <div className="diff">
      {diff.fields.length > 0 && <h3 className="label">Fields</h3>}
      {diff.fields.map((change) => (
        <div key={change.field} className="diff-row">
          <span className="name">{change.title || change.field}</span>
          <div>
            <FieldSide field={change.before} goes />
            <FieldSide field={change.after} />
          </div>
        </div>
      ))}
      {diff.claims.length > 0 && <h3 className="label">Statements</h3>}
      {diff.claims.map((change) => (
        <div key={`${change.section}/${change.claim}`} className="diff-row">
          <span className="name">{change.title}</span>
          <div className="diff-words">
            <Words words={change.words} />
            <StatusChange before={change.before} after={change.after} />
          </div>
        </div>
      ))}
      {diff.items.length > 0 && <h3 className="label">Registers</h3>}
      {diff.items.map((item) => (
        <div key={`${item.register}${item.id}`} className="diff-row">
          <span className="name">
            {spoken(item.register)} <span className="id">{item.id}</span>
          </span>
          <div className="diff-words">
            <strong>{item.change}</strong>
            {item.about && ` · ${spoken(item.about)}`}
            {item.words.length > 0 && " · "}
            <Words words={item.words} />
          </div>
        </div>
      ))}
    </div>
  );
}

function Words({ words }: { words: Diff["items"][number]["words"] }) {
  return (
    <>
      {placed(words).map((piece) => {
        if (piece.op === "added") return <ins key={piece.at}>{piece.text}</ins>;
        if (piece.op === "removed") return <del key={piece.at}>{piece.text}</del>;
        return <span key={piece.at}>{piece.text}</span>;
      })}
    </>
  );
}

function FieldSide({ field, goes = false }: { field: Field | null; goes?: boolean }) {
  if (!field) return null;
  const text = valueText(field.value);
  return (
    <div className={goes ? "diff-side goes" : "diff-side comes"}>
      <b aria-hidden="true">{goes ? "−" : "+"}</b>
      <span className="unseen">{goes ? "Before: " : "After: "}</span>
      {goes ? <del>{text}</del> : <ins>{text}</ins>}
      <Mark kind={field.status} word />
    </div>
  );
}

function StatusChange({ before, after }: { before: Claim | null; after: Claim | null }) {
  if (!before || !after || before.status === after.status) return null;
  return (
    <span className="signs">
      {" "}
      <Mark kind={before.status} word /> → <Mark kind={after.status} word />
    </span>
  );
}
