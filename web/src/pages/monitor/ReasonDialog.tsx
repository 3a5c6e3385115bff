import type { UseMutationResult } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Dialog } from "@/parts/Dialog";
import { faultWords } from "@/parts/Fault";
import { FormFoot } from "@/parts/FormFoot";

interface Props {
  title: string;
  says: string;
  verb: string;
  work: Pick<UseMutationResult<unknown, Error, string>, "mutate" | "isPending" | "error">;
  onClose: () => void;
}

/** Asks for the reason of what is going on record. */
export function ReasonDialog({ title, says, verb, work, onClose }: Props) {
  const [reason, setReason] = useState("");
  const enough = reason.trim().length >= 3;
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (enough) work.mutate(reason.trim());
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="dialog-body" onSubmit={send}>
        <h2>{title}</h2>
        <p className="quiet">{says}</p>
        <label className="field">
          <span>Reason</span>
          <textarea
            className="input"
            rows={3}
            maxLength={1000}
            required
            autoFocus
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        </label>
        {work.error && (
          <div className="notice clash" role="alert">
            <strong>{faultWords(work.error).title}</strong>
            <span>{faultWords(work.error).safe}</span>
          </div>
        )}
        <FormFoot sends={verb} ready={enough} pending={work.isPending} busy={verb} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
