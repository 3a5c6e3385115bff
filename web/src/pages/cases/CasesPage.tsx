import "@/style/tables.css";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useRef, useState } from "react";
import { type CaseFilters, casesQuery, meQuery, scenariosQuery } from "@/api/queries";
import type { CaseRow } from "@/api/types";
import { useKeys } from "@/keys/keys";
import { CaseState } from "@/parts/CaseState";
import { Fault } from "@/parts/Fault";
import { SearchField } from "@/parts/SearchField";
import { Columns, TableSkeleton } from "@/parts/Skeleton";
import { Spacer } from "@/parts/Spacer";
import { span, utc } from "@/parts/Time";
import { useNarrow } from "@/parts/useNarrow";
import { useWindowRows } from "@/parts/useWindowRows";
import { listed, sentence, spoken } from "@/parts/words";
import { STATES } from "./filters";

const WIDTHS = ["auto", "16%", "148px", "24%", "104px", "112px"];

export function CasesPage() {
  const filters = useSearch({ from: "/inside/cases" });
  const list = useInfiniteQuery(casesQuery(filters));
  const { data: me } = useQuery(meQuery);
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.rows) ?? [], [list.data]);
  const total = list.data?.pages[0]?.total;
  const mayOpen = me?.capabilities.includes("cases:open") ?? false;
  return (
    <div className="page">
      <title>Cases · Casegate</title>
      <div className="page-head">
        <h1>Cases {total !== undefined && <span className="counted">{total.toLocaleString("en")}</span>}</h1>
        <span className="space" />
        {mayOpen && (
          <Link to="/cases/new" search={{}} className="button first">
            New case
          </Link>
        )}
      </div>
      <Filters filters={filters} />
      {list.isPending ? (
        <TableSkeleton what="cases" widths={WIDTHS} />
      ) : list.isError && rows.length === 0 ? (
        <Fault error={list.error} again={() => void list.refetch()} />
      ) : rows.length === 0 ? (
        <NoCases filtered={Object.keys(filters).length > 0} mayOpen={mayOpen} />
      ) : (
        <CasesTable
          rows={rows}
          total={total ?? rows.length}
          filters={filters}
          more={list.hasNextPage ? () => void list.fetchNextPage() : undefined}
        />
      )}
    </div>
  );
}

function Filters({ filters }: { filters: CaseFilters }) {
  const navigate = useNavigate({ from: "/cases" });
  const { data: catalogue } = useQuery(scenariosQuery);
  const search = useRef<HTMLInputElement>(null);
  const set = (change: CaseFilters) => void navigate({ search: (now) => clean({ ...now, ...change }), replace: true });
  useKeys("Cases", [{ keys: "/", does: "Search in cases", run: () => search.current?.focus() }]);
  return (
    <search className="filters" aria-label="Filter cases">
      <SearchField
        input={search}
        name="Search in cases"
        hint="Case, tenant, scenario"
        value={filters.q ?? ""}
        onChange={(q) => set({ q: q || undefined })}
      />
      <div className="segments">
        <button
          type="button"
          aria-pressed={filters.waiting === undefined && filters.state === undefined}
          onClick={() => set({ waiting: undefined, state: undefined })}
        >
          All
        </button>
        <button
          type="button"
          aria-pressed={filters.waiting === "me"}
          onClick={() => set({ waiting: "me", state: undefined })}
        >
          Waiting for me
        </button>
      </div>
      <select
        className="input"
        aria-label="State"
        value={filters.state ?? ""}
        onChange={(event) => set({ state: STATES.find((one) => one === event.target.value), waiting: undefined })}
      >
        <option value="">Any state</option>
        {STATES.map((state) => (
          <option key={state} value={state}>
            {{ waiting: "Waiting", working: "At work", resting: "At rest", ended: "Ended", failed: "Failed" }[state]}
          </option>
        ))}
      </select>
      <select
        className="input"
        aria-label="Scenario"
        value={filters.scenario ?? ""}
        onChange={(event) => set({ scenario: event.target.value || undefined })}
      >
        <option value="">Any scenario</option>
        {catalogue?.scenarios.map((one) => (
          <option key={one.slug} value={one.short}>
            {one.short}
          </option>
        ))}
      </select>
    </search>
  );
}

function clean(filters: CaseFilters): CaseFilters {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined));
}

interface TableProps {
  rows: CaseRow[];
  total: number;
  filters: CaseFilters;
  more?: (() => void) | undefined;
}

