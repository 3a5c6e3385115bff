import { defaultStringifySearch } from "@tanstack/react-router";
import type { MouseEvent } from "react";
import type { Citation } from "@/api/types";
import type { CaseAddress } from "./address";
import { numbered } from "./citing";
import { useCase } from "./context";

/**
 * The numbers behind a statement. Each is a link to the exact place; with Alt it opens beside the one that is open.
 *
 * A long document has thousands of them: they are plain links, since each link of the router follows every change of
 * the address on its own.
 */
export function Cites({ citations, of }: { citations: Citation[]; of: string }) {
  const { numbers, address, run, files, open } = useCase();
  if (citations.length === 0) return null;
  return (
    <span className="cites">
      {numbered(citations, numbers).map(({ label, citation }) => {
        const isOpen =
          (address.ev === citation.evidence && address.at === citation.locator) ||
          (address.ev2 === citation.evidence && address.at2 === citation.locator);
        const file = files.get(citation.evidence) ?? "";
        return (
          <a
            key={`${citation.evidence} ${citation.locator}`}
            href={`/runs/${encodeURIComponent(run.run)}${defaultStringifySearch(target(address, citation, of))}`}
            className={isOpen ? "cite open" : "cite"}
            aria-current={isOpen ? "true" : undefined}
            aria-label={`Citation ${label}: ${citation.evidence}, ${citation.locator}`}
            title={`${citation.evidence}${file ? ` · ${file}` : ""} · ${citation.locator}\n“${citation.quote}”`}
            onClick={(event) => {
              if (elsewhere(event)) return;
              event.preventDefault();
              open(citation, of, event.altKey);
            }}
          >
            {label}
          </a>
        );
      })}
    </span>
  );
}

/** Whether the browser is asked to open the link in another tab or window: then it does. */
function elsewhere(event: MouseEvent): boolean {
  return event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey;
}

function target(now: CaseAddress, citation: Citation, of: string): CaseAddress {
  const { ev2: _ev2, at2: _at2, ...rest } = now;
  return { ...rest, tab: "evidence", ev: citation.evidence, at: citation.locator, of };
}
