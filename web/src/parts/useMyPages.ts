import { useQuery } from "@tanstack/react-query";
import { meQuery, streamsQuery } from "@/api/queries";

/** The pages that not everybody has: where a stream of a tenant of mine is taken in, and where I have to do or to read. */
export function useMyPages(): { monitor: boolean; admin: boolean; evals: boolean } {
  const { data: live } = useQuery(streamsQuery);
  const { data: me } = useQuery(meQuery);
  const may = (...names: string[]) => me?.capabilities.some((one) => names.includes(one)) ?? false;
  return {
    monitor: (live?.streams.length ?? 0) > 0,
    admin: may("admin:read", "admin:audit"),
    evals: may("evals:read"),
  };
}
