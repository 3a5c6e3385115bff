import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { evalCaseQuery } from "@/api/queries";
import type { EvalCase, EvalSide } from "@/api/types";
import { Dialog } from "@/parts/Dialog";
import { Fault } from "@/parts/Fault";
import { Hash } from "@/parts/Id";
import { SkeletonLines } from "@/parts/Skeleton";
import { Time } from "@/parts/Time";
import { wordPieces } from "@/parts/wordPieces";
import { spoken } from "@/parts/words";
import { Figure } from "./EvalPage";

interface CaseSheetProps {
  eval: string;
  /** Suite and case, as `suite/case`; a case may have slashes of its own. */
  name: string;
  against: string;
}

/** A case opened: what was missed, the artifact of its run, what differs from another eval, and the run's lineage. */
export function CaseSheet({ eval: name, name: full, against }: CaseSheetProps) {
  const address = useSearch({ from: "/inside/evals/$eval" });
  const navigate = useNavigate({ from: "/evals/$eval" });
  const cut = full.indexOf("/");
  const { data, error } = useQuery(evalCaseQuery(name, full.slice(0, cut), full.slice(cut + 1), against));
  const close = () => void navigate({ search: { ...address, case: undefined } });
  return (
    <Dialog title={full} onClose={close} className="eval-sheet">
      <header>
        <h2>{full}</h2>
        <button type="button" className="button plain" onClick={close}>
          Close
        </button>
      </header>
      {error ? <Fault error={error} /> : data ? <Opened shown={data} /> : <SkeletonLines count={8} />}
    </Dialog>
  );
}

function Opened({ shown }: { shown: EvalCase }) {
  const { now, before } = shown;
  return (
    <>
      <div className="eval-sides">
        {before && <Side side={before} title="Before" />}
        {now ? <Side side={now} title={before ? "Now" : "Result"} /> : <p>This eval does not have the case.</p>}
      </div>
      {now?.artifact && (
        <section aria-labelledby="eval-artifact">
          <h3 id="eval-artifact">{before?.artifact ? "What differs in the artifact" : "The artifact of its run"}</h3>
          {before?.artifact ? <Words before={before.artifact} after={now.artifact} /> : <pre>{now.artifact}</pre>}
        </section>
      )}
      {now && now.lineage.length > 0 && <Lineage side={now} />}
      {now && !now.artifact && <p className="small quiet">This case keeps no files: it is a list, or an attack.</p>}
    </>
  );
}

function Side({ side, title }: { side: EvalSide; title: string }) {
  return (
    <section>
      <h3>
        {title} <span className="small quiet id">{side.version}</span>
      </h3>
      <p>
        {side.passed === side.runs ? "✓ as expected" : `✗ ${side.runs - side.passed} of ${side.runs} run(s) missed`} ·{" "}
        {spoken(side.outcome)} {side.artifact_sha256 && <Hash value={side.artifact_sha256} />}
      </p>
      {side.misses.map((miss) => (
        <p key={miss} className="eval-problem">
          {miss}
          {side.unsafe.includes(miss) && <strong> · safety</strong>}
        </p>
      ))}
      {side.metrics.map((metric) => (
        <Figure key={metric.name} metric={metric} />
      ))}
    </section>
  );
}

function Words({ before, after }: { before: string; after: string }) {
  if (before === after) return <p className="quiet">The two are the same.</p>;
  return (
    <pre className="diff-words">
      {wordPieces(before, after).map((piece) => {
        if (piece.op === "added") return <ins key={piece.at}>{piece.text}</ins>;
        if (piece.op === "removed") return <del key={piece.at}>{piece.text}</del>;
        return <span key={piece.at}>{piece.text}</span>;
      })}
    </pre>
  );
}

function Lineage({ side }: { side: EvalSide }) {
  return (
    <details>
      <summary>Lineage of its run · {side.lineage.length} entries</summary>
      <ol className="eval-lineage">
        {side.lineage.map((entry) => (
          <li key={entry.seq}>
            <span className="id">{entry.seq}</span> {spoken(entry.kind)} {entry.actor && `by ${entry.actor}`} ·{" "}
            <Time at={entry.at} form="full" />
          </li>
        ))}
      </ol>
    </details>
  );
}
