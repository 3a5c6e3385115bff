"""The approval page: exactly what an answer binds, and every check as it stands now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from casefile.conditions import holds
from casefile.rest import refusal
from casefile.scenario import Condition, Gate
from graphs.governed_pass import ACTION
from graphs.lanes import lane_of
from runtime.clock import instant
from server.api.access import OnRun
from server.models.gates import CheckLine, Choice, GateState, GateView, OptionView
from server.models.problem import RevisionName
from server.views.artifact import plain_registers, registers_view
from server.views.mask import Mask, mask_for, masked_tenant
from server.views.now import Now, look
from server.views.run import approval_view
from server.views.words import gate_title, listed


async def gate_view(on: OnRun, gate: Gate) -> GateView:
    """The page of one gate."""
    context, standing = on.opened.context, on.standing
    scenario, packet, mask = context.scenario, context.packet, await mask_for(context, on.standing.view)
    now = await look(context, on.now)
    current = now.loaded.current
    person = standing.person.id if standing.person is not None else None
    why_not = now.why_not(gate, person, standing.roles)
    plain = plain_registers(now.loaded.registers)
    opens = {name: [item for item in items if item["state"] == "open"] for name, items in plain.items()}
    shown = registers_view(opens, packet, mask)
    opened, expires = now.opened_at(gate), now.position.open_until(gate)
    queue = standing.view == "queue"
    return GateView(
        run=context.store.run,
        case=context.store.case,
        scenario=scenario.slug,
        title=scenario.artifact.name,
        tenant=masked_tenant(context.store.tenant) if queue else context.store.tenant,
        gate=gate.name,
        gate_title=gate_title(gate.name),
        state=_state(now, gate),
        approver=gate.approver,
        roles=list(gate.roles),
        people=now.people(gate),
        quorum=sum(one.count for one in gate.needed),
        given=[approval_view(packet, one, mask) for one in now.answers(gate)],
        binds=list(gate.binds),
        subject="sections" if gate.sections else gate.subject,
        subject_sha256=now.position.subjects.get(gate.subject_key, ""),
        revision=RevisionName(revision=current.revision, sha256=current.sha256) if current else None,
        lane=lane_of(scenario, current, None),
        lane_text=scenario.lane.text,
        audience=list(scenario.lane.audience),
        evidence_digest=now.loaded.evidence_digest(),
        policy_version=context.policy_version,
        opened_at=instant(opened) if opened is not None else None,
        expires_at=instant(expires) if expires is not None else None,
        valid_for_minutes=gate.validity_minutes,
        now=instant(on.now),
        checked_at=now.row.clock,
        checks=_checks(now, gate, plain),
        contradictions=shown.contradictions,
        holds=shown.holds,
        blockers=shown.blockers,
        objections=shown.objections,
        open_questions=shown.open_questions,
        choices=_choices(gate, opens, mask),
        options=_options(now, gate, mask),
        open_edits=len(await context.store.open_edits()),
        diff_base=_base(now, gate),
        if_approved=_if_approved(now, gate, mask),
        if_rejected=_if_rejected(now, gate),
        may_decide=why_not is None,
        why_not=why_not,
        reason_required=gate.name in scenario.data.get("reason_required", ()),
        verb=_verb(now, gate),
    )


def _state(now: Now, gate: Gate) -> GateState:
    if gate.opens_when is None:
        return "outside"
    answers = now.answers(gate)
    if any(one.state == "rejected" for one in answers):
        return "rejected"
    if answers and not now.missing(gate):
        return "approved"
    if now.row.final:
        return "ended"
    if refusal(gate, now.position.facts):
        return "barred"
    if gate.name in now.rest.answerable:
        return "open"
    return "waiting_for_other_gates" if holds(gate.opens_when, now.position.facts) else "not_due"


_HELD: dict[str | None, Literal["bound", "at_answer", "not_tested"]] = {
    "binding": "bound",
    "answer": "at_answer",
    None: "not_tested",
}


def _checks(now: Now, gate: Gate, plain: Mapping[str, list[dict[str, Any]]]) -> list[CheckLine]:
    lines = []
    for line in gate.refuses_when:
        if line.when is None:
            lines.append(CheckLine(text=line.text, result=_HELD[line.held_by], about=[]))
            continue
        true = holds(line.when, now.position.facts)
        about = _about(line.when, plain) if true else []
        lines.append(CheckLine(text=line.text, result="refuses" if true else "clear", about=about))
    return lines


def _about(when: Condition, plain: Mapping[str, list[dict[str, Any]]]) -> list[str]:
    """The register items that make a condition true; what must not be there is not listed."""
    found = [one for part in [*(when.any or []), *(when.all or [])] for one in _about(part, plain)]
    for item in plain.get(when.register_ or "", []):
        if item["state"] in when.states and (not when.kinds or item.get("kind") in when.kinds):
            found.append(item["id"])
    return list(dict.fromkeys(found))


def _choices(gate: Gate, opens: Mapping[str, list[dict[str, Any]]], mask: Mask) -> list[Choice]:
    if gate.choices != "contradiction_sides":
        return []
    return [
        Choice(
            contradiction=item["id"], about=item["about"], values=[mask.text(str(s["value"])) for s in item["sides"]]
        )
        for item in opens["contradictions"]
        if mask.view.shows_field(item["about"])
    ]


def _options(now: Now, gate: Gate, mask: Mask) -> list[OptionView]:
    return [
        OptionView(
            id=one.id,
            name=mask.text(one.name),
            barred=mask.told(one.barred) or None,
            recommended=one.recommended,
        )
        for one in now.loaded.offered.get(gate.name, [])
    ]


def _base(now: Now, gate: Gate) -> RevisionName | None:
    """The last approved revision before the current one, at this gate or at any."""
    current = now.loaded.current
    approved = [
        one
        for one in now.loaded.decisions
        if one.decision == "approve"
        and one.state in ("valid", "void", "expired")
        and one.revision
        and one.artifact_sha256
        and (current is None or one.artifact_sha256 != current.sha256)
    ]
    best = [one for one in approved if one.gate == gate.name] or approved
    if not best or best[-1].revision is None or best[-1].artifact_sha256 is None:
        return None
    return RevisionName(revision=best[-1].revision, sha256=best[-1].artifact_sha256)


def _if_rejected(now: Now, gate: Gate) -> str:
    if gate.aside:
        return "that alone is refused; the run goes on"
    scenario = now.context.scenario
    others = [one.outcome for one in scenario.gates if one is not gate and _state(now, one) == "approved"]
    stands = next((kind for kind in others if kind), None) if scenario.gates_together else None
    return f"the run ends: {scenario.outcome(stands).name if stands else gate.on_reject}"


def _if_approved(now: Now, gate: Gate, mask: Mask) -> str:
    scenario, lane = now.context.scenario, lane_of(now.context.scenario, now.loaded.current, None)
    left = now.missing(gate) - 1
    if left > 0:
        return f"{left} more approval{'s' if left > 1 else ''} by other people are needed then"
    if gate.aside:
        return "it stands approved beside the revision, and nothing is done by it; the run goes on"
    later = [
        other
        for other in scenario.gates
        if other.name != gate.name
        and other.opens_when is not None
        and holds(other.opens_when, now.position.facts)
        and not now.answers(other)
    ]
    due = now.loaded.due
    if gate.subject == ACTION and due is not None:
        also = [other for other in later if other.subject == ACTION]
        if also:
            return f"{_titles(also)} is next; nothing is done before"
        action = due.action
        return mask.text(f"“{action.title}” is done once on {action.system}, and its result is read back")
    if not gate.releases:
        return gate.leads_to or f"the run rests at {gate.outcome or 'its next outcome'}; nothing leaves"
    if later and not scenario.ends:
        return f"{_titles(later)} is next; nothing leaves before"
    return f"exactly this revision leaves into {lane} for {listed(scenario.lane.audience, 'and')}"


def _titles(gates: Sequence[Gate]) -> str:
    return listed([gate_title(gate.name) for gate in gates], "and")


def _verb(now: Now, gate: Gate) -> str:
    current = now.loaded.current
    what = current.revision if current is not None and gate.subject == "revision" else f"the {gate.subject}"
    return f"Approve {what} for {gate_title(gate.name)}"
