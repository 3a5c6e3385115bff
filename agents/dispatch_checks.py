"""What the dispatch gate watches, as signals: freshness, revision, duplicates, scope, audience, annexes, signer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from agents.annex_minimisation import Excess, Unread, excesses, unread
from agents.case_view import CaseView
from agents.governed_packet import GovernedPacket
from agents.labelled import split
from agents.lane_policy import LanePolicy, lane_policy, mandates, member_ids, signer_names, window_hours
from agents.material import Findings
from agents.packet_lineage import Stray, Successor, strays, successor
from agents.records import Cell
from agents.reference_freshness import Aged, aged, lost_systems
from agents.reviewer_roster import Reviewer, reviewers
from agents.tenant_scope import Boundary, boundary, outside
from casefile.mandates import Mandate

FRESHNESS = "session_evidence_freshness_hours"


@dataclass(frozen=True, slots=True)
class Watched:
    """Everything that was looked at for one packet, before it is judged."""

    packet: GovernedPacket
    policy: LanePolicy
    window: timedelta
    ages: Sequence[Aged]
    lost: Sequence[str]
    successor: Successor | None
    strays: Sequence[Stray]
    reviewers: Sequence[Reviewer]
    excess: Sequence[Excess]
    unread: Sequence[Unread]
    bounds: Boundary
    signers: Sequence[Mandate]

    @property
    def audience(self) -> str:
        """The audience that the lane's papers approve, else the one that the packet declares."""
        stated = [one.cell.text for one in self.policy.audiences]
        return stated[0] if stated else self.packet.audience.text if self.packet.audience else ""


def hours_in_force(view: CaseView, policy: LanePolicy) -> float:
    """The freshness window: what the run was given, else what the lane's policy states, else the default.

    A policy that its owners have not approved yet may shorten it, and never lengthen it.
    """
    ours, stated = float(view.parameters[FRESHNESS]), window_hours(policy)
    if stated is None or FRESHNESS in view.packet.parameters:
        return ours
    return min(ours, stated) if policy.changed else stated


def watch(view: CaseView, packet: GovernedPacket, others: Sequence[GovernedPacket]) -> Watched:
    """Look at everything under the present clock and ledger."""
    policy = lane_policy(view)
    window = timedelta(hours=hours_in_force(view, policy))
    audience = policy.audiences[0].cell.text if policy.audiences else packet.audience.text if packet.audience else ""
    return Watched(
        packet=packet,
        policy=policy,
        window=window,
        ages=aged(view, packet, window),
        lost=lost_systems(view, packet),
        successor=successor(view, packet, others),
        strays=strays(view, packet, others),
        reviewers=reviewers(view, audience, member_ids(policy)),
        excess=excesses(view, packet, view.parameters["minimisation_field_list"]),
        unread=unread(view, packet),
        bounds=boundary(view),
        signers=mandates(view, policy),
    )


def judge(view: CaseView, seen: Watched, findings: Findings) -> None:
    """Raise the signals that the card's holds, preconditions and gates wait for."""
    findings.signal("packet_present", seen.packet.evidence.id, f"{seen.packet.name} waits at the gate")
    _triaged(view, seen, findings)
    _fresh(view, seen, findings)
    _one_packet(view, seen, findings)
    _scope(view, seen, findings)
    _audience(seen, findings)
    _minimised(seen, findings)
    _signer(view, seen, findings)
    if seen.policy.changed:
        findings.signal("policy_changed", "policy", seen.policy.changed)
    if seen.policy.proposed_here:
        findings.signal("policy_proposed_here", "policy", f"proposed by {seen.policy.proposed_here}")


def _triaged(view: CaseView, seen: Watched, findings: Findings) -> None:
    packet, labels = seen.packet, view.scenario.data["packet"]
    state = packet.state.text.casefold().strip() if packet.state else ""
    if any(state == word or state.startswith(f"{word} ") for word in labels["untriaged_words"]):
        findings.signal("packet_not_triaged", packet.evidence.id, f"{packet.name} is {state}, not triaged")
    if not packet.uncertainty:
        findings.signal("uncertainty_missing", packet.evidence.id, f"{packet.name} states no unresolved uncertainty")
    missing = [name for name, cell in (("queue", packet.queue), ("audience", packet.audience)) if cell is None]
    missing += ["tenant scope"] if packet.scope is None else []
    if missing:
        what = " and ".join(missing)
        findings.signal("lane_incomplete", packet.evidence.id, f"{packet.name} declares no {what}")


