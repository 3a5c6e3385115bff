import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, data, idempotencyKey } from "@/api/client";
import { Dialog } from "@/parts/Dialog";
import { FormFoot } from "@/parts/FormFoot";
import { useCase } from "./context";

/** Raising an objection to a field, a statement or the whole. It stays in the register until it is answered. */
export function ObjectDialog({ to: start, onClose }: { to: string; onClose: () => void }) {
  const { run, go } = useCase();
  const client = useQueryClient();
  const [to, setTo] = useState(start || "draft");
  const [text, setText] = useState("");
  const [key] = useState(idempotencyKey);
  const send = useMutation({
    mutationFn: () =>
      data(
        api.POST("/api/runs/{run}/objections", {
          params: { path: { run: run.run }, header: { "Idempotency-Key": key } },
          body: { to, text: text.trim() },
        }),
      ),
    onSuccess: async () => {
      onClose();
      go({ tab: "objections" });
      await client.invalidateQueries({ queryKey: ["run", run.run] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim()) send.mutate();
  };
  return (
    <Dialog title="Object" onClose={onClose}>
      <form className="dialog-body" onSubmit={submit}>
        <h2>Object</h2>
        <label className="field">
          <span>To</span>
          <select className="input" value={to} onChange={(event) => setTo(event.target.value)}>
            <option value="draft">The whole document</option>
            {Object.entries(run.artifact?.fields ?? {}).map(([name, field]) => (
              <option key={name} value={name}>
                {field.title || name}
              </option>
            ))}
            {run.artifact?.sections.flatMap((section) =>
              section.claims.map((claim) => (
                <option key={`${section.id}/${claim.id}`} value={`${section.id}/${claim.id}`}>
                  {section.title}: {claim.text.slice(0, 90)}
                </option>
              )),
            )}
          </select>
        </label>
        <label className="field">
          <span>What is wrong with it</span>
          <textarea
            className="input"
            rows={4}
            required
            maxLength={5000}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </label>
        <p className="small quiet">The objection travels with the document, and everyone who approves it sees it.</p>
        {send.error && (
          <div className="notice clash" role="alert">
            <strong>It was not taken in</strong>
            <span>{send.error.message || "The server does not answer. Try again."}</span>
          </div>
        )}
        <FormFoot sends="Raise the objection" ready={text.trim() !== ""} pending={send.isPending} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
