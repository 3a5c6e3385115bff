import { useConnection } from "./connection";

/** Lines in the place of text that is on its way, in the widths that it will have. */
export function SkeletonLines({ count, widths = [92, 78, 85, 64] }: { count: number; widths?: number[] }) {
  return (
    <div aria-hidden="true">
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: nothing ever moves in a skeleton.
        <span key={index} className="skeleton text" style={{ width: `${widths[index % widths.length]}%` }} />
      ))}
    </div>
  );
}

/** Says once that something is being loaded, to those who do not see the skeleton; and to all where it cannot come now. */
export function Loading({ what, children }: { what: string; children: React.ReactNode }) {
  const offline = useConnection() === "offline";
  return (
    <div aria-busy="true" className="loading">
      <p className={offline ? "loading-note" : "unseen"} role="status">
        {offline ? `Not fetched yet: ${what}. It comes when the connection is back.` : `Loading ${what}`}
      </p>
      {children}
    </div>
  );
}

/** The widths of a table's columns; "auto" takes what the others leave. */
export function Columns({ widths }: { widths: string[] }) {
  return (
    <colgroup>
      {widths.map((width, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: columns are told by their place.
        <col key={index} style={{ width }} />
      ))}
    </colgroup>
  );
}

/** A table in the widths that it will have. */
export function TableSkeleton({ what, widths }: { what: string; widths: string[] }) {
  const lengths = [80, 64, 72, 58, 76, 66, 70, 62];
  return (
    <Loading what={what}>
      <div className="table-scroll" aria-hidden="true">
        <table className="rows">
          <Columns widths={widths} />
          <thead>
            <tr>
              {widths.map((width, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: columns are told by their place.
                <th key={index + width} />
              ))}
            </tr>
          </thead>
          <tbody>
            {lengths.map((length) => (
              <tr key={length} className="row">
                {widths.map((width, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: columns are told by their place.
                  <td key={index + width} className={index > 0 ? "wide" : ""}>
                    <span className="skeleton" style={{ width: `${length}%` }} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Loading>
  );
}
