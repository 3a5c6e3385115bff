import { Hash, Id } from "@/parts/Id";
import { Time } from "@/parts/Time";
import { bytes, sentence, spoken } from "@/parts/words";

/** What an id, a hash or a key stands for where it is shown; undefined where it has no name there. */
export type Names = (id: string) => string | undefined;

const HASH = /^sha256:[0-9a-f]{64}$/;
const KEYED = /^\S+:sha256:[0-9a-f]{64}\S*$/;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;
const IDENTIFIER = /^[a-z][a-z0-9]*(_[a-z0-9]+)+$/;
const MASKED = "▓▓▓▓";

/** Data as people read it: members in a table, values in words, hashes short and copyable. */
export function Members({ value, names }: { value: unknown; names: Names }) {
  if (Array.isArray(value)) return <Several values={value} names={names} />;
  if (typeof value === "object" && value !== null) {
    const rows = Object.entries(value);
    if (rows.length === 0) return <span className="faint">none</span>;
    return (
      <table className="members-table">
        <tbody>
          {rows.map(([key, one]) => (
            <tr key={key}>
              <th scope="row">{keyWords(key, names)}</th>
              <td>{key === "size" && typeof one === "number" ? bytes(one) : <Members value={one} names={names} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    );
  }
  return <Scalar value={value} names={names} />;
}

const KEYS: Record<string, string> = { spans: "Places that can be cited", id: "Id", by: "By" };

function keyWords(key: string, names: Names): string {
  return names(key) ?? KEYS[key] ?? sentence(spoken(key));
}

function Several({ values, names }: { values: unknown[]; names: Names }) {
  if (values.length === 0) return <span className="faint">none</span>;
  const keys = [...new Set(values.flatMap((one) => (plain(one) ? Object.keys(one) : [])))];
  if (keys.length > 0 && values.every(plain)) {
    return (
      <table className="members-table">
        <thead>
          <tr>
            {keys.map((key) => (
              <th key={key} scope="col">
                {keyWords(key, names)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {values.map((one) => (
            <tr key={JSON.stringify(one)}>
              {keys.map((key) => (
                <td key={key}>{key in one ? <Members value={one[key]} names={names} /> : null}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    );
  }
  return (
    <ul>
      {values.map((one) => (
        <li key={JSON.stringify(one)}>
          <Members value={one} names={names} />
        </li>
      ))}
    </ul>
  );
}

function plain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function Scalar({ value, names }: { value: unknown; names: Names }) {
  if (value === null || value === undefined || value === "") return <span className="faint">none</span>;
  if (typeof value === "boolean") return <>{value ? "yes" : "no"}</>;
  if (typeof value === "number") return <>{value.toLocaleString("en")}</>;
  const text = String(value);
  if (text === MASKED) return <span className="faint">{MASKED} masked: your roles do not show it</span>;
  const name = names(text);
  if (name !== undefined) return <>{name}</>;
  if (HASH.test(text)) return <Hash value={text} />;
  // A key that is made of ids and hashes tells a reader nothing beyond its start; it is copied whole.
  if (KEYED.test(text)) return <Id value={text} short={24} />;
  if (TIME.test(text)) return <Time at={text} form="full" />;
  return <span className="said">{IDENTIFIER.test(text) ? spoken(text) : text}</span>;
}
