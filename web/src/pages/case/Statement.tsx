import { memo } from "react";
import type { Claim, Registers } from "@/api/types";
import { Mark } from "@/parts/Mark";
import { Cites } from "./Cites";
import { useCase } from "./context";
import { About } from "./FieldRow";

interface StatementProps {
  claim: Claim;
  target: string;
  registers: Registers;
  onObject?: ((to: string) => void) | undefined;
}

const WHOSE: Record<Claim["mark"], string> = {
  "agent-drafted": "drafted by an agent, accepted by nobody yet",
  "human-approved": "drafted by an agent, accepted by a person",
  "human-written": "written by a person",
};

/** One sentence of the document, with its mark and what it rests on. */
export const Statement = memo(function Statement({ claim, target, registers, onObject }: StatementProps) {
  const { address } = useCase();
  const classes = ["claim", claim.mark === "agent-drafted" ? "agent" : "person", address.of === target ? "aimed" : ""];
  return (
    <div className={classes.filter(Boolean).join(" ")} id={`claim-${target}`} title={WHOSE[claim.mark]} tabIndex={-1}>
      <div>
        <p>
          {claim.text}
          <span className="signs">
            <Mark kind={claim.status} word={claim.status !== "confirmed"} />
            <Cites citations={claim.citations} of={target} />
          </span>
        </p>
        <span className="unseen">{WHOSE[claim.mark]}</span>
        <About name={target} registers={registers} />
      </div>
      <span className="row-tools">
        {onObject && (
          <button
            type="button"
            className="button small plain"
            onClick={() => onObject(target)}
            aria-label={`Object to “${claim.text.slice(0, 60)}”`}
          >
            Object
          </button>
        )}
      </span>
    </div>
  );
});
