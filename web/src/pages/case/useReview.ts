import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { api, data, idempotencyKey } from "@/api/client";
import type { Edit } from "@/api/types";
import { useCase } from "./context";

type Verdict = "accepted" | "rejected";

export interface Review {
  proposed: Edit[];
  rejected: Edit[];
  /** The edit that the keys speak of. */
  here: Edit | undefined;
  /** Verdicts that were sent and are not on the page yet. */
  sent: ReadonlyMap<string, Verdict>;
  move: (by: 1 | -1) => void;
  accept: (edits: Edit[]) => void;
  reject: (edit: Edit, reason: string) => void;
  /** The edit whose rejection is being written. */
  rejecting: string | null;
  setRejecting: (edit: string | null) => void;
  fault: Error | null;
}

/** Deciding on proposed edits, one by one or a section at a time. A verdict is a turn: the run answers by an event. */
export function useReview(order: string[]): Review {
  const { run, address, go } = useCase();
  const client = useQueryClient();
  const [sent, setSent] = useState<ReadonlyMap<string, Verdict>>(new Map());
  const [rejecting, setRejecting] = useState<string | null>(null);
  const proposed = useMemo(() => {
    const place = (edit: Edit) => {
      const at = order.indexOf(edit.target);
      return at < 0 ? order.length : at;
    };
    return run.edits.filter((edit) => edit.state === "proposed").sort((a, b) => place(a) - place(b));
  }, [run.edits, order]);
  const rejected = useMemo(() => run.edits.filter((edit) => edit.state === "rejected"), [run.edits]);
  const undecided = proposed.filter((edit) => !sent.has(edit.id));
  const here = proposed.find((edit) => edit.id === address.edit);

  const send = useMutation({
    mutationFn: (verdict: { accept: string[]; reject: string[]; reason: string }) =>
      data(
        api.POST("/api/runs/{run}/edits", {
          params: { path: { run: run.run }, header: { "Idempotency-Key": idempotencyKey() } },
          body: verdict,
        }),
      ),
    onError: (_error, verdict) => setSent((now) => minus(now, [...verdict.accept, ...verdict.reject])),
    onSuccess: () => client.invalidateQueries({ queryKey: ["run", run.run] }),
  });

  // A verdict that the run refused (the text had moved, say) leaves its edit as it was: after a rest it is offered again.
  useEffect(() => {
    if (run.working || sent.size === 0) return;
    const rest = window.setTimeout(() => setSent(new Map()), 4000);
    return () => window.clearTimeout(rest);
  }, [run.working, sent]);

  const move = (by: 1 | -1) => {
    const at = undecided.findIndex((edit) => edit.id === address.edit);
    const next =
      at < 0 ? (by > 0 ? undecided[0] : undecided.at(-1)) : undecided[(at + by + undecided.length) % undecided.length];
    if (next) go({ edit: next.id }, true);
  };
  const leave = (edits: Edit[]) => {
    const ids = new Set(edits.map((edit) => edit.id));
    const at = undecided.findIndex((edit) => ids.has(edit.id));
    const rest = [...undecided.slice(at + 1), ...undecided.slice(0, Math.max(at, 0))].filter(
      (edit) => !ids.has(edit.id),
    );
    go({ edit: rest[0]?.id ?? "" }, true);
  };
  const mark = useCallback((edits: Edit[], verdict: Verdict) => {
    setSent((now) => new Map([...now, ...edits.map((edit) => [edit.id, verdict] as const)]));
  }, []);
  return {
    proposed,
    rejected,
    here,
    sent,
    move,
    rejecting,
    setRejecting,
    fault: send.error,
    accept: (edits) => {
      const open = edits.filter((edit) => !sent.has(edit.id));
      if (open.length === 0) return;
      mark(open, "accepted");
      leave(open);
      send.mutate({ accept: open.map((edit) => edit.id), reject: [], reason: "" });
    },
    reject: (edit, reason) => {
      if (sent.has(edit.id)) return;
      mark([edit], "rejected");
      setRejecting(null);
      leave([edit]);
      send.mutate({ accept: [], reject: [edit.id], reason });
    },
  };
}

function minus(map: ReadonlyMap<string, Verdict>, keys: string[]): ReadonlyMap<string, Verdict> {
  const left = new Map(map);
  for (const key of keys) left.delete(key);
  return left;
}
