import type { Entry } from "@/api/types";
import { spoken } from "@/parts/words";

/** What an entry says, without the name that stands beside it, and with what it speaks of. */
export function said(entry: Pick<Entry, "actor" | "summary" | "content">): string {
  const name = entry.actor.name || entry.actor.id;
  const what = entry.summary.startsWith(`${name} `) ? entry.summary.slice(name.length + 1) : entry.summary;
  const about = entry.content.map((part) => gist(part.name, part.value)).find((text) => text !== "");
  return about && !what.includes(about) ? `${what}: ${about}` : what;
}

const TELLING = ["file", "item", "text", "after", "edit", "target", "gate", "question", "reason", "about", "id"];

function cut(text: string): string {
  return text.length <= 160 ? text : `${text.slice(0, 159)}…`;
}

function figure(count: number, of: string): string {
  return `${count} ${count === 1 ? spoken(of).replace(/s$/, "") : spoken(of)}`;
}

/** The one thing in a part of the content that tells it from others of its kind; where there is none, its figures. */
function gist(part: string, value: unknown): string {
  if (typeof value === "string") return cut(spoken(value));
  if (typeof value === "number") return figure(value, part);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "";
  const members = new Map<string, unknown>(Object.entries(value));
  const figures = [...members]
    .flatMap(([of, count]) => (typeof count === "number" && count > 0 ? [figure(count, of)] : []))
    .join(", ");
  for (const key of TELLING) {
    const member = members.get(key);
    if (typeof member !== "string" || !member) continue;
    return key === "item" && figures ? `${member}, ${figures}` : cut(member);
  }
  return figures;
}
