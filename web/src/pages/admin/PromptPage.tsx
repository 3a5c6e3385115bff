import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { type PromptPage as Page, type PromptVersion, promptQuery } from "@/api/admin";
import { data as answer, api } from "@/api/client";
import { useKeys } from "@/keys/keys";
import { Fault } from "@/parts/Fault";
import { Hash } from "@/parts/Id";
import { Mark } from "@/parts/Mark";
import { Loading, SkeletonLines } from "@/parts/Skeleton";
import { Time } from "@/parts/Time";
import { wordPieces } from "@/parts/wordPieces";
import { counted } from "@/parts/words";
import { ReasonField, Refused } from "./Act";
import { rate } from "./rates";
import { Uses } from "./Uses";
import { Versions, name as versionName } from "./Versions";

const ROUTE = "/inside/admin/$tenant/prompts/$name";

/** One prompt: its versions on the left, the chosen one beside it as text, as difference or as a draft. */
export function PromptPage() {
  const { tenant, name } = useParams({ from: ROUTE });
  const { version, view } = useSearch({ from: ROUTE });
  const { data, error, refetch } = useQuery(promptQuery(tenant, name));
  const navigate = useNavigate();
  const go = (search: { version?: number; view?: "text" | "new" }) =>
    void navigate({ to: "/admin/$tenant/prompts/$name", params: { tenant, name }, search, replace: true });
  useKeys("Prompt", [{ keys: "n", does: "Write a new version", run: () => go({ view: "new" }) }]);
  if (error) return <Fault error={error} again={() => void refetch()} />;
  if (!data) {
    return (
      <Loading what="the prompt">
        <SkeletonLines count={10} />
      </Loading>
    );
  }
  const chosen = data.versions.find((one) => one.version === (version ?? data.active)) ?? data.versions[0];
  return (
    <section className="admin-page two" aria-labelledby="prompt">
      <title>{`${name} · Prompts · Casegate`}</title>
      <aside className="admin-side">
        <p>
          <Link to="/admin/$tenant/prompts" params={{ tenant }}>
            ← Prompts
          </Link>
        </p>
        <h1 id="prompt">{name}</h1>
        <p className="small quiet">
          {data.task}. Used by {counted(data.scenarios.length, "scenario")}; judged by {counted(data.cases, "case")}.
        </p>
        <button type="button" className="button" onClick={() => go({ view: "new" })}>
          New version
        </button>
        <Versions
          versions={data.versions}
          tenant={tenant}
          what={name}
          chosen={view === "new" ? undefined : chosen?.version}
          onChoose={(number) => go({ version: number })}
          activate={(number, reason) =>
            answer(
              api.POST("/api/admin/{tenant}/prompts/{name}/versions/{version}/activation", {
                params: { path: { tenant, name, version: number } },
                body: { reason },
              }),
            )
          }
        >
          {(row) => <Worth row={row} />}
        </Versions>
      </aside>
      <div className="admin-main">
        {view === "new" ? (
          <NewVersion page={data} from={chosen} tenant={tenant} onDone={(number) => go({ version: number })} />
        ) : (
          chosen && <OneVersion page={data} one={chosen} tenant={tenant} asText={view === "text"} go={go} />
        )}
      </div>
    </section>
  );
}

function Worth({ row }: { row: PromptVersion }) {
  const { counts } = row;
  if (counts.uses === 0 && counts.proposed === 0) return null;
  return (
    <p className="small quiet">
      {counted(counts.uses, "use")}
      {counts.proposed > 0 && (
        <>
          {" · "}
          {rate(counts.accepted, counts.accepted + counts.rejected)} decided edits accepted ·{" "}
          {rate(counts.changed, counts.accepted)} accepted ones reworded
        </>
      )}
    </p>
  );
}

interface OneVersionProps {
  page: Page;
  one: PromptVersion;
  tenant: string;
  asText: boolean;
  go: (search: { version?: number; view?: "text" | "new" }) => void;
}

