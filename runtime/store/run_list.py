"""Runs across cases: finding one by its name, listing those that somebody may know of, and what is not at rest.

These are the queries that stand above one run's scope. Each takes the scope of who asks (tenants, or tenant and
person) as an argument, so that none can be written without it; the worker's own ones say that they are the worker's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import ColumnElement, and_, exists, false, func, insert, or_, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from casefile.decisions import Decision
from casefile.packet import Packet
from runtime.store import setting_rows
from runtime.store.account_tables import run_clocks, run_people
from runtime.store.database import Database
from runtime.store.tables import decisions, inbox, items, lineage_heads, runs, work

# Where the settling step leaves the gates at which a run waits (graphs/position.py).
WAITING_AT = "waiting_at"
R, P, K = runs.c, run_people.c, run_clocks.c


@dataclass(frozen=True, slots=True)
class Found:
    """Where a run is, and the part of its ledger row that never changes."""

    tenant: str
    case: str
    run: str
    scenario: str
    packet: str
    packet_sha256: str
    defaults: str = "{}"
    """The tenant's parameters with which it was started, as JSON; the packet's own come before them."""


@dataclass(frozen=True, slots=True)
class Clock:
    """By how many seconds a run's clock is behind the wall clock, and whether it is a demo case."""

    behind: int = 0
    demo: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the list of cases."""

    tenant: str
    run: str
    case: str
    scenario: str
    status: str
    outcome: str | None
    final: bool
    clock: str
    turn: int
    gate: str | None
    gate_opened_at: str | None
    clock_set: Clock
    packet: Packet
    waiting: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose cases: `people` are (tenant, person) pairs, `tenants` are seen as a whole."""

    people: tuple[tuple[str, str], ...]
    tenants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """What to list. `states` are conditions on the ledger row; `text` is looked for in case, tenant and scenario."""

    scenarios: tuple[str, ...] | None = None
    states: tuple[str, ...] = ()
    gates: tuple[tuple[str, str], ...] | None = None
    tenant: str | None = None
    text: str = ""
    sort: str = "-changed"
    after: tuple[str, str] | None = None
    limit: int = 50


_LISTED = (
    R.tenant, R.run, R.case_id, R.scenario, R.status, R.outcome, R.final, R.clock, R.turn, R.gate, R.gate_opened_at,
)  # fmt: skip
_STATES: dict[str, ColumnElement[bool]] = {
    "working": R.status == "working",
    "waiting": R.status == "waiting",
    "resting": and_(R.status == "finished", R.final.is_(False)),
    "ended": and_(R.status == "finished", R.final.is_(True)),
    "failed": R.status == "failed",
}


@lru_cache(maxsize=2048)
def stored_packet(text: str) -> Packet:
    """A packet out of the ledger, without its timeline: that is played by the command line and by nobody else."""
    return Packet.model_validate({**orjson.loads(text), "timeline": []})


async def find(database: Database, run: str) -> Found | None:
    """The run of that name. Whether the caller may know of it is not asked here."""
    query = select(R.tenant, R.case_id, R.run, R.scenario, R.packet, R.packet_sha256).where(R.run == run, R.turn > 0)
    rows = await database.rows(query.limit(2))
    if len(rows) != 1:
        return None
    pinned = await setting_rows.pinned(database, rows[0].tenant, run, "parameters")
    return replace(Found(*rows[0]), defaults=pinned.body if pinned is not None else "{}")


async def listed(database: Database, scope: Scope, wanted: Filter) -> tuple[list[Listed], int]:
    """A page of the cases within the scope, and how many match in all."""
    tests = [_within(scope), R.turn > 0, *_tests(wanted)]
    column, descending = _order(wanted.sort)
    page = select(R.tenant, R.run).where(*tests)
    if wanted.after is not None:
        key = tuple_(column, R.run)
        page = page.where(key < wanted.after if descending else key > wanted.after)
    order = (column.desc(), R.run.desc()) if descending else (column, R.run)

    async def look(connection: AsyncConnection) -> tuple[list[Listed], int]:
        total = int((await connection.execute(select(func.count()).select_from(runs).where(*tests))).scalar_one())
        keys = [(row[0], row[1]) for row in (await connection.execute(page.order_by(*order).limit(wanted.limit))).all()]
        clocks = runs.outerjoin(run_clocks, and_(K.tenant == R.tenant, K.run == R.run))
        whole = select(*_LISTED, K.behind, K.demo, R.packet).select_from(clocks)
        found = (await connection.execute(whole.where(_pairs(R.tenant, R.run, keys)))).all() if keys else []
        waiting = await _waiting(connection, keys) if keys else {}
        rows = {(row[0], row[1]): row for row in found}
        return [replace(_listed(rows[key]), waiting=tuple(waiting.get(key, ()))) for key in keys if key in rows], total

    return await database.looked(look)


