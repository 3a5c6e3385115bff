import { createContext, type ReactNode, useContext, useMemo } from "react";

/**
 * How far the clock of what is on the page is from this browser's, in milliseconds. A demo case lives at the time of its
 * packet, and a browser's clock may be wrong: what is left until an expiry is told by the clock that decides it.
 */
const Offset = createContext(0);

export function useClockOffset(): number {
  return useContext(Offset);
}

/** Everything below tells time by the server's `now`, as it was when this was read. */
export function ClockOf({ now, readAt, children }: { now: string; readAt: number; children: ReactNode }) {
  const offset = useMemo(() => {
    const difference = new Date(now).getTime() - readAt;
    return Number.isFinite(difference) ? difference : 0;
  }, [now, readAt]);
  return <Offset.Provider value={offset}>{children}</Offset.Provider>;
}