function CasesTable({ rows, total, filters, more }: TableProps) {
  const narrow = useNarrow();
  const list = useWindowRows({ count: rows.length, height: narrow ? 92 : 44, more });
  const [at, setAt] = useState(-1);
  const navigate = useNavigate();
  const move = (to: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, to));
    setAt(next);
    list.scrollTo(next);
  };
  const chosen = rows[at];
  useKeys("Cases", [
    { keys: "j", does: "Next case", run: () => move(at + 1) },
    { keys: "k", does: "Previous case", run: () => move(at - 1) },
    {
      keys: "o",
      does: "Open the case",
      run: () => chosen && void navigate({ to: "/runs/$run", params: { run: chosen.run }, search: {} }),
    },
  ]);
  return (
    <section className="table-scroll" ref={list.ref} aria-label="Cases" tabIndex={0}>
      <table className="rows" aria-rowcount={total + 1}>
        <Columns widths={WIDTHS} />
        <thead>
          <tr>
            <SortHead title="Case" sort="case" filters={filters} />
            <th scope="col">Tenant</th>
            <th scope="col">State</th>
            <th scope="col">Waiting for, or outcome</th>
            <th scope="col">Age</th>
            <SortHead title="Changed" sort="changed" filters={filters} />
          </tr>
        </thead>
        <tbody>
          <Spacer height={list.before} />
          {list.items.map((item) => {
            const row = rows[item.index];
            return row && <CaseLine key={row.run} row={row} index={item.index} chosen={item.index === at} />;
          })}
          <Spacer height={list.after} />
        </tbody>
      </table>
    </section>
  );
}

function SortHead({ title, sort, filters }: { title: string; sort: "case" | "changed"; filters: CaseFilters }) {
  const now = filters.sort ?? "-changed";
  const down = now === `-${sort}`;
  const active = down || now === sort;
  const next = down ? sort : (`-${sort}` as const);
  return (
    <th scope="col" aria-sort={active ? (down ? "descending" : "ascending") : "none"}>
      <Link from="/cases" to="/cases" search={(before: CaseFilters) => ({ ...before, sort: next })} replace>
        {title}
        <span aria-hidden="true">{active ? (down ? " ↓" : " ↑") : ""}</span>
      </Link>
    </th>
  );
}

function CaseLine({ row, index, chosen }: { row: CaseRow; index: number; chosen: boolean }) {
  return (
    <tr className="row" aria-rowindex={index + 2} aria-selected={chosen}>
      <th scope="row" className="main">
        <span className="two">
          <Link to="/runs/$run" params={{ run: row.run }} search={{}}>
            {row.case}
          </Link>
        </span>
        <span className="two" title={row.scenario_title}>
          {row.scenario_title}
        </span>
      </th>
      <td className="wide">
        <span className="two">{row.tenant_name || row.tenant}</span>
        <span className="two">{row.tenant_masked ? "masked for your role" : row.tenant_name ? row.tenant : ""}</span>
      </td>
      <td>
        <CaseState state={row.state} mine={row.can_act} />
      </td>
      <td className="full">
        <WaitingFor row={row} />
      </td>
      <Age row={row} />
      <td className="wide">
        <time dateTime={row.changed_at} title={utc(row.changed_at, "full")}>
          {span(row.changed_seconds * 1000)}
        </time>
      </td>
    </tr>
  );
}

/** How long a case has been open, or was: the age of one that ended stands still. */
function Age({ row }: { row: CaseRow }) {
  const age = span(row.age_seconds * 1000);
  if (row.state !== "ended") {
    return (
      <td className="wide" title="since it was opened">
        {age}
      </td>
    );
  }
  return (
    <td className="wide faint" title={`from its opening to its end: ${age}`}>
      {row.age_seconds < 1 ? "took < 1 s" : `took ${age}`}
    </td>
  );
}

function WaitingFor({ row }: { row: CaseRow }) {
  const first = row.waiting_on[0];
  if (!first) return <span className="two faint">{row.outcome ? spoken(row.outcome) : ""}</span>;
  const more = row.waiting_on.length - 1;
  return (
    <>
      <span className="two">
        {sentence(first.title)}
        {more > 0 && <span className="faint"> and {more} more</span>}
      </span>
      <span className="two">{first.people.length > 0 ? listed(first.people) : "nobody on the roster can answer"}</span>
    </>
  );
}

function NoCases({ filtered, mayOpen }: { filtered: boolean; mayOpen: boolean }) {
  return (
    <div className="empty">
      <strong>{filtered ? "No case fits these filters" : "There is no case here yet"}</strong>
      <p>
        {filtered
          ? "Cases that you are not on the roster of are never counted or shown."
          : "A case appears when you open one, or when somebody puts you on its roster."}
      </p>
      <div className="actions">
        {filtered && (
          <Link to="/cases" search={{}} className="button">
            Show all cases
          </Link>
        )}
        {!filtered && mayOpen && (
          <Link to="/cases/new" search={{}} className="button first">
            New case
          </Link>
        )}
      </div>
    </div>
  );
}
