/** Erased parts: a signed note says which disclosures are gone for good, so that *erased* is not taken for *sealed*. */

import { type Envelope, EnvelopeError, isSignedBy, readEnvelope, subjectsOf } from "./dsse";
import type { Receipt } from "./form";
import { digest, hasExactly, isCount, isText } from "./json";
import { isInstant, type Trust, trusted } from "./keys";
import type { Findings } from "./report";

const PREDICATE = "urn:casegate:erasure:1";

/** What the notes of a receipt say: digests of disclosures, and entries whose content is gone. */
export interface Erased {
  digests: ReadonlySet<string>;
  entries: ReadonlySet<number>;
}

export const NOTHING: Erased = { digests: new Set(), entries: new Set() };

/** What was erased, by notes of the issuer of this very receipt; any other note is a finding. */
export async function checkErasures(receipt: Receipt, trust: Trust, findings: Findings): Promise<Erased> {
  const digests = new Set<string>();
  const entries = new Set<number>();
  for (const [place, one] of receipt.erasures.entries()) {
    try {
      const envelope = await readEnvelope(one);
      const problem = await noteProblem(receipt, envelope, trust);
      if (problem) throw new EnvelopeError(problem);
      for (const digest of envelope.predicate.digests as string[]) digests.add(digest);
      for (const seq of envelope.predicate.entries as number[]) entries.add(seq);
    } catch (error) {
      if (!(error instanceof EnvelopeError)) throw error;
      findings.add("integrity", `erasures/${place}`, error.message);
    }
  }
  const { claims } = receipt.token;
  for (const claim of claims) {
    if (claim.shown && digests.has(claim.digest)) {
      findings.add("integrity", claim.path, "shown, and a note says that it was erased");
    }
  }
  const had = new Set(claims.map((claim) => claim.digest));
  if ([...digests].some((one) => !had.has(one))) {
    findings.add("integrity", "erasures", "a note erases what this receipt never had");
  }
  return { digests, entries };
}

async function noteProblem(receipt: Receipt, envelope: Envelope, trust: Trust): Promise<string | null> {
  const { predicate, statement } = envelope;
  if (
    statement.predicateType !== PREDICATE ||
    !hasExactly(predicate, ["jti", "digests", "entries", "erased_at"]) ||
    !isInstant(predicate.erased_at)
  ) {
    return `expected a statement of type ${PREDICATE}`;
  }
  const { digests, entries, jti, erased_at } = predicate;
  if (!Array.isArray(digests) || !Array.isArray(entries)) return "expected lists of digests and entries";
  if (!digests.every(isText)) return "expected digests as texts";
  if (!entries.every((one) => isCount(one) && one < receipt.entries.length)) return "expected entries of this case";
  const subjects = subjectsOf(statement);
  // What a note is about: the signed token, whatever of it is shown.
  const about = await digest(new TextDecoder().decode(receipt.token.signingInput));
  if (jti !== receipt.payload.jti || subjects.size !== 1 || subjects.get("receipt") !== about) {
    return "the note is about another receipt";
  }
  const [key, problem] = trusted(trust, envelope.kid, "receipt", erased_at);
  if (key === null || problem) return problem;
  if (key.owner !== receipt.payload.iss) return "the note is not by the issuer of the receipt";
  return (await isSignedBy(envelope, key)) ? null : "the note is not signed by its key";
}
