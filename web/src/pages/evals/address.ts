import type { EvalFilters } from "@/api/queries";
import type { EvalRow } from "@/api/types";

export const EVAL_STATES: EvalRow["state"][] = ["running", "finished", "failed", "interrupted"];

const text = (value: unknown): string | undefined => (typeof value === "string" && value ? value : undefined);

/** The filters of the list of evals, as they stand in the address. */
export function readEvalFilters(raw: Record<string, unknown>): EvalFilters {
  const state = EVAL_STATES.find((one) => one === raw.state);
  return { ...(text(raw.suite) ? { suite: text(raw.suite) } : {}), ...(state ? { state } : {}) };
}

/** What of an eval is open: the eval that it is compared with, the metric that is plotted, a case as suite/case. */
export interface EvalAddress {
  against?: string | undefined;
  metric?: string | undefined;
  case?: string | undefined;
}

export function readEvalAddress(raw: Record<string, unknown>): EvalAddress {
  return {
    ...(text(raw.against) ? { against: text(raw.against) } : {}),
    ...(text(raw.metric) ? { metric: text(raw.metric) } : {}),
    ...(text(raw.case) ? { case: text(raw.case) } : {}),
  };
}
