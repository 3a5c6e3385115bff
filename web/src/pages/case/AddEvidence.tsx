import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { upload } from "@/api/client";
import { connectorsQuery } from "@/api/queries";
import type { EvidenceAccepted } from "@/api/types";
import { Dialog } from "@/parts/Dialog";
import { FormFoot } from "@/parts/FormFoot";
import { useCase } from "./context";
import { FromSystem } from "./FromSystem";
import { NotAdded } from "./NotAdded";

/** What arrived later: a file, or what a connected system answers. It is new evidence; nothing that was there changes. */
export function AddEvidence({ onClose }: { onClose: () => void }) {
  const { run } = useCase();
  const { data } = useQuery(connectorsQuery(run.run));
  const [system, setSystem] = useState(false);
  const connectors = data?.connectors ?? [];
  return (
    <Dialog title="Add evidence" onClose={onClose}>
      <div className="dialog-body">
        <h2>Add evidence to {run.case}</h2>
        {connectors.length > 0 && (
          <fieldset className="segments" aria-label="Where it comes from">
            <button type="button" aria-pressed={!system} onClick={() => setSystem(false)}>
              A file
            </button>
            <button type="button" aria-pressed={system} onClick={() => setSystem(true)}>
              From a system
            </button>
          </fieldset>
        )}
        <p className="quiet">
          {system ? "What the system answers" : "The file"} is frozen as it is, and the case is looked at again. An
          approval that rests on what it changes becomes void, and says so.
        </p>
        {system ? <FromSystem connectors={connectors} onClose={onClose} /> : <FromFile onClose={onClose} />}
      </div>
    </Dialog>
  );
}

function FromFile({ onClose }: { onClose: () => void }) {
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
    <form className="dialog-form" onSubmit={submit}>
      <label className="field">
        <span>File</span>
        <input className="input" type="file" required onChange={(event) => setFile(event.target.files?.[0] ?? null)} />
      </label>
      <NotAdded error={send.error} />
      <FormFoot sends="Add it" ready={file !== null} pending={send.isPending} onCancel={onClose} />
    </form>
  );
}
