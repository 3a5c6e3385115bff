import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, data } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Audit = Schemas["AuditEntry"];
export type ConnectedTool = Schemas["ConnectedTool"];
export type ConnectedServers = Schemas["ConnectedServers"];
export type ParameterField = Schemas["ParameterField"];
export type PersonRow = Schemas["PersonRow"];
export type Preview = Schemas["PreviewView"];
export type PromptPage = Schemas["PromptPage"];
export type PromptVersion = Schemas["PromptVersion"];
export type ScenarioScopes = Schemas["ScenarioScopes"];
export type ServerPage = Schemas["ServerPage"];
export type UseRow = Schemas["UseRow"];
export type VersionRow = Omit<Schemas["ScopeVersion"], "grants">;

// Everything of one tenant's settings stands under ["admin", tenant]: an act makes all of it stale.
export const promptsQuery = (tenant: string) =>
  queryOptions({
    queryKey: ["admin", tenant, "prompts"],
    queryFn: () => data(api.GET("/api/admin/{tenant}/prompts", { params: { path: { tenant } } })),
  });

export const promptQuery = (tenant: string, name: string) =>
  queryOptions({
    queryKey: ["admin", tenant, "prompt", name],
    queryFn: () => data(api.GET("/api/admin/{tenant}/prompts/{name}", { params: { path: { tenant, name } } })),
    // An evaluation goes on without this page; while one is at work its progress is asked for.
    refetchInterval: ({ state }) => (state.data?.running ? 1_500 : false),
  });

export const toolsQuery = (tenant: string) =>
  queryOptions({
    queryKey: ["admin", tenant, "tools"],
    queryFn: () => data(api.GET("/api/admin/{tenant}/tools", { params: { path: { tenant } } })),
  });

export const connectorsQuery = (tenant: string) =>
  queryOptions({
    queryKey: ["admin", tenant, "connectors"],
    queryFn: () => data(api.GET("/api/admin/{tenant}/connectors", { params: { path: { tenant } } })),
  });

export const connectorQuery = (tenant: string, name: string) =>
  queryOptions({
    queryKey: ["admin", tenant, "connector", name],
    queryFn: () => data(api.GET("/api/admin/{tenant}/connectors/{name}", { params: { path: { tenant, name } } })),
  });

// Parameters and policy sets are choices of a scenario: the same pages, under two names.
export type Choices = "parameters" | "policies";
const CHOICES = {
  parameters: "/api/admin/{tenant}/parameters",
  policies: "/api/admin/{tenant}/policies",
} as const;
const OF_SCENARIO = {
  parameters: "/api/admin/{tenant}/parameters/{scenario}",
  policies: "/api/admin/{tenant}/policies/{scenario}",
} as const;
const PREVIEW = {
  parameters: "/api/admin/{tenant}/parameters/{scenario}/preview",
  policies: "/api/admin/{tenant}/policies/{scenario}/preview",
} as const;
const VERSIONS = {
  parameters: "/api/admin/{tenant}/parameters/{scenario}/versions",
  policies: "/api/admin/{tenant}/policies/{scenario}/versions",
} as const;
const ACTIVATION = {
  parameters: "/api/admin/{tenant}/parameters/{scenario}/versions/{version}/activation",
  policies: "/api/admin/{tenant}/policies/{scenario}/versions/{version}/activation",
} as const;

export const choicesQuery = (kind: Choices, tenant: string) =>
  queryOptions({
    queryKey: ["admin", tenant, kind],
    queryFn: () => data(api.GET(CHOICES[kind], { params: { path: { tenant } } })),
  });

export const choiceQuery = (kind: Choices, tenant: string, scenario: string) =>
  queryOptions({
    queryKey: ["admin", tenant, kind, scenario],
    queryFn: () => data(api.GET(OF_SCENARIO[kind], { params: { path: { tenant, scenario } } })),
  });

interface OfScenario {
  kind: Choices;
  tenant: string;
  scenario: string;
}

export const tryChoices = ({ kind, ...path }: OfScenario, values: Record<string, string>) =>
  data(api.POST(PREVIEW[kind], { params: { path }, body: { values } }));

export const proposeChoices = ({ kind, ...path }: OfScenario, values: Record<string, string>, reason: string) =>
  data(api.POST(VERSIONS[kind], { params: { path }, body: { values, reason } }));

export const activateChoices = ({ kind, ...path }: OfScenario, version: number, reason: string) =>
  data(api.POST(ACTIVATION[kind], { params: { path: { ...path, version } }, body: { reason } }));

export const peopleQuery = (tenant: string) =>
  queryOptions({
    queryKey: ["admin", tenant, "people"],
    queryFn: () => data(api.GET("/api/admin/{tenant}/people", { params: { path: { tenant } } })),
  });

const ACTS = 100;

export const auditQuery = (tenant: string) =>
  infiniteQueryOptions({
    queryKey: ["admin", tenant, "audit"],
    // The newest page first, and from there back: `before` is the oldest entry that is shown.
    queryFn: ({ pageParam: before }) =>
      data(
        api.GET("/api/admin/{tenant}/audit", {
          params: {
            path: { tenant },
            query:
              before === null
                ? { newest: true, limit: ACTS }
                : { after: Math.max(-1, before - ACTS - 1), limit: Math.min(ACTS, before) },
          },
        }),
      ),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.entries[0]?.seq || null,
  });
