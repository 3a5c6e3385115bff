import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { evalCaseQuery } from "@/api/queries";
import type { EvalCase, EvalSide } from "@/api/types";
import { Dialog } from "@/parts/Dialog";
import { Fault } from "@/parts/Fault";
import { Hash, Id } from "@/parts/Id";
import { SkeletonLines } from "@/parts/Skeleton";
import { Time } from "@/parts/Time";
import { Written } from "@/parts/Written";
import { folded, wordPieces } from "@/parts/wordPieces";
import { counted, spoken } from "@/parts/words";
import { caseWords, rate } from "./figures";

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
        <div>
          <h2>{caseWords(full.slice(cut + 1))}</h2>
          <Id value={full} />
        </div>
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
        {now ? (
          <Side side={now} title={before ? "Now" : "Result"} />
        ) : (
          <section>
            <h3>Now</h3>
            <p className="quiet">This eval does not have the case.</p>
          </section>
        )}
      </div>
      <Figures now={now} before={before} />
      {now?.artifact && (
        <section aria-labelledby="eval-artifact">
          <h3 id="eval-artifact">{before?.artifact ? "What differs in the artifact" : "The artifact of its run"}</h3>
          {before?.artifact ? (
            <Words before={before.artifact} after={now.artifact} />
          ) : (
            <>
              <Written text={now.artifact} />
              <details>
                <summary>As it was written, in Markdown</summary>
                <pre>{now.artifact}</pre>
              </details>
            </>
          )}
        </section>
      )}
      {now && now.lineage.length > 0 && <Lineage side={now} />}
      {now && !now.artifact && (
        <section>
          <p className="small quiet">This case keeps no files: it is a list, or an attack.</p>
        </section>
      )}
    </>
  );
}

function Side({ side, title }: { side: EvalSide; title: string }) {
  const missed = side.runs - side.passed;
  return (
    <section>
      <h3>
        {title} <span className="small quiet id">{side.version}</span>
      </h3>
      <p>
        <span className={missed === 0 ? "eval-holds" : "eval-problem"}>
          {missed === 0 ? "✓ as expected" : `✗ ${missed} of ${counted(side.runs, "run")} missed`}
        </span>
        {side.outcome && ` · ${spoken(side.outcome)}`} {side.artifact_sha256 && <Hash value={side.artifact_sha256} />}
      </p>
      {side.misses.length > 0 && (
        <ul className="eval-misses">
          {side.misses.map((miss) => (
            <li key={miss}>
              {side.unsafe.includes(miss) && <strong className="eval-problem">unsafe · </strong>}
              {miss}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** The figures of the case, beside those of the other eval where there is one. */
function Figures({ now, before }: { now: EvalSide | null; before: EvalSide | null }) {
  const names = [...new Set([...(before?.metrics ?? []), ...(now?.metrics ?? [])].map((one) => one.name))];
  if (names.length === 0) return null;
  const sides = [...(before ? [{ title: "before", side: before }] : []), ...(now ? [{ title: "now", side: now }] : [])];
  return (
    <section aria-labelledby="eval-case-figures">
      <h3 id="eval-case-figures">Figures</h3>
      <table className="eval-table">
        <thead>
          <tr>
            <th scope="col">Figure</th>
            {sides.map(({ title }) => (
              <th key={title} scope="col" className="number">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {names.map((name) => {
            const found = sides.map(({ title, side }) => ({ title, one: side.metrics.find((m) => m.name === name) }));
            const rates = found.flatMap(({ one }) => (one ? [one.rate] : []));
            const fell = rates.length === 2 && (rates[1] ?? 0) < (rates[0] ?? 0);
            return (
              <tr key={name} className={fell ? "worse" : ""}>
                <th scope="row">
                  {spoken(name)}
                  {fell && " · worse"}
                </th>
                {found.map(({ title, one }) => (
                  <td key={title} className="number" data-of={title} title={one?.counts}>
                    {one ? (
                      <>
                        <b>{rate(one.rate)}</b>{" "}
                        <span className="quiet">
                          {one.right}/{one.of}
                        </span>
                      </>
                    ) : (
                      <span className="quiet">not counted</span>
                    )}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function Words({ before, after }: { before: string; after: string }) {
  if (before === after) return <p className="quiet">The two are the same.</p>;
  return (
    <div className="diff-words eval-diff">
      {folded(wordPieces(before, after)).map((piece) => {
        if (piece.op === "added") return <ins key={piece.at}>{piece.text}</ins>;
        if (piece.op === "removed") return <del key={piece.at}>{piece.text}</del>;
        if (piece.op !== "fold") return <span key={piece.at}>{piece.text}</span>;
        return (
          <details key={`fold ${piece.at}`}>
            <summary>{counted(piece.lines, "line")} alike</summary>
            {piece.text}
          </details>
        );
      })}
    </div>
  );
}

function Lineage({ side }: { side: EvalSide }) {
  return (
    <details>
      <summary>Lineage of its run · {counted(side.lineage.length, "entry", "entries")}</summary>
      <table className="members-table">
        <thead>
          <tr>
            <th scope="col">Entry</th>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">What</th>
            <th scope="col">Hash</th>
          </tr>
        </thead>
        <tbody>
          {side.lineage.map((entry) => (
            <tr key={entry.seq}>
              <td>{entry.seq}</td>
              <td>
                <Time at={entry.at} form="full" />
              </td>
              <td>{entry.actor}</td>
              <td>{entry.did}</td>
              <td>
                <Hash value={entry.hash} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
