import "@/style/receipt.css";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { api, data, upload } from "@/api/client";
import { runQuery } from "@/api/queries";
import type { ReceiptReport } from "@/api/types";
import { DropVerifier, type Keys } from "@/pages/verify/DropVerifier";
import { Verdict } from "@/pages/verify/Verdict";
import { Fault } from "@/parts/Fault";
import { Loading, SkeletonLines } from "@/parts/Skeleton";
import { spoken } from "@/parts/words";
import { CannotCheck, readKeys } from "@/receipt/keys";
import type { Report } from "@/receipt/report";
import { verify } from "@/receipt/verify";

/** The parts that a copy can show; everything else is sealed in it, and still counted. */
const PARTS = ["intent", "policies", "approvals", "actions", "evidence", "open_items", "refusals", "result", "fields"];
const COPY = "receipt-copy.json";
const PUBLISHED = "the keys that this installation publishes";

interface Loaded {
  whole: boolean;
  report: Report;
  keys: Keys | undefined;
  /** Who checked: this browser, or the installation where the browser cannot. */
  by: string;
}

async function load(run: string): Promise<Loaded | null> {
  const response = await fetch(`/api/runs/${encodeURIComponent(run)}/receipt`, { credentials: "same-origin" });
  if (response.status === 204) return null;
  if (!response.ok) await data(api.GET("/api/runs/{run}/receipt", { params: { path: { run } } }));
  const file = await response.arrayBuffer();
  const whole = response.headers.get("Casegate-Receipt") !== "disclosed";
  const published = await fetch("/api/receipt-keys", { credentials: "same-origin" });
  if (!published.ok) await data(api.GET("/api/receipt-keys"));
  try {
    const keys = { trust: await readKeys(await published.text()), from: PUBLISHED };
    const report = await verify(new Uint8Array(file), keys.trust);
    return { whole, report, keys, by: `checked by your browser, with ${PUBLISHED}` };
  } catch (error) {
    if (!(error instanceof CannotCheck)) throw error;
    return { whole, report: await askedOfServer(file), keys: undefined, by: NOT_HERE };
  }
}

const NOT_HERE =
  "checked by the installation itself: this browser cannot check Ed25519 signatures here. Do not rely on this alone; the command below can";

async function askedOfServer(file: ArrayBuffer): Promise<Report> {
  const form = new FormData();
  form.append("file", new Blob([file], { type: "application/json" }), "receipt.json");
  return (await upload<ReceiptReport>("/api/receipts/verify", form)) as Report;
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
          <div className="empty">
            <strong>There is no receipt yet</strong>
            <p>It is signed when the run reaches an end, also a bad one.</p>
            <Link className="button" to="/runs/$run" params={{ run: id }} search={{}}>
              See what the case waits for
            </Link>
          </div>
        )}
        {receipt.data && <Receipt run={id} loaded={receipt.data} />}
      </section>
    </div>
  );
}

function Receipt({ run, loaded }: { run: string; loaded: Loaded }) {
  const sealed = loaded.whole ? "" : "; your view seals some parts, which are still counted";
  return (
    <>
      <Verdict report={loaded.report} beside={loaded.by + sealed} />
      <Copies run={run} />
      <article className="answer">
        <h2>Verify another file</h2>
        <p className="quiet">
          A receipt or a copy that somebody gave you. The file stays in this page;{" "}
          <a href="/verify">the page for auditors</a> does the same without an account.
        </p>
        <DropVerifier published={loaded.keys} />
      </article>
      <h2>Without this server</h2>
      <p className="quiet">Keep the receipt and the keys; this verifies them on any machine with Casegate, offline:</p>
      <pre className="command">
        <code>casegate receipt verify receipt.json --trust keys.json</code>
      </pre>
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
      save(await data(answer as Promise<{ data?: string; error?: unknown; response: Response }>), COPY);
      return only;
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
      <fieldset className="copy-parts">
        <legend className="label">A copy that shows only</legend>
        {PARTS.map((part) => (
          <label key={part}>
            <input type="checkbox" checked={only.includes(part)} onChange={() => toggle(part)} />
            {spoken(part)}
          </label>
        ))}
      </fieldset>
      <div className="actions">
        <button
          type="button"
          className="button"
          disabled={only.length === 0 || copy.isPending}
          onClick={() => copy.mutate()}
        >
          Download the copy
        </button>
        <span className="small quiet" role="status">
          {only.length === 0
            ? "Choose what the copy shows."
            : copy.data && `${COPY} shows ${copy.data.map(spoken).join(", ")}; everything else is sealed and counted.`}
        </span>
      </div>
      {copy.error && (
        <p className="notice clash" role="alert">
          {copy.error.message}
        </p>
      )}
    </article>
  );
}
