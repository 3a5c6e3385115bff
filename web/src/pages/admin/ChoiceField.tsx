import type { ParameterField } from "@/api/admin";
import { sentence, spoken } from "@/parts/words";

interface FieldProps {
  field: ParameterField;
  value: string;
  fault: string | undefined;
  onChange: (value: string) => void;
}

/** "0 to 1", "5 minutes or more", "at most 90 percent"; of a list, how many members it has. */
function rangeOf({ type, minimum, maximum, unit }: ParameterField): string {
  const of = unit ? ` ${unit}` : "";
  if (type === "list" && minimum === 0 && maximum === null) return " any, or none";
  if (type === "list" && minimum === null && maximum === null) return " one or more";
  if (type === "list" && minimum === 0) return ` at most ${maximum}`;
  if (minimum !== null && maximum !== null) return ` ${minimum} to ${maximum}${of}`;
  if (minimum !== null) return ` ${minimum}${of} or more`;
  if (maximum !== null) return ` at most ${maximum}${of}`;
  return of;
}

/** One choice with its range, why there is one, and what does not fit in what was given. */
export function ChoiceField({ field, value, fault, onChange }: FieldProps) {
  const range = rangeOf(field);
  const id = `p-${field.name}`;
  const told = { id, "aria-describedby": `${id}-why`, "aria-invalid": fault !== undefined };
  const head = (
    <>
      {sentence(spoken(field.name))}
      {range && <span className="faint">{range}</span>}
      {field.own && <span className="mark confirmed own">own value</span>}
    </>
  );
  const foot = (
    <p className="small quiet" id={`${id}-why`}>
      {fault && <strong className="mark failed">{sentence(fault)}</strong>}
      {!fault && `${field.why}. Shipped: ${field.default || "none"}.`}
    </p>
  );
  const of = `field parameter ${value === field.value ? "" : "differs"}`;
  if (field.type === "list" && field.options.length > 0) {
    return (
      <fieldset className={of} {...told} tabIndex={-1}>
        <legend>{head}</legend>
        <Members id={id} options={field.options} value={value} onChange={onChange} />
        {foot}
      </fieldset>
    );
  }
  return (
    <div className={of}>
      <label htmlFor={id}>{head}</label>
      {field.type === "option" ? (
        <select className="input" {...told} value={value} onChange={(event) => onChange(event.target.value)}>
          {[...new Set([field.default, field.value, ...field.options])].map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      ) : (
        <input
          className="input"
          {...(field.type === "number" || field.type === "integer" ? { inputMode: "decimal" as const } : {})}
          {...told}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
      {foot}
    </div>
  );
}

interface MembersProps {
  id: string;
  options: string[];
  value: string;
  onChange: (value: string) => void;
}

/** The members of a list that can only have certain ones, in the order of the options. */
function Members({ id, options, value, onChange }: MembersProps) {
  const has = value.split(",").map((one) => one.trim());
  const toggle = (option: string) =>
    onChange(options.filter((one) => (one === option ? !has.includes(one) : has.includes(one))).join(", "));
  return (
    <div className="members">
      {options.map((option) => (
        <label key={option} htmlFor={`${id}-${option}`}>
          <input
            id={`${id}-${option}`}
            type="checkbox"
            checked={has.includes(option)}
            onChange={() => toggle(option)}
          />
          {spoken(option)}
        </label>
      ))}
    </div>
  );
}