def _listed(row: Sequence[Any]) -> Listed:
    behind, demo, packet = row[-3:]
    clock = Clock(behind or 0, bool(demo))
    return Listed(*row[:-3], clock_set=clock, packet=stored_packet(packet))  # type: ignore[misc]


def _pairs(tenant: Any, name: Any, keys: Sequence[Sequence[Any]]) -> ColumnElement[bool]:
    """Rows of these pairs, by index; SQLite reads the whole table for a list of pairs. May find a few rows more."""
    test: ColumnElement[bool] = and_(tenant.in_({key[0] for key in keys}), name.in_({key[1] for key in keys}))
    return test


def _within(scope: Scope) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = []
    for tenant, person in scope.people:
        on_it = exists().where(P.tenant == R.tenant, P.run == R.run, P.tenant == tenant, P.person == person)
        parts.append(and_(R.tenant == tenant, on_it))
    if scope.tenants:
        parts.append(R.tenant.in_(scope.tenants))
    return or_(*parts) if parts else false()


def _tests(wanted: Filter) -> list[ColumnElement[bool]]:
    tests: list[ColumnElement[bool]] = []
    if wanted.scenarios is not None:
        tests.append(R.scenario.in_(wanted.scenarios))
    if wanted.states:
        tests.append(or_(*(_STATES[state] for state in wanted.states)))
    if wanted.tenant:
        tests.append(R.tenant == wanted.tenant)
    if wanted.gates is not None:
        at = [and_(R.scenario == slug, _waits_at(gate)) for slug, gate in wanted.gates]
        tests.append(and_(R.status == "waiting", or_(*at) if at else false()))
    if wanted.text:
        words = [func.lower(column) for column in (R.case_id, R.tenant, R.scenario)]
        low = wanted.text.lower()
        tests.append(or_(*(word.contains(low, autoescape=True) for word in words)))
    return tests


def _waits_at(gate: str) -> ColumnElement[bool]:
    """Whether a run waits at a gate, be it the one of its ledger row or one that stands open beside it."""
    w = work.c
    mine = (w.tenant == R.tenant, w.run == R.run, w.name == WAITING_AT)
    beside = exists().where(*mine, w.body.contains(orjson.dumps(gate).decode(), autoescape=True))
    return or_(R.gate.startswith(f"{gate}@", autoescape=True), beside)


async def _waiting(connection: AsyncConnection, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], list[str]]:
    w = work.c
    query = select(w.tenant, w.run, w.body).where(_pairs(w.tenant, w.run, keys), w.name == WAITING_AT)
    return {(tenant, run): orjson.loads(body) for tenant, run, body in (await connection.execute(query)).all()}


def _order(sort: str) -> tuple[Any, bool]:
    columns = {"changed": R.clock, "case": R.case_id}
    return columns[sort.removeprefix("-")], sort.startswith("-")


# --- what is derived from packets --------------------------------------------------------------------------------


async def put_people(database: Database, found: Found) -> None:
    """Write the roster of a run. Again changes nothing."""
    await _write_people(database, [(found.tenant, found.run, found.packet)])


async def fill_people(database: Database) -> int:
    """Write the rosters that are missing: of runs that were admitted by the command line. How many runs there were."""
    missing = ~exists().where(P.tenant == R.tenant, P.run == R.run)
    count = 0
    while True:
        query = select(R.tenant, R.run, R.packet).where(missing, R.packet.contains('"people":[{')).limit(500)
        rows = await database.rows(query)
        if not rows:
            return count
        await _write_people(database, rows)
        count += len(rows)


async def _write_people(database: Database, rows: Sequence[Any]) -> None:
    people = [
        {"tenant": tenant, "run": run, "person": person["id"]}
        for tenant, run, packet in rows
        for person in orjson.loads(packet).get("people", [])
    ]
    if people:
        upsert = sqlite.insert if database.sqlite else postgresql.insert
        await database.together(
            lambda connection: connection.execute(upsert(run_people).on_conflict_do_nothing(), people)
        )


