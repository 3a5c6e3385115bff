import { Link } from "@tanstack/react-router";
import type { Approval } from "@/api/types";
import { Hash } from "@/parts/Id";
import { Mark, type MarkKind } from "@/parts/Mark";
import { Time } from "@/parts/Time";
import { spoken } from "@/parts/words";
import { useCase } from "./context";

export const DECISION_SIGN: Record<Approval["state"], MarkKind> = {
  valid: "accepted",
  void: "missing",
  expired: "missing",
  refused: "rejected",
  rejected: "rejected",
};

/** What people decided, what was refused and why, and what left. A refusal is a decision with its rule, not an error. */
export function Decisions() {
  const { run } = useCase();
  if (run.approvals.length + run.refusals.length + run.releases.length === 0) {
    return (
      <div className="empty">
        <p>Nobody has decided anything in this run, and nothing has left it.</p>
      </div>
    );
  }
  return (
    <ul className="items">
      {run.releases.map((release) => (
        <li key={release.manifest_sha256}>
          <div className="item-head">
            <Mark kind="accepted" />
            <h3>
              {release.revision} left through {spoken(release.lane)}
            </h3>
          </div>
          <p className="small quiet">
            Content <Hash value={release.artifact_sha256} /> · manifest <Hash value={release.manifest_sha256} />
          </p>
        </li>
      ))}
      {[...run.approvals].reverse().map((approval) => (
        <li key={`${approval.gate}${approval.at}${approval.by}`}>
          <div className="item-head">
            <Mark kind={DECISION_SIGN[approval.state]} />
            <h3>
              {approval.by_name || approval.by}: {approval.decision} {approval.revision ?? ""}
            </h3>
            <span className="tag">{approval.state}</span>
          </div>
          <p className="small quiet">
            <Link to="/runs/$run/approve/$gate" params={{ run: run.run, gate: approval.gate }}>
              {spoken(approval.gate)}
            </Link>{" "}
            · <Time at={approval.at} />
            {approval.artifact_sha256 && (
              <>
                {" · "}
                <Hash value={approval.artifact_sha256} />
              </>
            )}
          </p>
          {approval.choice && <p>Chosen: {approval.choice}</p>}
          {approval.reason && <p>{approval.reason}</p>}
        </li>
      ))}
      {[...run.refusals].reverse().map((refusal) => (
        <li key={refusal.id}>
          <div className="item-head">
            <Mark kind="held" />
            <h3>Refused: {refusal.action}</h3>
            <span className="id faint">{refusal.id}</span>
          </div>
          <p>{refusal.reason}</p>
          <p className="small quiet">
            Asked by {refusal.asked_by} in turn {refusal.turn}
          </p>
        </li>
      ))}
    </ul>
  );
}
