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

export const parametersQuery = (tenant: string) =>
  queryOptions({
    queryKey: ["admin", tenant, "parameters"],
    queryFn: () => data(api.GET("/api/admin/{tenant}/parameters", { params: { path: { tenant } } })),
  });

export const parameterQuery = (tenant: string, scenario: string) =>
  queryOptions({
    queryKey: ["admin", tenant, "parameters", scenario],
    queryFn: () =>
      data(api.GET("/api/admin/{tenant}/parameters/{scenario}", { params: { path: { tenant, scenario } } })),
  });

export const peopleQuery = (tenant: string) =>
  queryOptions({
    queryKey: ["admin", tenant, "people"],
    queryFn: () => data(api.GET("/api/admin/{tenant}/people", { params: { path: { tenant } } })),
  });

export const auditQuery = (tenant: string) =>
  infiniteQueryOptions({
    queryKey: ["admin", tenant, "audit"],
    queryFn: ({ pageParam }) =>
      data(
        api.GET("/api/admin/{tenant}/audit", {
          params: { path: { tenant }, query: { after: pageParam, limit: 500 } },
        }),
      ),
    initialPageParam: -1,
    getNextPageParam: (page) => page.next,
  });
