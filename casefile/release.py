"""By what right something leaves (R1): the decisions of people for exactly this content, or a standing approval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from casefile.artifact import Revision
from casefile.conditions import holds
from casefile.decisions import Decision
from casefile.evidence import Evidence
from casefile.rest import Position, refusal
from casefile.scenario import Gate, Scenario
from casefile.signers import outstanding
from lineage.canonical import Json


@dataclass(frozen=True, slots=True)
class Authority:
    """The decisions that allow a release, after those about what is proposed beside it; `under` names the standing
    approval where no gate was due."""

    decisions: tuple[Decision, ...]
    under: str | None = None


def authority(scenario: Scenario, position: Position, configuration: Mapping[str, str]) -> Authority | None:
    """What allows the current revision to leave now, or None. Every gate that is due needs its own signers."""
    allowed: list[Decision] = []
    aside: list[Decision] = []
    for gate in scenario.gates:
        if gate.opens_when is None or not holds(gate.opens_when, position.facts):
            continue
        if gate.aside and not refusal(gate, position.facts):
            aside += _valid(gate, position)
        if not gate.releases:
            continue
        if refusal(gate, position.facts):
            return None
        valid = _valid(gate, position)
        if outstanding(gate, valid, position.people, position.facts):
            return None
        allowed += valid
    if allowed:
        return Authority((*aside, *allowed))
    # No gate is due: the record is inside the class that the approved configuration delegates.
    standing = configuration.get("standing")
    return Authority((), under=standing) if standing else None


def _valid(gate: Gate, position: Position) -> list[Decision]:
    """The approvals of a gate that count now."""
    return [
        one
        for one in position.decisions
        if one.gate == gate.name
        and one.counts()
        and position.out(gate, one.by) is None
        and one.subject_sha256 == position.subjects.get(gate.subject_key)
        and (one.expires_at is None or position.now < one.expires_at)
    ]


@dataclass(frozen=True, slots=True)
class Shipment:
    """What a release takes along beside the revision: where to, what was known, which packets are embedded."""

    lane: str
    at: str
    evidence_digest: str
    policy_version: str = ""
    attached: Sequence[Evidence] = ()
    open_holds: Sequence[str] = ()


def manifest(scenario: Scenario, revision: Revision, grounds: Authority, shipment: Shipment) -> dict[str, Json]:
    """What accompanies the content into the lane: for whom, what exactly, by whose decision, with what embedded."""
    decisions: list[Json] = [
        {
            "id": one.id,
            "gate": one.gate,
            "by": one.by,
            "at": one.at.isoformat(),
            "subject": one.subject_sha256,
            "bound": dict(one.bound),
            **({"choice": one.choice} if one.choice else {}),
        }
        for one in grounds.decisions
    ]
    audience: list[Json] = list(grounds.decisions[-1].audience if grounds.decisions else scenario.lane.audience)
    return {
        "lane": shipment.lane,
        "audience": audience,
        "artifact": revision.artifact.name,
        "revision": revision.revision,
        "artifact_sha256": revision.sha256,
        "evidence_digest": shipment.evidence_digest,
        "policy_version": shipment.policy_version,
        "decisions": decisions,
        "under": grounds.under,
        "attached": [{"id": one.id, "name": one.file, "sha256": one.sha256} for one in shipment.attached],
        "open_holds": list(shipment.open_holds),
        "released_at": shipment.at,
    }
