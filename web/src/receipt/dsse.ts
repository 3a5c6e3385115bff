/** DSSE envelopes around in-toto statements with exactly one signature, and the decision that a person signs in one. */

import { type Bytes, concat, fromBase64, utf8 } from "./bytes";
import { digest, hasExactly, isObject, isText, type Json, type JsonObject, parseCanonical } from "./json";
import { isInstant, type PublicKey, signed } from "./keys";

const PAYLOAD_TYPE = "application/vnd.in-toto+json";
const STATEMENT_TYPE = "https://in-toto.io/Statement/v1";
const DECISION = "urn:casegate:decision:1";
const DECISION_MEMBERS = [
  "tenant",
  "case",
  "run",
  "gate",
  "by",
  "role",
  "decision",
  "revision",
  "lane",
  "audience",
  "policy_version",
  "decided_at",
  "expires_at",
  "signed_at",
  "shown",
  "action",
  "target",
  "choice",
  "accepts",
  "reason",
];

/** What is wrong with an envelope itself; whatever else goes wrong is not the envelope's form. */
export class EnvelopeError extends Error {}

export interface Envelope {
  kid: string;
  body: Bytes;
  statement: JsonObject;
  predicate: JsonObject;
  signature: Bytes;
  digest: string;
}

export async function isSignedBy(envelope: Envelope, key: PublicKey): Promise<boolean> {
  // The pre-authentication encoding of DSSE v1.
  const head = utf8(`DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${envelope.body.length} `);
  return key.kid === envelope.kid && (await signed(key, concat(head, envelope.body), envelope.signature));
}

/** Reads an envelope, strictly. Throws EnvelopeError; says nothing about the signature. */
export async function readEnvelope(value: Json): Promise<Envelope> {
  if (!hasExactly(value, ["payloadType", "payload", "signatures"])) {
    throw new EnvelopeError("envelope: expected payloadType, payload and signatures");
  }
  if (value.payloadType !== PAYLOAD_TYPE) throw new EnvelopeError(`envelope: expected the payloadType ${PAYLOAD_TYPE}`);
  const signatures = value.signatures;
  if (!Array.isArray(signatures) || signatures.length !== 1) {
    throw new EnvelopeError("envelope: expected exactly one signature");
  }
  const [signature] = signatures;
  if (!hasExactly(signature, ["keyid", "sig"]) || !isText(signature.keyid)) {
    throw new EnvelopeError("envelope: expected keyid and sig in the signature");
  }
  let body: Bytes;
  let sig: Bytes;
  let said: Json;
  try {
    body = fromBase64(value.payload);
    sig = fromBase64(signature.sig);
    said = parseCanonical(body);
  } catch (error) {
    throw new EnvelopeError(`envelope: ${error instanceof Error ? error.message : error}`);
  }
  if (!hasExactly(said, ["_type", "subject", "predicateType", "predicate"])) {
    throw new EnvelopeError("envelope: expected an in-toto statement");
  }
  if (said._type !== STATEMENT_TYPE || !isObject(said.predicate)) {
    throw new EnvelopeError(`envelope: expected a statement of type ${STATEMENT_TYPE} with a predicate`);
  }
  return {
    kid: signature.keyid,
    body,
    statement: said,
    predicate: said.predicate,
    signature: sig,
    digest: await digest(value),
  };
}

/** The subjects of a statement, name to `sha256:<hex>`. Throws EnvelopeError for another form. */
export function subjectsOf(statement: JsonObject): Map<string, string> {
  const found = new Map<string, string>();
  for (const one of Array.isArray(statement.subject) ? statement.subject : [null]) {
    if (!hasExactly(one, ["name", "digest"]) || !isObject(one.digest)) {
      throw new EnvelopeError("statement: expected subjects with name and digest");
    }
    const { name, digest: by } = one;
    if (!hasExactly(by, ["sha256"]) || !isText(by.sha256) || !isText(name) || found.has(name)) {
      throw new EnvelopeError("statement: expected each subject once, with a sha256 digest");
    }
    found.set(name, `sha256:${by.sha256}`);
  }
  return found;
}

/** The predicate of a decision. Throws EnvelopeError where the statement is about something else. */
export function decisionOf(envelope: Envelope): JsonObject {
  if (envelope.statement.predicateType !== DECISION || !hasExactly(envelope.predicate, DECISION_MEMBERS)) {
    throw new EnvelopeError(`statement: expected a predicate of type ${DECISION} and its members`);
  }
  if (!isInstant(envelope.predicate.signed_at)) {
    throw new EnvelopeError("statement: expected signed_at to be a UTC time");
  }
  return envelope.predicate;
}
