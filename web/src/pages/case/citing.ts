import type { Artifact, Citation } from "@/api/types";

/** Numbers of the sources of an artifact, in the order in which a reader first meets them. */
export function sourceNumbers(artifact: Artifact): Map<string, number> {
  const numbers = new Map<string, number>();
  const meet = (citations: Citation[]) => {
    for (const { evidence } of citations) if (!numbers.has(evidence)) numbers.set(evidence, numbers.size + 1);
  };
  for (const field of Object.values(artifact.fields)) meet(field.citations);
  for (const section of artifact.sections) for (const claim of section.claims) meet(claim.citations);
  return numbers;
}

export interface Numbered {
  label: string;
  citation: Citation;
}

/** The citations of one statement with their numbers; several places of one source are told apart by a letter. */
export function numbered(citations: Citation[], numbers: Map<string, number>): Numbered[] {
  const seen = new Set<string>();
  const places = citations.filter(({ evidence, locator }) => {
    const key = `${evidence}\n${locator}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  places.sort((one, other) => (numbers.get(one.evidence) ?? Infinity) - (numbers.get(other.evidence) ?? Infinity));
  const many = new Map<string, number>();
  for (const { evidence } of places) many.set(evidence, (many.get(evidence) ?? 0) + 1);
  const used = new Map<string, number>();
  return places.map((citation) => {
    const { evidence } = citation;
    const number = numbers.get(evidence) ?? 0;
    const nth = used.get(evidence) ?? 0;
    used.set(evidence, nth + 1);
    const letter = (many.get(evidence) ?? 0) > 1 ? letters(nth) : "";
    return { label: `${number || evidence}${letter}`, citation };
  });
}

function letters(nth: number): string {
  const last = String.fromCharCode(97 + (nth % 26));
  return nth < 26 ? last : `${letters(Math.floor(nth / 26) - 1)}${last}`;
}
