import "@/style/tables.css";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useRef, useState } from "react";
import { approvalsQuery } from "@/api/queries";
import type { ApprovalRow } from "@/api/types";
import { useKeys } from "@/keys/keys";
import { DECISION_SIGN } from "@/pages/case/Decisions";
import { ClockOf } from "@/parts/clock";
import { Fault } from "@/parts/Fault";
import { Mark } from "@/parts/Mark";
import { SearchField } from "@/parts/SearchField";
import { Columns, TableSkeleton } from "@/parts/Skeleton";
import { Spacer } from "@/parts/Spacer";
import { Countdown, Time } from "@/parts/Time";
import { useNarrow } from "@/parts/useNarrow";
import { useWindowRows } from "@/parts/useWindowRows";
import { counted, sentence, spoken } from "@/parts/words";
import type { InboxAddress } from "./address";

const WIDTHS = ["24%", "auto", "124px", "21%", "124px"];

/** One inbox across cases: what waits for an answer, and what was answered. */
export function ApprovalsPage() {
  const { state = "waiting", mine = false, q = "" } = useSearch({ from: "/inside/approvals" });
  const navigate = useNavigate({ from: "/approvals" });
  const search = useRef<HTMLInputElement>(null);
  useKeys("Approvals", [{ keys: "/", does: "Search in approvals", run: () => search.current?.focus() }]);
  const list = useInfiniteQuery(approvalsQuery(state, mine, q));
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.rows) ?? [], [list.data]);
  const total = list.data?.pages[0]?.total ?? 0;
  return (
    <div className="page">
      <title>Approvals · Casegate</title>
      <div className="page-head">
        <h1>Approvals {list.data && <span className="counted">{list.data.pages[0]?.total}</span>}</h1>
        <div className="segments">
          {/* Also with a filter: what waits is what is shown. */}
          <Link
            to="/approvals"
            search={state === "waiting" ? { ...(mine ? { mine } : {}), ...(q ? { q } : {}) } : {}}
            activeOptions={{ exact: true }}
          >
            Waiting
          </Link>
          <Link to="/approvals" search={{ state: "history" }}>
            History
          </Link>
        </div>
      </div>
      {state === "waiting" && (
        <search className="filters" aria-label="Filter approvals">
          <SearchField
            input={search}
            name="Search in approvals"
            hint="Case, tenant, scenario"
            value={q}
            onChange={(text) =>
              void navigate({ search: (now) => ({ ...now, q: text || undefined }) as InboxAddress, replace: true })
            }
          />
          <label className="check">
            <input
              type="checkbox"
              checked={mine}
              onChange={(event) =>
                void navigate({
                  search: (now) => ({ ...now, mine: event.target.checked || undefined }) as InboxAddress,
                  replace: true,
                })
              }
            />
            Only what waits for me
          </label>
        </search>
      )}
      {list.isPending ? (
        <TableSkeleton what="approvals" widths={WIDTHS} />
      ) : list.isError && rows.length === 0 ? (
        <Fault error={list.error} again={() => void list.refetch()} />
      ) : rows.length === 0 ? (
        <Nothing state={state} filtered={mine || q !== ""} />
      ) : (
        <ApprovalsTable
          rows={rows}
          readAt={list.dataUpdatedAt}
          total={total}
          history={state === "history"}
          more={list.hasNextPage ? () => void list.fetchNextPage() : undefined}
        />
      )}
    </div>
  );
}

function Nothing({ state, filtered }: { state: "waiting" | "history"; filtered: boolean }) {
  if (filtered) {
    return (
      <div className="empty">
        <strong>Nothing that waits fits</strong>
        <Link to="/approvals" search={{}} className="button">
          Show all that waits
        </Link>
      </div>
    );
  }
  return (
    <div className="empty">
      <strong>{state === "waiting" ? "Nothing waits for an answer" : "Nothing was answered yet"}</strong>
      <p>
        {state === "waiting"
          ? "A gate appears here as soon as a case that you are on the roster of stops at it."
          : "What you approve, reject or return stays listed here, with what it bound."}
      </p>
      <Link to="/cases" search={{}} className="button">
        Cases
      </Link>
    </div>
  );
}

interface LineProps {
  row: ApprovalRow;
  /** When the row was read, by this browser's clock. */
  readAt: number;
  index: number;
  chosen: boolean;
}

interface TableProps {
  rows: ApprovalRow[];
  readAt: number;
  total: number;
  history: boolean;
  more?: (() => void) | undefined;
}

function ApprovalsTable({ rows, readAt, total, history, more }: TableProps) {
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
  useKeys("Approvals", [
    { keys: "j", does: "Next", run: () => move(at + 1) },
    { keys: "k", does: "Previous", run: () => move(at - 1) },
    {
      keys: "o",
      does: "Open",
      run: () =>
        chosen && void navigate({ to: "/runs/$run/approve/$gate", params: { run: chosen.run, gate: chosen.gate } }),
    },
  ]);
  return (
    <section className="table-scroll" ref={list.ref} tabIndex={0} aria-label={history ? "History" : "Waiting"}>
      <table className="rows" aria-rowcount={total + 1}>
        <Columns widths={WIDTHS} />
        <thead>
          <tr>
            <th scope="col">Gate</th>
            <th scope="col">Case</th>
            <th scope="col">{history ? "Answer" : "Open items"}</th>
            <th scope="col">{history ? "By" : "For you"}</th>
            <th scope="col">{history ? "When" : "Until"}</th>
          </tr>
        </thead>
        <tbody>
          <Spacer height={list.before} />
          {list.items.map(({ index }) => {
            const row = rows[index];
            return (
              row && (
                <ApprovalLine
                  key={`${row.run}${row.gate}${row.decision?.at ?? ""}`}
                  row={row}
                  readAt={readAt}
                  index={index}
                  chosen={index === at}
                />
              )
            );
          })}
          <Spacer height={list.after} />
        </tbody>
      </table>
    </section>
  );
}

function ApprovalLine({ row, readAt, index, chosen }: LineProps) {
  const { decision } = row;
  return (
    <tr className="row" aria-rowindex={index + 2} aria-selected={chosen}>
      <th scope="row" className="main">
        <span className="two">
          <Link to="/runs/$run/approve/$gate" params={{ run: row.run, gate: row.gate }}>
            {sentence(row.gate_title)}
          </Link>
        </span>
        <span className="two">{row.revision}</span>
      </th>
      <td className="full">
        <span className="two">
          {row.case} · {row.tenant_name || row.tenant}
        </span>
        <span className="two">{row.scenario_title}</span>
      </td>
      <td className="wide">
        {decision ? (
          <span className="state">
            <Mark kind={DECISION_SIGN[decision.state]} /> {decision.decision}
            {decision.state !== "valid" && `, ${decision.state}`}
          </span>
        ) : row.open_items > 0 ? (
          counted(row.open_items, "open item")
        ) : (
          <span className="faint">none</span>
        )}
      </td>
      <td className="aside" title={row.why_not ? spoken(row.why_not) : undefined}>
        {decision ? (
          decision.by_name || decision.by
        ) : row.can_act ? (
          <strong className="state waiting">waits for you</strong>
        ) : (
          <span className="two faint">{spoken(row.why_not ?? "not yours")}</span>
        )}
      </td>
      <td className="wide">
        {decision ? (
          <Time at={decision.at} />
        ) : row.expires_at ? (
          <ClockOf now={row.now} readAt={readAt}>
            <Countdown until={row.expires_at} />
          </ClockOf>
        ) : (
          <span className="faint">no limit</span>
        )}
      </td>
    </tr>
  );
}
