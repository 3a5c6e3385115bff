import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiProblem, upload } from "@/api/client";
import type { EvidenceAccepted } from "@/api/types";
import { Dialog } from "@/parts/Dialog";
import { useCase } from "./context";

/** A file that arrived later. It is frozen as new evidence; nothing that was there changes. */
export function AddEvidence({ onClose }: { onClose: () => void }) {
  const { run } = useCase();
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const send = useMutation({
    mutationFn: (chosen: File) => {
      const body = new FormData();
      body.append("file", chosen, chosen.name);
      return upload<EvidenceAccepted>(`/api/runs/${encodeURIComponent(run.run)}/evidence`, body);
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["run", run.run] });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (file) send.mutate(file);
  };
  return (
    <Dialog title="Add evidence" onClose={onClose}>
      <form className="dialog-body" onSubmit={submit}>
        <h2>Add evidence to {run.case}</h2>
        <p className="quiet">
          The file is frozen as it is, and the case is looked at again. An approval that rests on what it changes
          becomes void, and says so.
        </p>
        <label className="field">
          <span>File</span>
          <input
            className="input"
            type="file"
            required
            onChange={(event) => setFile(event.target.files?.[0] ?? null)}
          />
        </label>
        {send.error && (
          <div className="notice clash" role="alert">
            <strong>
              {send.error instanceof ApiProblem ? send.error.problem.title : "It did not reach the server"}
            </strong>
            <span>{send.error instanceof ApiProblem ? send.error.message : "Nothing was kept. Try again."}</span>
          </div>
        )}
        <div className="actions">
          <button type="submit" className="button first" disabled={!file || send.isPending}>
            {send.isPending ? "Sending…" : "Add it"}
          </button>
          <button type="button" className="button plain" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}