async def clock_of(database: Database, tenant: str, run: str) -> Clock:
    """The run's clock; a run that has none of its own runs on the wall clock."""
    query = select(K.behind, K.demo).where(K.tenant == tenant, K.run == run)
    found = await database.row(query)
    return Clock(*found) if found else Clock()


async def put_clock(database: Database, tenant: str, run: str, clock: Clock) -> None:
    """Set the run's clock."""

    async def work(connection: AsyncConnection) -> None:
        await connection.execute(run_clocks.delete().where(K.tenant == tenant, K.run == run))
        row = {"tenant": tenant, "run": run, "behind": clock.behind, "demo": clock.demo}
        await connection.execute(insert(run_clocks).values(**row))

    await database.together(work)


# --- for the worker and the feeds, which stand above tenants -----------------------------------------------------


async def unfinished(database: Database) -> list[tuple[str, str]]:
    """(tenant, run) of every run that has something to do: an unhandled event, or work that was cut off."""
    i = inbox.c
    waiting = select(i.tenant, i.run).where(i.handled.is_(False)).distinct()
    cut = select(R.tenant, R.run).where(R.status == "working", R.gate.is_(None), R.turn > 0)
    rows = [*await database.rows(waiting), *await database.rows(cut)]
    return list(dict.fromkeys((tenant, run) for tenant, run in rows))


async def sizes(database: Database, cases: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The size of each case's chain, in one query."""
    h = lineage_heads.c
    found: dict[tuple[str, str], int] = {}
    for start in range(0, len(cases), 200):
        part = cases[start : start + 200]
        query = select(h.tenant, h.case_id, h.size).where(_pairs(h.tenant, h.case_id, part))
        found |= {(tenant, case): size for tenant, case, size in await database.rows(query)}
    return found


async def give_up(database: Database, tenant: str, run: str) -> None:
    """Set the events of a failed run aside, so that it is not taken up again and again."""
    i = inbox.c
    waiting = (i.tenant == tenant, i.run == run, i.handled.is_(False))
    aside = update(inbox).where(*waiting).values(handled=True)
    await database.together(lambda connection: connection.execute(aside))


async def last_looked(database: Database, tenant: str, run: str) -> str | None:
    """When the case was last looked at as a whole: the time of the last event that made it so."""
    i = inbox.c
    kinds = ("open", "arrives", "withdraws", "passes")
    query = select(func.max(i.at)).where(i.tenant == tenant, i.run == run, i.kind.in_(kinds), i.handled.is_(True))
    found: str | None = (await database.row(query))[0]
    return found


async def at_work(database: Database, tenant: str, run: str) -> bool:
    """Whether a run has something to do."""
    i = inbox.c
    waiting = exists().where(i.tenant == tenant, i.run == run, i.handled.is_(False))
    busy = and_(R.status == "working", R.gate.is_(None))
    query = select(func.count()).select_from(runs).where(R.tenant == tenant, R.run == run, or_(waiting, busy))
    return bool((await database.row(query))[0])


async def answered_by(
    database: Database, people: Sequence[tuple[str, str]], offset: int, limit: int
) -> list[tuple[Listed, Decision]]:
    """The decisions of a person (by tenant), newest first by the clock of their cases."""
    d = decisions.c
    mine = [and_(d.tenant == tenant, d.body.contains(f'"by":{orjson.dumps(one).decode()},')) for tenant, one in people]
    if not mine:
        return []
    together = decisions.join(runs, and_(d.tenant == R.tenant, d.run == R.run))
    clocks = together.outerjoin(run_clocks, and_(K.tenant == R.tenant, K.run == R.run))
    query = select(*_LISTED, K.behind, K.demo, R.packet, d.body).select_from(clocks).where(or_(*mine))
    page = query.order_by(R.clock.desc(), R.run, d.seq.desc()).offset(offset).limit(limit)
    rows = await database.rows(page)
    return [(_listed(row[:-1]), Decision.model_validate_json(row[-1])) for row in rows]


async def open_items(database: Database, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Open contradictions, holds, blockers and objections of each run."""
    c = items.c
    registers = ("contradictions", "holds", "blockers", "objections")
    if not keys:
        return {}
    tests = (_pairs(c.tenant, c.run, keys), c.register.in_(registers), c.state == "open")
    query = select(c.tenant, c.run, func.count()).where(*tests).group_by(c.tenant, c.run)
    return {(tenant, run): int(count) for tenant, run, count in await database.rows(query)}
