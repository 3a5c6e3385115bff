import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { type Choices, type ParameterField, type Preview, proposeChoices, tryChoices } from "@/api/admin";
import { ApiProblem } from "@/api/client";
import { FormFoot } from "@/parts/FormFoot";
import { counted, sentence, spoken } from "@/parts/words";
import { ReasonField, Refused } from "./Act";
import { Change } from "./Change";
import { ChoiceField } from "./ChoiceField";

interface FormProps {
  fields: ParameterField[];
  of: { kind: Choices; tenant: string; scenario: string };
  /** From when on the values would hold. */
  later: string;
  /** Values to begin with, and the version that has them; without them, those in force. */
  start?: Record<string, string>;
  from?: string;
}

export function ChoiceForm({ fields, of, later, start, from }: FormProps) {
  const client = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const now = Object.fromEntries(fields.map((field) => [field.name, field.value]));
  const [values, setValues] = useState<Record<string, string>>(start ?? now);
  const [reason, setReason] = useState("");
  const wanted = Object.fromEntries(
    fields.filter((one) => values[one.name] !== one.default).map((one) => [one.name, values[one.name] ?? ""]),
  );
  const changed = fields.filter((one) => values[one.name] !== one.value);
  const preview = useMutation({ mutationFn: () => tryChoices(of, wanted) });
  const send = useMutation({
    mutationFn: () => proposeChoices(of, wanted, reason.trim()),
    onSuccess: async () => {
      setReason("");
      setValues(now);
      preview.reset();
      await client.invalidateQueries({ queryKey: ["admin", of.tenant] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    preview.reset();
    send.mutate();
  };
  const put = (name: string, value: string) => {
    preview.reset();
    send.reset();
    setValues((last) => ({ ...last, [name]: value }));
  };
  const error = send.error ?? preview.error;
  const faults = error instanceof ApiProblem ? (error.problem.faults ?? []) : [];
  const beside = new Map(faults.map((one) => [one.place.replace("body.values.", ""), one.expected]));
  const placed = fields.some((field) => beside.has(field.name));
  // Whoever sent the form is far below the field that does not fit.
  useEffect(() => {
    if (placed) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [placed]);
  // A version was taken into the form: what it has is looked at from the top.
  useEffect(() => {
    if (from) form.current?.querySelector<HTMLElement>("[role=status]")?.focus();
  }, [from]);
  return (
    <form ref={form} onSubmit={submit} className="parameter-form" noValidate>
      {from && (
        <p role="status" tabIndex={-1}>
          The form has the values of {from}.{" "}
          {changed.length === 0 ? "They are those in force." : "Nothing is proposed yet."}
        </p>
      )}
      {fields.map((field) => (
        <ChoiceField
          key={field.name}
          field={field}
          value={values[field.name] ?? ""}
          fault={beside.get(field.name)}
          onChange={(value) => put(field.name, value)}
        />
      ))}
      {changed.length > 0 && (
        <>
          <section className="changes" aria-label="What you change">
            <h2 className="label">Against what is in force</h2>
            <ul className="small">
              {changed.map((field) => (
                <li key={field.name}>
                  {sentence(spoken(field.name))}: <Change from={field.value} to={values[field.name]} />
                </li>
              ))}
            </ul>
          </section>
          <div className="actions">
            <button
              type="button"
              className="button"
              disabled={preview.isPending}
              onClick={() => {
                send.reset();
                preview.mutate();
              }}
            >
              {preview.isPending ? "Looking at waiting runs…" : "Try on waiting runs"}
            </button>
          </div>
          <div aria-live="polite">{preview.data && <Tried found={preview.data} />}</div>
          <ReasonField value={reason} onChange={setReason} />
          <p className="small quiet">{later}</p>
          {!placed && <Refused error={error} />}
          <FormFoot
            sends="Propose these values"
            ready={reason.trim() !== ""}
            pending={send.isPending}
            onCancel={() => {
              setValues(now);
              preview.reset();
              send.reset();
            }}
          />
        </>
      )}
    </form>
  );
}

/** What the values would do: each run was looked at again on a copy, and nothing was written. */
function Tried({ found }: { found: Preview }) {
  return (
    <div className="notice">
      <strong>
        {found.looked === 0
          ? "No run of this scenario waits: there is nothing to try the values on"
          : found.effects.length === 0
            ? `None of ${counted(found.looked, "waiting run")} would stand otherwise`
            : `${found.effects.length} of ${counted(found.looked, "waiting run")} would stand otherwise`}
      </strong>
      {found.waiting > found.looked && (
        <span>
          The {found.looked} that moved last were looked at, of {found.waiting}.
        </span>
      )}
      <ul>
        {found.effects.map((one) => (
          <li key={one.run}>
            <Link to="/runs/$run" params={{ run: one.run }} search={{}}>
              {one.case}
            </Link>
            <ul className="small">
              {one.changes.map((change) => (
                <li key={change}>{spoken(change)}</li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      <span className="small">
        Looked at on copies, with these values; nothing was written. They keep the values that they were started with.
      </span>
    </div>
  );
}
