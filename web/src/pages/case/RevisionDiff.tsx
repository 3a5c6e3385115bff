import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { diffQuery, revisionsQuery } from "@/api/queries";
import { DiffView } from "@/parts/DiffView";
import { Fault } from "@/parts/Fault";
import { Loading, SkeletonLines } from "@/parts/Skeleton";
import { useCase } from "./context";

/** Two revisions compared, in the place of the document. Any two can be chosen; Back leads to the document. */
export function RevisionDiff({ a, b }: { a: string; b: string }) {
  const { run, go } = useCase();
  const { data: list } = useQuery(revisionsQuery(run.run));
  const { data, error, refetch } = useQuery(diffQuery(run.run, a, b));
  const names = useMemo(() => list?.revisions.map((row) => row.revision) ?? [a, b], [list, a, b]);
  return (
    <article className="doc" aria-label={`What changed from ${a} to ${b}`}>
      <header className="doc-head">
        <h2 className="actions">
          What changed from{" "}
          <RevisionChoice
            names={names}
            value={a}
            label="Earlier revision"
            onChange={(to) => go({ diff: `${to}..${b}` }, true)}
          />
          to{" "}
          <RevisionChoice
            names={names}
            value={b}
            label="Later revision"
            onChange={(to) => go({ diff: `${a}..${to}` }, true)}
          />
        </h2>
        <button type="button" className="button small" onClick={() => go({ diff: "" })}>
          Back to the document
        </button>
      </header>
      <div className="doc-body">
        {error ? (
          <Fault error={error} again={() => void refetch()} />
        ) : data ? (
          <DiffView diff={data} />
        ) : (
          <DiffSkeleton />
        )}
      </div>
    </article>
  );
}

interface RevisionChoiceProps {
  names: string[];
  value: string;
  label: string;
  onChange: (to: string) => void;
}

function RevisionChoice({ names, value, label, onChange }: RevisionChoiceProps) {
  return (
    <select
      className="revision-choice"
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      {names.map((name) => (
        <option key={name}>{name}</option>
      ))}
    </select>
  );
}

function DiffSkeleton() {
  return (
    <Loading what="the difference">
      <SkeletonLines count={6} />
    </Loading>
  );
}
