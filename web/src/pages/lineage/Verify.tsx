import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "@/api/client";
import type { Verification } from "@/api/types";
import { Dialog } from "@/parts/Dialog";
import { Hash } from "@/parts/Id";
import { Mark } from "@/parts/Mark";
import { SkeletonLines } from "@/parts/Skeleton";
import { Time } from "@/parts/Time";
import { counted } from "@/parts/words";

/** Verifies the chain now, in front of the reader, and says what was checked. */
export function Verify({ run, may, whyNot }: { run: string; may: boolean; whyNot: string | undefined }) {
  const [open, setOpen] = useState(false);
  const verify = useMutation({
    mutationFn: () => data(api.POST("/api/runs/{run}/lineage/verify", { params: { path: { run } } })),
  });
  const start = () => {
    setOpen(true);
    verify.mutate();
  };
  return (
    <>
      <button type="button" className="button first" disabled={!may} title={may ? undefined : whyNot} onClick={start}>
        Verify now
      </button>
      {open && (
        <Dialog title="Verification" onClose={() => setOpen(false)}>
          <div className="dialog-body" role="status">
            {verify.isPending && <SkeletonLines count={5} />}
            {verify.error && <p>It could not be verified: {verify.error.message || "the server does not answer"}.</p>}
            {verify.data && <Result result={verify.data} />}
            <div className="actions">
              <button type="button" className="button" onClick={() => setOpen(false)}>
                Close
              </button>
            </div>
          </div>
        </Dialog>
      )}
    </>
  );
}

function Result({ result }: { result: Verification }) {
  return (
    <>
      <h2>
        <Mark kind={result.intact ? "passed" : "failed"} />{" "}
        {result.intact ? "The chain is intact" : "The chain is broken"}
      </h2>
      <p className="quiet">
        {counted(result.entries, "entry", "entries")} read and recomputed in {result.seconds.toFixed(2)} s, at{" "}
        <Time at={result.at} form="full" />
        {result.erased > 0 && `; the content of ${result.erased} was erased, and their commitments stand`}.
      </p>
      <ul className="checks">
        {result.checks.map((check) => (
          <li key={check.what}>
            <Mark kind={check.good ? "passed" : "failed"} />
            <span>
              {check.what} <span className="counted">{check.count.toLocaleString("en")}</span>
            </span>
          </li>
        ))}
      </ul>
      {result.findings.length > 0 && (
        <div className="notice clash">
          <strong>What is wrong</strong>
          {result.findings.map((finding) => (
            <span key={finding.place + finding.problem}>
              <span className="id">{finding.place}</span> {finding.problem}
            </span>
          ))}
          {result.unlisted > 0 && <span>and {result.unlisted} more</span>}
        </div>
      )}
      <dl className="facts small">
        <dt>Head</dt>
        <dd>
          <Hash value={result.head} />
        </dd>
        <dt>Root</dt>
        <dd>
          <Hash value={result.root} />
        </dd>
        <dt>Seals</dt>
        <dd>{result.seals}</dd>
      </dl>
    </>
  );
}
