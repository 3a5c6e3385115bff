import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { ConnectedTool, ServerPage } from "@/api/admin";
import { data as answer, api } from "@/api/client";
import { FormFoot } from "@/parts/FormFoot";
import { Hash } from "@/parts/Id";
import type { MarkKind } from "@/parts/Mark";
import { Time } from "@/parts/Time";
import { wordPieces } from "@/parts/wordPieces";
import { ReasonField, Refused } from "./Act";

type Kind = ConnectedTool["kind"];
const KINDS: Record<Kind, string> = {
  off: "off: no agent may use it",
  read: "read: it only looks something up",
  effect: "effect: it changes something",
};
const STATES: Record<ConnectedTool["state"], { sign: string; mark: MarkKind; words: string }> = {
  new: { sign: "◌", mark: "unverified", words: "nobody has looked at it" },
  looked_at: { sign: "✓", mark: "confirmed", words: "as it was looked at" },
  changed: { sign: "⚡", mark: "conflicting", words: "changed since it was looked at: off" },
  gone: { sign: "∅", mark: "missing", words: "not told any more: off" },
};

/** Every tool as its server tells it, and what admins say that it is. */
export function ConnectedTools({ page, tenant }: { page: ServerPage; tenant: string }) {
  const client = useQueryClient();
  const now = Object.fromEntries(page.tools.map((one) => [one.name, one.kind]));
  const [wanted, setWanted] = useState<Record<string, Kind>>(now);
  const [reason, setReason] = useState("");
  const differs = page.tools.some((one) => wanted[one.name] !== one.kind);
  const wider = page.active === 0 || page.tools.some((one) => wanted[one.name] === "read" && one.kind !== "read");
  const send = useMutation({
    mutationFn: () =>
      answer(
        api.POST("/api/admin/{tenant}/connectors/{name}/versions", {
          params: { path: { tenant, name: page.name } },
          body: { tools: classes(page.tools, wanted), reason: reason.trim() },
        }),
      ),
    onSuccess: async () => {
      setReason("");
      setWanted(now);
      await client.invalidateQueries({ queryKey: ["admin", tenant] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate();
  };
  if (page.tools.length === 0) {
    return <p className="empty">No tool is known. Connect and look: what the server tells then stands here.</p>;
  }
  return (
    <form className="connected" onSubmit={submit}>
      <h2>
        Tools <span className="counted">{page.tools.length}</span>
      </h2>
      <p className="small quiet">
        Names, descriptions and schemas are the server's own words. What cannot be seen in them is written out, as in
        ⟨U+202E⟩.
      </p>
      <ul className="connected-tools" aria-label="Tools of the server">
        {page.tools.map((one) => (
          <Tool
            key={one.name}
            tool={one}
            wanted={wanted[one.name] ?? "off"}
            onWant={(kind) => setWanted((before) => ({ ...before, [one.name]: kind }))}
          />
        ))}
      </ul>
      {differs && (
        <div className="propose">
          <ReasonField value={reason} onChange={setReason} />
          <p className="small quiet">
            {wider
              ? "This allows more than now: another admin has to put it in force."
              : "This only takes away: you may put it in force yourself once it is proposed."}
          </p>
          <Refused error={send.error} />
          <FormFoot
            sends="Propose these classes"
            ready={reason.trim() !== ""}
            pending={send.isPending}
            onCancel={() => setWanted(now)}
          />
        </div>
      )}
    </form>
  );
}

function classes(tools: ConnectedTool[], wanted: Record<string, Kind>) {
  const named = tools.filter((one) => (wanted[one.name] ?? "off") !== "off");
  return Object.fromEntries(named.map((one) => [one.name, { kind: wanted[one.name] ?? "off", sha256: one.sha256 }]));
}

interface ToolProps {
  tool: ConnectedTool;
  wanted: Kind;
  onWant: (kind: Kind) => void;
}

function Tool({ tool, wanted, onWant }: ToolProps) {
  const state = STATES[tool.state];
  return (
    <li className={wanted !== tool.kind ? "differs" : ""}>
      <div className="version-head">
        <strong className="id">{tool.name}</strong>
        <span className={`mark ${state.mark}`}>
          <span aria-hidden="true">{state.sign}</span> {state.words}
        </span>
        <span className="space" />
        <select
          className="input"
          aria-label={`What ${tool.name} is`}
          value={wanted}
          disabled={tool.state === "gone"}
          onChange={(event) => onWant(event.target.value as Kind)}
        >
          {(Object.keys(KINDS) as Kind[]).map((kind) => (
            <option key={kind} value={kind} disabled={kind === "read" && tool.why_not !== ""}>
              {KINDS[kind]}
            </option>
          ))}
        </select>
      </div>
      {tool.why_not && (
        <p className="small">
          <span className="mark missing">
            <span aria-hidden="true">∅</span> no agent can be given it:
          </span>{" "}
          {tool.why_not}
        </p>
      )}
      {tool.orders && (
        <p className="small">
          <span className="mark conflicting">
            <span aria-hidden="true">⚡</span> its description gives orders
          </span>{" "}
          to whoever reads it. Nothing here follows them; ask why they are there.
        </p>
      )}
      {tool.change ? (
        <div className="change">
          <p className="small">
            Found <Time at={tool.change.at} />. Class it again once you have looked at what is different:
          </p>
          <Difference what="Description" {...tool.change.description} />
          <Difference what="Arguments" {...tool.change.arguments} />
          <Difference what="Answer" {...tool.change.answer} />
        </div>
      ) : (
        <p className="description">{tool.description || <span className="quiet">no description</span>}</p>
      )}
      <details>
        <summary className="small">Schemas and fingerprint</summary>
        <p className="small">
          <Hash value={tool.sha256} />
        </p>
        <h3 className="label">Arguments</h3>
        <pre className="prompt-text" tabIndex={0}>
          {tool.arguments}
        </pre>
        <h3 className="label">Answer</h3>
        <pre className="prompt-text" tabIndex={0}>
          {tool.answer || "no schema: whatever it answers"}
        </pre>
      </details>
    </li>
  );
}

function Difference({ what, before, now }: { what: string; before: string; now: string }) {
  if (before === now) return null;
  return (
    <>
      <h3 className="label">{what}</h3>
      <pre className="prompt-text" tabIndex={0}>
        {wordPieces(before, now).map((piece) => {
          if (piece.op === "added") return <ins key={piece.at}>{piece.text}</ins>;
          if (piece.op === "removed") return <del key={piece.at}>{piece.text}</del>;
          return <span key={piece.at}>{piece.text}</span>;
        })}
      </pre>
    </>
  );
}
