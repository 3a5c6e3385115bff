"""The page of a run: the contract's outcome as the viewer may see it, and what he may do now."""

from __future__ import annotations

import asyncio
from typing import Any

from casefile.decisions import Decision
from casefile.packet import Packet
from graphs.result import outcome
from runtime.clock import instant
from runtime.store import run_list
from server.api.access import OnRun, may
from server.api.actions import Action
from server.models.runs import (
    ApprovalView,
    May,
    RosterPerson,
    RunView,
    Step,
    Viewer,
    WaitingOn,
)
from server.views.artifact import artifact_view, edit_view, registers_view
from server.views.exhibits import heads
from server.views.mask import Mask, mask_for, masked_tenant
from server.views.now import Now, drawn, look, state_of
from server.views.words import BESIDE, gate_title, listed, person_name, step_title

_MAY = {
    "chat": Action.CHAT,
    "review_edits": Action.REVIEW_EDITS,
    "object": Action.OBJECT,
    "add_evidence": Action.ADD_EVIDENCE,
    "verify": Action.VERIFY_LINEAGE,
    "export": Action.READ_RECEIPT,
    "raw_evidence": Action.READ_RAW,
}
_CHANGES = frozenset({"chat", "review_edits", "object", "add_evidence"})


async def run_view(on: OnRun) -> RunView:
    """The page."""
    context = on.opened.context
    store, packet, mask = context.store, context.packet, await mask_for(context, on.standing.view)
    result = await outcome(context)
    now = await look(context, on.now)
    node = on.service.worker.active.get(store.run)
    queue = on.standing.view == "queue"
    current = now.loaded.current
    clock = on.opened.clock
    whole: dict[str, Any] = {
        **{name: result[name] for name in ("contract", "scenario", "case", "run", "status", "outcome")},
        **{name: result[name] for name in ("effects", "lineage", "model", "releases")},
        "scenario_short": context.scenario.short,
        "title": context.scenario.artifact.name,
        "tenant": masked_tenant(store.tenant) if queue else store.tenant,
        "tenant_name": masked_tenant(packet.tenant.name) if queue else packet.tenant.name or store.tenant,
        "state": state_of(now.row.status, now.row.final),
        "final": now.row.final,
        "working": node is not None or await run_list.at_work(store.database, store.tenant, store.run),
        "turn": now.row.turn,
        "opened_at": instant(packet.as_of),
        "clock": now.row.clock,
        "now": instant(on.now),
        "clock_kind": "demo" if clock.demo else "wall",
        "next": next_line(now),
        "waiting_on": [waiting_on(now, gate["gate"]) for gate in result["waiting_on"]],
        "steps": steps(now, node),
        "people": roster(packet),
        "me": viewer(on, mask),
        "may": what_may(on, now),
        "artifact": await asyncio.to_thread(artifact_view, current, mask) if current is not None else None,
        "exhibits": heads(context.scenario.workspace, current),
        "registers": registers_view(result["registers"], packet, mask),
        "edits": [edit_view(edit, packet, mask) for edit in await store.edits()],
        "approvals": [approval_view(packet, one, mask) for one in now.loaded.decisions],
        "refusals": mask.tree(result["refusals"]),
    }
    return RunView.model_validate(whole)


def waiting_on(now: Now, name: str) -> WaitingOn:
    """An open gate, with who could answer it."""
    gate, current = now.context.scenario.gate(name), now.loaded.current
    if gate is None or current is None:
        raise AssertionError(f"the run waits at {name}, and the scenario has no such gate")
    expires, since = now.position.open_until(gate), now.opened_at(gate)
    return WaitingOn(
        gate=name,
        title=gate_title(name),
        approver_roles=now.roles(gate),
        people=now.people(gate),
        revision=current.revision,
        artifact_sha256=current.sha256,
        since=instant(since) if since is not None else None,
        expires_at=instant(expires) if expires is not None else None,
    )


