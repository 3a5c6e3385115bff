/** Separation of duties, where policy and approvals are shown; a quorum where all approvals of an action are. */

import { isInteger, isText, type Json, type JsonObject, member } from "./json";
import { plain } from "./words";

/** The problems of the approvals that one action rests on. `askedBy` is who asked for the work, where that is shown. */
export function duties(
  approvals: JsonObject[],
  gates: ReadonlyMap<Json, JsonObject>,
  askedBy: Json,
  complete: boolean,
): string[] {
  const problems: string[] = [];
  const names = new Set(approvals.map((one) => member(one, "gate")).filter((name) => gates.has(name)));
  for (const name of [...names].sort()) {
    const policy = gates.get(name);
    if (!policy || !isText(name)) throw new Error("expected a gate with a name");
    const mine = approvals.filter((one) => one.gate === name);
    const people = new Set(mine.map((one) => plain(member(one, "by"))));
    for (const one of mine) {
      if (!hasRole(one, policy)) problems.push(`${plain(member(one, "by"))} approved ${name} without its role`);
    }
    const quorum = member(policy, "quorum");
    if (complete && isInteger(quorum) && people.size < quorum) {
      problems.push(`${name} needs ${quorum} people, and ${people.size} approved`);
    }
    const notBy = member(policy, "not_by");
    if (notBy !== null && !Array.isArray(notBy)) throw new Error("expected not_by to be a list");
    if (notBy?.includes("requester") && isText(askedBy) && people.has(askedBy)) {
      problems.push(`${name} was approved by ${askedBy}, who asked for it`);
    }
  }
  return problems;
}

function hasRole(approval: JsonObject, policy: JsonObject): boolean {
  const roles = member(policy, "roles");
  return (
    !Array.isArray(roles) ||
    plain(member(approval, "role"))
      .split(", ")
      .some((role) => roles.includes(role))
  );
}
