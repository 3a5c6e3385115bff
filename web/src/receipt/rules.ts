/**
 * What the headers of a chain alone must fulfil, whoever wrote them:
 *
 * - nothing is released without an earlier approval by a person of the same content that had not lapsed, or without
 *   naming the standing approval that it runs under
 * - nothing is done in a system without naming the decisions that allow it, each of which stands in that run, or the
 *   standing approval that it runs under
 * - one person answers one gate once for one content, and one signed decision is used once
 * - nobody answers a gate that an earlier header keeps him apart from (R11)
 */

import type { Header } from "./header";
import { digest } from "./json";

export const DECIDED = "decided";
export const REFUSED = "decision_refused";
export const RELEASED = "released";
export const LAPSES: Readonly<Record<string, string>> = { decision_void: "void", decision_expired: "expired" };
const ACT = "effect_sent";
const GATE = "gate:";
// Whom the duties keep apart from a gate is opened beside it, and closed when that is over.
const APART = "~";
const MAX_IDENTIFIER = 200;

export interface Broken {
  seq: number;
  problem: string;
}

/** The rules that these headers break. null stands for a sealed one: what it may say is not held against the others. */
export async function broken(headers: readonly (Header | null)[]): Promise<Broken[]> {
  const found: Broken[] = [];
  const record = new Decisions();
  let sealed = false;
  for (const [seq, header] of headers.entries()) {
    if (header === null) {
      sealed = true;
      record.passSealed();
      continue;
    }
    record.keepApart(header);
    const content = JSON.stringify([header.run, header.base_revision ?? ""]);
    if (header.kind === DECIDED) {
      found.push(...(await record.decide(header, content)).map((problem) => ({ seq, problem })));
    } else if (Object.hasOwn(LAPSES, header.kind) && header.envelope) {
      record.lapse(header.envelope);
    } else if (header.kind === RELEASED && header.citations.length === 0 && !sealed && !record.stands(content)) {
      const problem = `${header.kind}: no earlier approval of the same content stands, and none is named`;
      found.push({ seq, problem });
    } else if (header.kind === ACT && !sealed) {
      const problem = record.act(header);
      if (problem) found.push({ seq, problem: `${header.kind}: ${problem}` });
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

/** How a header names somebody who may not answer a gate. */
async function apartItem(gate: string, person: string): Promise<string> {
  const named = `${gate}${APART}${person}`;
  const letters = Array.from(named);
  if (letters.length <= MAX_IDENTIFIER) return named;
  return letters.slice(0, 130).join("") + (await digest(named)).slice(7, 71);
}

/** The item of an answered gate, and those of the gate for any target and for any action. */
function andWider(gate: string): string[] {
  if (!gate.startsWith(GATE)) return [gate];
  const parts = gate.slice(GATE.length).split(":");
  return parts.map((_, n) => GATE + parts.slice(0, parts.length - n).join(":"));
}

/** The decisions so far: which stand for which content, and who answered which gate. */
class Decisions {
  private content = new Map<string, string>();
  private answered = new Map<string, string>();
  private used = new Map<string, string>();
  private named = new Set<string>();
  private apart = new Set<string>();

  /** Whom the duties keep apart from which gate from here on, by run. */
  keepApart(header: Header): void {
    for (const item of header.opens) if (item.startsWith(GATE)) this.apart.add(JSON.stringify([header.run, item]));
    for (const item of header.closes) this.apart.delete(JSON.stringify([header.run, item]));
  }

  async decide(header: Header, content: string): Promise<string[]> {
    const { actor, envelope } = header;
    const problems: string[] = [];
    if (actor.type !== "person") problems.push(`${DECIDED}: by ${actor.type} ${actor.id}, and only persons decide`);
    if (envelope === null) return [...problems, `${DECIDED}: without a signed envelope`];
    if (this.used.has(envelope)) problems.push(`${DECIDED}: by an envelope that was used before`);
    if (this.named.has(envelope)) problems.push(`${DECIDED}: only after an act that names it`);
    for (const gate of header.closes) {
      const place = JSON.stringify([content, gate, actor.id]);
      if (this.answered.has(place)) {
        problems.push(`${DECIDED}: ${actor.id} answers ${gate} for the second time; that takes another person`);
      }
      this.answered.set(place, envelope);
      const mine = await Promise.all(andWider(gate).map((one) => apartItem(one, actor.id)));
      if (mine.some((one) => this.apart.has(JSON.stringify([header.run, one])))) {
        problems.push(`${DECIDED}: ${actor.id} answers ${gate}, and an earlier entry keeps him apart from it (R11)`);
      }
    }
    this.used.set(envelope, header.run);
    this.content.set(envelope, content);
    return problems;
  }

  /** A decision does not stand any more; who made it may answer again. */
  lapse(envelope: string): void {
    this.content.delete(envelope);
    for (const [place, one] of this.answered) if (one === envelope) this.answered.delete(place);
  }

  /**
   * A header that is not shown may say that any earlier answer is over, or that somebody is no longer kept apart, so
   * neither is held against what comes later.
   */
  passSealed(): void {
    this.answered.clear();
    this.apart.clear();
  }

  /** Why an act in a system is not allowed by what came before it; empty where it is. */
  act(header: Header): string {
    const named = header.citations;
    for (const one of named) this.named.add(one);
    const standing = [...this.content.values()].some((content) => (JSON.parse(content) as string[])[0] === header.run);
    if (named.length === 0 && !standing) return "no earlier approval in its run stands, and none is named";
    if (named.some((one) => this.used.has(one) && !this.content.has(one))) {
      return "an approval that it names stood no more";
    }
    if (named.some((one) => (this.used.get(one) ?? header.run) !== header.run)) {
      return "an approval that it names was given in another run";
    }
    return "";
  }

  stands(content: string): boolean {
    return [...this.content.values()].includes(content);
  }
}
