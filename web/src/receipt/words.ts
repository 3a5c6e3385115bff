/** The shown parts of a receipt as lines for a person. */

import { canonical, isObject, isText, type Json, type JsonObject, member } from "./json";
import { claimOf } from "./sdJwt";

/** One line a part, in the receipt's order. */
export const saidOf = (parts: readonly (readonly [string, Json])[]): string[] =>
  parts.map(([path, value]) => {
    const kind = claimOf(path);
    const line = LINES[kind];
    return line && isObject(value) ? line(value) : `${kind} ${path.slice(kind.length + 1)}: ${short(value)}`;
  });

/** A value in words: texts as they are, nothing as `none`, lists with commas, anything else as JSON. */
export function plain(value: Json): string {
  if (Array.isArray(value)) return value.map(plain).join(", ");
  return value === null ? "none" : isText(value) ? value : canonical(value);
}

const holds = (value: Json): boolean =>
  Array.isArray(value) ? value.length > 0 : isObject(value) ? Object.keys(value).length > 0 : Boolean(value);

function short(value: Json): string {
  const text = Array.from(plain(value).split(/\s+/).filter(Boolean).join(" "));
  return text.length <= 160 ? text.join("") : `${text.slice(0, 159).join("")}…`;
}

const hash = (value: Json): string =>
  holds(value) ? `${Array.from(plain(value)).slice(0, 19).join("")}…` : "without content";

const LINES: Record<string, (part: JsonObject) => string> = {
  approvals(part) {
    const said = (name: string) => plain(member(part, name));
    const reason = holds(member(part, "reason")) ? ` (${short(member(part, "reason"))})` : "";
    return (
      `${said("by")} decided ${said("decision")} on ${said("gate")} at ${said("at")}, ` +
      `revision ${said("revision")} ${hash(member(part, "artifact_sha256"))}: ${said("state")}${reason}`
    );
  },
  policies(part) {
    if (!Object.hasOwn(part, "gate")) return `${plain(member(part, "name"))} ${plain(member(part, "version"))}`;
    const roles = member(part, "roles");
    const named = Array.isArray(roles) ? plain(roles) : "";
    return `gate ${plain(member(part, "gate"))}: ${plain(member(part, "quorum"))} of ${named}`;
  },
  actions(part) {
    const said = (name: string) => plain(member(part, name));
    if (part.what === "release") {
      const by = holds(member(part, "under"))
        ? `under ${said("under")}`
        : `by the decisions in entries ${said("approvals")}`;
      return `released ${said("revision")} ${hash(member(part, "artifact_sha256"))} into ${said("lane")}, ${by}`;
    }
    const by = holds(member(part, "rests_on")) ? `, by the decisions in entries ${said("rests_on")}` : "";
    return `effect ${said("id")}: ${said("kind")} ${said("state")}${by}`;
  },
  evidence(part) {
    const said = (name: string) => plain(member(part, name));
    return `${said("id")} (${said("file")}) ${said("sha256")}${holds(member(part, "withdrawn")) ? ", withdrawn" : ""}`;
  },
  open_items(part) {
    const names = ["trigger", "precondition", "question", "text"];
    const said = names.map((name) => member(part, name)).find(holds) ?? "";
    const about = ["id", "kind", "about", "to", "gate", "by"]
      .map((name) => member(part, name))
      .filter(holds)
      .map(plain);
    return `${plain(member(part, "register"))}: ${about.join(" ")} ${short(said)}`.trimEnd();
  },
  refusals(part) {
    return `refused to ${plain(member(part, "asked_by"))}: ${short(member(part, "reason"))}`;
  },
  fields(part) {
    const value = Object.hasOwn(part, "value") ? ` ${short(member(part, "value"))}` : "";
    return `field ${plain(member(part, "name"))}: ${plain(member(part, "status"))}${value}`;
  },
};
