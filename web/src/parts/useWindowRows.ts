import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";

interface Rows {
  count: number;
  height: number;
  /** Called when the reader comes near the end of what is loaded. */
  more?: (() => void) | undefined;
}

/** The rows of a long table that are near the reader, with the space that the others would take. */
export function useWindowRows({ count, height, more }: Rows) {
  const ref = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count,
    getScrollElement: () => ref.current,
    estimateSize: () => height,
    overscan: 12,
  });
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && count > 0 && last >= count - 20) more();
  }, [more, count, last]);
  return {
    ref,
    items,
    before: items[0]?.start ?? 0,
    after: rows.getTotalSize() - (items.at(-1)?.end ?? 0),
    scrollTo: (index: number) => rows.scrollToIndex(index, { align: "auto" }),
  };
}
