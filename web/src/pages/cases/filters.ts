import type { CaseFilters } from "@/api/queries";

export const STATES = ["waiting", "working", "resting", "ended", "failed"] as const;
const SORTS = ["-changed", "changed", "case", "-case"] as const;

function oneOf<T extends string>(value: unknown, among: readonly T[]): T | undefined {
  return among.find((one) => one === value);
}

/** The filters as the address has them. What the address says wrongly is left out, never an error. */
export function readCaseFilters(raw: Record<string, unknown>): CaseFilters {
  const filters: CaseFilters = {};
  const state = oneOf(raw.state, STATES);
  const sort = oneOf(raw.sort, SORTS);
  if (typeof raw.q === "string" && raw.q) filters.q = raw.q;
  if (typeof raw.scenario === "string" && raw.scenario) filters.scenario = raw.scenario;
  if (state) filters.state = state;
  if (raw.waiting === "me") filters.waiting = "me";
  if (sort) filters.sort = sort;
  return filters;
}
