import type { Gate } from "@/api/types";

interface OptionsProps {
  gate: Gate;
  option: string;
  onChange: (option: string) => void;
}

/** The options that the gate offers. None is taken beforehand: the approver says which one he approves. */
export function Options({ gate, option, onChange }: OptionsProps) {
  return (
    <fieldset className="choices">
      <legend>Which option is approved</legend>
      {gate.options.map((one) => (
        <label key={one.id} className={one.barred ? "barred" : undefined}>
          <input
            type="radio"
            name="option"
            required
            disabled={one.barred !== null}
            checked={option === one.id}
            onChange={() => onChange(one.id)}
          />
          <span>
            <strong>{one.id}</strong> {one.name}
            {one.recommended && <span className="tag">recommended</span>}
            {one.barred && <span className="small quiet why">{one.barred}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

interface TakenOnProps {
  gate: Gate;
  accepts: string[];
  onChange: (accepts: string[]) => void;
}

/** Open objections, which an approver may take on by name: that is signed with the approval, and closes none of them. */
export function TakenOn({ gate, accepts, onChange }: TakenOnProps) {
  const open = gate.objections.filter((one) => one.state === "open");
  if (open.length === 0) return null;
  return (
    <fieldset className="choices">
      <legend>Objections that you take on by name</legend>
      {open.map((one) => (
        <label key={one.id}>
          <input
            type="checkbox"
            checked={accepts.includes(one.id)}
            onChange={(event) =>
              onChange(event.target.checked ? [...accepts, one.id] : accepts.filter((id) => id !== one.id))
            }
          />
          <span>
            <span className="id faint">{one.id}</span> {one.text}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
