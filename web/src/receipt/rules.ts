/**
 * What the headers of a chain alone must fulfil, whoever wrote them:
 *
 * - nothing is released without an earlier approval by a person of the same content that had not lapsed, or without
 *   naming the standing approval that it runs under
 * - one person answers one gate once for one content, and one signed decision is used once
 */

import type { Header } from "./header";

export const DECIDED = "decided";
export const REFUSED = "decision_refused";
export const RELEASED = "released";
export const LAPSES: Readonly<Record<string, string>> = { decision_void: "void", decision_expired: "expired" };
const GATE = "gate:";

export interface Broken {
  seq: number;
  problem: string;
}

/** The rules that these headers break. null stands for a sealed one: what it may say is not held against the others. */
export function broken(headers: readonly (Header | null)[]): Broken[] {
  const found: Broken[] = [];
  const record = new Decisions();
  let sealed = false;
  for (const [seq, header] of headers.entries()) {
    if (header === null) {
      sealed = true;
      record.passSealed();
      continue;
    }
    const content = JSON.stringify([header.run, header.base_revision ?? ""]);
    if (header.kind === DECIDED) {
      found.push(...record.decide(header, content).map((problem) => ({ seq, problem })));
    } else if (Object.hasOwn(LAPSES, header.kind) && header.envelope) {
      record.lapse(header.envelope);
    } else if (header.kind === RELEASED && header.citations.length === 0 && !sealed && !record.stands(content)) {
      const problem = `${header.kind}: no earlier approval of the same content stands, and none is named`;
      found.push({ seq, problem });
    }
  }
  return found;
}

/** The items of that run that its headers opened and did not close. */
export function openItems(headers: readonly Header[], run: string): Set<string> {
  const standing = new Set<string>();
  for (const header of headers) {
    if (header.run !== run) continue;
    for (const item of header.opens) standing.add(item);
    for (const item of header.closes) standing.delete(item);
  }
  return new Set([...standing].filter((item) => !item.startsWith(GATE)));
}

/** The decisions so far: which stand for which content, and who answered which gate. */
class Decisions {
  private content = new Map<string, string>();
  private answered = new Map<string, string>();
  private used = new Set<string>();

  decide(header: Header, content: string): string[] {
    const { actor, envelope } = header;
    const problems: string[] = [];
    if (actor.type !== "person") problems.push(`${DECIDED}: by ${actor.type} ${actor.id}, and only persons decide`);
    if (envelope === null) return [...problems, `${DECIDED}: without a signed envelope`];
    if (this.used.has(envelope)) problems.push(`${DECIDED}: by an envelope that was used before`);
    for (const gate of header.closes) {
      const place = JSON.stringify([content, gate, actor.id]);
      if (this.answered.has(place)) {
        problems.push(`${DECIDED}: ${actor.id} answers ${gate} for the second time; that takes another person`);
      }
      this.answered.set(place, envelope);
    }
    this.used.add(envelope);
    this.content.set(envelope, content);
    return problems;
  }

  /** A decision does not stand any more; who made it may answer again. */
  lapse(envelope: string): void {
    this.content.delete(envelope);
    for (const [place, one] of this.answered) if (one === envelope) this.answered.delete(place);
  }

  /** A header that is not shown may say that any earlier answer is over, so none is held against a later one. */
  passSealed(): void {
    this.answered.clear();
  }

  stands(content: string): boolean {
    return [...this.content.values()].includes(content);
  }
}
