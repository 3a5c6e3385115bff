import type { Obligation, Obligations } from "@/api/types";
import { Mark } from "@/parts/Mark";
import { useCase } from "../context";
import { Rows } from "./Rows";
import { Numbers, Opens } from "./Said";
import { Sign } from "./Sign";

type Line = { heading: string; note: string } | Obligation;

const COLUMNS = [
  { id: "what", title: "Obligation" },
  { id: "value", title: "Promised" },
  { id: "term", title: "In force" },
  { id: "clause", title: "Clause" },
];

/** Who owes what, by which clause, from when until when; what is not in force stands apart, with the reason. */
export function ObligationTable({ drawn, title }: { drawn: Obligations; title: string }) {
  const { address } = useCase();
  const scale = yearsOf(drawn);
  return (
    <Rows<Line>
      name={title}
      className="obligations"
      columns={COLUMNS}
      rows={lines(drawn)}
      keyOf={(line) => ("heading" in line ? line.heading : line.id)}
      rowClass={(line) =>
        "heading" in line
          ? "heading"
          : [line.in_force ? "" : "apart", line.value.of && address.of === line.value.of ? "aimed" : ""].join(" ")
      }
      height={62}
      cells={(line) =>
        "heading" in line ? (
          <th colSpan={COLUMNS.length} scope="colgroup">
            {line.heading} <span>{line.note}</span>
          </th>
        ) : (
          <Cells one={line} day={drawn.day} scale={scale} />
        )
      }
    />
  );
}

/** In force by who owes it, then what is not in force: never one list in which an old promise looks like a present one. */
export function lines(drawn: Obligations): Line[] {
  const found: Line[] = [];
  for (const party of [...new Set(drawn.rows.filter((row) => row.in_force).map((row) => row.party))]) {
    const owed = drawn.rows.filter((row) => row.in_force && row.party === party);
    found.push({ heading: `The ${party} owes`, note: `in force on ${drawn.day}` }, ...owed);
  }
  const gone = drawn.rows.filter((row) => !row.in_force);
  if (gone.length > 0) found.push({ heading: "Not in force", note: "kept in sight, and owed by nobody" }, ...gone);
  return found;
}

function Cells({ one, day, scale }: { one: Obligation; day: string; scale: Scale }) {
  return (
    <>
      <td className="what">
        <strong>{one.title}</strong>
        {!one.in_force && <span className="under">owed by the {one.party}</span>}
      </td>
      <td className="value">
        <Opens said={one.value} className="figure">
          {one.value.text}
        </Opens>
        <span className="signs">
          <Mark kind={one.value.status} word={one.value.status !== "confirmed"} />
          <Numbers citations={one.value.citations} of={one.value.of} />
        </span>
      </td>
      <td className="term">
        <Sign kind={one.in_force ? "in force" : "ended"} word={one.state} />
        <Term one={one} day={day} scale={scale} />
        <span className="under">
          {one.since ?? "no date"} – {one.until ?? "open"}
        </span>
        {one.why && <span className="under">{one.why}</span>}
      </td>
      <td className="clause">
        <Opens said={one.value}>
          {one.document} · {one.clause}
        </Opens>
        {one.excerpt && <q>{one.excerpt}</q>}
        {one.replaces.length > 0 && <span className="under">replaces {one.replaces.join(", ")}</span>}
      </td>
    </>
  );
}

interface Scale {
  first: number;
  last: number;
}

const DAY = 86_400_000;
const WIDE = 132;

function yearsOf(drawn: Obligations): Scale {
  const days = drawn.rows.flatMap((row) => [row.since, row.until, drawn.day]);
  const times = days.flatMap((day) => (day ? [Date.parse(day)] : []));
  return { first: Math.min(...times), last: Math.max(...times) + 120 * DAY };
}

/** The term on a line that all rows share, with the day that was asked about. */
function Term({ one, day, scale }: { one: Obligation; day: string; scale: Scale }) {
  const x = (at: number) => Math.round(((at - scale.first) / Math.max(scale.last - scale.first, DAY)) * WIDE);
  const from = one.since ? x(Date.parse(one.since)) : 0;
  const until = one.until ? x(Date.parse(one.until)) : WIDE;
  return (
    <svg className="term-line" width={WIDE} height="10" viewBox={`0 0 ${WIDE} 10`} aria-hidden="true">
      <line className="all" x1="0" x2={WIDE} y1="5" y2="5" />
      <line className="own" x1={from} x2={Math.max(until, from + 2)} y1="5" y2="5" />
      {!one.until && <path className="own" d={`m${WIDE - 4} 2 3 3-3 3`} />}
      <line className="day" x1={x(Date.parse(day))} x2={x(Date.parse(day))} y1="0" y2="10" />
    </svg>
  );
}
