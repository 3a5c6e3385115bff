import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { type ConnectedServers, connectorsQuery } from "@/api/admin";
import { data as answer, api } from "@/api/client";
import { useKeys } from "@/keys/keys";
import { Fault } from "@/parts/Fault";
import { FormFoot } from "@/parts/FormFoot";
import { Loading, SkeletonLines } from "@/parts/Skeleton";
import { Time } from "@/parts/Time";
import { counted } from "@/parts/words";
import { ReasonField, Refused } from "./Act";

/** The MCP servers of a tenant: what agents may read with, what changed, and what cannot be reached. */
export function ConnectorsPage() {
  const { tenant } = useParams({ from: "/inside/admin/$tenant" });
  const { data, error, refetch } = useQuery(connectorsQuery(tenant));
  const [adding, setAdding] = useState(false);
  const offered = data ? data.commands.length + data.hosts.length > 0 : false;
  useKeys("Connectors", [{ keys: "n", does: "Add a server", run: () => setAdding(offered) }]);
  if (error) return <Fault error={error} again={() => void refetch()} />;
  return (
    <section className="admin-page" aria-labelledby="connectors">
      <title>Connectors · Casegate</title>
      <h1 id="connectors">Connectors {data && <span className="counted">{data.connectors.length}</span>}</h1>
      <p className="small quiet">
        MCP servers whose tools agents may read with. Every tool is off until two admins have looked at it, and again
        when it changes.
      </p>
      {data ? (
        <>
          {!offered && (
            <div className="notice doubt">
              <strong>No server can be added here</strong>
              <span>
                Whoever runs this installation says which commands and hosts there are, in the file that CASEGATE_MCP
                names.
              </span>
            </div>
          )}
          {data.connectors.length > 0 && <Table servers={data} tenant={tenant} />}
          {data.connectors.length === 0 && offered && !adding && (
            <p className="empty">No server is connected yet. Add one, look at its tools, and say what each is.</p>
          )}
          {offered &&
            (adding ? (
              <NewServer servers={data} tenant={tenant} onCancel={() => setAdding(false)} />
            ) : (
              <div className="actions">
                <button type="button" className="button first" onClick={() => setAdding(true)}>
                  Add a server
                </button>
              </div>
            ))}
        </>
      ) : (
        <Loading what="connectors">
          <SkeletonLines count={6} />
        </Loading>
      )}
    </section>
  );
}

function Table({ servers, tenant }: { servers: ConnectedServers; tenant: string }) {
  return (
    <table className="list-table admin-table">
      <thead>
        <tr>
          <th scope="col">Server</th>
          <th scope="col">In force</th>
          <th scope="col">Tools</th>
          <th scope="col">Looked at</th>
        </tr>
      </thead>
      <tbody>
        {servers.connectors.map((one) => (
          <tr key={one.name}>
            <th scope="row">
              <Link to="/admin/$tenant/connectors/$name" params={{ tenant, name: one.name }}>
                {one.name}
              </Link>
              <span className="small quiet where">
                {one.transport === "stdio" ? "command " : ""}
                {one.where}
              </span>
            </th>
            <td>
              {one.active === 0 ? "not in force" : `version ${one.active}`}
              {one.drafts > 0 && <span className="small quiet"> · {counted(one.drafts, "draft")}</span>}
            </td>
            <td>
              {one.read} read, {one.effect} with an effect
              {one.changed > 0 && (
                <>
                  {" · "}
                  <span className="mark conflicting">
                    <span aria-hidden="true">⚡</span> {one.changed} changed
                  </span>
                </>
              )}
            </td>
            <td>
              {one.looked_at ? <Time at={one.looked_at} /> : <span className="quiet">never</span>}
              {one.problem && <span className="small mark failed problem"> {one.problem}</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function NewServer({ servers, tenant, onCancel }: { servers: ConnectedServers; tenant: string; onCancel: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [kind, setKind] = useState<"stdio" | "http">(servers.commands.length > 0 ? "stdio" : "http");
  const [command, setCommand] = useState(servers.commands[0] ?? "");
  const [url, setUrl] = useState(servers.hosts[0] ? `${servers.hosts[0].origin}/mcp` : "");
  const [system, setSystem] = useState("");
  const [reason, setReason] = useState("");
  const send = useMutation({
    mutationFn: () =>
      answer(
        api.POST("/api/admin/{tenant}/connectors", {
          params: { path: { tenant } },
          body: {
            name: name.trim(),
            reach: kind === "stdio" ? { transport: "stdio", command } : { transport: "http", url: url.trim() },
            system: system.trim(),
            reason: reason.trim(),
          },
        }),
      ),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["admin", tenant] });
      await navigate({ to: "/admin/$tenant/connectors/$name", params: { tenant, name: name.trim() } });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate();
  };
  return (
    <form className="new-version" onSubmit={submit} aria-label="Add a server">
      <h2>Add a server</h2>
      <label className="field">
        <span>Name</span>
        <input
          className="input"
          required
          pattern="[a-z][a-z0-9_]{0,39}"
          title="a small letter, then small letters, digits and _"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </label>
      <label className="field">
        <span>Reached by</span>
        <select className="input" value={kind} onChange={(event) => setKind(event.target.value as "stdio" | "http")}>
          {servers.commands.length > 0 && <option value="stdio">a command of this installation</option>}
          {servers.hosts.length > 0 && <option value="http">an address</option>}
        </select>
      </label>
      {kind === "stdio" ? (
        <label className="field">
          <span>Command</span>
          <select className="input" value={command} onChange={(event) => setCommand(event.target.value)}>
            {servers.commands.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
      ) : (
        <label className="field">
          <span>Address, on {servers.hosts.map((one) => one.origin).join(" or ")}</span>
          <input
            className="input"
            type="url"
            required
            maxLength={500}
            value={url}
            onChange={(event) => setUrl(event.target.value)}
          />
        </label>
      )}
      <label className="field">
        <span>Kind of system, as scenarios rank sources (may stay empty)</span>
        <input
          className="input"
          pattern="[a-z0-9_]*"
          maxLength={100}
          value={system}
          onChange={(event) => setSystem(event.target.value)}
        />
      </label>
      <ReasonField value={reason} onChange={setReason} />
      <p className="small quiet">
        Nothing is in force by this. Tokens and secrets stand with the command or the host, never here.
      </p>
      <Refused error={send.error} />
      <FormFoot
        sends="Propose this server"
        ready={name.trim() !== "" && reason.trim() !== ""}
        pending={send.isPending}
        onCancel={onCancel}
      />
    </form>
  );
}
