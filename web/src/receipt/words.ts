/** The shown parts of a receipt as lines for a person. */

import { canonical, isObject, isText, type Json, type JsonObject, member } from "./json";
import { claimOf } from "./sdJwt";

/** One line a part, in the receipt's order. */
export const saidOf = (parts: readonly (readonly [string, Json])[]): string[] =>
  parts.map(([path, value]) => {
    const kind = claimOf(path);
    const line = LINES[kind];
    if (line && isObject(value)) return line(value);
    if (isObject(value) && path === "result/artifact") {
      const said = (name: string) => plain(member(value, name));
      return `document: ${said("name")}, ${said("revision")} (${hash(member(value, "sha256"))})`;
    }
    const said = ENUMERATED.includes(path) ? spoken(short(value)) : short(value);
    return `${spoken(path.slice(kind.length + 1) || kind)}: ${said}`;
  });

const VERBS = new Map([
  ["approve", "approved"],
  ["reject", "rejected"],
  ["return", "returned"],
]);
const ENUMERATED = ["result/status", "result/outcome"];

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

/** A name of the card as words. */
const spoken = (value: Json): string => plain(value).replaceAll("_", " ");

const LINES: Record<string, (part: JsonObject) => string> = {
  approvals(part) {
    const said = (name: string) => plain(member(part, name));
    const reason = holds(member(part, "reason")) ? ` Reason given: ${short(member(part, "reason"))}` : "";
    return (
      `${said("by")} ${VERBS.get(said("decision")) ?? `answered ${said("decision")} to`} ${said("revision")} ` +
      `(${hash(member(part, "artifact_sha256"))}) for ${spoken(member(part, "gate"))} at ${said("at")}; ` +
      `this answer is ${said("state")}.${reason}`
    );
  },
  policies(part) {
    if (!Object.hasOwn(part, "gate")) {
      return `${spoken(member(part, "name"))}: version ${plain(member(part, "version"))}`;
    }
    const roles = member(part, "roles");
    const named = Array.isArray(roles) ? roles.map(spoken).join(" or ") : "";
    return `${spoken(member(part, "gate"))}: ${plain(member(part, "quorum"))} to approve, in the role of ${named}`;
  },
  actions(part) {
    const said = (name: string) => plain(member(part, name));
    if (part.what === "release") {
      const by = holds(member(part, "under"))
        ? `allowed beforehand by ${spoken(member(part, "under"))}`
        : `allowed by the decisions in entries ${said("approvals")}`;
      const what = `${said("revision")} (${hash(member(part, "artifact_sha256"))})`;
      return `released ${what} into ${spoken(member(part, "lane"))}, ${by}`;
    }
    const by = holds(member(part, "rests_on")) ? `, allowed by the decisions in entries ${said("rests_on")}` : "";
    return `${spoken(member(part, "kind"))} (${said("id")}): ${spoken(member(part, "state"))}${by}`;
  },
  evidence(part) {
    const said = (name: string) => plain(member(part, name));
    const gone = holds(member(part, "withdrawn")) ? ", withdrawn" : "";
    return `${said("file")}, cited as ${said("id")}: ${said("sha256")}${gone}`;
  },
  open_items(part) {
    const names = ["trigger", "precondition", "question", "text"];
    const said = names.map((name) => member(part, name)).find(holds) ?? "";
    const about = ["kind", "about", "to", "gate", "by"]
      .map((name) => member(part, name))
      .filter(holds)
      .map(spoken)
      .join(", ");
    const register = spoken(member(part, "register"));
    const which = holds(member(part, "id")) ? `${register} ${plain(member(part, "id"))}` : register;
    return `${which}${holds(said) ? `: ${short(said)}` : ""}${about ? ` (${about})` : ""}`;
  },
  refusals(part) {
    return `refused to ${plain(member(part, "asked_by"))}: ${short(member(part, "reason"))}`;
  },
  fields(part) {
    const value = Object.hasOwn(part, "value") ? `: ${short(member(part, "value"))}` : "";
    return `${spoken(member(part, "name"))}${value} (${plain(member(part, "status"))})`;
  },
};
