import { useEffect, useState } from "react";

/** Whether the window is at most so wide: a list then shows two lines for a row, a case one pane at a time. */
export function useNarrow(width = 640): boolean {
  const [narrow, setNarrow] = useState(() => window.matchMedia(`(max-width: ${width}px)`).matches);
  useEffect(() => {
    const query = window.matchMedia(`(max-width: ${width}px)`);
    const change = () => setNarrow(query.matches);
    query.addEventListener("change", change);
    return () => query.removeEventListener("change", change);
  }, [width]);
  return narrow;
}
