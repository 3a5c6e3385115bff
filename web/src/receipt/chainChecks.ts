/** The chain beside a receipt, recomputed from its headers: count, order, root, end, rules, the service log. */

import { fromBase64url, hex, utf8 } from "./bytes";
import type { Receipt } from "./form";
import { GENESIS, type Header, headerFault } from "./header";
import { canonical, hasExactly, isCount, isInteger, isText, type JsonObject } from "./json";
import { CannotCheck, instantOf, type Trust, trusted } from "./keys";
import { isIncluded, leafHash, root } from "./merkle";
import { isNoteOf, readCheckpoint } from "./note";
import type { Findings } from "./report";
import { broken, openItems } from "./rules";

const HERE = "integrity";

/** Everything about the entries that the headers and leaves can show. */
export async function checkChain(receipt: Receipt, findings: Findings): Promise<void> {
  const { integrity } = receipt.payload;
  const { entries } = receipt;
  if (integrity.entries !== entries.length) {
    findings.add(HERE, "entries", `${entries.length} here, ${integrity.entries} were sealed`);
  }
  if (hex(await root(receipt.leaves)) !== integrity.root) {
    findings.add(HERE, "entries", "their tree does not have the root that was sealed");
  }
  let sound = true;
  for (const [seq, header] of entries.entries()) {
    for (const problem of header === null ? [] : headerProblems(receipt, seq, header)) {
      findings.add(HERE, `entries/${seq}`, problem);
      sound = false;
    }
  }
  const last = receipt.hashes.at(-1) ?? null;
  if (last !== null && last !== integrity.head) {
    findings.add(HERE, "entries", "the last one is not the head that was sealed");
  }
  if (!sound) return;
  for (const one of await broken(entries)) findings.add(HERE, `entries/${one.seq}`, one.problem);
  checkOpen(receipt, findings);
}

function headerProblems(receipt: Receipt, seq: number, header: Header): string[] {
  const fault = headerFault(header);
  if (fault) return [fault];
  const problems: string[] = [];
  if (header.seq !== seq) problems.push(`seq: ${header.seq} stands in place ${seq}`);
  if (header.tenant !== receipt.payload.tenant || header.case !== receipt.payload.case) {
    problems.push("tenant, case: of another chain");
  }
  const before = seq === 0 ? GENESIS : receipt.hashes[seq - 1];
  if (isText(before) && header.prev !== before) problems.push("prev: does not name the entry before it");
  return problems;
}

/** What is open, recomputed, against what is said to be open: possible where all headers are shown. */
function checkOpen(receipt: Receipt, findings: Findings): void {
  const headers = receipt.entries.filter((one) => one !== null);
  const claims = receipt.token.claims.filter((claim) => claim.path.startsWith("open_items/"));
  if (headers.length !== receipt.entries.length || !claims.every((claim) => claim.shown)) return;
  const said = new Set(claims.map((claim) => (claim.value as JsonObject).id).filter(isText));
  const standing = openItems(headers, receipt.payload.run);
  for (const item of [...standing].filter((one) => !said.has(one)).sort()) {
    findings.add("open", "open_items", `${item} was opened and not closed, and is not among them`);
  }
  for (const item of [...said].filter((one) => !standing.has(one)).sort()) {
    findings.add("open", "open_items", `${item} is among them, and the entries say that it is not open`);
  }
}

/** The proof that the service log has this seal. A line that says so, or null where the receipt has none. */
export async function checkLog(receipt: Receipt, trust: Trust, findings: Findings): Promise<string | null> {
  const { log } = receipt.payload.integrity;
  if (log === null) return null;
  if (!hasExactly(log, ["kid", "index", "checkpoint", "proof"])) {
    findings.add(HERE, "integrity/log", "expected kid, index, checkpoint and proof");
    return null;
  }
  try {
    return await inLog(receipt, log, trust, findings);
  } catch (error) {
    if (error instanceof CannotCheck) throw error;
    findings.add(HERE, "integrity/log", `cannot be read: ${error instanceof Error ? error.message : error}`);
    return null;
  }
}

async function inLog(receipt: Receipt, log: JsonObject, trust: Trust, findings: Findings): Promise<string> {
  const { integrity, tenant, case: name, iat } = receipt.payload;
  const { kid, index, checkpoint: note, proof } = log;
  if (!isText(note) || !isText(kid) || !isInteger(index) || !Array.isArray(proof) || !isCount(integrity.entries)) {
    throw new Error("expected texts, a number and a list");
  }
  const checkpoint = readCheckpoint(note);
  const [key, problem] = trusted(trust, kid, "log", instantOf(iat));
  const seal = {
    at: integrity.sealed_at ?? null,
    case: name,
    root: integrity.root ?? null,
    size: integrity.entries,
    tenant,
  };
  const leaf = await leafHash(utf8(canonical(seal)));
  const included = await isIncluded(index, checkpoint.size, leaf, proof.map(fromBase64url), checkpoint.root);
  if (problem) findings.add(HERE, "integrity/log", problem);
  else if (key === null || !(await isNoteOf(checkpoint, key))) {
    findings.add(HERE, "integrity/log", "the checkpoint is not signed by its key");
  }
  if (!included) findings.add(HERE, "integrity/log", "the proof does not put this seal into the checkpoint's tree");
  return `seal ${index} of ${checkpoint.size} in the service log ${checkpoint.origin}`;
}
