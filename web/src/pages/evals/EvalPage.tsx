import "@/style/tables.css";
import "@/style/evals.css";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";
import { evalComparisonQuery, evalQuery } from "@/api/queries";
import type { EvalPage as Eval, EvalMetric, EvalProgress } from "@/api/types";
import { Fault } from "@/parts/Fault";
import { Loading, SkeletonLines } from "@/parts/Skeleton";
import { Time, utc } from "@/parts/Time";
import { counted, spoken } from "@/parts/words";
import { CaseSheet } from "./CaseSheet";
import { Verdict } from "./EvalsPage";
import { asked, caseWords, metricsOf, movedWords, rate, worse } from "./figures";
import { History, Intervals } from "./Plots";

const LISTED = 200;

/** One eval: its suites and metrics, over versions, against another one, and its cases with the worst first. */
export function EvalPage() {
  const { eval: name } = useParams({ from: "/inside/evals/$eval" });
  const address = useSearch({ from: "/inside/evals/$eval" });
  const { data, error, refetch } = useQuery(evalQuery(name));
  const progress = useProgress(name, data?.row.state === "running");
  if (error) return <Fault error={error} again={() => void refetch()} />;
  if (!data) {
    return (
      <Loading what="the eval">
        <div className="card">
          <SkeletonLines count={10} />
        </div>
      </Loading>
    );
  }
  const row = progress ? { ...data.row, ...progress } : data.row;
  return (
    <div className="page eval-scroll">
      <title>{`Eval of ${asked(row)} · Casegate`}</title>
      <article className="eval">
        <header>
          <Link to="/evals" search={{}}>
            ← Evals
          </Link>
          <h1>{asked(row)}</h1>
          <p role="status">
            <Verdict row={row} />
          </p>
          <p className="small quiet">
            <Time at={row.started_at} form="full" /> · by {row.by} · version <span className="id">{row.version}</span> ·{" "}
            {counted(row.repeats, "run")} of each case{row.finished_at && ` · ${row.seconds.toFixed(0)} s`}
          </p>
          {row.problem && <p className="eval-problem">{row.problem}</p>}
        </header>
        {data.suites.length > 0 && (
          <>
            <Suites page={data} />
            <OverVersions page={data} />
            <Against page={data} />
            <Cases page={data} />
          </>
        )}
      </article>
      {address.case && <CaseSheet eval={name} name={address.case} against={address.against ?? ""} />}
    </div>
  );
}

/** How far a running eval is, live. */
function useProgress(name: string, running: boolean): EvalProgress | null {
  const client = useQueryClient();
  const [progress, setProgress] = useState<EvalProgress | null>(null);
  useEffect(() => {
    if (!running) return;
    const source = new EventSource(`/api/evals/${encodeURIComponent(name)}/events`);
    source.addEventListener("progress", (event) => {
      const now = JSON.parse(event.data) as EvalProgress;
      setProgress(now);
      if (now.state !== "running") {
        source.close();
        setProgress(null);
        void client.invalidateQueries({ queryKey: ["eval", name] });
        void client.invalidateQueries({ queryKey: ["evals"] });
      }
    });
    return () => source.close();
  }, [client, name, running]);
  return progress;
}

