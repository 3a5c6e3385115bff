"""The inbox of approvals across cases: what waits, and what the caller answered."""

from __future__ import annotations

from casefile.decisions import Decision
from casefile.gates import expiry
from casefile.scenario import Gate
from runtime.clock import from_instant, instant
from runtime.store import run_list
from runtime.store.run_list import Filter, Listed
from server.api.standing import Caller, stands
from server.models.gates import ApprovalRow, Approvals
from server.problems import Unusable
from server.service import Service
from server.views.cases import (
    can_answer,
    cursor_of,
    from_cursor,
    gates_for,
    known_slugs,
    now_of,
    scenario_of,
    scope_of,
    waiting_gates,
)
from server.views.mask import Mask, masked_tenant
from server.views.run import approval_view
from server.views.words import gate_title


async def waiting(
    here: Service, caller: Caller, cursor: str | None, limit: int, *, mine: bool = False, text: str = ""
) -> Approvals:
    """Gates that wait, the oldest first; only the caller's, or only where case, tenant or scenario has a text."""
    wanted = Filter(
        scenarios=tuple(known_slugs()),
        states=("waiting",),
        gates=gates_for(caller, "me") if mine else None,
        text=text,
        sort="changed",
        after=from_cursor(cursor),
        limit=limit + 1,
    )
    found, total = await run_list.listed(here.database, scope_of(caller), wanted)
    page = found[:limit]
    counts = await run_list.open_items(here.database, [(one.tenant, one.run) for one in page])
    rows = [
        _row(caller, one, gate, counts.get((one.tenant, one.run), 0))
        for one in page
        for gate in waiting_gates(scenario_of(one), one)
    ]
    last = page[-1] if len(found) > limit else None
    shown = [row for row in rows if row.can_act] if mine else rows
    return Approvals(rows=shown, total=total, next_cursor=cursor_of(last.clock, last.run) if last else None)


async def history(here: Service, caller: Caller, cursor: str | None, limit: int) -> Approvals:
    """What the caller answered, newest first."""
    key = from_cursor(cursor) or ("0", "")
    if not key[0].isdecimal() or len(key[0]) > 9:
        raise Unusable("cursor: a `next_cursor` of an earlier page was expected")
    offset = int(key[0])
    people = [(member.tenant, member.person) for member in caller.members]
    found = await run_list.answered_by(here.database, people, offset, limit + 1)
    rows = [
        _row(caller, one, gate, 0, decision)
        for one, decision in found[:limit]
        if (gate := scenario_of(one).gate(decision.gate)) is not None
    ]
    more = cursor_of(str(offset + limit), "") if len(found) > limit else None
    return Approvals(rows=rows, total=offset + len(found), next_cursor=more)


def _row(caller: Caller, one: Listed, gate: Gate, open_items: int, decision: Decision | None = None) -> ApprovalRow:
    scenario, packet = scenario_of(one), one.packet
    now = now_of(one)
    standing = stands(caller, one.tenant, packet.people, scenario, now)
    masked = standing.view == "queue"
    able = decision is None and can_answer(standing, gate, packet.requested_by)
    opened = from_instant(one.gate_opened_at) if one.gate_opened_at and decision is None else None
    until = expiry(gate, opened) if opened is not None else None
    if until is not None and now >= until:
        able = False
    revision, sha256 = (decision.revision, decision.artifact_sha256) if decision else (None, _subject(one))
    return ApprovalRow(
        run=one.run,
        case=one.case,
        scenario=scenario.short,
        scenario_title=scenario.title,
        tenant=masked_tenant(one.tenant) if masked else one.tenant,
        tenant_name=masked_tenant(packet.tenant.name) if masked else packet.tenant.name or one.tenant,
        gate=gate.name,
        gate_title=gate_title(gate.name),
        revision=revision,
        artifact_sha256=sha256,
        since=instant(decision.at) if decision else one.gate_opened_at or one.clock,
        now=instant(now),
        expires_at=instant(until) if until is not None else None,
        can_act=able,
        why_not=None if able else f"it is for {', '.join(gate.roles)}",
        open_items=open_items,
        decision=approval_view(packet, decision, Mask(standing.view)) if decision else None,
    )


def _subject(one: Listed) -> str | None:
    found = (one.gate or "").rpartition("@")[2]
    return found if found.startswith("sha256:") else None
