import { notifyManager, onlineManager, type QueryCache, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useSyncExternalStore } from "react";
import { unreachable } from "@/api/client";

/** Whether the server can be reached: yes, no network here, or no answer from it. */
export type Connection = "there" | "offline" | "silent";

const AGAIN_AFTER_MS = 4000;

function silent(cache: QueryCache): boolean {
  return cache.getAll().some((query) => query.isActive() && unreachable(query.state.fetchFailureReason));
}

/** How the server is reached now, by what became of everything that the page asked for. */
export function useConnection(): Connection {
  const cache = useQueryClient().getQueryCache();
  const subscribe = useCallback(
    (changed: () => void) => {
      const stops = [onlineManager.subscribe(changed), cache.subscribe(notifyManager.batchCalls(changed))];
      return () => {
        for (const stop of stops) stop();
      };
    },
    [cache],
  );
  return useSyncExternalStore(subscribe, () =>
    onlineManager.isOnline() ? (silent(cache) ? "silent" : "there") : "offline",
  );
}

/** While the server is silent it is asked again, and all that it did not answer comes when it does. */
export function useResuming(connection: Connection): void {
  const client = useQueryClient();
  useEffect(() => {
    if (connection !== "silent") return;
    const timer = window.setInterval(() => {
      void client.refetchQueries({ type: "active", predicate: (one) => unreachable(one.state.fetchFailureReason) });
    }, AGAIN_AFTER_MS);
    return () => window.clearInterval(timer);
  }, [connection, client]);
}
