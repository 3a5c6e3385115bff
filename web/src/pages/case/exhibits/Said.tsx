import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Citation, Shown } from "@/api/types";
import { Mark } from "@/parts/Mark";
import type { CaseAddress } from "../address";
import { Cites } from "../Cites";
import { useCase } from "../context";

interface SaidProps {
  said: Shown;
  /** What stands in the place of the text. */
  children?: ReactNode;
  /** How many numbers follow; the text itself leads to the first place. */
  most?: number;
  /** Whether the status stands beside it; a row that has one mark for all needs no second. */
  mark?: boolean;
}

/** A value or a statement of an exhibit: it leads to its evidence, and says how sure it is. */
export function Said({ said, children, most = 3, mark = true }: SaidProps) {
  return (
    <span className="said-value">
      <Opens said={said}>{children ?? said.text}</Opens>
      <span className="signs">
        {mark && <Mark kind={said.status} word={said.status !== "confirmed"} />}
        <Numbers citations={said.citations} of={said.of} most={most} />
      </span>
    </span>
  );
}

interface OpensProps {
  said: Shown;
  children: ReactNode;
  className?: string;
}

/** A text that leads to the place it rests on; without one it is a text. */
export function Opens({ said, children, className = "" }: OpensProps) {
  const { run, open } = useCase();
  const [first] = said.citations;
  if (!first) return <span className={className}>{children}</span>;
  return (
    <Link
      to="/runs/$run"
      params={{ run: run.run }}
      search={(now: CaseAddress) => placed(now, first, said.of)}
      className={`opens ${className}`}
      title={`${first.evidence} · ${first.locator}\n“${first.quote}”`}
      resetScroll={false}
      onClick={(event) => {
        if (!event.altKey) return;
        event.preventDefault();
        open(first, said.of, true);
      }}
    >
      {children}
    </Link>
  );
}

export function placed(now: CaseAddress, citation: Citation, of: string): CaseAddress {
  const { ev2: _ev2, at2: _at2, of: _of, ...rest } = now;
  return { ...rest, tab: "evidence", ev: citation.evidence, at: citation.locator, ...(of ? { of } : {}) };
}

/** The numbers of the first places; a computed value may rest on twenty cells, which its statement lists. */
export function Numbers({ citations, of, most = 3 }: { citations: Citation[]; of: string; most?: number }) {
  const more = citations.length - most;
  return (
    <>
      <Cites citations={citations.slice(0, most)} of={of} />
      {more > 0 && (
        <span className="more-cites" title={`${more} further places; the statement in words lists them all`}>
          +{more}
        </span>
      )}
    </>
  );
}
