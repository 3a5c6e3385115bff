/** The parts of a receipt against each other, against the headers, and against the keys of people. */

import { decisionOf, type Envelope, EnvelopeError, isSignedBy, readEnvelope, subjectsOf } from "./dsse";
import { duties } from "./duties";
import { type Receipt, WITH_HEADER } from "./form";
import type { Header } from "./header";
import { digest, isInteger, isText, type Json, type JsonObject, member, same } from "./json";
import { type Trust, trusted } from "./keys";
import type { Findings, Question } from "./report";
import { DECIDED, LAPSES, REFUSED, RELEASED } from "./rules";
import { plain } from "./words";

/** What an approval says that its signed statement says too. */
const SAME = [
  "gate",
  "by",
  "role",
  "decision",
  "revision",
  "action",
  "target",
  "choice",
  "reason",
  "accepts",
  "expires_at",
];
const QUESTION = { approvals: "approved", actions: "actions", evidence: "evidence" } as const;

type Part = readonly [string, JsonObject];

/** The shown parts of one list, each with its path. */
const partsOf = (receipt: Receipt, name: string): Part[] =>
  receipt.token.claims
    .filter((claim) => claim.shown && claim.path.startsWith(`${name}/`))
    .map((claim) => [claim.path, claim.value as JsonObject] as const);

/** All of them. The headers are known to be sound where no earlier check found anything. */
export async function checkParts(receipt: Receipt, trust: Trust, findings: Findings): Promise<void> {
  once(receipt, findings);
  complete(receipt, findings);
  await checkApprovals(receipt, trust, findings);
  await answeredAnew(receipt, findings);
  await checkActions(receipt, findings);
  for (const [path, part] of partsOf(receipt, "evidence")) {
    const header = headerOf(receipt, findings, "evidence", path, part, null);
    const frozen = member(part, "sha256");
    if (header && !(isText(frozen) && header.citations.includes(frozen))) {
      findings.add("evidence", path, "its hash is not the one that was frozen");
    }
  }
  for (const [path, part] of partsOf(receipt, "policies")) {
    if (part.version !== receipt.payload.policy_version) {
      findings.add("policy", path, "of another version than the run's");
    }
  }
}

/** The header that a part names, if it is shown and of one of the kinds (null: any); otherwise a finding. */
function headerOf(
  receipt: Receipt,
  findings: Findings,
  question: Question,
  path: string,
  part: JsonObject,
  kinds: string[] | null,
): Header | null {
  const seq = member(part, "entry");
  const header = isInteger(seq) ? receipt.entries[seq] : undefined;
  if (header === undefined) findings.add(question, path, `names no entry of the case: ${plain(seq)}`);
  else if (header === null) findings.add(question, path, `its entry ${seq} is sealed, and the part is shown`);
  else if (kinds && !kinds.includes(header.kind)) {
    findings.add(question, path, `its entry ${seq} is of kind ${header.kind}, not ${kinds[0]}`);
  } else if (header.run !== receipt.payload.run) findings.add(question, path, `its entry ${seq} is of another run`);
  else return header;
  return null;
}

/** No two parts of one list rest on one entry: an approval counts once. */
function once(receipt: Receipt, findings: Findings): void {
  for (const name of WITH_HEADER) {
    const seen = new Map<number, string>();
    for (const [path, part] of partsOf(receipt, name)) {
      const seq = member(part, "entry");
      if (!isInteger(seq) || (name === "actions" && part.what !== "release")) continue;
      if (seen.has(seq)) findings.add(QUESTION[name], path, `rests on the entry of ${seen.get(seq)}`);
      seen.set(seq, path);
    }
  }
}

/** Every decision and release of the run that the headers show is among the parts, unless some are sealed. */
function complete(receipt: Receipt, findings: Findings): void {
  const wanted: [string, Question, string[]][] = [
    ["approvals", "approved", [DECIDED, REFUSED]],
    ["actions", "actions", [RELEASED]],
  ];
  for (const [name, question, kinds] of wanted) {
    const claims = receipt.token.claims.filter((claim) => claim.path.startsWith(`${name}/`));
    if (!claims.every((claim) => claim.shown)) continue;
    const told = new Set(partsOf(receipt, name).map(([, part]) => atom(member(part, "entry"))));
    for (const header of receipt.entries) {
      if (header && header.run === receipt.payload.run && kinds.includes(header.kind) && !told.has(header.seq)) {
        findings.add(question, name, `entry ${header.seq} is a ${header.kind} that is not among them`);
      }
    }
  }
}

