import type { Gate } from "@/api/types";
import { Hash } from "@/parts/Id";
import { listed, spoken } from "@/parts/words";

/** Exactly what an approval binds. If any of it differs at the moment of release, the approval is void. */
export function Bound({ gate }: { gate: Gate }) {
  return (
    <section aria-labelledby="bound">
      <h2 id="bound">What your answer binds</h2>
      <dl className="facts">
        {gate.revision && (
          <>
            <dt>Revision</dt>
            <dd>
              {gate.revision.revision} <Hash value={gate.revision.sha256} />
            </dd>
          </>
        )}
        {gate.subject !== "revision" && (
          <>
            <dt>{gate.subject === "sections" ? "Sections" : "Configuration"}</dt>
            <dd>
              <Hash value={gate.subject_sha256} />
            </dd>
          </>
        )}
        <dt>Lane</dt>
        <dd className="id">{gate.lane}</dd>
        <dt>Audience</dt>
        <dd>{gate.audience.map(spoken).join(", ")}</dd>
        <dt>Evidence</dt>
        <dd>
          <Hash value={gate.evidence_digest} />
        </dd>
        <dt>Policy</dt>
        <dd className="id">{gate.policy_version}</dd>
        <dt>In the scenario’s words</dt>
        <dd>{gate.binds.join("; ")}</dd>
        <dt>Approver</dt>
        <dd>
          {gate.approver}
          {gate.people.length > 0 && `: ${listed(gate.people)}`}
          {gate.quorum > 1 && ` · ${gate.quorum} different people`}
        </dd>
      </dl>
    </section>
  );
}
