import { infiniteQueryOptions, QueryClient, queryOptions } from "@tanstack/react-query";
import { ApiProblem, api, data, setCsrf } from "./client";
import type { CaseRow, EvalRow } from "./types";

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // The server's own no (4xx) does not change by asking again; a lost connection does. Nobody looks at a skeleton
      // for long: what fails twice more is said, and useResuming goes on asking.
      retry: (count, error) => !(error instanceof ApiProblem && error.status < 500) && count < 2,
      retryDelay: (count) => 300 * 2 ** count,
    },
    mutations: { retry: false },
  },
});

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async () => {
    const me = await data(api.GET("/api/me"));
    setCsrf(me.csrf);
    return me;
  },
  staleTime: 5 * 60_000,
});

export const signInWaysQuery = queryOptions({
  queryKey: ["ways"],
  queryFn: () => data(api.GET("/api/session")),
});

export interface CaseFilters {
  q?: string | undefined;
  scenario?: string | undefined;
  state?: CaseRow["state"] | undefined;
  waiting?: "me" | undefined;
  sort?: "-changed" | "changed" | "case" | "-case" | undefined;
}

export const casesQuery = (filters: CaseFilters) =>
  infiniteQueryOptions({
    queryKey: ["cases", filters],
    queryFn: ({ pageParam }) =>
      data(
        api.GET("/api/cases", {
          params: {
            query: {
              q: filters.q,
              scenario: filters.scenario,
              state: filters.state && [filters.state],
              waiting_on: filters.waiting,
              sort: filters.sort,
              cursor: pageParam || undefined,
              limit: 100,
            },
          },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: 20_000,
  });

export const approvalsQuery = (state: "waiting" | "history", mine = false, q = "") =>
  infiniteQueryOptions({
    queryKey: ["approvals", state, mine, q],
    queryFn: ({ pageParam }) =>
      data(
        api.GET("/api/approvals", {
          params: { query: { state, mine, q: q || undefined, cursor: pageParam || undefined, limit: 100 } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: 20_000,
  });

export const scenariosQuery = queryOptions({
  queryKey: ["scenarios"],
  queryFn: () => data(api.GET("/api/scenarios")),
  staleTime: Number.POSITIVE_INFINITY,
});

export const scenarioQuery = (slug: string) =>
  queryOptions({
    queryKey: ["scenario", slug],
    queryFn: () => data(api.GET("/api/scenarios/{slug}", { params: { path: { slug } } })),
    staleTime: Number.POSITIVE_INFINITY,
  });

// Everything of one run stands under ["run", id], so that an event of the run makes all of it stale at once.
export const runQuery = (run: string) =>
  queryOptions({
    queryKey: ["run", run, "page"],
    queryFn: () => data(api.GET("/api/runs/{run}", { params: { path: { run } } })),
  });

export const chatQuery = (run: string) =>
  infiniteQueryOptions({
    queryKey: ["run", run, "chat"],
    queryFn: ({ pageParam }) =>
      data(
        api.GET("/api/runs/{run}/chat", {
          params: { path: { run }, query: { before: pageParam || undefined, limit: 100 } },
        }),
      ),
    initialPageParam: 0,
    getNextPageParam: (page) => page.before,
  });

/** What the agents did for a turn that made a revision: it never changes. */
export const workQuery = (run: string, seq: number) =>
  queryOptions({
    queryKey: ["work", run, seq],
    queryFn: () => data(api.GET("/api/runs/{run}/chat/{seq}/work", { params: { path: { run, seq } } })),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const ledgerQuery = (run: string) =>
  queryOptions({
    queryKey: ["run", run, "evidence"],
    queryFn: () => data(api.GET("/api/runs/{run}/evidence", { params: { path: { run } } })),
  });

/** The connected systems that answers may be fetched from. They change with the settings only. */
export const connectorsQuery = (run: string) =>
  queryOptions({
    queryKey: ["connectors", run],
    queryFn: () => data(api.GET("/api/runs/{run}/connectors", { params: { path: { run } } })),
  });

/** A part of an evidence item: around `locator`, or from `offset`, of one `sheet`, one `page`. */
export interface Place {
  locator?: string | undefined;
  offset?: number | undefined;
  sheet?: string | undefined;
  page?: number | undefined;
}

export const evidenceQuery = (run: string, item: string, place: Place) =>
  queryOptions({
    queryKey: ["evidence", run, item, place],
    queryFn: () =>
      data(
        api.GET("/api/runs/{run}/evidence/{item}", {
          params: { path: { run, item }, query: { ...place, limit: 400 } },
        }),
      ),
    staleTime: 5 * 60_000,
  });

export const revisionsQuery = (run: string) =>
  queryOptions({
    queryKey: ["run", run, "revisions"],
    queryFn: () => data(api.GET("/api/runs/{run}/revisions", { params: { path: { run } } })),
  });

// A revision never changes, and so neither does the difference of two.
export const revisionQuery = (run: string, revision: string) =>
  queryOptions({
    queryKey: ["revision", run, revision],
    queryFn: () => data(api.GET("/api/runs/{run}/revisions/{revision}", { params: { path: { run, revision } } })),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Under the run's key: each pass draws the current revision anew, for time alone may change what stands in it. */
export const exhibitsQuery = (run: string, revision: string) =>
  queryOptions({
    queryKey: ["run", run, "exhibits", revision],
    queryFn: () =>
      data(api.GET("/api/runs/{run}/revisions/{revision}/exhibits", { params: { path: { run, revision } } })),
  });

export const diffQuery = (run: string, a: string, b: string) =>
  queryOptions({
    queryKey: ["diff", run, a, b],
    queryFn: () => data(api.GET("/api/runs/{run}/revisions/{a}/diff/{b}", { params: { path: { run, a, b } } })),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const gateQuery = (run: string, gate: string) =>
  queryOptions({
    queryKey: ["run", run, "gate", gate],
    queryFn: () => data(api.GET("/api/runs/{run}/gates/{gate}", { params: { path: { run, gate } } })),
  });

export const lineageQuery = (run: string) =>
  infiniteQueryOptions({
    queryKey: ["run", run, "lineage"],
    queryFn: ({ pageParam }) =>
      data(
        api.GET("/api/runs/{run}/lineage", {
          params: { path: { run }, query: { after: pageParam, limit: 200 } },
        }),
      ),
    initialPageParam: -1,
    getNextPageParam: (page) => page.next,
  });

export const searchQuery = (run: string, q: string) =>
  queryOptions({
    queryKey: ["run", run, "search", q],
    queryFn: () => data(api.GET("/api/runs/{run}/search", { params: { path: { run }, query: { q } } })),
    enabled: q.length > 1,
  });

export interface EvalFilters {
  suite?: string | undefined;
  state?: EvalRow["state"] | undefined;
}

export const evalsQuery = (filters: EvalFilters) =>
  queryOptions({
    queryKey: ["evals", filters],
    queryFn: () => data(api.GET("/api/evals", { params: { query: filters } })),
    refetchInterval: (query) => (query.state.data?.running ? 3_000 : 20_000),
  });

export const evalQuery = (name: string) =>
  queryOptions({
    queryKey: ["eval", name],
    queryFn: () => data(api.GET("/api/evals/{eval}", { params: { path: { eval: name } } })),
  });

export const evalComparisonQuery = (name: string, other: string) =>
  queryOptions({
    queryKey: ["eval", name, "compare", other],
    queryFn: () => data(api.GET("/api/evals/{eval}/compare/{other}", { params: { path: { eval: name, other } } })),
  });

export const evalCaseQuery = (name: string, suite: string, one: string, against: string) =>
  queryOptions({
    queryKey: ["eval", name, "case", suite, one, against],
    queryFn: () =>
      data(
        api.GET("/api/evals/{eval}/case", { params: { path: { eval: name }, query: { suite, case: one, against } } }),
      ),
  });

// Everything of one stream of live signals stands under ["monitor", tenant].
export const streamsQuery = queryOptions({
  queryKey: ["streams"],
  queryFn: () => data(api.GET("/api/monitor")),
});

export const monitorQuery = (tenant: string) =>
  queryOptions({
    queryKey: ["monitor", tenant, "page"],
    queryFn: () => data(api.GET("/api/monitor/{tenant}", { params: { path: { tenant } } })),
    refetchInterval: 10_000,
  });

export const clustersQuery = (tenant: string) =>
  infiniteQueryOptions({
    queryKey: ["monitor", tenant, "clusters"],
    queryFn: ({ pageParam }) =>
      data(
        api.GET("/api/monitor/{tenant}/clusters", {
          params: { path: { tenant }, query: { cursor: pageParam || undefined, limit: 200 } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    staleTime: 60_000,
  });

export const clusterQuery = (tenant: string, number: number) =>
  queryOptions({
    queryKey: ["monitor", tenant, "cluster", number],
    queryFn: () => data(api.GET("/api/monitor/{tenant}/clusters/{number}", { params: { path: { tenant, number } } })),
  });

export const latestQuery = (tenant: string) =>
  queryOptions({
    queryKey: ["monitor", tenant, "latest"],
    queryFn: () =>
      data(api.GET("/api/monitor/{tenant}/signals", { params: { path: { tenant }, query: { limit: 500 } } })),
  });

export const deadQuery = (tenant: string) =>
  infiniteQueryOptions({
    queryKey: ["monitor", tenant, "dead"],
    queryFn: ({ pageParam }) =>
      data(
        api.GET("/api/monitor/{tenant}/dead", {
          params: { path: { tenant }, query: { before: pageParam || undefined, limit: 200 } },
        }),
      ),
    initialPageParam: 0,
    getNextPageParam: (page) => page.next_before,
  });
