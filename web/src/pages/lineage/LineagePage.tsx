import "@/style/lineage.css";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useRunEvents } from "@/api/events";
import { diffQuery, lineageQuery, revisionsQuery, runQuery } from "@/api/queries";
import type { RevisionRow } from "@/api/types";
import { readDiff } from "@/pages/case/address";
import { DiffView } from "@/parts/DiffView";
import { Fault } from "@/parts/Fault";
import { Hash } from "@/parts/Id";
import { Loading, SkeletonLines } from "@/parts/Skeleton";
import { Time } from "@/parts/Time";
import { TimeLine } from "./TimeLine";
import { Verify } from "./Verify";

/** What happened, in order, out of the chain: who, what changed, by which prompt and model. */
export function LineagePage() {
  const { run: id } = useParams({ from: "/inside/runs/$run/lineage" });
  const { diff, entry } = useSearch({ from: "/inside/runs/$run/lineage" });
  const run = useQuery(runQuery(id));
  useRunEvents(id, run.data && run.data.lineage.entries - 1);
  const list = useInfiniteQuery(lineageQuery(id));
  const entries = useMemo(() => list.data?.pages.flatMap((page) => page.entries) ?? [], [list.data]);
  const size = list.data?.pages.at(-1)?.size;
  const pair = readDiff(diff);
  const error = run.error ?? list.error;
  if (error && entries.length === 0) return <Fault error={error} again={() => void list.refetch()} />;
  return (
    <div className="page">
      <title>{`Lineage · ${run.data?.case ?? ""} · Casegate`}</title>
      <div className="page-head lineage-head">
        <div>
          <Link to="/runs/$run" params={{ run: id }} search={{}}>
            ← {run.data?.case ?? "Case"}
          </Link>
          <h1>Lineage {size !== undefined && <span className="counted">{size} entries</span>}</h1>
        </div>
        <span className="space" />
        {run.data && <Verify run={id} may={run.data.may.verify} whyNot={run.data.may.why_not.verify} />}
      </div>
      <div className="lineage-body">
        <Revisions run={id} pair={pair} />
        {pair ? (
          <Compared run={id} a={pair[0]} b={pair[1]} />
        ) : list.isPending ? (
          <Loading what="the lineage">
            <div className="entries compared">
              <SkeletonLines count={12} />
            </div>
          </Loading>
        ) : (
          <TimeLine
            run={id}
            entries={entries}
            open={entry}
            more={list.hasNextPage && !list.isFetchingNextPage ? () => void list.fetchNextPage() : undefined}
          />
        )}
      </div>
    </div>
  );
}

/** Every revision, newest first. Two of them make a difference. */
function Revisions({ run, pair }: { run: string; pair: [string, string] | null }) {
  const { data } = useQuery(revisionsQuery(run));
  if (!data) {
    return (
      <aside className="revisions">
        <SkeletonLines count={4} />
      </aside>
    );
  }
  const rows = [...data.revisions].reverse();
  return (
    <aside className="revisions" aria-label="Revisions">
      <h2 className="label">Revisions</h2>
      {rows.length === 0 && <p className="quiet small">None yet.</p>}
      <ol>
        {rows.map((row, index) => (
          <RevisionLine
            key={row.revision}
            run={run}
            row={row}
            before={rows[index + 1]}
            chosen={pair?.[1] === row.revision}
          />
        ))}
      </ol>
      {pair && (
        <Link className="button small back" to="/runs/$run/lineage" params={{ run }} search={{}}>
          Back to the time line
        </Link>
      )}
    </aside>
  );
}

interface RevisionLineProps {
  run: string;
  row: RevisionRow;
  before: RevisionRow | undefined;
  chosen: boolean;
}

function RevisionLine({ run, row, before, chosen }: RevisionLineProps) {
  return (
    <li className={chosen ? "chosen" : ""}>
      <div>
        <Link to="/runs/$run" params={{ run }} search={{ rev: row.revision }}>
          {row.revision}
        </Link>
        {row.approved && <span className="mark accepted"> approved</span>}
        {row.prior && <span className="faint"> came with the packet</span>}
      </div>
      <div className="small quiet">
        {row.made_by}
        {row.made_at && (
          <>
            {" · "}
            <Time at={row.made_at} />
          </>
        )}
      </div>
      <div className="small">
        <Hash value={row.sha256} />
        {before && (
          <>
            {" · "}
            <Link to="/runs/$run/lineage" params={{ run }} search={{ diff: `${before.revision}..${row.revision}` }}>
              since {before.revision}
            </Link>
          </>
        )}
      </div>
    </li>
  );
}

function Compared({ run, a, b }: { run: string; a: string; b: string }) {
  const navigate = useNavigate();
  const { data: list } = useQuery(revisionsQuery(run));
  const { data, error, refetch } = useQuery(diffQuery(run, a, b));
  const names = list?.revisions.map((row) => row.revision) ?? [a, b];
  const choose = (diff: string) =>
    void navigate({ to: "/runs/$run/lineage", params: { run }, search: { diff }, replace: true });
  return (
    <section className="entries compared" aria-label={`What changed from ${a} to ${b}`} tabIndex={0}>
      <h2 className="actions">
        What changed from
        <select
          className="revision-choice"
          aria-label="Earlier revision"
          value={a}
          onChange={(event) => choose(`${event.target.value}..${b}`)}
        >
          {names.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        to
        <select
          className="revision-choice"
          aria-label="Later revision"
          value={b}
          onChange={(event) => choose(`${a}..${event.target.value}`)}
        >
          {names.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </h2>
      {error ? (
        <Fault error={error} again={() => void refetch()} />
      ) : data ? (
        <DiffView diff={data} />
      ) : (
        <SkeletonLines count={6} />
      )}
    </section>
  );
}
