/**
 * Verifying a receipt in the browser, alone: the same steps as `casegate receipt verify`. Trust comes from the reader,
 * never from the file.
 *
 * 1. the file has the one form and layout           4. what is readable is what was disclosed
 * 2. key: trusted for receipts, valid at that time  5. the entries give the sealed chain; its rules hold
 * 3. signature; every disclosure is a signed one    6. each part fits its entry, its signer, the other parts
 */

import { checkChain, checkLog } from "./chainChecks";
import { checkErasures, type Erased, NOTHING } from "./erasure";
import { QUESTIONS, type Receipt, readReceipt } from "./form";
import { isInteger, same } from "./json";
import { CannotCheck, instantOf, type Trust, trusted } from "./keys";
import { checkParts } from "./partChecks";
import { type Answer, countLine, Findings, type Report } from "./report";
import { claimOf, processed, signedBy } from "./sdJwt";
import { saidOf } from "./words";

/**
 * Checks a receipt file. Whatever stands in it ends as a problem.
 *
 * Throws CannotCheck alone, where the browser has no Ed25519: then nothing is said about the file.
 */
export async function verify(data: Uint8Array, trust: Trust): Promise<Report> {
  // Browsers give WebCrypto only to pages from this machine or over HTTPS.
  if (globalThis.crypto?.subtle === undefined) throw new CannotCheck();
  let receipt: Receipt;
  try {
    receipt = await readReceipt(data);
  } catch (error) {
    return unreadable(messageOf(error));
  }
  const findings = new Findings();
  try {
    return await checked(receipt, trust, findings);
  } catch (error) {
    if (error instanceof CannotCheck) throw error;
    // A signed part may hold any value in any member: one that no check expects is no proof of anything.
    findings.add("integrity", "file", `a member has an unexpected type (${messageOf(error)})`);
    return reportOf(receipt, findings, NOTHING, []);
  }
}

async function checked(receipt: Receipt, trust: Trust, findings: Findings): Promise<Report> {
  const issued = await checkSignature(receipt, trust, findings);
  if (!same(processed(receipt.token), receipt.disclosed)) {
    findings.add("integrity", "disclosed", "differs from what the signed disclosures say");
  }
  await checkChain(receipt, findings);
  const erased = await checkErasures(receipt, trust, findings);
  const logged = await checkLog(receipt, trust, findings);
  if (findings.problems.length === 0) await checkParts(receipt, trust, findings);
  return reportOf(receipt, findings, erased, logged === null ? [issued] : [issued, logged]);
}

async function checkSignature(receipt: Receipt, trust: Trust, findings: Findings): Promise<string> {
  const { iss, iat } = receipt.payload;
  const kid = String(receipt.token.header.kid);
  const issued = instantOf(iat);
  const [key, problem] = trusted(trust, kid, "receipt", issued);
  if (problem) findings.add("integrity", "protected/kid", problem);
  else if (key && key.owner !== iss) {
    findings.add("integrity", "payload/iss", `${iss} is not the owner of the key, ${key.owner}`);
  } else if (key && !(await signedBy(receipt.token, key))) {
    findings.add("integrity", "signature", "is not that of the key over what is signed here");
  }
  const later = key?.revokedAt ? `; the key was revoked later, at ${key.revokedAt}` : "";
  return `issued by ${iss} at ${issued} with key ${kid}${later}`;
}

function reportOf(receipt: Receipt, findings: Findings, erased: Erased, lines: string[]): Report {
  const { payload, entries } = receipt;
  const sealed = entries.filter((header, seq) => header === null && !erased.entries.has(seq)).length;
  const gone = erased.entries.size;
  const total = isInteger(payload.integrity.entries) ? payload.integrity.entries : entries.length;
  const count = {
    entries: total,
    shown: entries.length - sealed - gone,
    sealed,
    erased: gone,
    missing: total - entries.length,
  };
  const { case: name, run, tenant, scenario, policy_version, iss } = payload;
  return {
    intact: findings.problems.length === 0,
    of: { case: name, run, tenant, scenario, policy_version, iss },
    entries: countLine(count),
    answers: QUESTIONS.map((question) => answerOf(receipt, question, findings, erased, lines)),
    problems: findings.problems,
  };
}

function answerOf(
  receipt: Receipt,
  [question, title, names]: (typeof QUESTIONS)[number],
  findings: Findings,
  erased: Erased,
  lines: string[],
): Answer {
  const claims = receipt.token.claims.filter((claim) => names.includes(claimOf(claim.path)));
  const shown = claims.filter((claim) => claim.shown);
  const gone = claims.filter((claim) => !claim.shown && erased.digests.has(claim.digest)).length;
  const sealed = claims.length - shown.length - gone;
  let standing: Answer["standing"] = "absent";
  // A file whose signature or chain does not hold proves none of its answers.
  if (findings.spoils(question) || findings.spoils("integrity")) standing = "invalid";
  else if (shown.length > 0 || question === "integrity") standing = "shown";
  else if (sealed > 0) standing = "sealed";
  else if (gone > 0) standing = "erased";
  const said = saidOf(shown.map((claim) => [claim.path, claim.value] as const));
  return {
    question,
    title,
    standing,
    shown: shown.length,
    sealed,
    erased: gone,
    lines: question === "integrity" ? [...lines, ...said] : said,
  };
}

function unreadable(reason: string): Report {
  const answers = QUESTIONS.map(([question, title]): Answer => {
    return { question, title, standing: "invalid", shown: 0, sealed: 0, erased: 0, lines: [] };
  });
  const problems = [{ question: "integrity" as const, place: "", text: reason }];
  return { intact: false, of: {}, entries: null, answers, problems };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
