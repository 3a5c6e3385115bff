/** Signed notes and checkpoints in the forms of C2SP (signed-note, tlog-checkpoint), with Ed25519 keys. */

import { type Bytes, concat, equal, fromBase64, sha256, utf8 } from "./bytes";
import { type PublicKey, signed } from "./keys";

export interface Checkpoint {
  origin: string;
  size: number;
  root: Bytes;
  /** What the signature is over. */
  text: string;
  signatures: [string, Bytes][];
}

/** Reads a checkpoint, strictly. Throws; verifies nothing. */
export function readCheckpoint(note: string): Checkpoint {
  const gap = note.indexOf("\n\n");
  const lines = note.slice(0, gap).split("\n");
  const [origin, size, encoded] = lines;
  if (gap < 0 || lines.length !== 3 || !origin || !note.endsWith("\n")) {
    throw new Error("expected a checkpoint: origin, size, root, an empty line, signatures");
  }
  const root = fromBase64(encoded);
  if (!/^(0|[1-9]\d*)$/.test(size ?? "") || !Number.isSafeInteger(Number(size)) || root.length !== 32) {
    throw new Error("expected a checkpoint with a size and a root of 32 bytes");
  }
  const signatures = note
    .slice(gap + 2, -1)
    .split("\n")
    .map(signatureOf);
  return { origin, size: Number(size), root, text: `${origin}\n${size}\n${encoded}\n`, signatures };
}

/** Whether exactly one of the note's signatures names that key, and is that key's. */
export async function isNoteOf(checkpoint: Checkpoint, key: PublicKey): Promise<boolean> {
  const named = concat(utf8(`${checkpoint.origin}\n`), Uint8Array.of(1), key.raw);
  const id = (await sha256(named)).slice(0, 4);
  const mine = checkpoint.signatures.filter(
    ([name, signature]) => name === checkpoint.origin && equal(signature.slice(0, 4), id),
  );
  const [only] = mine;
  return only !== undefined && mine.length === 1 && signed(key, utf8(checkpoint.text), only[1].slice(4));
}

function signatureOf(line: string): [string, Bytes] {
  const parts = /^— (.+) ([^ ]*)$/.exec(line);
  if (!parts) throw new Error("a signature line without a name");
  return [parts[1] ?? "", fromBase64(parts[2])];
}