/** A value that can be one of a set. Anything else in its place is nothing that an issuer of ours writes. */
export function atom(value: Json): Exclude<Json, Json[] | JsonObject> {
  if (typeof value === "object" && value !== null) throw new Error("expected a text or a number");
  return value;
}

async function checkApprovals(receipt: Receipt, trust: Trust, findings: Findings): Promise<void> {
  const holders = new Map<string, Json>();
  for (const [path, part] of partsOf(receipt, "approvals")) {
    const header = headerOf(receipt, findings, "approved", path, part, [DECIDED, REFUSED]);
    try {
      const envelope = await readEnvelope(member(part, "envelope"));
      const said = decisionOf(envelope);
      const subjects = subjectsOf(envelope.statement);
      const problems = await signatureProblems(receipt, part, envelope, said, trust);
      problems.push(...statementProblems(receipt, part, said, subjects));
      if (header) problems.push(...entryProblems(receipt, part, header, envelope.digest));
      const by = member(said, "by");
      const holder = holders.get(envelope.kid) ?? by;
      holders.set(envelope.kid, holder);
      if (!same(holder, by)) problems.push(`${plain(by)} and ${plain(holder)} sign with one key`);
      for (const problem of problems) findings.add("approved", path, problem);
    } catch (error) {
      if (!(error instanceof EnvelopeError)) throw error;
      findings.add("approved", path, error.message);
    }
  }
}

async function signatureProblems(
  receipt: Receipt,
  part: JsonObject,
  envelope: Envelope,
  said: JsonObject,
  trust: Trust,
): Promise<string[]> {
  const [key, problem] = trusted(trust, envelope.kid, "decision", String(said.signed_at));
  if (key === null || problem) return [problem ?? "untrusted"];
  if (key.tenant !== receipt.payload.tenant || key.owner !== part.by) {
    return [`key ${envelope.kid}: belongs to ${key.owner}, not to ${plain(member(part, "by"))}`];
  }
  return (await isSignedBy(envelope, key)) ? [] : ["the signature is not that of the person's key"];
}

function statementProblems(
  receipt: Receipt,
  part: JsonObject,
  said: JsonObject,
  subjects: Map<string, string>,
): string[] {
  const { payload } = receipt;
  const differs = SAME.filter((name) => !same(member(part, name), member(said, name)));
  for (const name of ["tenant", "case", "run", "policy_version"]) {
    if (!same(member(payload, name), member(said, name))) differs.push(name);
  }
  if (!same(member(part, "at"), member(said, "decided_at"))) differs.push("at");
  if (member(part, "artifact_sha256") !== (subjects.get("artifact") ?? null)) differs.push("artifact_sha256");
  return differs.map((name) => `not what the person signed: ${name}`);
}

function entryProblems(receipt: Receipt, part: JsonObject, header: Header, envelope: string): string[] {
  const problems: string[] = [];
  if (header.envelope !== envelope) problems.push("its envelope is not the one of its entry");
  if (header.actor.id !== part.by || header.base_revision !== member(part, "artifact_sha256")) {
    problems.push("person or content are not those of its entry");
  }
  const states = statesOf(receipt, part, header, envelope);
  const state = member(part, "state");
  if (!states.some((one) => one === state)) {
    problems.push(`state '${plain(state)}', and the entries say ${states.sort().join(" or ")}`);
  }
  return problems;
}

/** The states that the headers allow. A copy shows the header that says of a shown approval that it lapsed. */
function statesOf(receipt: Receipt, part: JsonObject, header: Header, envelope: string): string[] {
  if (header.kind === REFUSED) return ["refused"];
  if (part.decision === "reject") return ["rejected"];
  const lapsed = receipt.entries
    .slice(header.seq + 1)
    .flatMap((one) => (one && one.envelope === envelope ? (LAPSES[one.kind] ?? []) : []));
  return lapsed.length > 0 ? [...new Set(lapsed)] : ["valid"];
}

/** Whether an entry before that header says that the approval is over. */
async function hadLapsed(receipt: Receipt, approval: JsonObject, header: Header): Promise<boolean> {
  const envelope = await digest(member(approval, "envelope"));
  const earlier = receipt.entries.slice(0, header.seq);
  return earlier.some((one) => one && one.envelope === envelope && Object.hasOwn(LAPSES, one.kind));
}

/**
 * Who answers a gate again for the same content had an answer that lapsed before, also where sealed headers between
 * the two keep the rules of the headers from telling.
 */