def next_line(now: Now) -> str:
    """One line: what happens next, and on whom it depends."""
    row = now.row
    if row.status == "failed":
        return "a fault of ours stopped it; what it had is kept, and an administrator finds its place in the log"
    if row.final:
        return f"ended: {row.outcome}; nothing changes any more"
    if row.status == "working":
        return "agents are at work"
    gates = now.answerable
    if row.status == "waiting" and gates:
        who = [listed(now.people(gate)) or "nobody on the roster" for gate in gates]
        asked = [f"{gate_title(gate.name)}: {people}" for gate, people in zip(gates, who, strict=True)]
        return f"waits for {'; '.join(asked)}"
    reason = now.rest.reason or "nothing is due"
    return f"rests at {row.outcome or 'no outcome yet'} ({reason}); evidence, people, chat or time may change it"


def steps(now: Now, node: str | None) -> list[Step]:
    """The bar at the top: the steps of the graph on the way from evidence to release."""
    names = [n for n in drawn(now.context.scenario.pattern).nodes if not n.startswith("__") and n not in BESIDE]
    released = now.row.final and now.row.status == "finished"
    at = names.index(node) if node in names else -1
    reached = {"gate": "gate", "rest": "gate", "release": "release"}.get(now.rest.step, "")
    if at < 0 and now.row.status != "working":
        at = names.index(reached) if reached in names else len(names)
    found = []
    for index, name in enumerate(names):
        if released or index < at:
            state = "done"
        elif node is not None and index == at:
            state = "active"
        elif index == at and name == "gate" and now.row.status == "waiting":
            state = "waiting"
        else:
            state = "todo"
        found.append(Step.model_validate({"name": name, "title": step_title(name), "state": state}))
    last = "done" if released else "todo"
    return [*found, Step.model_validate({"name": "receipt", "title": step_title("receipt"), "state": last})]


def roster(packet: Packet) -> list[RosterPerson]:
    """The people of the case."""
    return [
        RosterPerson(
            id=person.id,
            name=person.name or person.id,
            roles=person.roles,
            valid_until=instant(person.valid_until) if person.valid_until is not None else None,
        )
        for person in packet.people
    ]


def viewer(on: OnRun, mask: Mask) -> Viewer:
    """As whom the case is seen."""
    standing = on.standing
    person = standing.person.id if standing.person is not None else None
    return Viewer(person=person, roles=list(standing.roles), view=standing.view, masked=mask.says())


def what_may(on: OnRun, now: Now) -> May:
    """What the viewer may do now, with a line for each thing that he may not."""
    standing, store = on.standing, on.opened.context.store
    case = f"{store.tenant}/{store.run}"
    can: dict[str, bool] = {}
    why: dict[str, str] = {}
    for name, action in _MAY.items():
        can[name] = may(on.service, standing, action, case)
        if not can[name]:
            why[name] = "your role on this case does not allow it"
        elif name in _CHANGES and (now.row.final or now.row.status == "failed"):
            can[name], why[name] = False, "the run has ended; what comes now is refused on the record"
    person = standing.person.id if standing.person is not None else None
    gates = []
    for gate in on.opened.context.scenario.gates:
        reason = now.why_not(gate, person, standing.roles)
        if reason is None and may(on.service, standing, Action.DECIDE, case):
            gates.append(gate.name)
        else:
            why[f"decide:{gate.name}"] = reason or "your role on this case does not allow it"
    return May.model_validate({**can, "decide": gates, "why_not": why})


def approval_view(packet: Packet, one: Decision, mask: Mask) -> ApprovalView:
    """A decision."""
    return ApprovalView(
        gate=one.gate,
        by=one.by,
        by_name=person_name(packet, one.by),
        decision=one.decision,
        state=one.state,
        artifact_sha256=one.artifact_sha256,
        subject_sha256=one.subject_sha256,
        revision=one.revision,
        reason=mask.text(one.reason) if one.reason else None,
        at=instant(one.at),
        expires_at=instant(one.expires_at) if one.expires_at is not None else None,
        action=one.action,
        target=one.target,
        choice=mask.text(one.choice) if one.choice else None,
    )