function OneVersion({ page, one, tenant, asText, go }: OneVersionProps) {
  const active = page.versions.find((row) => row.version === page.active);
  const compare = active && active.version !== one.version && !asText;
  return (
    <>
      <div className="actions">
        <h2>
          {versionName(one)} {compare && <span className="quiet">against {versionName(active)}, in force</span>}
        </h2>
        <span className="space" />
        {active && active.version !== one.version && (
          <fieldset className="segments" aria-label="Show">
            <button type="button" aria-pressed={!asText} onClick={() => go({ version: one.version })}>
              Difference
            </button>
            <button type="button" aria-pressed={asText} onClick={() => go({ version: one.version, view: "text" })}>
              Text
            </button>
          </fieldset>
        )}
      </div>
      <Evaluation page={page} one={one} tenant={tenant} />
      <p className="small">
        <Hash value={one.sha256} />
      </p>
      <pre className="prompt-text" tabIndex={0}>
        {compare
          ? wordPieces(active.text, one.text).map((piece) => {
              if (piece.op === "added") return <ins key={piece.at}>{piece.text}</ins>;
              if (piece.op === "removed") return <del key={piece.at}>{piece.text}</del>;
              return <span key={piece.at}>{piece.text}</span>;
            })
          : one.text}
      </pre>
      <Uses uses={page.uses.filter((use) => usedBy(use.version, one))} />
    </>
  );
}

function usedBy(version: string, one: PromptVersion): boolean {
  const base = version.split("+")[0];
  return one.version === 0 ? !version.startsWith("own-") : base === `own-${one.version}`;
}

/** Whether the text passed, and what it missed; or how to have it judged. */
function Evaluation({ page, one, tenant }: { page: Page; one: PromptVersion; tenant: string }) {
  const client = useQueryClient();
  const start = useMutation({
    mutationFn: () =>
      answer(
        api.POST("/api/admin/{tenant}/prompts/{name}/versions/{version}/evaluation", {
          params: { path: { tenant, name: page.name, version: one.version } },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: ["admin", tenant] }),
  });
  if (one.version === 0) return null;
  const running = page.running?.version === one.version ? page.running : null;
  const found = one.evaluation;
  return (
    <div className="evaluation" aria-live="polite">
      {running ? (
        <p>
          <strong>Evaluation at work</strong>: {running.done} of {counted(running.cases, "case")}
          {running.failed > 0 && `, ${running.failed} missed`}
          <progress max={running.cases || 1} value={running.done} aria-label="Cases that are done" />
        </p>
      ) : found ? (
        <>
          <p>
            <Mark kind={found.passed ? "passed" : "failed"} word /> {found.cases - found.failed} of{" "}
            {counted(found.cases, "case")}, asked {found.asked} times with exactly this text, by {found.model} ·{" "}
            <Time at={found.at} />
          </p>
          {found.misses.length > 0 && (
            <ul className="small">
              {found.misses.map((miss) => (
                <li key={miss}>{miss}</li>
              ))}
            </ul>
          )}
        </>
      ) : (
        <p className="quiet">Not evaluated: it cannot be put in force yet.</p>
      )}
      {!running && (
        <button
          type="button"
          className="button small"
          disabled={start.isPending || !page.model || page.running !== null}
          title={page.model ? "" : "No model is configured"}
          onClick={() => start.mutate()}
        >
          {found ? "Evaluate again" : "Evaluate"}
        </button>
      )}
      <Refused error={start.error} />
    </div>
  );
}

interface NewVersionProps {
  page: Page;
  from: PromptVersion | undefined;
  tenant: string;
  onDone: (version: number) => void;
}

function NewVersion({ page, from, tenant, onDone }: NewVersionProps) {
  const client = useQueryClient();
  const [text, setText] = useState(from?.text ?? "");
  const [reason, setReason] = useState("");
  const send = useMutation({
    mutationFn: () =>
      answer(
        api.POST("/api/admin/{tenant}/prompts/{name}/versions", {
          params: { path: { tenant, name: page.name } },
          body: { text, reason: reason.trim() },
        }),
      ),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ["admin", tenant] });
      onDone(made.version);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate();
  };
  return (
    <form className="new-version" onSubmit={submit}>
      <h2>New version of {page.name}</h2>
      <label className="field">
        <span>Text</span>
        <textarea
          className="input prompt-input"
          rows={22}
          required
          minLength={20}
          maxLength={20000}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </label>
      <ReasonField value={reason} onChange={setReason} />
      <p className="small quiet">
        Nothing is in force by this. What a prompt says changes no rule: an agent proposes, people decide, and only what
        was decided leaves.
      </p>
      <Refused error={send.error} />
      <div className="actions">
        <button
          type="submit"
          className="button first"
          disabled={!reason.trim() || text === from?.text || send.isPending}
        >
          {send.isPending ? "Sending…" : "Keep as draft"}
        </button>
        <button type="button" className="button plain" onClick={() => onDone(from?.version ?? 0)}>
          Cancel
        </button>
      </div>
    </form>
  );
}
