import { useQuery } from "@tanstack/react-query";
import { scenarioQuery } from "@/api/queries";
import type { Recognised } from "@/api/types";
import { Mark } from "@/parts/Mark";
import { SkeletonLines } from "@/parts/Skeleton";
import { bytes, sentence, spoken } from "@/parts/words";

interface FileListProps {
  files: File[];
  seen: Recognised[];
  loading: boolean;
  /** The scenario whose sources a file may be said to be of; empty where a packet says it. */
  scenario: string;
  systems: Record<string, string>;
  onSystem: (name: string, system: string) => void;
  onRemove: (name: string) => void;
}

/** The files of a new case, each with what it was taken for; where that is not clear, it can be said. */
export function FileList({ files, seen, loading, scenario, systems, onSystem, onRemove }: FileListProps) {
  const { data } = useQuery({ ...scenarioQuery(scenario), enabled: scenario !== "" });
  const sources = scenario === "" ? [] : (data?.sources ?? []);
  return (
    <ul className="files" aria-label="Files" aria-busy={loading}>
      {files.map((file) => (
        <FileLine
          key={file.name}
          name={file.name}
          size={file.size}
          seen={seen.find((one) => one.file === file.name)}
          packet={file.name === PACKET && !loading}
          sources={sources}
          system={systems[file.name] ?? ""}
          onSystem={(system) => onSystem(file.name, system)}
          onRemove={() => onRemove(file.name)}
        />
      ))}
      {(loading ? [] : seen)
        .filter((one) => !files.some((file) => file.name === one.file))
        .map((one) => (
          <FileLine
            key={one.file}
            name={one.file}
            size={one.size}
            seen={one}
            packet={false}
            sources={sources}
            system={systems[one.file] ?? ""}
            onSystem={(system) => onSystem(one.file, system)}
            onRemove={null}
          />
        ))}
    </ul>
  );
}

const PACKET = "packet.yaml";

interface FileLineProps {
  name: string;
  size: number;
  seen: Recognised | undefined;
  packet: boolean;
  sources: { name: string; systems: string[] }[];
  system: string;
  onSystem: (system: string) => void;
  /** None of a file that is attached to a mail: it comes and goes with the mail. */
  onRemove: (() => void) | null;
}

function FileLine({ name, size, seen, packet, sources, system, onSystem, onRemove }: FileLineProps) {
  const asked = seen?.usable && (seen.source === null || system !== "") && sources.length > 0;
  return (
    <li>
      {seen ? (
        <Mark kind={!seen.usable ? "failed" : isPlaced(seen) ? "confirmed" : "unverified"} word={false} />
      ) : (
        <Mark kind={packet ? "confirmed" : "unverified"} word={false} />
      )}
      <span className="name">{name}</span>
      {onRemove && (
        <button type="button" className="button small plain" onClick={onRemove} aria-label={`Remove ${name}`}>
          Remove
        </button>
      )}
      {seen ? (
        <>
          <span className="more">{toldOf(seen, size, onRemove === null)}</span>
          {seen.problems.map((problem) => (
            <span key={problem} className="more bad">
              {sentence(problem)}
            </span>
          ))}
          {asked && (
            <label className="more of-source">
              <span>Where it comes from</span>
              <select className="input" value={system} onChange={(event) => onSystem(event.target.value)}>
                <option value="">not said</option>
                {systemsOf(sources).map(([id, names]) => (
                  <option key={id} value={id}>
                    {sentence(spoken(id))}: {names.join(" or ")}
                  </option>
                ))}
              </select>
            </label>
          )}
        </>
      ) : packet ? (
        <span className="more">the packet: it says what the other files are</span>
      ) : (
        <span className="more">
          <SkeletonLines count={1} widths={[45]} />
        </span>
      )}
    </li>
  );
}

/** Each system of a scenario once, with the sources that it gives. */
function systemsOf(sources: { name: string; systems: string[] }[]): [string, string[]][] {
  const found = new Map<string, Set<string>>();
  for (const one of sources) {
    for (const system of one.systems) found.set(system, (found.get(system) ?? new Set()).add(one.name));
  }
  return [...found].map(([system, names]) => [system, [...names]]);
}

function isPlaced(seen: Recognised): boolean {
  return seen.source !== null || seen.script_of !== null;
}

/** What a file was taken for, in one line. */
function toldOf(seen: Recognised, size: number, attached: boolean): string {
  const places = seen.parts === null ? "read when the case is opened" : `${seen.parts} places that can be cited`;
  return [
    seen.usable && seen.kind ? `${seen.kind} file` : "cannot be read",
    bytes(size),
    attached ? "attached to a mail" : "",
    seen.script_of ? `script of the packet's stub system ${seen.script_of}` : (seen.source ?? ""),
    seen.rank === null ? "" : seen.rank === "excluded" ? "excluded until a person promotes it" : `rank ${seen.rank}`,
    seen.usable && !seen.script_of ? places : "",
  ]
    .filter(Boolean)
    .join(" · ");
}
