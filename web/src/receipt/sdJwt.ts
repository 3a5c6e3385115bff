/**
 * SD-JWT (RFC 9901) in the JWS JSON form, strictly read: claims that are signed once and shown one by one.
 *
 * Narrower than the RFC, so that each file has one reading: canonical JSON inside, no disclosure within a disclosure,
 * `_sd` sorted, disclosures in the order in which the payload names them.
 */

import { type Bytes, fromBase64url, sha256, toBase64url, utf8 } from "./bytes";
import { hasExactly, isObject, isText, type Json, type JsonObject, parseCanonical } from "./json";
import { type PublicKey, signed } from "./keys";

const RESERVED = ["...", "_sd", "_sd_alg"];

/** `path` is `list/3` or `object/name`; a sealed member has no name, and its path ends with `?` and its place. */
export interface Claim {
  path: string;
  digest: string;
  shown: boolean;
  value: Json;
}

export interface SdJwt {
  header: JsonObject;
  payload: JsonObject;
  signingInput: Bytes;
  signature: Bytes;
  claims: Claim[];
}

export const signedBy = (token: SdJwt, key: PublicKey): Promise<boolean> =>
  signed(key, token.signingInput, token.signature);

/** The first step of a path: the claim that it belongs to. */
export const claimOf = (path: string): string => path.split("/", 1)[0] ?? "";

/** The payload with what is shown in place and without what is sealed (RFC 9901 §7.1). */
export function processed(token: SdJwt): JsonObject {
  const shown: [string, Json][] = [];
  for (const [name, value] of Object.entries(token.payload)) {
    if (name === "_sd_alg") continue;
    const mine = token.claims.filter((claim) => claim.shown && claimOf(claim.path) === name);
    if (isSdObject(value)) {
      shown.push([name, Object.fromEntries(mine.map((claim) => [claim.path.slice(name.length + 1), claim.value]))]);
    } else {
      shown.push([name, isSdList(value) ? mine.map((claim) => claim.value) : value]);
    }
  }
  return Object.fromEntries(shown);
}

/** Reads the members protected, payload, signature and header. Throws; verifies no signature. */
export async function readToken(value: JsonObject): Promise<SdJwt> {
  const header = decoded(value.protected, "protected");
  const payload = decoded(value.payload, "payload");
  if (payload._sd_alg !== "sha-256") throw new Error("payload: expected _sd_alg to be sha-256");
  const signature = fromBase64url(value.signature);
  if (!hasExactly(value.header, ["disclosures"])) throw new Error("header: expected the one member disclosures");
  const given = value.header.disclosures;
  if (!Array.isArray(given) || !given.every(isText)) throw new Error("header/disclosures: expected a list of texts");
  const claims = await claimsOf(payload, given);
  return { header, payload, signingInput: utf8(`${value.protected}.${value.payload}`), signature, claims };
}

async function claimsOf(payload: JsonObject, given: string[]): Promise<Claim[]> {
  const digests = await Promise.all(given.map(async (text) => toBase64url(await sha256(utf8(text)))));
  const byDigest = new Map(digests.map((digest, place) => [digest, given[place] ?? ""]));
  if (byDigest.size !== given.length) throw new Error("header/disclosures: one disclosure stands twice");
  const named = digestsOf(payload);
  const names = new Set(named.map(([, digest]) => digest));
  if (names.size !== named.length) throw new Error("payload: one digest stands twice");
  const strangers = digests.filter((digest) => !names.has(digest));
  if (strangers.length > 0) throw new Error(`header/disclosures: ${strangers.length} that the payload does not name`);
  const ordered = named.flatMap(([, digest]) => byDigest.get(digest) ?? []);
  if (ordered.some((text, place) => text !== given[place])) {
    throw new Error("header/disclosures: not in the order of the payload");
  }
  const claims = named.map(([path, digest]) => claim(path, digest, byDigest.get(digest)));
  if (new Set(claims.map((one) => one.path)).size !== claims.length) {
    throw new Error("header/disclosures: one claim name stands twice in an object");
  }
  return claims;
}

function claim(path: string, digest: string, text: string | undefined): Claim {
  if (text === undefined) return { path, digest, shown: false, value: null };
  const parts = parseCanonical(fromBase64url(text));
  const whole = claimOf(path);
  const inObject = path.startsWith("?", whole.length + 1);
  if (!Array.isArray(parts) || parts.length !== (inObject ? 3 : 2)) {
    throw new Error(`disclosure of ${path}: expected salt, ${inObject ? "name and value" : "and value"}`);
  }
  const [salt, second] = parts;
  if (!isText(salt) || Array.from(salt).length < 22) {
    throw new Error(`disclosure of ${path}: expected a salt of 128 bits or more`);
  }
  if (inObject && (!isText(second) || !second || second.includes("/") || second.startsWith("?"))) {
    throw new Error(`disclosure of ${path}: expected a claim name`);
  }
  if (inObject && RESERVED.includes(String(second))) {
    throw new Error(`disclosure of ${path}: the claim name ${second} is reserved`);
  }
  const value = parts.at(-1) ?? null;
  if (hasReserved(value)) throw new Error(`disclosure of ${path}: expected no ${RESERVED.join(", ")} inside`);
  return { path: inObject ? `${whole}/${second}` : path, digest, shown: true, value };
}

/** Every digest with its path, in the payload's order. Throws where one stands anywhere else. */
function digestsOf(payload: JsonObject): [string, string][] {
  const all: [string, string][] = [];
  for (const name of Object.keys(payload).sort()) {
    const value = payload[name] ?? null;
    let found: string[];
    if (isSdObject(value)) {
      found = value._sd as string[];
      if (found.some((one, place) => place > 0 && one < (found[place - 1] ?? ""))) {
        throw new Error(`payload/${name}: expected digests in order`);
      }
    } else if (isSdList(value)) {
      found = value.map((one) => (one as JsonObject)["..."] as string);
    } else if (name === "_sd" || name === "..." || hasReserved(value)) {
      throw new Error(`payload/${name}: digests stand where none may`);
    } else continue;
    for (const [place, one] of found.entries()) {
      if (!isDigest(one)) throw new Error(`payload/${name}: expected digests of SHA-256`);
      all.push([`${name}/${isSdObject(value) ? "?" : ""}${place}`, one]);
    }
  }
  return all;
}

export const isSdObject = (value: Json | undefined): value is JsonObject =>
  hasExactly(value, ["_sd"]) && Array.isArray(value._sd) && value._sd.every(isText);

export const isSdList = (value: Json | undefined): value is Json[] =>
  Array.isArray(value) && value.every((one) => hasExactly(one, ["..."]) && isText(one["..."]));

function isDigest(text: string): boolean {
  try {
    return fromBase64url(text).length === 32;
  } catch {
    return false;
  }
}

function hasReserved(value: Json): boolean {
  if (Array.isArray(value)) return value.some(hasReserved);
  return isObject(value) && Object.entries(value).some(([name, one]) => RESERVED.includes(name) || hasReserved(one));
}

function decoded(text: Json | undefined, place: string): JsonObject {
  const value = parseCanonical(fromBase64url(text));
  if (!isObject(value)) throw new Error(`${place}: expected an object`);
  return value;
}
