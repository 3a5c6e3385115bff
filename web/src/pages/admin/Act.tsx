import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Dialog } from "@/parts/Dialog";
import { FormFoot } from "@/parts/FormFoot";

interface ActProps {
  title: string;
  /** What will be so afterwards, in a sentence. */
  says: string;
  verb: string;
  tenant: string;
  act: (reason: string) => Promise<unknown>;
  onClose: () => void;
}

/** An act of an admin: says what it does, asks for the reason, and stands in the chain. */
export function ActDialog({ title, says, verb, tenant, act, onClose }: ActProps) {
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const send = useMutation({
    mutationFn: () => act(reason.trim()),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["admin", tenant] });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (reason.trim()) send.mutate();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="dialog-body" onSubmit={submit}>
        <h2>{title}</h2>
        <p>{says}</p>
        <ReasonField value={reason} onChange={setReason} />
        <Refused error={send.error} />
        <FormFoot sends={verb} ready={reason.trim() !== ""} pending={send.isPending} onCancel={onClose} />
      </form>
    </Dialog>
  );
}

export function ReasonField({ value, onChange }: { value: string; onChange: (text: string) => void }) {
  return (
    <label className="field">
      <span>Why</span>
      <input
        className="input"
        required
        maxLength={500}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}

/** Why the server did not do it, in its own words. */
export function Refused({ error }: { error: Error | null }) {
  if (!error) return null;
  return (
    <div className="notice clash" role="alert">
      <strong>Nothing was changed</strong>
      <span>{error.message || "The server does not answer. Try again."}</span>
    </div>
  );
}
