import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { data as answer, api, idempotencyKey } from "@/api/client";
import { ledgerQuery } from "@/api/queries";
import type { Connector, EvidenceFetched } from "@/api/types";
import { rankWords } from "@/pages/evidence/SourceView";
import { FormFoot } from "@/parts/FormFoot";
import { Hash } from "@/parts/Id";
import { Time } from "@/parts/Time";
import { useCase } from "./context";
import { NotAdded } from "./NotAdded";

/** A question to a connected system, made of ids. Its answer arrives like a file. */
export function FromSystem({ connectors, onClose }: { connectors: Connector[]; onClose: () => void }) {
  const { run } = useCase();
  const client = useQueryClient();
  const { data: ledger } = useQuery(ledgerQuery(run.run));
  const questions = connectors.flatMap((connector) =>
    connector.resources.map((resource) => ({ key: `${connector.id}.${resource.name}`, connector, resource })),
  );
  const [chosen, setChosen] = useState(questions[0]?.key);
  const [ids, setIds] = useState<Record<string, string>>({});
  const [replaces, setReplaces] = useState("");
  const question = questions.find((one) => one.key === chosen) ?? questions[0];
  const ask = useMutation({
    mutationFn: ({ key, ...body }: { key: string; connector: string; resource: string; replaces: string | null }) =>
      answer(
        api.POST("/api/runs/{run}/evidence/fetch", {
          params: { path: { run: run.run }, header: { "Idempotency-Key": key } },
          body: { ...body, ids: asked(question?.resource.ids.map((one) => one.name) ?? [], ids) },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: ["run", run.run] }),
  });
  if (!question) return null;
  if (ask.data) return <Arrived fetched={ask.data} onClose={onClose} />;
  const { connector, resource } = question;
  const alike = ledger?.items.filter((item) => item.current && item.system === connector.system) ?? [];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask.mutate({
      key: idempotencyKey(),
      connector: connector.id,
      resource: resource.name,
      replaces: alike.some((item) => item.id === replaces) ? replaces : null,
    });
  };
  return (
    <form className="dialog-form" onSubmit={submit}>
      <label className="field">
        <span>What to ask</span>
        <select className="input" value={question.key} onChange={(event) => setChosen(event.target.value)}>
          {questions.map((one) => (
            <option key={one.key} value={one.key}>
              {one.connector.title} · {one.resource.title}
            </option>
          ))}
        </select>
      </label>
      {resource.ids.map((one) => (
        <label key={one.name} className="field">
          <span>{one.title}</span>
          <input
            className="input"
            required
            placeholder={one.example}
            title={one.example && `for example ${one.example}`}
            autoComplete="off"
            spellCheck={false}
            value={ids[one.name] ?? ""}
            onChange={(event) => setIds({ ...ids, [one.name]: event.target.value })}
          />
        </label>
      ))}
      {alike.length > 0 && (
        <label className="field">
          <span>Takes the place of</span>
          <select className="input" value={replaces} onChange={(event) => setReplaces(event.target.value)}>
            <option value="">nothing but an earlier answer to the same question</option>
            {alike.map((item) => (
              <option key={item.id} value={item.id}>
                {item.id} · {item.file}
              </option>
            ))}
          </select>
        </label>
      )}
      <p className="small quiet">
        {resource.source ? (
          <>
            The scenario takes it for {resource.source}, {rankWords(resource.rank)}.
          </>
        ) : (
          "No source of the scenario is like it: it has no rank there."
        )}
      </p>
      <NotAdded error={ask.error} />
      <FormFoot sends="Fetch it" pending={ask.isPending} busy={`Asking ${connector.title}…`} onCancel={onClose} />
    </form>
  );
}

function asked(names: string[], ids: Record<string, string>): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, (ids[name] ?? "").trim()]));
}

const OUTCOMES: Record<EvidenceFetched["outcome"], string> = {
  new: "The answer is frozen",
  same: "The case has this answer already",
  older: "The case has a newer answer than this one",
};

function Arrived({ fetched, onClose }: { fetched: EvidenceFetched; onClose: () => void }) {
  const { go } = useCase();
  return (
    <>
      <div className="notice" role="status">
        <strong>{OUTCOMES[fetched.outcome]}</strong>
        <span>{fetched.outcome === "new" ? "The case is being looked at again." : "Nothing was added."}</span>
      </div>
      <dl className="facts small">
        <dt>Evidence</dt>
        <dd>
          <span className="id">{fetched.id}</span> · {fetched.file}
          {fetched.replaces && `, in place of ${fetched.replaces}`}
        </dd>
        <dt>Place</dt>
        <dd className="id">{fetched.place}</dd>
        <dt>Content</dt>
        <dd>
          <Hash value={fetched.sha256} />
        </dd>
        <dt>As of</dt>
        <dd>
          <Time at={fetched.captured_at} />{" "}
          {fetched.stale && (
            <>
              <span className="mark unverified">stale</span>: older than answers of this system may be
            </>
          )}
        </dd>
      </dl>
      <div className="actions">
        <button
          type="button"
          className="button first"
          onClick={() => {
            go({ tab: "evidence", ev: "", at: "", ev2: "", at2: "", of: "" });
            onClose();
          }}
        >
          Show the evidence
        </button>
        <button type="button" className="button plain" onClick={onClose}>
          Close
        </button>
      </div>
    </>
  );
}
