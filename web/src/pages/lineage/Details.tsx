import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ledgerQuery, runQuery } from "@/api/queries";
import type { Entry, Run } from "@/api/types";
import { Hash, Id } from "@/parts/Id";
import { Members, type Names } from "@/parts/Members";
import { Time } from "@/parts/Time";
import { sentence, spoken } from "@/parts/words";

interface DetailsProps {
  run: string;
  entry: Entry;
}

/** What an entry carries, in words; the entry as it stands in the chain is one click away. */
export function Details({ run, entry }: DetailsProps) {
  const page = useQuery(runQuery(run)).data;
  const evidence = useQuery(ledgerQuery(run)).data?.items ?? [];
  const { agent } = entry;
  const names: Names = (id) =>
    named(evidence.find((one) => one.id === id)) ??
    evidence.find((one) => one.sha256 === id)?.file ??
    page?.artifact?.fields[id]?.title ??
    page?.people.find((one) => one.id === id)?.name ??
    (id === page?.scenario ? page.title : undefined) ??
    (id === entry.new_sha256 || id === entry.base_sha256
      ? `revision ${(id === entry.new_sha256 ? entry.new_revision : entry.base_revision) ?? ""}`
      : undefined) ??
    (id.startsWith(AGENT) ? `${sentence(spoken(id.slice(AGENT.length)))} agent` : undefined);
  return (
    <dl className="facts entry-facts">
      <dt>When</dt>
      <dd>
        <Time at={entry.at} form="full" />
      </dd>
      {agent && (
        <>
          <dt>Agent</dt>
          <dd>
            {sentence(spoken(agent.name))}, {agent.model ? `with ${agent.model}` : "by rules, without a model"}
            {agent.prompt && `, told by the prompt “${agent.prompt}” ${agent.prompt_version ?? ""}`}
          </dd>
        </>
      )}
      {entry.new_sha256 && (
        <>
          <dt>Revision</dt>
          <dd>
            {entry.base_revision && `${entry.base_revision} → `}
            {entry.new_revision} <Hash value={entry.new_sha256} />
          </dd>
        </>
      )}
      <Items title="Accepted edits" ids={entry.accepted_edits} page={page} />
      <Items title="Rejected edits" ids={entry.rejected_edits} page={page} />
      <Items title="Opens" ids={entry.opens} page={page} />
      <Items title="Closes" ids={entry.closes} page={page} />
      {entry.citations.length > 0 && (
        <>
          <dt>Rests on</dt>
          <dd>
            <ul>
              {entry.citations.map((hash) => {
                const item = evidence.find((one) => one.sha256 === hash);
                return (
                  <li key={hash}>
                    {item && (
                      <>
                        <Link to="/runs/$run" params={{ run }} search={{ tab: "evidence", ev: item.id }}>
                          {item.file}
                        </Link>
                        {item.source && <span className="quiet"> · {item.source}</span>}{" "}
                      </>
                    )}
                    {!item && names(hash)} <Hash value={hash} />
                  </li>
                );
              })}
            </ul>
          </dd>
        </>
      )}
      {entry.content.map((part) => (
        <div key={part.name} className="contents">
          <dt>{sentence(spoken(part.name))}</dt>
          <dd>
            {part.state === "erased" ? (
              <span className="faint">erased; its commitment stands in the chain</span>
            ) : (
              <Members value={part.value} names={names} />
            )}
          </dd>
        </div>
      ))}
      {entry.policy_version && (
        <>
          <dt>Under</dt>
          <dd>{under(entry.policy_version)}</dd>
        </>
      )}
      <dt>Hash</dt>
      <dd>
        <Hash value={entry.hash} />{" "}
        {FIRST.test(entry.prev) ? (
          <span className="faint">the first of its chain</span>
        ) : (
          <>
            <span className="faint">after</span> <Hash value={entry.prev} />
          </>
        )}
      </dd>
      <dt className="unseen">As it stands</dt>
      <dd className="as-it-stands">
        <details>
          <summary>The entry as it is delivered</summary>
          <pre className="entry-content">{JSON.stringify(entry, null, 2)}</pre>
        </details>
      </dd>
    </dl>
  );
}

/** An item by its id and its file, where they are not the same word. */
function named(item: { id: string; file: string } | undefined): string | undefined {
  return item && `${item.id} (${item.file})`;
}

function Items({ title, ids, page }: { title: string; ids: string[]; page: Run | undefined }) {
  if (ids.length === 0) return null;
  return (
    <>
      <dt>{title}</dt>
      <dd>
        <ul>
          {ids.map((id) => {
            const words = itemWords(id, page);
            return (
              <li key={id}>
                {words} {words !== id && !id.startsWith(GATE) && <Id value={id} />}
              </li>
            );
          })}
        </ul>
      </dd>
    </>
  );
}

const GATE = "gate:";
const AGENT = "agent:";
const FIRST = /^sha256:0+$/;
// What an item of a register is told by, the most telling first.
const TOLD = ["trigger", "precondition", "question", "text", "asks_for", "reason", "after", "about"] as const;

/** A gate by its name, an item of a register or an edit by what it says. */
function itemWords(id: string, page: Run | undefined): string {
  if (id.startsWith(GATE)) {
    const [name = "", ...of] = id.slice(GATE.length).split(":");
    const about = of.filter(Boolean).join(" of ");
    return `the gate “${spoken(name)}”${about ? ` for ${about}` : ""}`;
  }
  if (!page) return id;
  const lists: [string, { id: string }[]][] = [...Object.entries(page.registers), ["edits", page.edits]];
  for (const [list, items] of lists) {
    const found = new Map(Object.entries(items.find((one) => one.id === id) ?? {}));
    for (const key of TOLD) {
      const text = found.get(key);
      if (typeof text !== "string" || !text) continue;
      const about = page.artifact?.fields[text]?.title ?? spoken(text);
      return `${sentence(spoken(list).replace(/s$/, ""))}: ${about}`;
    }
  }
  return id;
}

/** "outage-intake/1+f5e532eb3479": which rules the run was under, and with which values of its parameters. */
function under(version: string): string {
  const [scenario, rest = ""] = version.split("/");
  const [number, values] = rest.split("+");
  return [scenario, number && `version ${number}`, values && `parameters ${values}`].filter(Boolean).join(", ");
}
