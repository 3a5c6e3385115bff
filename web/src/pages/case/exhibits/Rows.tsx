import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useRef } from "react";
import { Spacer } from "@/parts/Spacer";

interface RowsProps<Row> {
  /** What the table is, for those who do not see it. */
  name: string;
  columns: { id: string; title: ReactNode; className?: string }[];
  rows: Row[];
  keyOf: (row: Row) => string;
  /** The cells of a row, or one heading over all columns. */
  cells: (row: Row) => ReactNode;
  className?: string;
  rowClass?: (row: Row) => string;
  /** What a row draws, so that a link can lead to it. */
  idOf?: (row: Row) => string | undefined;
  /** About how high a row is, in pixels. */
  height?: number;
}

/** Above so many rows only those near the reader are in the page. */
export const ALL_AT_ONCE = 120;

/** A dense table. A long one scrolls in a frame of its own and keeps only the rows near the reader. */
export function Rows<Row>(props: RowsProps<Row>) {
  return props.rows.length > ALL_AT_ONCE ? <LongRows {...props} /> : <ShortRows {...props} />;
}

function Head<Row>({ columns }: RowsProps<Row>) {
  return (
    <thead>
      <tr>
        {columns.map((column) => (
          <th key={column.id} scope="col" className={column.className}>
            {column.title}
          </th>
        ))}
      </tr>
    </thead>
  );
}

function ShortRows<Row>(props: RowsProps<Row>) {
  const { name, rows, keyOf, cells, className, rowClass, idOf } = props;
  return (
    <section className="exhibit-scroll" tabIndex={0} aria-label={name}>
      <table className={`exhibit-rows ${className ?? ""}`}>
        <Head {...props} />
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} id={idOf?.(row)} className={rowClass?.(row)}>
              {cells(row)}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function LongRows<Row>(props: RowsProps<Row>) {
  const { name, rows, keyOf, cells, className, rowClass, idOf, height = 44 } = props;
  const frame = useRef<HTMLElement>(null);
  const near = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => height,
    overscan: 10,
    initialRect: { width: 800, height: 600 },
  });
  const items = near.getVirtualItems();
  return (
    <section className="exhibit-scroll long" tabIndex={0} aria-label={`${name}, ${rows.length} rows`} ref={frame}>
      <table className={`exhibit-rows ${className ?? ""}`} aria-rowcount={rows.length + 1}>
        <Head {...props} />
        <tbody>
          <Spacer height={items[0]?.start ?? 0} />
          {items.map((item) => {
            const row = rows[item.index];
            return row === undefined ? null : (
              <tr
                key={keyOf(row)}
                id={idOf?.(row)}
                data-index={item.index}
                aria-rowindex={item.index + 2}
                ref={near.measureElement}
                className={rowClass?.(row)}
              >
                {cells(row)}
              </tr>
            );
          })}
          <Spacer height={near.getTotalSize() - (items.at(-1)?.end ?? 0)} />
        </tbody>
      </table>
    </section>
  );
}
