import type { ExhibitTable } from "@/api/types";
import { Mark } from "@/parts/Mark";
import { useCase } from "../context";
import { Rows } from "./Rows";
import { Numbers, Opens } from "./Said";
import { Sign } from "./Sign";

type Row = ExhibitTable["rows"][number];
type Line = { heading: string } | Row;

/** Rows of named cells, each with its own status and its own places. */
export function PlainTable({ drawn, title }: { drawn: ExhibitTable; title: string }) {
  const { address } = useCase();
  return (
    <Rows<Line>
      name={title}
      className="plain-table"
      columns={drawn.columns.map((column) => ({ id: column.id, title: column.title }))}
      rows={grouped(drawn.rows)}
      keyOf={(line) => ("heading" in line ? `heading ${line.heading}` : line.id)}
      rowClass={(line) => {
        if ("heading" in line) return "heading";
        const aimed = Object.values(line.cells).some((cell) => cell.of && cell.of === address.of);
        return [line.open ? "stopped" : "", aimed ? "aimed" : ""].join(" ");
      }}
      cells={(line) =>
        "heading" in line ? (
          <th colSpan={drawn.columns.length} scope="colgroup">
            {line.heading}
          </th>
        ) : (
          drawn.columns.map((column, index) => {
            const cell = line.cells[column.id];
            return (
              <td key={column.id}>
                {index === 0 && line.open && <Sign kind="possible" word="open" />}
                {cell && (
                  <>
                    <Opens said={cell}>{cell.text}</Opens>
                    {(cell.of || cell.citations.length > 0) && (
                      <span className="signs">
                        <Mark kind={cell.status} word={cell.status !== "confirmed"} />
                        <Numbers citations={cell.citations} of={cell.of} most={2} />
                      </span>
                    )}
                  </>
                )}
              </td>
            );
          })
        )
      }
    />
  );
}

function grouped(rows: Row[]): Line[] {
  const found: Line[] = [];
  let group = "";
  for (const row of rows) {
    if (row.group && row.group !== group) found.push({ heading: row.group });
    group = row.group;
    found.push(row);
  }
  return found;
}
