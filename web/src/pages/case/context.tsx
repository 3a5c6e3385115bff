import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { createContext, type ReactNode, useContext, useMemo } from "react";
import { ledgerQuery } from "@/api/queries";
import type { Citation, Contradiction, Run } from "@/api/types";
import type { CaseAddress } from "./address";
import { sourceNumbers } from "./citing";

interface Case {
  run: Run;
  address: CaseAddress;
  numbers: Map<string, number>;
  /** Evidence → the name of its file, once the ledger is known. */
  files: Map<string, string>;
  /** Changes the address; `replace` where Back should not lead to what was before. */
  go: (change: CaseAddress, replace?: boolean) => void;
  /** Unfolds a row of an exhibit where it is drawn, or folds all with "". */
  unfold: (row: string) => void;
  /** Opens the evidence at a citation; `beside` keeps what is open and shows both. */
  open: (citation: Citation, of: string, beside?: boolean) => void;
  /** Opens two sides that disagree, one beside the other. */
  compare: (contradiction: Contradiction) => void;
}

const Current = createContext<Case | null>(null);

/** The case that the page shows. Raises where it is used outside of one: that is a fault of ours. */
export function useCase(): Case {
  const found = useContext(Current);
  if (!found) throw new Error("used outside of a case page");
  return found;
}

interface ProviderProps {
  run: Run;
  address: CaseAddress;
  children: ReactNode;
}

export function CaseProvider({ run, address, children }: ProviderProps) {
  const navigate = useNavigate({ from: "/runs/$run" });
  const stay = useNavigate();
  const numbers = useMemo(
    () => (run.artifact ? sourceNumbers(run.artifact) : new Map<string, number>()),
    [run.artifact],
  );
  const { data: ledger } = useQuery(ledgerQuery(run.run));
  const files = useMemo(() => new Map(ledger?.items.map((item) => [item.id, item.file])), [ledger]);
  const value = useMemo<Case>(() => {
    const go: Case["go"] = (change, replace = false) =>
      void navigate({ search: (now: CaseAddress) => without({ ...now, ...change }), replace, resetScroll: false });
    const unfold: Case["unfold"] = (row) =>
      void stay({
        to: ".",
        search: (now: CaseAddress) => without({ ...now, show: row }),
        replace: true,
        resetScroll: false,
      });
    const open: Case["open"] = (citation, of, beside = false) => {
      const place = { ev: citation.evidence, at: citation.locator };
      if (beside && address.ev) go({ tab: "evidence", ev2: place.ev, at2: place.at });
      else go({ ...nothing, tab: "evidence", ...place, of });
    };
    const compare: Case["compare"] = ({ about, sides }) => {
      const [one, other] = sides.flatMap((side) => side.citations.slice(0, 1));
      if (one && other) {
        const pair = { ev2: other.evidence, at2: other.locator };
        go({ tab: "evidence", ev: one.evidence, at: one.locator, ...pair, of: about });
      } else if (one) open(one, about);
    };
    return { run, address, numbers, files, go, unfold, open, compare };
  }, [run, address, numbers, files, navigate, stay]);
  return <Current.Provider value={value}>{children}</Current.Provider>;
}

const nothing = { ev: "", at: "", ev2: "", at2: "", of: "" };

function without(address: CaseAddress): CaseAddress {
  return Object.fromEntries(Object.entries(address).filter(([, value]) => value !== "" && value !== undefined));
}
