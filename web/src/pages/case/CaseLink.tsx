import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { CaseAddress } from "./address";
import { useCase } from "./context";

/** A link to another place of the same case. */
export function CaseLink({ change, children }: { change: CaseAddress; children: ReactNode }) {
  const { run } = useCase();
  return (
    <Link
      to="/runs/$run"
      params={{ run: run.run }}
      search={(now: CaseAddress) => ({ ...now, ...change })}
      resetScroll={false}
    >
      {children}
    </Link>
  );
}