def _fresh(view: CaseView, seen: Watched, findings: Findings) -> None:
    if not seen.ages:
        findings.signal("references_missing", seen.packet.evidence.id, f"{seen.packet.name} cites no record")
    for one in seen.ages:
        if one.until is not None:
            findings.until(one.until)
        if one.stale:
            names = dict.fromkeys([one.reference.name, one.reference.record.text])
            about = " ".join(name for name in names if name)
            source = f" ({one.reference.source})" if one.reference.source else ""
            detail = f"{about}{source}: {one.stale}"
            findings.signal("reference_stale", about, detail, [*one.citations, *one.found[:2]])
    for system in seen.lost:
        detail = f"nothing of {system} can be read any more, and the packet cites it"
        findings.signal("reference_source_missing", system, detail)


def _one_packet(view: CaseView, seen: Watched, findings: Findings) -> None:
    if seen.successor is not None:
        findings.signal("superseded_at_gate", seen.packet.name, seen.successor.why, [seen.successor.citation])
    for one in seen.strays:
        name = "duplicate_split" if one.apart else "duplicate_unmerged"
        how = "is queued as a packet of its own" if one.apart else "is not merged into it"
        findings.signal(name, one.name, f"{one.name} is a duplicate of {seen.packet.id.text} and {how}", [one.citation])
        question = f"Why should {one.name} stay apart from {seen.packet.id.text}? A merge rationale is needed."
        findings.ask(one.name, question, "Support trust team", "duplicate")


def _scope(view: CaseView, seen: Watched, findings: Findings) -> None:
    why = outside(view, seen.packet.scopes, seen.bounds)
    if why:
        cited = [view.cite(seen.packet.evidence, cell) for cell in seen.packet.scopes]
        findings.signal("scope_outside", "tenant_scope", why, cited)


def _audience(seen: Watched, findings: Findings) -> None:
    if not seen.reviewers:
        findings.signal("roster_missing", "roster", "no reviewer roster of the lane can be read")
    for one in seen.reviewers:
        if one.outside:
            findings.signal("roster_exceeds", one.id, f"roster: {one.outside}", [one.citation])


def _minimised(seen: Watched, findings: Findings) -> None:
    for lost in seen.unread:
        findings.signal("annex_unread", lost.where, f"{lost.where}: {lost.why}", lost.citations)
        question = f"{lost.where}: {lost.why}. Who can add it, minimised, in a new revision?"
        findings.ask(lost.where, question, "Support trust team", "unread")
    for one in seen.excess:
        detail = f"{one.where}: {one.category} not minimised to the lane's view"
        findings.signal("annex_not_minimised", one.where, detail, [one.citation])
        question = f"{one.where}: {one.category} must be redacted upstream, in a new revision"
        findings.ask(one.where, question, "Support trust team", one.category)


def _signer(view: CaseView, seen: Watched, findings: Findings) -> None:
    gate = next(gate for gate in view.scenario.gates if gate.releases and gate.opens_when is not None)
    lane, roster = (set(view.scenario.data[name]["systems"]) for name in ("lane", "roster"))
    if not seen.policy.documents and any(item.system in lane - roster for item in view.evidence):
        findings.signal("lane_incomplete", "policy", "the policy of the lane cannot be read any more")
    named = signer_names(seen.policy)
    able = [
        person.id
        for person in view.packet.people
        if person.holds_at(gate.roles, view.now)
        and (not seen.policy.signers or any(one.person == person.id and one.in_force(view.now) for one in seen.signers))
    ]
    if not able:
        who = f"{' / '.join(named)}, named by the policy," if named else f"nobody with the role {gate.approver}"
        verb = "cannot sign now" if named else "is there to sign"
        findings.signal("signer_missing", "signer", f"{who} {verb}")
    main = {one.person for one in seen.signers if not one.delegated}
    if len({frozenset(split(Cell(name, ""))) for name in named}) > 1 and len(main) != 1:
        places = [view.cite(one.item, one.cell) for one in seen.policy.signers]
        findings.signal("authority_conflict", "signer", f"the papers name {' and '.join(named)}", places)
