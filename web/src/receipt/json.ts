/** JSON in its two byte forms: canonical (RFC 8785) inside of what is signed, and the layout of a receipt file. */

import { hex, sha256, textOf, utf8 } from "./bytes";

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [name: string]: Json;
}

const MAX_DEPTH = 100;
const LONE_SURROGATE = /\p{Surrogate}/u;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const isInteger = (value: unknown): value is number => Number.isSafeInteger(value);

/** A size or a sequence number. */
export const isCount = (value: unknown): value is number => isInteger(value) && value >= 0;

export const isText = (value: unknown): value is string => typeof value === "string";

/** Whether an object has these members and no other. */
export function hasExactly(value: unknown, names: readonly string[]): value is JsonObject {
  return (
    isObject(value) && Object.keys(value).length === names.length && names.every((name) => Object.hasOwn(value, name))
  );
}

/** A member of an object, null where it has none: as the members of a part are read. */
export const member = (value: JsonObject, name: string): Json =>
  Object.hasOwn(value, name) ? (value[name] ?? null) : null;

/** Throws for what is outside the domain: floats, integers beyond 2^53 - 1, lone surrogates, too much nesting. */
function examine(value: Json, depth: number): void {
  if (typeof value === "number" && !Number.isSafeInteger(value))
    throw new Error("expected integers within ±(2^53 - 1)");
  if (typeof value === "string" && LONE_SURROGATE.test(value))
    throw new Error("expected Unicode text, found a lone surrogate");
  if (typeof value !== "object" || value === null) return;
  if (depth >= MAX_DEPTH) throw new Error(`expected at most ${MAX_DEPTH} levels of nesting`);
  for (const [name, one] of Object.entries(value)) {
    if (LONE_SURROGATE.test(name)) throw new Error("expected Unicode text, found a lone surrogate");
    examine(one, depth + 1);
  }
}

type Order = (one: string, other: string) => number;

const byUtf16: Order = (one, other) => (one < other ? -1 : one > other ? 1 : 0);

/** By code point, which differs from UTF-16 only beyond U+FFFF. */
const byCodePoint: Order = (one, other) => {
  const left = Array.from(one, (character) => character.codePointAt(0) ?? 0);
  const right = Array.from(other, (character) => character.codePointAt(0) ?? 0);
  for (let place = 0; place < Math.min(left.length, right.length); place += 1) {
    const difference = (left[place] ?? 0) - (right[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
};

/** Written by hand, since a JavaScript object has an order of its own for names that are numbers. */
function written(value: Json, order: Order, indent: string | null): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = indent === null ? null : `${indent}  `;
  const list = Array.isArray(value);
  const parts = list
    ? value.map((one) => written(one, order, inner))
    : Object.keys(value)
        .sort(order)
        .map(
          (name) => `${JSON.stringify(name)}:${inner === null ? "" : " "}${written(value[name] ?? null, order, inner)}`,
        );
  const [open, close] = list ? ["[", "]"] : ["{", "}"];
  if (parts.length === 0 || inner === null) return open + parts.join(",") + close;
  return `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${indent}${close}`;
}

/** The canonical text of a value. Throws outside the domain. */
export function canonical(value: Json): string {
  examine(value, 0);
  return written(value, byUtf16, null);
}

/** Reads bytes that must already be canonical. A repeated key cannot pass: written again, it is gone. */
export function parseCanonical(bytes: Uint8Array): Json {
  const text = textOf(bytes);
  const value = JSON.parse(text) as Json;
  if (canonical(value) !== text) throw new Error("expected canonical JSON, found another layout of the same value");
  return value;
}

/** Reads JSON in any layout, and refuses a key that stands twice: `JSON.parse` alone would keep the last. */
export function parseOnce(text: string): Json {
  const value = JSON.parse(text) as Json;
  examine(value, 0);
  const names = (one: Json): number =>
    typeof one !== "object" || one === null
      ? 0
      : Object.values(one).reduce<number>(
          (sum, inner) => sum + names(inner),
          Array.isArray(one) ? 0 : Object.keys(one).length,
        );
  // Outside of its texts, JSON has a colon behind each key and nowhere else.
  const keys = text.replace(/"(?:[^"\\]|\\.)*"/g, "").match(/:/g)?.length ?? 0;
  if (keys !== names(value)) throw new Error("expected each key once");
  return value;
}

/** Reads a file of the one layout that receipts have: sorted keys, two blanks of indent, a line feed at the end. */
export function parseLaidOut(bytes: Uint8Array): Json {
  const text = textOf(bytes);
  const value = JSON.parse(text) as Json;
  examine(value, -MAX_DEPTH);
  if (`${written(value, byCodePoint, "")}\n` === text) return value;
  parseOnce(text);
  throw new Error("expected the layout that receipts have (sorted keys, indent of two, line feed)");
}

/** Whether two values are one, by their bytes. */
export const same = (one: Json, other: Json): boolean => written(one, byUtf16, null) === written(other, byUtf16, null);

/** `sha256:<hex>` of the canonical bytes. */
export async function digest(value: Json): Promise<string> {
  return `sha256:${hex(await sha256(utf8(canonical(value))))}`;
}
