import "@/style/receipt.css";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { api, data, upload } from "@/api/client";
import { runQuery } from "@/api/queries";
import type { ReceiptReport } from "@/api/types";
import { Fault } from "@/parts/Fault";
import { Mark } from "@/parts/Mark";
import { Loading, SkeletonLines } from "@/parts/Skeleton";
import { signatureOf } from "./signature";

/** The parts that a copy can show; everything else is sealed in it, and still counted. */
const PARTS = ["intent", "policies", "approvals", "actions", "evidence", "open_items", "refusals", "result", "fields"];
const SIGNS = {
  good: "Your browser checked the signature itself, with the keys that this installation publishes. The answers below were checked by the installation.",
  "no keys": "The published keys could not be had, so your browser did not check the signature.",
  bad: "The signature does not fit. Do not rely on this receipt.",
  "unknown key": "It is signed by a key that this installation does not publish.",
  "not checked": "Your browser cannot check Ed25519 signatures; the command below can.",
} as const;

interface Loaded {
  text: string;
  whole: boolean;
  report: ReceiptReport;
  signature: keyof typeof SIGNS;
}

async function load(run: string): Promise<Loaded | null> {
  const response = await fetch(`/api/runs/${encodeURIComponent(run)}/receipt`, { credentials: "same-origin" });
  if (response.status === 204) return null;
  if (!response.ok) await data(api.GET("/api/runs/{run}/receipt", { params: { path: { run } } }));
  const text = await response.text();
  const published = await fetch("/api/receipt-keys", { credentials: "same-origin" });
  const keys = published.ok ? await published.text() : "";
  const form = new FormData();
  form.append("file", new Blob([text], { type: "application/json" }), "receipt.json");
  const report = await upload<ReceiptReport>("/api/receipts/verify", form);
  const signature = keys ? await signatureOf(text, keys) : "no keys";
  return { text, whole: response.headers.get("Casegate-Receipt") !== "disclosed", report, signature };
}

/** The six answers that an auditor needs, each with its proof; copies that show only some of them. */
export function ReceiptPage() {
  const { run: id } = useParams({ from: "/inside/runs/$run/receipt" });
  const run = useQuery(runQuery(id));
  const receipt = useQuery({ queryKey: ["receipt", id], queryFn: () => load(id) });
  const error = run.error ?? receipt.error;
  if (error) return <Fault error={error} again={() => void receipt.refetch()} />;
  return (
    <div className="page">
      <title>{`Receipt · ${run.data?.case ?? ""} · Casegate`}</title>
      <div className="page-head lineage-head">
        <div>
          <Link to="/runs/$run" params={{ run: id }} search={{}}>
            ← {run.data?.case ?? "Case"}
          </Link>
          <h1>Receipt</h1>
        </div>
      </div>
      <section className="receipt" aria-label="Receipt" tabIndex={0}>
        {receipt.isPending && (
          <Loading what="the receipt">
            <SkeletonLines count={12} />
          </Loading>
        )}
        {receipt.data === null && (
          <p>There is no receipt yet: it is signed when the run reaches an end, also a bad one.</p>
        )}
        {receipt.data && <Receipt run={id} loaded={receipt.data} />}
      </section>
    </div>
  );
}

function Receipt({ run, loaded }: { run: string; loaded: Loaded }) {
  const { report, signature } = loaded;
  return (
    <>
      <p>
        <Mark kind={report.intact ? "passed" : "failed"} /> {report.intact ? "Intact" : "Not intact"}
        {report.entries && ` · ${report.entries}`}
        {!loaded.whole && " · your view seals some parts; they are still counted"}
      </p>
      <p className="quiet">{SIGNS[signature]}</p>
      {report.problems.map((problem) => (
        <p key={JSON.stringify(problem)} className="notice clash">
          {Object.values(problem).join(": ")}
        </p>
      ))}
      {report.answers.map((answer) => (
        <article key={answer.question} className="answer">
          <h2>
            <Mark kind={answer.standing === "invalid" ? "failed" : answer.standing === "shown" ? "passed" : "held"} />
            {answer.title} <span className="counted">{answer.standing}</span>
          </h2>
          {answer.lines.length > 0 ? (
            <ul>
              {answer.lines.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          ) : (
            <p className="quiet small">
              {answer.sealed > 0 ? `${answer.sealed} sealed` : "Nothing of this kind in this run."}
            </p>
          )}
        </article>
      ))}
      <Copies run={run} />
      <h2>Without this server</h2>
      <p className="quiet">
        Keep the receipt and the keys; this verifies them on any machine with Casegate, offline:{" "}
        <code>casegate receipt verify receipt.json --trust keys.json</code>
      </p>
    </>
  );
}

function save(text: string, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  // The browser may read it only after this turn.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** The whole receipt, the keys, and a copy that proves the whole and shows only the chosen parts. */
function Copies({ run }: { run: string }) {
  const [only, setOnly] = useState<string[]>(["approvals", "result"]);
  const copy = useMutation({
    mutationFn: async () => {
      const answer = api.POST("/api/runs/{run}/receipt/disclose", {
        params: { path: { run } },
        body: { only },
        parseAs: "text",
      });
      save(await data(answer as Promise<{ data?: string; error?: unknown; response: Response }>), "receipt-copy.json");
    },
  });
  const toggle = (part: string) =>
    setOnly((now) => (now.includes(part) ? now.filter((one) => one !== part) : [...now, part]));
  return (
    <article className="answer">
      <h2>Copies</h2>
      <div className="actions">
        <a className="button" href={`/api/runs/${encodeURIComponent(run)}/receipt`} download>
          Download the receipt
        </a>
        <a className="button" href="/api/receipt-keys" download>
          Download the keys
        </a>
      </div>
      <fieldset>
        <legend className="label">A copy that shows only</legend>
        {PARTS.map((part) => (
          <label key={part}>
            <input type="checkbox" checked={only.includes(part)} onChange={() => toggle(part)} />{" "}
            {part.replace("_", " ")}
          </label>
        ))}
      </fieldset>
      <button
        type="button"
        className="button"
        disabled={only.length === 0 || copy.isPending}
        onClick={() => copy.mutate()}
      >
        Download the copy
      </button>
      {copy.error && <p className="notice clash">{copy.error.message}</p>}
    </article>
  );
}
