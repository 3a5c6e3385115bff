import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { type ScenarioScopes, toolsQuery } from "@/api/admin";
import { data as answer, api } from "@/api/client";
import { Fault } from "@/parts/Fault";
import { FormFoot } from "@/parts/FormFoot";
import { Loading, SkeletonLines } from "@/parts/Skeleton";
import { ReasonField, Refused } from "./Act";
import { Uses } from "./Uses";
import { Versions } from "./Versions";

const ROUTE = "/inside/admin/$tenant/tools";

/** Who may use what: a scenario's agents down, tools across. What has no mark is refused. */
export function ToolsPage() {
  const { tenant } = useParams({ from: ROUTE });
  const { scenario } = useSearch({ from: ROUTE });
  const navigate = useNavigate();
  const { data, error, refetch } = useQuery(toolsQuery(tenant));
  if (error) return <Fault error={error} again={() => void refetch()} />;
  if (!data) {
    return (
      <Loading what="tool scopes">
        <SkeletonLines count={10} />
      </Loading>
    );
  }
  const chosen = data.scenarios.find((one) => one.scenario === scenario) ?? data.scenarios[0];
  if (!chosen) return <p className="empty">There is no scenario.</p>;
  return (
    <section className="admin-page two" aria-labelledby="tools">
      <title>Tool scopes · Casegate</title>
      <aside className="admin-side">
        <h1 id="tools">Tool scopes</h1>
        <label className="field">
          <span>Scenario</span>
          <select
            className="input"
            value={chosen.scenario}
            onChange={(event) =>
              void navigate({
                to: "/admin/$tenant/tools",
                params: { tenant },
                search: { scenario: event.target.value },
                replace: true,
              })
            }
          >
            {data.scenarios.map((one) => (
              <option key={one.scenario} value={one.scenario}>
                {one.scenario}
              </option>
            ))}
          </select>
        </label>
        <p className="small quiet">{chosen.title}</p>
        <Versions
          versions={chosen.versions}
          tenant={tenant}
          what={`the scopes of ${chosen.scenario}`}
          activate={(version, reason) =>
            answer(
              api.POST("/api/admin/{tenant}/tools/{scenario}/versions/{version}/activation", {
                params: { path: { tenant, scenario: chosen.scenario, version } },
                body: { reason },
              }),
            )
          }
        >
          {(row) => <p className="small">{grantWords(row.grants)}</p>}
        </Versions>
      </aside>
      <div className="admin-main">
        <Matrix
          key={`${chosen.scenario}/${chosen.active}`}
          scopes={chosen}
          tools={data.tools.map((one) => one.name)}
          tenant={tenant}
        />
        <h3 className="label">Tools</h3>
        <dl className="facts small">
          {data.tools.map((one) => (
            <div key={one.name} className="tool-fact">
              <dt>
                <span className="id">{one.name}</span> · {one.kind === "read" ? "reads" : one.kind}
              </dt>
              <dd>
                {one.description} Arguments: {one.arguments.join(", ")}.
              </dd>
            </div>
          ))}
        </dl>
        <Uses uses={data.uses.filter((use) => use.version.startsWith(`${chosen.scenario}/`))} tool />
      </div>
    </section>
  );
}

function grantWords(grants: Record<string, string[]>): string {
  const parts = Object.entries(grants).map(([agent, tools]) => `${agent}: ${tools.join(", ")}`);
  return parts.join(" · ") || "no agent may use any tool";
}

interface MatrixProps {
  scopes: ScenarioScopes;
  tools: string[];
  tenant: string;
}

function Matrix({ scopes, tools, tenant }: MatrixProps) {
  const client = useQueryClient();
  const [grants, setGrants] = useState<Record<string, string[]>>(scopes.grants);
  const [reason, setReason] = useState("");
  const has = (of: Record<string, string[]>, agent: string, tool: string) => of[agent]?.includes(tool) ?? false;
  const changed = scopes.agents.some((agent) =>
    tools.some((tool) => has(grants, agent, tool) !== has(scopes.grants, agent, tool)),
  );
  const wider = scopes.agents.some((agent) =>
    tools.some((tool) => has(grants, agent, tool) && !has(scopes.grants, agent, tool)),
  );
  const toggle = (agent: string, tool: string) =>
    setGrants((now) => ({
      ...now,
      [agent]: has(now, agent, tool) ? (now[agent] ?? []).filter((one) => one !== tool) : [...(now[agent] ?? []), tool],
    }));
  const send = useMutation({
    mutationFn: () =>
      answer(
        api.POST("/api/admin/{tenant}/tools/{scenario}/versions", {
          params: { path: { tenant, scenario: scopes.scenario } },
          body: { grants, reason: reason.trim() },
        }),
      ),
    onSuccess: async () => {
      setReason("");
      setGrants(scopes.grants);
      await client.invalidateQueries({ queryKey: ["admin", tenant] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate();
  };
  return (
    <form onSubmit={submit} className="matrix-form">
      <table className="scope-matrix">
        <caption className="label">Who may read with what in {scopes.scenario}; what has no mark is refused</caption>
        <thead>
          <tr>
            <th scope="col">Agent</th>
            {tools.map((tool) => (
              <th key={tool} scope="col" className="id">
                {tool}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {scopes.agents.map((agent) => (
            <tr key={agent}>
              <th scope="row">{agent}</th>
              {tools.map((tool) => {
                const count = scopes.counts.find((one) => one.agent === agent && one.tool === tool);
                const differs = has(grants, agent, tool) !== has(scopes.grants, agent, tool);
                return (
                  <td key={tool} className={differs ? "differs" : ""}>
                    <label>
                      <input
                        type="checkbox"
                        checked={has(grants, agent, tool)}
                        onChange={() => toggle(agent, tool)}
                        aria-label={`${agent} may read with ${tool}`}
                      />
                      <span className="small quiet">{count ? `used ${count.used}, refused ${count.refused}` : ""}</span>
                    </label>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {changed && (
        <>
          <ReasonField value={reason} onChange={setReason} />
          <p className="small quiet">
            {wider
              ? "This allows more than now: another admin has to put it in force."
              : "This only takes away: you may put it in force yourself once it is proposed."}
          </p>
          <Refused error={send.error} />
          <FormFoot
            sends="Propose these scopes"
            ready={reason.trim() !== ""}
            pending={send.isPending}
            onCancel={() => setGrants(scopes.grants)}
          />
        </>
      )}
    </form>
  );
}
