import type { Rendering } from "@/api/types";
import { cell } from "./place";
import { usePages } from "./usePages";

interface TableViewProps {
  run: string;
  item: string;
  rendering: Extract<Rendering, { kind: "table" }>;
  at: string | undefined;
  onSheet: (sheet: string) => void;
}

/** A sheet, row by row with the numbers that a spreadsheet shows, opened at the cited cell. */
export function TableView({ run, item, rendering, at, onSheet }: TableViewProps) {
  const first = { offset: rendering.offset, rows: rendering.rows };
  const target = rendering.at === null ? null : rendering.offset + rendering.at;
  const sheet = rendering.sheet || undefined;
  const pages = usePages({ run, item, sheet, total: rendering.total, first, target, height: 28, read: windowOf });
  const wanted = cell(at);
  const hitColumn =
    wanted && (wanted.sheet === "" || wanted.sheet === rendering.sheet)
      ? columnOf(rendering.columns, wanted.column)
      : -1;
  const widths = {
    gridTemplateColumns: `${numberWidth(rendering)} ${rendering.columns.map(() => "minmax(10ch, 24ch)").join(" ")}`,
  };
  return (
    <>
      {rendering.sheets.length > 1 && (
        <div className="sheet-names">
          {rendering.sheets.map((name) => (
            <button
              key={name}
              type="button"
              className="button small plain"
              aria-pressed={name === rendering.sheet}
              onClick={() => onSheet(name)}
            >
              {name}
            </button>
          ))}
        </div>
      )}
      <section className="source-body" ref={pages.scroll} tabIndex={0} aria-label="Rows of the source">
        <div
          className="grid-view"
          role="table"
          aria-rowcount={rendering.total + 1}
          aria-label={rendering.sheet || "Table"}
        >
          <div className="row head" role="row" aria-rowindex={1} style={widths}>
            <div className="cell number" role="columnheader">
              <span className="unseen">Row</span>
            </div>
            {rendering.columns.map((column) => (
              <div key={column} className="cell" role="columnheader">
                {column}
              </div>
            ))}
          </div>
          <div style={{ height: pages.size, position: "relative" }} role="rowgroup">
            {pages.items.map(({ index, start }) => {
              const row = pages.row(index);
              const hit = row !== undefined && wanted?.row === row.number && hitColumn >= 0;
              return (
                <div
                  key={index}
                  ref={pages.measure}
                  data-index={index}
                  role="row"
                  aria-rowindex={index + 2}
                  aria-current={index === pages.cursor || undefined}
                  className={hit ? "row cited-row" : "row"}
                  style={{ ...widths, position: "absolute", insetInline: 0, transform: `translateY(${start}px)` }}
                >
                  <div className="cell number" role="rowheader">
                    {row?.number ?? ""}
                  </div>
                  {rendering.columns.map((column, at) => (
                    <div key={column} role="cell" className={hit && at === hitColumn ? "cell hit" : "cell"}>
                      {row?.cells[at] ?? ""}
                    </div>
                  ))}
                </div>
              );
            })}
          </div>
        </div>
      </section>
    </>
  );
}

/** Room for the highest number that a row can have, on one line: a number that breaks makes every row twice as high. */
function numberWidth({ rows, total, offset }: TableViewProps["rendering"]): string {
  const ahead = (rows[0]?.number ?? 1) - offset;
  return `calc(${Math.max(3, String(total + ahead).length)}ch + 18px)`;
}

/** The column by its header, or by its letter where the table has none. */
function columnOf(columns: string[], name: string): number {
  const at = columns.indexOf(name);
  if (at >= 0 || !/^[A-Z]$/.test(name)) return at;
  const byLetter = name.charCodeAt(0) - 65;
  return byLetter < columns.length ? byLetter : -1;
}

function windowOf(rendering: Rendering) {
  return rendering.kind === "table" ? { offset: rendering.offset, rows: rendering.rows } : null;
}