async function answeredAnew(receipt: Receipt, findings: Findings): Promise<void> {
  const before = new Map<string, Part[]>();
  const numbered = partsOf(receipt, "approvals").filter(([, part]) => isInteger(part.entry));
  for (const [path, part] of numbered.sort(([, one], [, other]) => Number(one.entry) - Number(other.entry))) {
    const header = headerOf(receipt, findings, "approved", path, part, [DECIDED, REFUSED]);
    if (header?.kind !== DECIDED) continue;
    for (const gate of header.closes) {
      const place = JSON.stringify([header.base_revision ?? "", gate, header.actor.id]);
      const earlier = before.get(place) ?? [];
      for (const [where, one] of earlier) {
        if (!(await hadLapsed(receipt, one, header))) {
          findings.add("approved", path, `answers ${gate} again, and ${where} had not lapsed`);
        }
      }
      before.set(place, [...earlier, [path, part]]);
    }
  }
}

async function checkActions(receipt: Receipt, findings: Findings): Promise<void> {
  const approvals = new Map(partsOf(receipt, "approvals").map(([, part]) => [atom(member(part, "entry")), part]));
  const gates = new Map(
    partsOf(receipt, "policies").flatMap(([, part]) =>
      Object.hasOwn(part, "gate") ? [[atom(member(part, "gate")), part] as const] : [],
    ),
  );
  const asker = receipt.token.claims.find((claim) => claim.path === "intent/requested_by" && claim.shown);
  for (const [path, part] of partsOf(receipt, "actions")) {
    if (part.what !== "release") {
      for (const problem of effectProblems(receipt, part, approvals)) findings.add("actions", path, problem);
      continue;
    }
    const header = headerOf(receipt, findings, "actions", path, part, [RELEASED]);
    if (!header) continue;
    const named = Array.isArray(part.approvals) ? part.approvals : [];
    if (header.base_revision !== member(part, "artifact_sha256")) {
      findings.add("actions", path, "its content is not that of its entry");
    }
    const under = member(part, "under");
    if (named.length === 0 && !(isText(under) && under)) {
      findings.add("actions", path, "rests on no approval and names no standing approval");
    }
    const mine = named
      .map((seq) => (isInteger(seq) ? approvals.get(seq) : undefined))
      .filter((one) => one !== undefined);
    const all = mine.length === named.length;
    const problems = named.flatMap((seq) => earlierProblems(receipt, seq, header));
    problems.push(...releaseProblems(part, header, mine, all));
    for (const one of mine) {
      if (await hadLapsed(receipt, one, header)) {
        problems.push(`rests on an approval of ${plain(member(one, "by"))} that had lapsed`);
      }
    }
    problems.push(...duties(mine, gates, asker?.value ?? null, all));
    for (const problem of problems) findings.add("actions", path, problem);
  }
}

/** What an effect says that it rests on are approvals that counted. */
function effectProblems(receipt: Receipt, part: JsonObject, approvals: Map<Json, JsonObject>): string[] {
  const named = part.rests_on;
  if (!Array.isArray(named)) return ["does not say which decisions it rests on"];
  return named.flatMap((seq) => {
    const header = isInteger(seq) ? receipt.entries[seq] : undefined;
    if (header === undefined) return [`rests on entry ${plain(seq)}, which there is not`];
    const approval = approvals.get(seq);
    const problems = header !== null && header.kind !== DECIDED ? [`rests on entry ${seq}, which is no decision`] : [];
    if (approval && approval.decision !== "approve") {
      problems.push(`rests on entry ${seq}, in which ${plain(member(approval, "by"))} did not approve`);
    }
    return problems;
  });
}

function earlierProblems(receipt: Receipt, seq: Json, header: Header): string[] {
  if (!isInteger(seq) || seq < 0 || seq >= header.seq) return [`rests on entry ${plain(seq)}, which is not before it`];
  const approval = receipt.entries[seq];
  return approval && approval.kind !== DECIDED ? [`rests on entry ${seq}, which is no decision`] : [];
}

function releaseProblems(part: JsonObject, header: Header, approvals: JsonObject[], complete: boolean): string[] {
  const problems: string[] = [];
  for (const one of approvals) {
    const by = plain(member(one, "by"));
    const state = member(one, "state");
    if (one.decision !== "approve" || ![`valid`, ...Object.values(LAPSES)].some((known) => known === state)) {
      problems.push(`rests on a decision of ${by} that is ${plain(state)}`);
    }
    const until = member(one, "expires_at");
    if (isText(until) && header.at >= until) {
      problems.push(`happened at ${header.at}, after the approval of ${by} had expired (${until})`);
    }
  }
  const content = member(part, "artifact_sha256");
  if (complete && approvals.length > 0 && !approvals.some((one) => same(member(one, "artifact_sha256"), content))) {
    problems.push("none of its approvals is of the content that was released");
  }
  return problems;
}