function Suites({ page }: { page: Eval }) {
  return (
    <section aria-labelledby="eval-suites">
      <h2 id="eval-suites">Suites and metrics</h2>
      <table className="eval-table">
        <thead>
          <tr>
            <th scope="col">Suite</th>
            <th scope="col" className="number">
              Cases
            </th>
            <th scope="col" className="number">
              Missed
            </th>
            <th scope="col" className="number">
              Unsafe
            </th>
            <th scope="col" className="number">
              pass^1
            </th>
            {page.row.repeats > 1 && (
              <th scope="col" className="number">
                pass^{page.row.repeats}
              </th>
            )}
            <th scope="col">Metrics</th>
          </tr>
        </thead>
        <tbody>
          {page.suites.map((suite) => (
            <tr key={suite.suite} className={suite.holds ? "" : "worse"}>
              <th scope="row">
                {suite.holds ? "✓" : "✗"} {suite.suite}
              </th>
              <Count of="cases">{suite.cases}</Count>
              <Count of="missed">{suite.missed}</Count>
              <Count of="unsafe">{suite.unsafe}</Count>
              <Count of="pass^1">{rate(suite.pass_one)}</Count>
              {page.row.repeats > 1 && <Count of={`pass^${page.row.repeats}`}>{rate(suite.pass_k)}</Count>}
              <td>
                <div className="eval-figures">
                  {suite.metrics.map((metric) => (
                    <Figure key={metric.name} metric={metric} />
                  ))}
                </div>
                {suite.below.map((line) => (
                  <p key={line} className="eval-problem">
                    {line}
                  </p>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** A number of a row. Where the table is narrow and has no head, it says itself what it is. */
function Count({ of, children }: { of: string; children: ReactNode }) {
  return (
    <td className="number" data-of={of}>
      {children}
    </td>
  );
}

/** A rate with what it counts; where nothing was wrong, what a zero can hide. */
function Figure({ metric }: { metric: EvalMetric }) {
  return (
    <span title={metric.counts}>
      {spoken(metric.name)} <b>{rate(metric.rate)}</b>{" "}
      <span className="quiet">
        {metric.right}/{metric.of}
        {metric.bound !== null && `, ≤ ${(100 * metric.bound).toFixed(2)} % wrong`}
      </span>
    </span>
  );
}

function OverVersions({ page }: { page: Eval }) {
  const address = useSearch({ from: "/inside/evals/$eval" });
  const navigate = useNavigate({ from: "/evals/$eval" });
  const names = metricsOf(page.history);
  const metric = address.metric && names.includes(address.metric) ? address.metric : "passed";
  return (
    <section aria-labelledby="eval-history">
      <h2 id="eval-history">Over versions</h2>
      <label className="small" htmlFor="eval-metric">
        Metric{" "}
        <select
          id="eval-metric"
          className="input eval-pick"
          value={metric}
          onChange={(event) => void navigate({ search: { ...address, metric: event.target.value }, replace: true })}
        >
          {names.map((name) => (
            <option key={name} value={name}>
              {spoken(name)}
            </option>
          ))}
        </select>
      </label>
      <History history={page.history} metric={metric} />
    </section>
  );
}

function Against({ page }: { page: Eval }) {
  const address = useSearch({ from: "/inside/evals/$eval" });
  const navigate = useNavigate({ from: "/evals/$eval" });
  return (
    <section aria-labelledby="eval-against">
      <h2 id="eval-against">Against another eval</h2>
      <label className="small" htmlFor="eval-other">
        Compare with{" "}
        <select
          id="eval-other"
          className="input eval-pick"
          value={address.against ?? ""}
          onChange={(event) =>
            void navigate({ search: { ...address, against: event.target.value || undefined }, replace: true })
          }
        >
          <option value="">none</option>
          {page.others.map((one) => (
            <option key={one.id} value={one.id}>
              {utc(one.started_at)} · {one.version} · {asked(one)}
            </option>
          ))}
        </select>
      </label>
      {address.against && <Compared name={page.row.id} other={address.against} />}
    </section>
  );
}

function Compared({ name, other }: { name: string; other: string }) {
  const address = useSearch({ from: "/inside/evals/$eval" });
  const { data, error, refetch } = useQuery(evalComparisonQuery(name, other));
  if (error) return <Fault error={error} again={() => void refetch()} />;
  if (!data) return <SkeletonLines count={4} />;
  return (
    <>
      <p role="status">
        {data.regressed ? (
          <strong className="eval-problem">✗ worse than {data.against.version}</strong>
        ) : (
          <span>✓ not worse than {data.against.version}</span>
        )}
        <span className="small quiet"> · paired case by case; this eval minus the other</span>
      </p>
      <Intervals intervals={data.intervals} />
      {data.moved.length === 0 ? (
        <p className="quiet">No case moved.</p>
      ) : (
        <ul className="eval-moved">
          {data.moved.map((one) => (
            <li key={`${one.how} ${one.suite}/${one.case}`}>
              <span aria-hidden="true" className={worse(one.how) ? "eval-problem" : "quiet"}>
                {worse(one.how) ? "✗" : "·"}
              </span>
              <span className="eval-line">
                <Link
                  to="/evals/$eval"
                  params={{ eval: name }}
                  search={{ ...address, case: `${one.suite}/${one.case}` }}
                >
                  {caseWords(one.case)}
                </Link>
                <span className="small quiet">{one.suite}</span>
                <span className={worse(one.how) ? "small eval-problem" : "small quiet"}>{movedWords(one.how)}</span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Cases({ page }: { page: Eval }) {
  const address = useSearch({ from: "/inside/evals/$eval" });
  const [all, setAll] = useState(false);
  const shown = all ? page.cases : page.cases.slice(0, LISTED);
  return (
    <section aria-labelledby="eval-cases">
      <h2 id="eval-cases">
        Cases, worst first <span className="counted">{page.cases.length}</span>
      </h2>
      <ul className="eval-cases">
        {shown.map((one) => (
          <li key={`${one.suite}/${one.case}`}>
            <span className={one.passed === one.runs ? "eval-holds" : "eval-problem"}>
              <span aria-hidden="true">{one.passed === one.runs ? "✓" : "✗"}</span>
              <span className="unseen">{one.passed === one.runs ? "as expected" : "missed"}</span>
            </span>
            <span className="eval-line">
              <Link
                to="/evals/$eval"
                params={{ eval: page.row.id }}
                search={{ ...address, case: `${one.suite}/${one.case}` }}
              >
                {caseWords(one.case)}
              </Link>
              <span className="small quiet">
                {one.suite}
                {one.outcome && ` · ${spoken(one.outcome)}`}
                {one.misses > 0 && ` · ${one.misses} missed`}
              </span>
              {one.unsafe > 0 && <span className="small eval-problem">{one.unsafe} unsafe</span>}
            </span>
          </li>
        ))}
      </ul>
      {shown.length < page.cases.length && (
        <button type="button" className="button" onClick={() => setAll(true)}>
          Show all {page.cases.length}
        </button>
      )}
    </section>
  );
}
