/** Public keys with whose they are, what for and when they hold: the trust that an auditor brings along. */

import { type Bytes, concat, fromBase64url, sha256, toBase64url, utf8 } from "./bytes";
import { canonical, hasExactly, isObject, isText, type JsonObject, parseOnce } from "./json";

const MEMBERS = [
  "kid",
  "use",
  "alg",
  "purpose",
  "tenant",
  "owner",
  "valid_from",
  "valid_until",
  "revoked_at",
  "revocation",
];
// Keys of the service are Ed25519; a person may hold an ES256 one.
const ED25519 = { kty: "OKP", crv: "Ed25519", alg: "EdDSA", coordinates: ["x"] };
const ES256 = { kty: "EC", crv: "P-256", alg: "ES256", coordinates: ["x", "y"] };
const POINT_BYTES = 65;
const PURPOSES = ["receipt", "decision", "log"] as const;
export type Purpose = (typeof PURPOSES)[number];

/** Times are `YYYY-MM-DDTHH:MM:SSZ`. What was signed from `validUntil` or `revokedAt` on counts for nothing. */
export interface PublicKey {
  kid: string;
  /** 32 bytes of an Ed25519 key, or the 65 of an uncompressed point of P-256. */
  raw: Bytes;
  purpose: Purpose;
  tenant: string | null;
  owner: string;
  validFrom: string;
  validUntil: string;
  revokedAt: string | null;
}

export type Trust = ReadonlyMap<string, PublicKey>;

/** The browser has no Ed25519, or no WebCrypto at all: nothing was found to be wrong, and nothing to be right. */
export class CannotCheck extends Error {}

/** Whether `value` is a UTC time as headers and keys have it. */
export function isInstant(value: unknown): value is string {
  if (!isText(value)) return false;
  const parts = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z$/.exec(value);
  if (!parts) return false;
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  return year > 0 && date.toISOString() === `${value.slice(0, -1)}.000Z`;
}

/** Seconds since 1970 as a UTC time of that form. Throws beyond the years 1 to 9999. */
export function instantOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  const text = Number.isNaN(date.getTime()) ? "" : `${date.toISOString().slice(0, -5)}Z`;
  if (!isInstant(text)) throw new Error("expected a time within the years 1 to 9999");
  return text;
}

/** Reads `keys.json`. Throws where it is no key set of this form, with the place. */
export async function readKeys(text: string): Promise<Trust> {
  const value = parseOnce(text);
  if (!hasExactly(value, ["keys"]) || !Array.isArray(value.keys)) {
    throw new Error("expected an object with the one member keys, a list");
  }
  const keys = await Promise.all(value.keys.map((one, place) => keyOf(one, `/keys/${place}`)));
  const found = new Map(keys.map((key) => [key.kid, key]));
  if (found.size !== keys.length) throw new Error("/keys: expected each key once");
  return found;
}

async function keyOf(value: unknown, place: string): Promise<PublicKey> {
  const kind = isObject(value) && value.kty === "EC" ? ES256 : ED25519;
  const members = [...MEMBERS, "kty", "crv", ...kind.coordinates];
  if (!hasExactly(value, members)) throw new Error(`${place}: expected the members ${members.sort().join(", ")}`);
  for (const [name, fixed] of Object.entries({ kty: kind.kty, crv: kind.crv, alg: kind.alg, use: "sig" })) {
    if (value[name] !== fixed) throw new Error(`${place}/${name}: expected ${fixed}`);
  }
  const parts = kind.coordinates.map((name) => fromBase64url(value[name]));
  if (parts.some((part) => part.length !== 32)) throw new Error(`${place}/x: expected 32 bytes`);
  const raw = kind === ES256 ? concat(Uint8Array.of(4), ...parts) : concat(...parts);
  // A key's id is its thumbprint (RFC 7638), so a file cannot give a known id to another key.
  const bare: JsonObject = {
    kty: kind.kty,
    crv: kind.crv,
    ...Object.fromEntries(kind.coordinates.map((c) => [c, value[c] ?? null])),
  };
  const thumbprint = toBase64url(await sha256(utf8(canonical(bare))));
  if (value.kid !== thumbprint) throw new Error(`${place}/kid: expected the thumbprint of the key`);
  if (kind === ES256 && !(await importable(raw))) throw new Error(`${place}/x: expected a point of P-256`);
  const purpose = PURPOSES.find((one) => one === value.purpose);
  if (!purpose) throw new Error(`${place}/purpose: expected one of ${PURPOSES.join(", ")}`);
  if (kind === ES256 && purpose !== "decision") throw new Error(`${place}/kty: expected an Ed25519 key`);
  const { owner, tenant, revocation, valid_from, valid_until, revoked_at } = value;
  if (!isText(owner) || !owner) throw new Error(`${place}/owner: expected a name`);
  if (!(isText(tenant) || tenant === null) || !(isText(revocation) || revocation === null)) {
    throw new Error(`${place}: expected tenant and revocation to be text or null`);
  }
  if (!isInstant(valid_from) || !isInstant(valid_until) || !(isInstant(revoked_at) || revoked_at === null)) {
    throw new Error(`${place}: expected UTC times, YYYY-MM-DDTHH:MM:SSZ`);
  }
  return {
    kid: thumbprint,
    raw,
    purpose,
    tenant: tenant ?? null,
    owner,
    validFrom: valid_from,
    validUntil: valid_until,
    revokedAt: revoked_at ?? null,
  };
}

/** The key of that id for that purpose, and why a signature of that time does not count (null: it does). */
export function trusted(trust: Trust, kid: string, purpose: Purpose, at: string): [PublicKey | null, string | null] {
  const key = trust.get(kid);
  if (!key) return [null, `key ${kid}: not among the trusted keys`];
  if (key.purpose !== purpose) return [null, `key ${kid}: trusted for ${key.purpose}, not for ${purpose}`];
  const fault = faultAt(key, at);
  return [key, fault && `key ${kid}: ${fault}`];
}

function faultAt(key: PublicKey, at: string): string | null {
  if (at < key.validFrom) return `signed at ${at}, before its key was valid (${key.validFrom})`;
  if (key.revokedAt !== null && at >= key.revokedAt)
    return `signed at ${at}, after its key was revoked (${key.revokedAt})`;
  if (at >= key.validUntil) return `signed at ${at}, after its key had expired (${key.validUntil})`;
  return null;
}

/** Whether `signature` is this key's over `data`. Throws CannotCheck where the browser has no Ed25519. */
export async function signed(key: PublicKey, data: Bytes, signature: Bytes): Promise<boolean> {
  try {
    if (key.raw.length === POINT_BYTES) {
      const point = await p256(key.raw);
      return await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, point, signature, data);
    }
    const held = await crypto.subtle.importKey("raw", key.raw, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", held, signature, data);
  } catch (error) {
    if (error instanceof Error && error.name === "NotSupportedError") throw new CannotCheck();
    return false;
  }
}

function p256(raw: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", raw, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
}

async function importable(raw: Bytes): Promise<boolean> {
  try {
    await p256(raw);
    return true;
  } catch {
    return false;
  }
}
