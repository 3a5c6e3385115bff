import type { ReactNode } from "react";
import { useState } from "react";
import type { VersionRow } from "@/api/admin";
import type { MarkKind } from "@/parts/Mark";
import { Time } from "@/parts/Time";
import { ActDialog } from "./Act";

const SIGNS: Record<VersionRow["state"], MarkKind> = {
  active: "confirmed",
  evaluated: "passed",
  draft: "unverified",
  retired: "missing",
};
const WORDS: Record<VersionRow["state"], string> = {
  active: "in force",
  evaluated: "evaluated, waits for a second person",
  draft: "draft",
  retired: "was in force",
};

/** How far a version is: a sign and words, never colour alone. */
export function StateMark({ state, shipped = false }: { state: VersionRow["state"]; shipped?: boolean }) {
  const sign = { active: "✓", evaluated: "✓", draft: "◌", retired: "∅" }[state];
  if (state === "retired" && shipped) return null;
  const words = WORDS[state];
  return (
    <span className={`mark ${SIGNS[state]}`}>
      <span aria-hidden="true">{sign}</span> {words}
    </span>
  );
}

interface VersionsProps<Row extends VersionRow> {
  versions: Row[];
  tenant: string;
  what: string;
  chosen?: number;
  onChoose?: (version: number) => void;
  activate: (version: number, reason: string) => Promise<unknown>;
  /** Takes a version's values into the form: what was in force comes back as a proposal. */
  onTake?: (row: Row) => void;
  children?: (row: Row) => ReactNode;
}

const SHOWN = 8;

/** Every version, newest first; what is shipped is the last line. */
export function Versions<Row extends VersionRow>(props: VersionsProps<Row>) {
  const { versions, tenant, what, chosen, onChoose, activate, onTake, children } = props;
  const [asked, setAsked] = useState<Row | null>(null);
  const [all, setAll] = useState(false);
  // Of a long history, the newest, and what is in force or chosen.
  const shown =
    all || versions.length <= SHOWN + 1
      ? versions
      : versions.filter((row, at) => at < SHOWN || row.state === "active" || row.version === chosen);
  return (
    <ol className="versions" aria-label="Versions">
      {shown.map((row) => (
        <li key={row.version} className={row.version === chosen ? "chosen" : ""}>
          <div className="version-head">
            {onChoose ? (
              <button
                type="button"
                className="as-link"
                aria-pressed={row.version === chosen}
                onClick={() => onChoose(row.version)}
              >
                {name(row)}
              </button>
            ) : (
              <strong>{name(row)}</strong>
            )}
            <StateMark state={row.state} shipped={row.version === 0} />
          </div>
          <p className="small quiet">
            {row.version === 0 ? "comes with the program" : row.author}
            {row.at && (
              <>
                {" · "}
                <Time at={row.at} />
              </>
            )}
            {row.activated_by && (
              <>
                {" · put in force by "}
                {row.activated_by}
              </>
            )}
          </p>
          {row.version !== 0 && <p className="small">{row.reason}</p>}
          {children?.(row)}
          {row.state !== "active" && (
            <span className="actions">
              {row.may_activate && (
                <button type="button" className="button small" onClick={() => setAsked(row)}>
                  {back(row) ? "Go back to this" : "Put in force"}
                </button>
              )}
              {onTake && (
                <button
                  type="button"
                  className="button small plain"
                  aria-label={`${back(row) ? "Propose again" : "Put into the form"}: ${name(row)}`}
                  onClick={() => onTake(row)}
                >
                  {back(row) ? "Propose again" : "Put into the form"}
                </button>
              )}
            </span>
          )}
          {(row.state === "draft" || row.state === "evaluated") && !row.may_activate && (
            <p className="small quiet why-not">{row.why_not}</p>
          )}
        </li>
      ))}
      {shown.length < versions.length && (
        <li>
          <button type="button" className="button small" onClick={() => setAll(true)}>
            Show all {versions.length} versions
          </button>
        </li>
      )}
      {asked && (
        <ActDialog
          title={`${back(asked) ? "Go back to" : "Put in force"} ${name(asked)} of ${what}`}
          says="It holds from the next time that an agent or a run asks for it. What runs already did stays as it is."
          verb={back(asked) ? "Go back" : "Put in force"}
          tenant={tenant}
          act={(reason) => activate(asked.version, reason)}
          onClose={() => setAsked(null)}
        />
      )}
    </ol>
  );
}

export function name(row: { version: number }): string {
  return row.version === 0 ? "shipped" : `version ${row.version}`;
}

function back(row: VersionRow): boolean {
  return row.state === "retired";
}
