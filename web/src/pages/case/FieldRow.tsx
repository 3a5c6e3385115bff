import { Link } from "@tanstack/react-router";
import { memo, type ReactNode } from "react";
import type { Field, Registers, Value } from "@/api/types";
import { Breaks } from "@/parts/Breaks";
import { Hash } from "@/parts/Id";
import { Mark } from "@/parts/Mark";
import type { CaseAddress, Tab } from "./address";
import { Cites } from "./Cites";
import { useCase } from "./context";

interface FieldRowProps {
  name: string;
  field: Field;
  registers: Registers;
  onObject?: ((to: string) => void) | undefined;
}

/** One field: what it states, how sure that is, what it rests on, and what was done to it on the way. */
export const FieldRow = memo(function FieldRow({ name, field, registers, onObject }: FieldRowProps) {
  const { address } = useCase();
  const clash = field.status === "conflicting" && registers.contradictions.find((item) => item.about === name);
  const sides = clash ? clash.sides.map((side) => valueText(side.value)).join(" or ") : "";
  return (
    <div className={address.of === name ? "field-row aimed" : "field-row"} id={`field-${name}`}>
      <div className="name">{field.title || name}</div>
      <div className="value">
        <ValueView value={field.value} sides={sides} />
        <span className="signs">
          <Mark kind={field.status} word={field.status !== "confirmed"} />
          {field.lossy && <Mark kind="lossy" word />}
          <Cites citations={field.citations} of={name} />
        </span>
        {!clash && <HowItCame field={field} />}
        <About name={name} registers={registers} />
      </div>
      <span className="row-tools">
        {onObject && (
          <button
            type="button"
            className="button small plain"
            onClick={() => onObject(name)}
            aria-label={`Object to ${field.title || name}`}
          >
            Object
          </button>
        )}
      </span>
    </div>
  );
});

/** Where a value is not simply what a source says: the step that changed it, and what it rests on. */
function HowItCame({ field }: { field: Field }) {
  const steps = field.normalization.filter((step) => step.from !== step.to);
  const own = field.origin === "enriched" ? "looked up" : field.origin === "defaulted" ? "by default" : "";
  const raw = steps.length === 0 && field.raw && field.raw !== field.value ? `from “${field.raw}”` : "";
  const rest = [raw, own, field.note ?? ""].filter(Boolean).join(" · ");
  if (steps.length === 0 && !rest) return null;
  return (
    <span className="under">
      {steps.map((step, index) => (
        <span key={step.rule + step.from + step.to} title={step.reference ?? undefined}>
          {index > 0 && " · "}
          from “{step.from}” by {step.rule}
          {step.lossy ? ", which loses meaning" : ""}
        </span>
      ))}
      {steps.length > 0 && rest && " · "}
      {rest}
    </span>
  );
}

/** What stands in the registers about one statement. Each is a link to where it stands. */
export function About({ name, registers }: { name: string; registers: Registers }) {
  const { compare } = useCase();
  const clashes = registers.contradictions.filter((item) => item.about === name && item.state === "open");
  const objections = registers.objections.filter((item) => item.to === name && item.state === "open");
  const holds = registers.holds.filter((item) => item.about === name && item.state === "open");
  return (
    <>
      {clashes.map((item) => (
        <span key={item.id} className="under clash">
          <RegisterLink tab="contradictions">{item.id}</RegisterLink>: {item.sides.length} sources disagree.{" "}
          <button type="button" className="as-link" onClick={() => compare(item)}>
            Compare them
          </button>
        </span>
      ))}
      {holds.map((item) => (
        <span key={item.id} className="under held">
          <RegisterLink tab="holds">{item.id}</RegisterLink>: {item.trigger}
        </span>
      ))}
      {objections.map((item) => (
        <span key={item.id} className="under clash">
          <RegisterLink tab="objections">{item.id}</RegisterLink> {item.by_name || item.by}: {item.text}
        </span>
      ))}
    </>
  );
}

function RegisterLink({ tab, children }: { tab: Tab; children: ReactNode }) {
  const { run } = useCase();
  return (
    <Link
      to="/runs/$run"
      params={{ run: run.run }}
      search={(now: CaseAddress) => ({ ...now, tab })}
      resetScroll={false}
    >
      {children}
    </Link>
  );
}

/** A value as text: a scalar, a list, or rows of named cells. */
export function ValueView({ value, sides = "" }: { value: Value; sides?: string }) {
  if (value === null || value === undefined || value === "") {
    return sides ? <span className="flow quiet">{sides}</span> : <span className="flow faint">nothing</span>;
  }
  if (!Array.isArray(value))
    return <span className="flow">{typeof value === "boolean" ? (value ? "yes" : "no") : String(value)}</span>;
  if (value.length === 0) return <span className="flow faint">none</span>;
  if (value.every((item): item is string => typeof item === "string")) {
    return (
      <ul>
        {value.map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ul>
    );
  }
  const rows = value.filter((item) => typeof item === "object");
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return (
    <section className="value-table" tabIndex={0} aria-label="Values">
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column.replaceAll("_", " ")}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={JSON.stringify(row)}>
              {columns.map((column) => (
                <td key={column} className={String(row[column] ?? "").length <= 12 ? "short" : ""}>
                  <Cell value={row[column]} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Cell({ value }: { value: string | number | boolean | null | undefined }) {
  if (typeof value === "string" && value.startsWith("sha256:")) return <Hash value={value} />;
  return <Breaks text={String(value ?? "")} />;
}

/** A value in one line, where there is room for no more. */
export function valueText(value: Value): string {
  if (value === null || value === undefined || value === "") return "nothing";
  if (!Array.isArray(value)) return typeof value === "boolean" ? (value ? "yes" : "no") : String(value);
  return value.map((item) => (typeof item === "string" ? item : Object.values(item).join(" "))).join(", ");
}
