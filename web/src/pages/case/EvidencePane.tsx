import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ledgerQuery } from "@/api/queries";
import type { Citation, EvidenceRow, Run } from "@/api/types";
import { rankWords, SourceView } from "@/pages/evidence/SourceView";
import { Fault } from "@/parts/Fault";
import { Mark } from "@/parts/Mark";
import { Loading, SkeletonLines } from "@/parts/Skeleton";
import { Time } from "@/parts/Time";
import { bytes, counted, spoken } from "@/parts/words";
import type { CaseAddress } from "./address";
import { Cites } from "./Cites";
import { useCase } from "./context";
import { valueText } from "./FieldRow";

/** The evidence beside the document: the ledger, the source that is open, or two of them side by side. */
export function EvidencePane() {
  const { run, address, go } = useCase();
  const { ev, at, ev2, at2, of } = address;
  if (!ev) return <Ledger />;
  const closed = { ev: "", at: "", ev2: "", at2: "", of: "" };
  const first = (
    <SourceView
      key={`${ev} ${at}`}
      run={run.run}
      item={ev}
      at={at}
      quote={quoteAt(run, ev, at)}
      says={<Says of={of} ev={ev} at={at} pair={ev2 !== undefined} />}
      closeWord={ev2 ? "Close" : "All evidence"}
      onClose={() => go(ev2 ? { ev: ev2, at: at2 ?? "", ev2: "", at2: "" } : closed)}
    />
  );
  if (!ev2) return first;
  return (
    <div className="source-pair">
      {first}
      <SourceView
        key={`${ev2} ${at2}`}
        run={run.run}
        item={ev2}
        at={at2}
        quote={quoteAt(run, ev2, at2)}
        says={<Says of={of} ev={ev2} at={at2} pair />}
        closeWord="Close"
        onClose={() => go({ ev2: "", at2: "" })}
      />
    </div>
  );
}

function Ledger() {
  const { run } = useCase();
  const { data, error, refetch } = useQuery(ledgerQuery(run.run));
  if (error && !data) return <Fault error={error} again={() => void refetch()} />;
  if (!data) {
    return (
      <Loading what="the evidence">
        <div className="mail">
          <SkeletonLines count={6} />
        </div>
      </Loading>
    );
  }
  return (
    <>
      <ul className="ledger">
        {data.items.map((item) => (
          <li key={item.id}>
            <LedgerRow item={item} />
          </li>
        ))}
      </ul>
      {data.absent.map((name) => (
        <p key={name} className="ledger-row">
          <span className="name">{name}</span>
          <Mark kind="missing" word />
          <span className="more">named by the packet, did not come</span>
        </p>
      ))}
    </>
  );
}

function LedgerRow({ item }: { item: EvidenceRow }) {
  const { run, numbers } = useCase();
  const number = numbers.get(item.id);
  const found = [
    item.findings.secrets > 0 ? counted(item.findings.secrets, "secret") : "",
    item.findings.personal > 0 ? counted(item.findings.personal, "personal datum", "personal data") : "",
    item.findings.instructions > 0 ? `${counted(item.findings.instructions, "instruction")}, without effect` : "",
  ].filter(Boolean);
  return (
    <Link
      className={item.current ? "ledger-row" : "ledger-row withdrawn"}
      to="/runs/$run"
      params={{ run: run.run }}
      search={(now: CaseAddress): CaseAddress => ({ ...now, tab: "evidence", ev: item.id })}
      resetScroll={false}
    >
      <span className="name">
        {number && <span className="cite">{number}</span>} {item.id} <span className="quiet">· {item.file}</span>
      </span>
      <span className="faint small">{item.cited > 0 ? `cited ${item.cited}×` : "not cited"}</span>
      <span className="more">
        <span>{item.source ?? spoken(item.system)}</span>
        <span>{rankWords(item.rank)}</span>
        <span>{bytes(item.size)}</span>
        {item.captured_at && <Time at={item.captured_at} />}
        {item.fetched && (
          <span>
            fetched from {item.fetched.connector} <span className="id">{item.fetched.place}</span>
          </span>
        )}
        {item.withdrawn && <span className="mark unverified">withdrawn</span>}
        {item.replaced_by && <span className="mark unverified">replaced by {item.replaced_by}</span>}
        {item.quarantined && <span className="mark held">quarantined</span>}
        {found.length > 0 && <span className="mark unverified">{found.join(", ")}</span>}
        {item.problems.map((problem) => (
          <span key={problem} className="mark failed">
            {problem}
          </span>
        ))}
      </span>
    </Link>
  );
}

/** What the open place is cited for, and what stands against it. */
function Says({ of, ev, at, pair }: { of: string | undefined; ev: string; at: string | undefined; pair: boolean }) {
  const { run, compare } = useCase();
  const quote = quoteAt(run, ev, at);
  const subject = subjectOf(run, of);
  const clash = run.registers.contradictions.find((item) => item.about === of);
  const against =
    clash?.sides.filter((side) => !side.citations.some((one) => one.evidence === ev && one.locator === at)) ?? [];
  if (!quote && !subject) return at ? <p className="source-says id">{at}</p> : null;
  return (
    <div className="source-says">
      {quote && <q>{quote}</q>}
      <span className="quiet">
        <span className="id">{at}</span>
        {subject && ` · for ${subject}`}
      </span>
      {!pair && clash && against.length > 0 && (
        <span>
          <Mark kind="conflicting" word /> against{" "}
          {against.map((side) => (
            <span key={valueText(side.value)}>
              “{valueText(side.value)}” <Cites citations={side.citations.slice(0, 3)} of={of ?? ""} />{" "}
            </span>
          ))}
          <button type="button" className="as-link" onClick={() => compare(clash)}>
            Side by side
          </button>
        </span>
      )}
      {clash && <span className="quiet">Rule: {clash.rule}</span>}
    </div>
  );
}

function subjectOf(run: Run, of: string | undefined): string {
  if (!of) return "";
  const field = run.artifact?.fields[of];
  if (field) return field.value === null ? field.title || of : `${field.title || of}: ${valueText(field.value)}`;
  const [section, claim] = of.split("/");
  const found = run.artifact?.sections.find((one) => one.id === section)?.claims.find((one) => one.id === claim);
  return found ? `“${found.text}”` : "";
}

function allCitations(run: Run): Citation[] {
  const { contradictions, holds, objections } = run.registers;
  return [
    ...Object.values(run.artifact?.fields ?? {}).flatMap((field) => field.citations),
    ...(run.artifact?.sections ?? []).flatMap((section) => section.claims.flatMap((claim) => claim.citations)),
    ...run.edits.flatMap((edit) => edit.citations),
    ...contradictions.flatMap((item) => item.sides.flatMap((side) => side.citations)),
    ...[...holds, ...objections].flatMap((item) => item.citations),
  ];
}

function quoteAt(run: Run, ev: string, at: string | undefined): string | undefined {
  return allCitations(run).find((one) => one.evidence === ev && one.locator === at)?.quote;
}
