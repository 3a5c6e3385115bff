"""The list of cases: the queue view, a row for each run that the caller may know of."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import orjson

from casefile.parameters import in_force, resolve
from casefile.scenario import Gate, Scenario
from graphs import catalogue
from runtime.clock import from_instant, instant
from runtime.store.run_list import Listed, Scope
from server.api.standing import Caller, Standing, stands
from server.models.cases import CaseRow, Waiting
from server.models.problem import Fault
from server.problems import Unusable
from server.views.mask import masked_tenant
from server.views.now import able_people, state_of
from server.views.words import gate_title

OVERSEERS = frozenset({"auditor", "evaluator", "admin"})


def scope_of(caller: Caller) -> Scope:
    """Which cases the caller may know of: those with his person on the roster; all of his tenants for an overseer."""
    overseer = bool(OVERSEERS.intersection(caller.account.global_roles))
    people = tuple((member.tenant, member.person) for member in caller.members)
    return Scope(people, tuple(member.tenant for member in caller.members) if overseer else ())


def case_row(caller: Caller, one: Listed) -> CaseRow:
    """A row. What waits is judged at the wall clock, or at the case's own where that is later or a demo's."""
    scenario = scenario_of(one)
    packet, clock = one.packet, now_of(one)
    standing = stands(caller, one.tenant, packet.people, scenario, clock)
    masked = standing.view == "queue"
    gates = waiting_gates(scenario, one)
    waiting = [_waiting(one, gate, clock) for gate in gates]
    return CaseRow(
        run=one.run,
        case=one.case,
        scenario=scenario.short,
        scenario_title=scenario.title,
        tenant=masked_tenant(one.tenant) if masked else one.tenant,
        tenant_name=masked_tenant(packet.tenant.name) if masked else packet.tenant.name or one.tenant,
        tenant_masked=masked,
        view=standing.view,
        state=state_of(one.status, one.final),
        outcome=one.outcome,
        turn=one.turn,
        opened_at=instant(packet.as_of),
        changed_at=one.clock,
        age_seconds=age(one),
        changed_seconds=max(0, int((clock - from_instant(one.clock)).total_seconds())),
        waiting_on=waiting,
        can_act=any(can_answer(standing, gate, packet.requested_by) for gate in gates),
        my_roles=list(standing.roles),
    )


def now_of(one: Listed) -> datetime:
    """The clock of the case now."""
    running = datetime.now(UTC) - timedelta(seconds=one.clock_set.behind)
    return max(from_instant(one.clock), running)


def age(one: Listed) -> int:
    """Seconds from opening to now; an ended case stopped ageing at its end."""
    end = from_instant(one.clock) if one.final else now_of(one)
    return max(0, int((end - one.packet.as_of) / timedelta(seconds=1)))


def waiting_gates(scenario: Scenario, one: Listed) -> list[Gate]:
    """The gates that a run waits at: that of its ledger row, and those that stand open beside it."""
    if one.status != "waiting":
        return []
    first = (one.gate or "").rpartition("@")[0]
    names = dict.fromkeys([first, *one.waiting])
    return [gate for name in names if (gate := scenario.gate(name)) is not None]


def can_answer(standing: Standing, gate: Gate, requested_by: str) -> bool:
    """Whether the caller could answer a gate by his roles. The page of the gate says it exactly."""
    person = standing.person.id if standing.person is not None else None
    barred = "requester" in gate.not_by and person == requested_by
    return person is not None and not barred and bool(set(gate.roles).intersection(standing.roles))


def _waiting(one: Listed, gate: Gate, clock: datetime) -> Waiting:
    able = able_people(one.packet.people, gate.roles, clock, one.packet.requested_by, gate)
    people = [p.name or p.id for p in able]
    return Waiting(gate=gate.name, title=gate_title(gate.name), roles=list(gate.roles), people=people)


@lru_cache(maxsize=1)
def _by_slug() -> dict[str, Scenario]:
    return {scenario.slug: scenario for scenario in catalogue.all_scenarios()}


def scenario_of(one: Listed) -> Scenario:
    """The scenario of a run, with what its parameters decide about its gates."""
    scenario = _by_slug()[one.scenario]
    return in_force(scenario, resolve(scenario, one.packet.parameters))


def known_slugs() -> list[str]:
    """The slugs of the catalogue."""
    return list(_by_slug())


def slugs_for(wanted: str) -> tuple[str, ...]:
    """The slugs that a filter names, by slug or short name."""
    return tuple(s.slug for s in _by_slug().values() if wanted in (s.slug, s.short))


def gates_for(caller: Caller, waiting_on: str) -> tuple[tuple[str, str], ...]:
    """(scenario, gate) that a filter names: `me`, a role, or a gate."""
    mine = {role for member in caller.members for role in member.roles}
    return tuple(
        (scenario.slug, gate.name)
        for scenario in _by_slug().values()
        for gate in scenario.gates
        if gate.opens_when is not None
        and (bool(mine.intersection(gate.roles)) if waiting_on == "me" else waiting_on in (gate.name, *gate.roles))
    )


def cursor_of(key: str, run: str) -> str:
    """Where the next page begins, as one word."""
    return base64.urlsafe_b64encode(orjson.dumps([key, run])).decode().rstrip("=")


def from_cursor(cursor: str | None) -> tuple[str, str] | None:
    """What `cursor_of` wrote. Raises Unusable."""
    if not cursor:
        return None
    try:
        key, run = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, binascii.Error) as error:
        raise Unusable("cursor: a `next_cursor` of an earlier page was expected", [_CURSOR]) from error
    if not isinstance(key, str) or not isinstance(run, str) or "\x00" in key + run:
        raise Unusable("cursor: a `next_cursor` of an earlier page was expected", [_CURSOR])
    return key, run


_CURSOR = Fault(place="query.cursor", expected="a `next_cursor` of an earlier page")
