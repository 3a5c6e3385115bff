import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { connectorQuery, type ServerPage } from "@/api/admin";
import { data as answer, api } from "@/api/client";
import { Fault } from "@/parts/Fault";
import { Loading, SkeletonLines } from "@/parts/Skeleton";
import { Time } from "@/parts/Time";
import { ActDialog, Refused } from "./Act";
import { ConnectedTools } from "./ConnectedTools";
import { Versions } from "./Versions";

const ROUTE = "/inside/admin/$tenant/connectors/$name";

/** One MCP server: how it is reached and its versions on the left, its tools and what each is beside it. */
export function ConnectorPage() {
  const { tenant, name } = useParams({ from: ROUTE });
  const { data, error, refetch } = useQuery(connectorQuery(tenant, name));
  if (error) return <Fault error={error} again={() => void refetch()} />;
  if (!data) {
    return (
      <Loading what="the connector">
        <SkeletonLines count={10} />
      </Loading>
    );
  }
  return (
    <section className="admin-page two" aria-labelledby="connector">
      <title>{`${name} · Connectors · Casegate`}</title>
      <aside className="admin-side">
        <p>
          <Link to="/admin/$tenant/connectors" params={{ tenant }}>
            ← Connectors
          </Link>
        </p>
        <h1 id="connector">{name}</h1>
        <p className="small quiet where">
          {data.transport === "stdio" ? "Command " : ""}
          <span className="id">{data.where}</span>
          {data.system && <> · read as {data.system}</>}
        </p>
        <Look page={data} tenant={tenant} />
        <Versions
          versions={data.versions.filter((one) => one.version !== 0)}
          tenant={tenant}
          what={name}
          activate={(version, reason) => activate(tenant, name, version, reason)}
        >
          {(row) => <p className="small">{kinds(row.tools)}</p>}
        </Versions>
        {data.active !== 0 && <Removal name={name} tenant={tenant} />}
      </aside>
      <div className="admin-main">
        <ConnectedTools key={`${data.active}/${data.looked_at}`} page={data} tenant={tenant} />
      </div>
    </section>
  );
}

function activate(tenant: string, name: string, version: number, reason: string) {
  return answer(
    api.POST("/api/admin/{tenant}/connectors/{name}/versions/{version}/activation", {
      params: { path: { tenant, name, version } },
      body: { reason },
    }),
  );
}

function kinds(tools: ServerPage["versions"][number]["tools"]): string {
  const named = Object.entries(tools).filter(([, kind]) => kind !== "off");
  return named.map(([tool, kind]) => `${tool}: ${kind}`).join(" · ") || "no tool is classed";
}

/** Ask the server for its tools now. What changed since somebody looked is off from then on. */
function Look({ page, tenant }: { page: ServerPage; tenant: string }) {
  const client = useQueryClient();
  const look = useMutation({
    mutationFn: () =>
      answer(api.POST("/api/admin/{tenant}/connectors/{name}/look", { params: { path: { tenant, name: page.name } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["admin", tenant] }),
  });
  return (
    <div className="look" aria-live="polite">
      <button type="button" className="button" disabled={look.isPending} onClick={() => look.mutate()}>
        {look.isPending ? "Connecting…" : "Connect and look"}
      </button>
      <p className="small quiet">
        {page.looked_at ? (
          <>
            Looked at <Time at={page.looked_at} />
          </>
        ) : (
          "Nobody has looked at it yet"
        )}
      </p>
      {page.problem && (
        <div className="notice clash" role="alert">
          <strong>The server gave no tools</strong>
          <span>{page.problem}. Agents are refused with the reason; their runs go on.</span>
        </div>
      )}
      <Refused error={look.error} />
    </div>
  );
}

function Removal({ name, tenant }: { name: string; tenant: string }) {
  const [asked, setAsked] = useState(false);
  return (
    <>
      <button type="button" className="button plain" onClick={() => setAsked(true)}>
        Remove
      </button>
      {asked && (
        <ActDialog
          title={`Remove ${name}`}
          says="Agents cannot ask it from now on. Evidence that came from it stays. Coming back needs a second admin."
          verb="Remove"
          tenant={tenant}
          act={(reason) => activate(tenant, name, 0, reason)}
          onClose={() => setAsked(false)}
        />
      )}
    </>
  );
}
