/** The form of a receipt file: its members, its claims, its questions. */

import { type Bytes, concat, fromHex, hex, sha256, utf8 } from "./bytes";
import type { Header } from "./header";
import { canonical, hasExactly, isInteger, isObject, isText, type Json, type JsonObject, parseLaidOut } from "./json";
import type { Question } from "./report";
import { claimOf, isSdList, isSdObject, readToken, type SdJwt } from "./sdJwt";

const TYP = "casegate-receipt+sd-jwt";
const ALG = "EdDSA";
const VCT = "urn:casegate:receipt:1";
const FILE_MEMBERS = ["protected", "payload", "signature", "header", "entries", "disclosed", "erasures"];
const TEXTS = ["iss", "jti", "tenant", "case", "run", "scenario", "policy_version"] as const;
const OBJECTS = ["intent", "result"];
const LISTS = ["policies", "approvals", "actions", "evidence", "fields", "open_items", "refusals"];
const CLAIMS = [...TEXTS, "iat", "vct", "_sd_alg", "integrity", ...OBJECTS, ...LISTS];
/** A part of these shows its entry's header too. */
export const WITH_HEADER = ["approvals", "actions", "evidence"] as const;

export const QUESTIONS: readonly (readonly [Question, string, readonly string[]])[] = [
  ["approved", "Who approved", ["approvals"]],
  ["policy", "Which policy", ["policies"]],
  ["actions", "Which actions", ["actions", "refusals"]],
  ["evidence", "Which evidence", ["evidence"]],
  ["integrity", "Intact and attributable", ["intent", "result", "fields"]],
  ["open", "What is open", ["open_items"]],
];

/** A read file. `entries` has a header, or null where it is sealed; `leaves` are their hashes in the tree. */
export interface Receipt {
  token: SdJwt;
  payload: JsonObject & Record<(typeof TEXTS)[number], string> & { iat: number; integrity: JsonObject };
  entries: (Header | null)[];
  hashes: (string | null)[];
  leaves: Bytes[];
  disclosed: Json;
  erasures: Json[];
}

/** Reads a receipt file. Throws with the place and what was expected; verifies nothing but form. */
export async function readReceipt(data: Uint8Array): Promise<Receipt> {
  const value = parseLaidOut(data);
  if (!hasExactly(value, FILE_MEMBERS))
    throw new Error(`file: expected the members ${[...FILE_MEMBERS].sort().join(", ")}`);
  const token = await readToken(value);
  checkClaims(token);
  if (!Array.isArray(value.entries) || !Array.isArray(value.erasures))
    throw new Error("entries, erasures: expected lists");
  const read = await Promise.all(value.entries.map(entry));
  return {
    token,
    payload: token.payload as Receipt["payload"],
    // A header that departs from the format is found by the first check of the chain, before a rule looks into it.
    entries: read.map((one) => one.header as Header | null),
    hashes: read.map((one) => one.hash),
    leaves: read.map((one) => one.leaf),
    disclosed: value.disclosed ?? null,
    erasures: value.erasures,
  };
}

interface Entry {
  header: JsonObject | null;
  hash: string | null;
  leaf: Bytes;
}

async function entry(one: Json, place: number): Promise<Entry> {
  if (!isObject(one)) throw new Error(`entries/${place}: expected a header or a leaf`);
  if (hasExactly(one, ["leaf"])) {
    if (!isText(one.leaf) || !/^[0-9a-f]{64}$/.test(one.leaf)) {
      throw new Error(`entries/${place}: expected a leaf of 64 lowercase hex digits`);
    }
    return { header: null, hash: null, leaf: fromHex(one.leaf) };
  }
  const raw = await sha256(utf8(canonical(one)));
  return { header: one, hash: `sha256:${hex(raw)}`, leaf: await sha256(concat(Uint8Array.of(0), raw)) };
}

function checkClaims(token: SdJwt): void {
  const { header, payload } = token;
  if (!hasExactly(payload, CLAIMS)) throw new Error("payload: expected exactly the claims of a receipt");
  if (!hasExactly(header, ["alg", "kid", "typ"]) || !isText(header.kid)) {
    throw new Error("protected: expected alg, kid and typ");
  }
  if (header.typ !== TYP) throw new Error(`protected: expected typ to be ${TYP}`);
  if (header.alg !== ALG || payload.vct !== VCT)
    throw new Error(`protected, payload: expected alg ${ALG} and vct ${VCT}`);
  for (const name of TEXTS) if (!isText(payload[name])) throw new Error(`payload/${name}: expected text`);
  for (const name of OBJECTS) {
    if (!isSdObject(payload[name]))
      throw new Error(`payload/${name}: expected members that can be disclosed one by one`);
  }
  for (const name of LISTS) {
    if (!isSdList(payload[name]))
      throw new Error(`payload/${name}: expected elements that can be disclosed one by one`);
  }
  if (!isInteger(payload.iat) || !hasExactly(payload.integrity, ["entries", "root", "head", "sealed_at", "log"])) {
    throw new Error("payload: expected iat, and integrity with entries, root, head, sealed_at and log");
  }
  for (const claim of token.claims) {
    if (claim.shown && LISTS.includes(claimOf(claim.path)) && !isObject(claim.value)) {
      throw new Error(`${claim.path}: expected an object`);
    }
  }
}
