import { Fragment } from "react";
import type { Argument, Matrix, MatrixRow } from "@/api/types";
import { Mark } from "@/parts/Mark";
import { counted } from "@/parts/words";
import { useCase } from "../context";
import { Numbers, Opens } from "./Said";
import { Sign } from "./Sign";

interface MatrixProps {
  name: string;
  drawn: Matrix;
  title: string;
}

/** Rows that are tested against sources. A cell says which way a source speaks; a row unfolds what it says. */
export function MatrixTable({ name, drawn, title }: MatrixProps) {
  const { address, unfold } = useCase();
  return (
    <section className="exhibit-scroll" tabIndex={0} aria-label={title}>
      <table className="exhibit-rows matrix">
        <thead>
          <tr>
            <th scope="col">{drawn.rows_are}</th>
            {drawn.columns.map((column) => (
              <th key={column.id} scope="col" className="of-source">
                {column.title}
                {column.note && <span className="under">{column.note}</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {drawn.rows.map((row) => {
            const key = `${name}/${row.id}`;
            const open = address.show === key;
            return (
              <Fragment key={row.id}>
                <tr className={row.leads ? "leads" : ""}>
                  <th scope="row">
                    <button
                      type="button"
                      className="fold"
                      aria-expanded={open}
                      aria-controls={`arguments-${row.id}`}
                      disabled={row.arguments.length === 0}
                      onClick={() => unfold(open ? "" : key)}
                    >
                      <span className="row-name">{row.id}</span> {row.title}
                    </button>
                    <span className="under">
                      {row.leads && <strong>leads · </strong>}
                      {row.standing.text} <Mark kind={row.standing.status} />
                    </span>
                  </th>
                  {drawn.columns.map((column) => (
                    <td key={column.id}>
                      <Cell found={row.arguments.filter((one) => one.column === column.id)} />
                    </td>
                  ))}
                </tr>
                {open && (
                  <tr className="unfolded" id={`arguments-${row.id}`}>
                    <td colSpan={drawn.columns.length + 1}>
                      <Arguments row={row} columns={drawn.columns} />
                    </td>
                  </tr>
                )}
              </Fragment>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

/** The stances of one source for one row, each once, with its strongest word and how often. */
export function stances(
  found: Argument[],
): { stance: Argument["stance"]; strength: string; count: number; first: Argument }[] {
  const order = ["strong", "moderate", "weak"];
  const place = (one: Argument) => (order.includes(one.strength) ? order.indexOf(one.strength) : order.length);
  return (["supports", "disconfirms", "open", "silent"] as const).flatMap((stance) => {
    const mine = found.filter((one) => one.stance === stance).sort((a, b) => place(a) - place(b));
    const [first] = mine;
    return first ? [{ stance, strength: first.strength, count: mine.length, first }] : [];
  });
}

function Cell({ found }: { found: Argument[] }) {
  const said = stances(found);
  if (said.length === 0) return <Sign kind="silent" />;
  return said.map(({ stance, strength, count, first }) => (
    <span key={stance} className="stance">
      <Opens said={first.said}>
        <Sign kind={stance} />
      </Opens>
      <span className="under">
        <span className="how">{[strength, count > 1 ? `× ${count}` : ""].filter(Boolean).join(" ")}</span>
        <Numbers citations={first.said.citations} of={first.said.of} most={1} />
      </span>
    </span>
  ));
}

function Arguments({ row, columns }: { row: MatrixRow; columns: Matrix["columns"] }) {
  return (
    <ul className="arguments" aria-label={`What is said about ${row.id}: ${counted(row.arguments.length, "argument")}`}>
      {row.arguments.map((one) => (
        <li key={`${one.column} ${one.stance} ${one.said.of} ${one.said.text}`}>
          <Sign kind={one.stance} />
          <span>
            <Opens said={one.said}>{one.said.text}</Opens>
            <span className="signs">
              <Mark kind={one.said.status} word={one.said.status !== "confirmed"} />
              <Numbers citations={one.said.citations} of={one.said.of} most={6} />
            </span>
            <span className="under">
              {columns.find((column) => column.id === one.column)?.title ?? one.column}
              {one.strength && ` · ${one.strength}`}
            </span>
          </span>
        </li>
      ))}
    </ul>
  );
}
