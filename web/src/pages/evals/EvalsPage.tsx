import "@/style/tables.css";
import "@/style/evals.css";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { api, data } from "@/api/client";
import { type EvalFilters, evalsQuery, meQuery } from "@/api/queries";
import type { EvalRow } from "@/api/types";
import { Dialog } from "@/parts/Dialog";
import { Fault, faultWords } from "@/parts/Fault";
import { FormFoot } from "@/parts/FormFoot";
import { TableSkeleton } from "@/parts/Skeleton";
import { Time } from "@/parts/Time";
import { sentence } from "@/parts/words";
import { EVAL_STATES } from "./address";
import { asked } from "./figures";

/** The evals that were kept, newest first, and a way to run one. */
export function EvalsPage() {
  const filters = useSearch({ from: "/inside/evals" });
  const { data: evals, error, refetch } = useQuery(evalsQuery(filters));
  const { data: me } = useQuery(meQuery);
  const [beginning, setBeginning] = useState(false);
  return (
    <div className="page">
      <title>Evals · Casegate</title>
      <div className="page-head">
        <h1>Evals {evals && <span className="counted">{evals.rows.length}</span>}</h1>
        <span className="space" />
        {evals && me?.capabilities.includes("evals:run") && (
          <button type="button" className="button" onClick={() => setBeginning(true)}>
            Run an eval…
          </button>
        )}
      </div>
      {!error && <Filters suites={evals?.suites ?? []} filters={filters} />}
      {error ? (
        <Fault error={error} again={() => void refetch()} />
      ) : evals ? (
        <List rows={evals.rows} filtered={Boolean(filters.suite || filters.state)} />
      ) : (
        <TableSkeleton what="evals" widths={["auto", "20%", "20%", "20%"]} />
      )}
      {beginning && evals && (
        <Begin suites={evals.suites} running={evals.running} onClose={() => setBeginning(false)} />
      )}
    </div>
  );
}

interface FiltersProps {
  suites: string[];
  filters: EvalFilters;
}

function Filters({ suites, filters }: FiltersProps) {
  const navigate = useNavigate({ from: "/evals" });
  return (
    <div className="filters">
      <label className="unseen" htmlFor="eval-suite">
        Suite
      </label>
      <select
        id="eval-suite"
        className="input"
        value={filters.suite ?? ""}
        onChange={(event) =>
          void navigate({ search: { ...filters, suite: event.target.value || undefined }, replace: true })
        }
      >
        <option value="">Every suite</option>
        {suites.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
      <label className="unseen" htmlFor="eval-state">
        State
      </label>
      <select
        id="eval-state"
        className="input"
        value={filters.state ?? ""}
        onChange={(event) =>
          void navigate({
            search: { ...filters, state: EVAL_STATES.find((one) => one === event.target.value) },
            replace: true,
          })
        }
      >
        <option value="">Every state</option>
        {EVAL_STATES.map((one) => (
          <option key={one} value={one}>
            {sentence(one)}
          </option>
        ))}
      </select>
    </div>
  );
}

function List({ rows, filtered }: { rows: EvalRow[]; filtered: boolean }) {
  if (rows.length === 0 && filtered) {
    return (
      <div className="empty">
        <strong>No kept eval fits</strong>
        <Link className="button" to="/evals" search={{}}>
          Show all evals
        </Link>
      </div>
    );
  }
  if (rows.length === 0) {
    return (
      <div className="empty">
        <strong>No eval is kept here yet</strong>
        <p>
          Run one above, or keep one from the command line: <code>casegate eval --keep</code>.
        </p>
      </div>
    );
  }
  return (
    <section className="table-scroll" tabIndex={0} aria-label="Evals">
      <table className="rows evals">
        <thead>
          <tr>
            <th scope="col" className="eval-asked">
              Asked for
            </th>
            <th scope="col">Result</th>
            <th scope="col">Version</th>
            <th scope="col">By</th>
            <th scope="col">Started</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id} className="row">
              <th scope="row" className="main">
                <Link to="/evals/$eval" params={{ eval: row.id }} search={{}}>
                  {asked(row)}
                </Link>
              </th>
              <td>
                <Verdict row={row} />
              </td>
              <td className="wide id">{row.version}</td>
              <td className="wide">{row.by}</td>
              <td>
                <Time at={row.started_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** What an eval came to, in a word and not by colour alone. */
export function Verdict({ row }: { row: EvalRow }) {
  if (row.state === "running") {
    return (
      <span className="state waiting">
        running · {row.done} of {row.total}
      </span>
    );
  }
  if (row.state !== "finished") return <span className="state failed">✗ {row.state}</span>;
  return row.holds ? (
    <span className="state eval-holds">✓ as expected</span>
  ) : (
    <span className="state failed">✗ not as expected</span>
  );
}

interface BeginProps {
  suites: string[];
  running: string | null;
  onClose: () => void;
}

function Begin({ suites, running, onClose }: BeginProps) {
  const [names, setNames] = useState<string[]>([]);
  const client = useQueryClient();
  const navigate = useNavigate();
  const begin = useMutation({
    mutationFn: () => data(api.POST("/api/evals", { body: { names, repeats: 1 } })),
    onSuccess: (row) => {
      void client.invalidateQueries({ queryKey: ["evals"] });
      void navigate({ to: "/evals/$eval", params: { eval: row.id }, search: {} });
    },
  });
  const toggle = (name: string) =>
    setNames((now) => (now.includes(name) ? now.filter((one) => one !== name) : [...now, name]));
  return (
    <Dialog title="Run an eval" onClose={onClose}>
      <form
        className="dialog-body"
        onSubmit={(event) => {
          event.preventDefault();
          begin.mutate();
        }}
      >
        <h2>Run an eval</h2>
        <fieldset className="eval-suites">
          <legend className="small">Suites; without any: all scenarios and lists</legend>
          {suites.map((name) => (
            <label key={name}>
              <input type="checkbox" checked={names.includes(name)} onChange={() => toggle(name)} />
              {name}
            </label>
          ))}
        </fieldset>
        {running !== null && <p className="notice doubt">One is running; there is one at a time.</p>}
        {begin.error && (
          <p className="notice clash" role="alert">
            {faultWords(begin.error).safe}
          </p>
        )}
        <FormFoot
          sends={
            names.length === 0
              ? "Run all scenarios and lists"
              : names.length > 3
                ? `Run ${names.length} suites`
                : `Run ${names.join(", ")}`
          }
          ready={running === null}
          pending={begin.isPending}
          busy="Starting…"
          onCancel={onClose}
        />
      </form>
    </Dialog>
  );
}
