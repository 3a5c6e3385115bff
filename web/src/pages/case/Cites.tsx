import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ledgerQuery } from "@/api/queries";
import type { Citation } from "@/api/types";
import type { CaseAddress } from "./address";
import { numbered } from "./citing";
import { useCase } from "./context";

/** The numbers behind a statement. Each is a link to the exact place; with Alt it opens beside the one that is open. */
export function Cites({ citations, of }: { citations: Citation[]; of: string }) {
  const { numbers, address, run, open } = useCase();
  const { data: ledger } = useQuery(ledgerQuery(run.run));
  if (citations.length === 0) return null;
  return (
    <span className="cites">
      {numbered(citations, numbers).map(({ label, citation }) => {
        const isOpen =
          (address.ev === citation.evidence && address.at === citation.locator) ||
          (address.ev2 === citation.evidence && address.at2 === citation.locator);
        const file = ledger?.items.find((item) => item.id === citation.evidence)?.file ?? "";
        return (
          <Link
            key={`${citation.evidence} ${citation.locator}`}
            to="/runs/$run"
            params={{ run: run.run }}
            search={(now: CaseAddress): CaseAddress => target(now, citation, of)}
            className={isOpen ? "cite open" : "cite"}
            aria-current={isOpen ? "true" : undefined}
            aria-label={`Citation ${label}: ${citation.evidence}, ${citation.locator}`}
            title={`${citation.evidence}${file ? ` · ${file}` : ""} · ${citation.locator}\n“${citation.quote}”`}
            resetScroll={false}
            onClick={(event) => {
              if (!event.altKey) return;
              event.preventDefault();
              open(citation, of, true);
            }}
          >
            {label}
          </Link>
        );
      })}
    </span>
  );
}

function target(now: CaseAddress, citation: Citation, of: string): CaseAddress {
  const { ev2: _ev2, at2: _at2, ...rest } = now;
  return { ...rest, tab: "evidence", ev: citation.evidence, at: citation.locator, of };
}
