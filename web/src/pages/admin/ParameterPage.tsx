import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { type ParameterField, type Preview, parameterQuery } from "@/api/admin";
import { ApiProblem, data as answer, api } from "@/api/client";
import { Fault } from "@/parts/Fault";
import { FormFoot } from "@/parts/FormFoot";
import { Loading, SkeletonLines } from "@/parts/Skeleton";
import { counted, spoken } from "@/parts/words";
import { ReasonField, Refused } from "./Act";
import { Versions } from "./Versions";

const ROUTE = "/inside/admin/$tenant/parameters/$scenario";

/** A scenario's parameters as a form; what the values would do to waiting runs is tried before they are proposed. */
export function ParameterPage() {
  const { tenant, scenario } = useParams({ from: ROUTE });
  const { data, error, refetch } = useQuery(parameterQuery(tenant, scenario));
  if (error) return <Fault error={error} again={() => void refetch()} />;
  if (!data) {
    return (
      <Loading what="the parameters">
        <SkeletonLines count={10} />
      </Loading>
    );
  }
  return (
    <section className="admin-page two" aria-labelledby="parameter">
      <title>{`${scenario} · Parameters · Casegate`}</title>
      <aside className="admin-side">
        <p>
          <Link to="/admin/$tenant/parameters" params={{ tenant }}>
            ← Parameters
          </Link>
        </p>
        <h1 id="parameter">{scenario}</h1>
        <p className="small quiet">{data.title}</p>
        <Versions
          versions={data.versions}
          tenant={tenant}
          what={`the parameters of ${scenario}`}
          activate={(version, reason) =>
            answer(
              api.POST("/api/admin/{tenant}/parameters/{scenario}/versions/{version}/activation", {
                params: { path: { tenant, scenario, version } },
                body: { reason },
              }),
            )
          }
        >
          {(row) => (
            <ul className="small">
              {Object.entries(row.values).map(([name, value]) => (
                <li key={name}>
                  {spoken(name)}: <strong>{value}</strong>
                </li>
              ))}
            </ul>
          )}
        </Versions>
      </aside>
      <div className="admin-main">
        <ParameterForm key={data.active} fields={data.fields} tenant={tenant} scenario={scenario} />
      </div>
    </section>
  );
}

interface FormProps {
  fields: ParameterField[];
  tenant: string;
  scenario: string;
}

function ParameterForm({ fields, tenant, scenario }: FormProps) {
  const client = useQueryClient();
  const start = Object.fromEntries(fields.map((field) => [field.name, field.value]));
  const [values, setValues] = useState<Record<string, string>>(start);
  const [reason, setReason] = useState("");
  const wanted = Object.fromEntries(
    fields.filter((one) => values[one.name] !== one.default).map((one) => [one.name, values[one.name] ?? ""]),
  );
  const changed = fields.some((one) => values[one.name] !== one.value);
  const path = { tenant, scenario };
  const preview = useMutation({
    mutationFn: () =>
      answer(
        api.POST("/api/admin/{tenant}/parameters/{scenario}/preview", { params: { path }, body: { values: wanted } }),
      ),
  });
  const send = useMutation({
    mutationFn: () =>
      answer(
        api.POST("/api/admin/{tenant}/parameters/{scenario}/versions", {
          params: { path },
          body: { values: wanted, reason: reason.trim() },
        }),
      ),
    onSuccess: async () => {
      setReason("");
      setValues(start);
      preview.reset();
      await client.invalidateQueries({ queryKey: ["admin", tenant] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate();
  };
  const put = (name: string, value: string) => {
    preview.reset();
    setValues((now) => ({ ...now, [name]: value }));
  };
  const faults = [preview.error, send.error].flatMap((one) => (one instanceof ApiProblem ? one.problem.faults : []));
  return (
    <form onSubmit={submit} className="parameter-form">
      {fields.map((field) => (
        <ParameterRow
          key={field.name}
          field={field}
          value={values[field.name] ?? ""}
          fault={faults.find((one) => one.place === `body.values.${field.name}`)?.expected}
          onChange={(value) => put(field.name, value)}
        />
      ))}
      {changed && (
        <>
          <div className="actions">
            <button type="button" className="button" disabled={preview.isPending} onClick={() => preview.mutate()}>
              {preview.isPending ? "Looking at waiting runs…" : "Try on waiting runs"}
            </button>
          </div>
          <div aria-live="polite">{preview.data && <Tried found={preview.data} />}</div>
          <ReasonField value={reason} onChange={setReason} />
          <p className="small quiet">
            Another admin puts them in force, for runs that start later. A run keeps what it was started with.
          </p>
          <Refused error={send.error ?? preview.error} />
          <FormFoot
            sends="Propose these values"
            ready={reason.trim() !== ""}
            pending={send.isPending}
            onCancel={() => setValues(start)}
          />
        </>
      )}
    </form>
  );
}

interface RowProps {
  field: ParameterField;
  value: string;
  fault: string | undefined;
  onChange: (value: string) => void;
}

/** "0 to 1", "5 minutes or more", "at most 90 percent". */
function rangeOf({ minimum, maximum, unit }: ParameterField): string {
  const of = unit ? ` ${unit}` : "";
  if (minimum !== null && maximum !== null) return ` ${minimum} to ${maximum}${of}`;
  if (minimum !== null) return ` ${minimum}${of} or more`;
  if (maximum !== null) return ` at most ${maximum}${of}`;
  return of;
}

function ParameterRow({ field, value, fault, onChange }: RowProps) {
  const range = rangeOf(field);
  const id = `p-${field.name}`;
  const told = { id, value, "aria-describedby": `${id}-why`, "aria-invalid": fault !== undefined };
  return (
    <div className={`field parameter ${value === field.value ? "" : "differs"}`}>
      <label htmlFor={id}>
        {spoken(field.name)}
        {range && <span className="faint">{range}</span>}
        {field.own && <span className="mark confirmed own">own value</span>}
      </label>
      {field.type === "option" ? (
        <select className="input" {...told} onChange={(event) => onChange(event.target.value)}>
          {[...new Set([field.default, field.value, ...field.options])].map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      ) : field.type === "number" || field.type === "integer" ? (
        <input className="input" inputMode="decimal" {...told} onChange={(event) => onChange(event.target.value)} />
      ) : (
        <input className="input" {...told} onChange={(event) => onChange(event.target.value)} />
      )}
      <p className="small quiet" id={`${id}-why`}>
        {fault ? <strong className="mark failed">{fault}</strong> : field.why}. Shipped: {field.default}.
      </p>
    </div>
  );
}

/** What the values would do: each run was looked at again on a copy, and nothing was written. */
function Tried({ found }: { found: Preview }) {
  return (
    <div className="notice">
      <strong>
        {found.effects.length === 0
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
