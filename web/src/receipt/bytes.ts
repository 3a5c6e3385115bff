/** Bytes and their texts, strictly: one text for one value, so that no byte of a signed file is free. */

export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export const utf8 = (text: string): Bytes => encoder.encode(text);

/** Throws for what is no UTF-8. */
export const textOf = (bytes: Uint8Array): string => decoder.decode(bytes);

export function concat(...parts: Uint8Array[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export const equal = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((byte, place) => byte === other[place]);

export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export const fromHex = (text: string): Bytes =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

export async function sha256(data: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data));
}

function base64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function binaryOf(text: string, expected: string): Bytes {
  // atob forgives blanks and left-out padding; the alphabet is looked at before it sees anything.
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new Error(expected);
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    throw new Error(expected);
  }
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** RFC 7515 §2: the URL-safe alphabet without padding. */
export const toBase64url = (bytes: Uint8Array): string =>
  base64(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

/** Throws for anything but what `toBase64url` writes, also for spare bits that are set. */
export function fromBase64url(text: unknown): Bytes {
  if (typeof text !== "string" || /[+/=]/.test(text)) throw new Error("expected base64url without padding");
  const bytes = binaryOf(text.replaceAll("-", "+").replaceAll("_", "/"), "expected base64url without padding");
  if (toBase64url(bytes) !== text) throw new Error("expected base64url without padding and without spare bits");
  return bytes;
}

/** RFC 4648 §4. Throws for anything but the one text of those bytes. */
export function fromBase64(text: unknown): Bytes {
  if (typeof text !== "string") throw new Error("expected base64 text");
  const bytes = binaryOf(text, "expected base64 with padding");
  if (base64(bytes) !== text) throw new Error("expected base64 without spare bits");
  return bytes;
}
