/** The Merkle tree of RFC 6962 §2.1, over SHA-256. Hashes are 32 raw bytes. */

import { type Bytes, concat, equal, sha256, utf8 } from "./bytes";

export const leafHash = (data: Bytes): Promise<Bytes> => sha256(concat(Uint8Array.of(0), data));

const nodeHash = (left: Bytes, right: Bytes): Promise<Bytes> => sha256(concat(Uint8Array.of(1), left, right));

/** The root over leaf hashes, by the roots of perfect subtrees, the largest first. */
export async function root(leaves: readonly Bytes[]): Promise<Bytes> {
  const peaks: Bytes[] = [];
  let size = 0;
  for (const leaf of leaves) {
    let node = leaf;
    for (let rest = size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
      const left = peaks.pop();
      if (left) node = await nodeHash(left, node);
    }
    peaks.push(node);
    size += 1;
  }
  let node = peaks.pop();
  if (!node) return sha256(utf8(""));
  for (const peak of peaks.reverse()) node = await nodeHash(peak, node);
  return node;
}

/** Whether `proof` puts the leaf hash at `index` into the tree of `size` leaves (RFC 9162 §2.1.3.2). */
export async function isIncluded(
  index: number,
  size: number,
  leaf: Bytes,
  proof: readonly Bytes[],
  expected: Bytes,
): Promise<boolean> {
  if (index < 0 || index >= size || [leaf, expected, ...proof].some((one) => one.length !== 32)) return false;
  // Sizes may lie beyond 32 bits, so they are halved and not shifted.
  const half = (value: number) => Math.floor(value / 2);
  let place = index;
  let last = size - 1;
  let node = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      node = await nodeHash(sibling, node);
      while (place % 2 === 0 && place !== 0) {
        place = half(place);
        last = half(last);
      }
    } else {
      node = await nodeHash(node, sibling);
    }
    place = half(place);
    last = half(last);
  }
  return last === 0 && equal(node, expected);
}
