/** The format of a lineage entry's header, member by member; what it opens, closes and rests on stands in it. */

import { hasExactly, isCount, isObject, isText, type Json, type JsonObject } from "./json";
import { isInstant } from "./keys";

export interface Header extends JsonObject {
  tenant: string;
  case: string;
  run: string;
  seq: number;
  kind: string;
  at: string;
  prev: string;
  actor: { type: string; id: string; role: string | null };
  base_revision: string | null;
  citations: string[];
  opens: string[];
  closes: string[];
  envelope: string | null;
}

type Test = (value: Json | undefined) => boolean;

export const GENESIS = `sha256:${"0".repeat(64)}`;
const VERSION = 1;
const MAX_IDENTIFIER = 200;

const isHash: Test = (value) => isText(value) && /^sha256:[0-9a-f]{64}$/.test(value);
const isIdentifier: Test = (value) => {
  const length = isText(value) ? Array.from(value).length : 0;
  return length > 0 && length <= MAX_IDENTIFIER;
};
const orNull =
  (holds: Test): Test =>
  (value) =>
    value === null || holds(value);
const each =
  (holds: Test): Test =>
  (value) =>
    Array.isArray(value) && value.every(holds);
const record =
  (members: Record<string, Test>): Test =>
  (value) =>
    hasExactly(value, Object.keys(members)) && Object.entries(members).every(([name, holds]) => holds(value[name]));
const isContent: Test = (value) =>
  isObject(value) &&
  Object.entries(value).every(([name, one]) => isIdentifier(name) && !name.startsWith("tool_calls/") && isHash(one));

const TESTS: Record<string, Test> = {
  v: (value) => value === VERSION,
  tenant: isIdentifier,
  case: isIdentifier,
  run: isIdentifier,
  seq: isCount,
  kind: isIdentifier,
  at: isInstant,
  prev: isHash,
  actor: record({
    type: (value) => value === "agent" || value === "person" || value === "system",
    id: isIdentifier,
    role: orNull(isIdentifier),
  }),
  agent: orNull(
    record({
      name: isIdentifier,
      prompt: orNull(isIdentifier),
      prompt_version: orNull(isIdentifier),
      prompt_hash: orNull(isHash),
      model: orNull(isIdentifier),
    }),
  ),
  base_revision: orNull(isHash),
  new_revision: orNull(isHash),
  accepted_edits: each(isIdentifier),
  rejected_edits: each(isIdentifier),
  tool_calls: each(record({ tool: isIdentifier, args: isHash, result: isHash })),
  citations: each(isHash),
  policy_version: orNull(isIdentifier),
  opens: each(isIdentifier),
  closes: each(isIdentifier),
  envelope: orNull(isHash),
  content: isContent,
};
const NAMES = Object.keys(TESTS);

/** The first way in which a header departs from the format, with the member's place; null for none. */
export function headerFault(header: JsonObject): string | null {
  if (header.v !== VERSION) return `/v: expected header version ${VERSION}, the one known here`;
  if (!hasExactly(header, NAMES)) return `header: expected the members of version ${VERSION}`;
  const wrong = NAMES.find((name) => !TESTS[name]?.(header[name]));
  return wrong ? `/${wrong}: not of its form` : null;
}
