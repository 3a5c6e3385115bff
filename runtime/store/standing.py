"""What stands of a run: read in one go, and remembered while one process holds the lease.

Every turn raises the run's number, whoever commits it. So one look at the ledger's row says whether what was read
before still stands; after an own turn, what it wrote is what stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, TypeVar

import orjson
from sqlalchemy import Table, bindparam, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from casefile.artifact import Revision
from casefile.decisions import Decision
from casefile.effects import Effect
from casefile.evidence import Evidence
from casefile.registers import ITEM_TYPES, REGISTERS, AnyItem, RegisterName
from runtime.store import tables as t
from runtime.store.prepared import Prepared
from runtime.store.turn import Event, Turn

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RunRow:
    """The run ledger's row."""

    case: str
    scenario: str
    packet_sha256: str
    packet: str
    status: str
    outcome: str | None
    final: bool
    clock: str
    turn: int
    gate: str | None
    gate_opened_at: str | None


@dataclass(slots=True)
class Record:
    """The case file of a run after a turn, as the agents and the gates look at it."""

    evidence: list[Evidence] = field(default_factory=list)
    work: dict[str, str] = field(default_factory=dict)
    revisions: list[Revision] = field(default_factory=list)
    registers: dict[RegisterName, list[AnyItem]] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)

    def copy(self) -> Record:
        """A record whose lists are its own. The items are immutable."""
        registers = {name: list(items) for name, items in self.registers.items()}
        return Record(
            list(self.evidence),
            dict(self.work),
            list(self.revisions),
            registers,
            list(self.decisions),
            list(self.effects),
        )

    def named(self, *names: str) -> dict[str, str]:
        """Of `work` what stands under these names; one that ends with `*` stands for all that begin so."""
        exact = {name for name in names if not name.endswith("*")}
        begins = tuple(name[:-1] for name in names if name.endswith("*"))
        return {name: body for name, body in self.work.items() if name in exact or name.startswith(begins)}

    def add(self, turn: Turn) -> None:
        """What stands after a turn that was written to the store."""
        _put(self.evidence, turn.evidence, attrgetter("id"))
        _put(self.effects, turn.effects, attrgetter("idempotency_key"))
        self.decisions += turn.decisions
        _put(self.decisions, turn.restated, attrgetter("slot"))
        self.revisions += turn.revisions
        self.work = dict(sorted({**self.work, **turn.work}.items()))
        for name, items in turn.registers.items():
            self.registers[name][: len(items)] = items


@dataclass(frozen=True, slots=True)
class Standing:
    """A run at one moment: its row, the oldest event that no turn has handled, and its case file."""

    row: RunRow | None
    event: Event | None
    record: Record


def _put(standing: list[T], new: Sequence[T], key: Callable[[T], Any]) -> None:
    """Each of `new` in the place of the one with its key, or at the end."""
    places = {key(one): n for n, one in enumerate(standing)} if new else {}
    for one in new:
        if key(one) in places:
            standing[places[key(one)]] = one
        else:
            places[key(one)] = len(standing)
            standing.append(one)


def _query(table: Table, *columns: Any, order: Any = None, where: Any = None, one: bool = False) -> Prepared:
    query = select(*columns).where(table.c.tenant == bindparam("tenant"), table.c.run == bindparam("run"))
    query = query if where is None else query.where(where)
    query = query if order is None else query.order_by(order)
    return Prepared(query.limit(literal_column("1")).offset(literal_column("0")) if one else query)


_R, _I = t.runs.c, t.inbox.c
_FIXED = _query(t.runs, _R.case_id, _R.scenario, _R.packet_sha256, _R.packet)
_MOVING = _query(t.runs, _R.status, _R.outcome, _R.final, _R.clock, _R.turn, _R.gate, _R.gate_opened_at)
_NEXT = _query(
    t.inbox, _I.key, _I.kind, _I.at, _I.body, _I.seq, order=_I.seq, where=_I.handled.is_(False), one=True
)  # fmt: skip
_EVIDENCE = _query(t.evidence, t.evidence.c.body, order=t.evidence.c.seq)
# One row for each answer ever given in the chat: who asks, asks for it by name (`RunStore.work`).
_NO_ANSWER = text("substr(work.name, 1, 9) <> 'answered:'")
_WORK = _query(t.work, t.work.c.name, t.work.c.body, where=_NO_ANSWER)
_V = t.revisions.c
_REVISIONS = _query(t.revisions, _V.body, order=_V.seq, where=_V.seq >= bindparam("known"))
_ITEMS = _query(t.items, t.items.c.register, t.items.c.key, t.items.c.body, order=t.items.c.seq)
_DECISIONS = _query(t.decisions, t.decisions.c.body, order=t.decisions.c.seq)
_EFFECTS = _query(t.effects, t.effects.c.body, order=t.effects.c.seq)


class Memory:
    """What one RunStore has read of its run. Nothing is remembered unless `begin` was called."""

    def __init__(self, tenant: str, run: str) -> None:
        self._scope = {"tenant": tenant, "run": run}
        self._fixed: Sequence[Any] | None = None
        self._kept: tuple[int, Record] | None = None
        self._revisions: tuple[Revision, ...] = ()
        self._keeps = False

    def begin(self) -> None:
        """Remember from now on."""
        self._keeps, self._kept = True, None

    def end(self) -> None:
        """Forget, and remember nothing more."""
        self._keeps, self._kept = False, None

    def committed(self, turn: Turn, number: int) -> None:
        """An own turn was committed under this number. Where another came between, what was read is forgotten."""
        kept, self._kept = self._kept, None
        if kept is not None and kept[0] == number - 1:
            kept[1].add(turn)
            self._kept = (number, kept[1])

    async def look(self, connection: AsyncConnection) -> tuple[RunRow | None, Event | None]:
        """The ledger's row, None where the run was never admitted, and the oldest event that no turn has handled."""
        if self._fixed is None:
            self._fixed = next(iter(await _FIXED.found(connection, self._scope)), None)
        if self._fixed is None:
            return None, None
        [(status, outcome, final, clock, turn, gate, opened)] = await _MOVING.found(connection, self._scope)
        case, scenario, packet_sha256, packet = self._fixed
        row = RunRow(case, scenario, packet_sha256, packet, status, outcome, bool(final), clock, turn, gate, opened)
        found = await _NEXT.found(connection, self._scope)
        return row, Event(*found[0]) if found else None

    async def standing(self, connection: AsyncConnection) -> Standing:
        """All of it, read only where something came since."""
        row, event = await self.look(connection)
        number = row.turn if row is not None else -1
        kept = self._kept
        if kept is None or kept[0] != number:
            kept = (number, await _record(connection, self._scope, await self.revisions(connection)))
            self._kept = kept if self._keeps else None
        return Standing(row, event, kept[1].copy())

    async def revisions(self, connection: AsyncConnection) -> list[Revision]:
        """Every revision, oldest first. Those read before are not read again: a revision never changes."""
        known = self._revisions  # several readers may be here at once: each goes on from what it saw
        rows = await _REVISIONS.found(connection, {**self._scope, "known": len(known)})
        self._revisions = (*known, *(Revision.model_validate_json(body) for (body,) in rows))
        return list(self._revisions)


async def evidence(connection: AsyncConnection, scope: Mapping[str, str]) -> list[Evidence]:
    """The ledger of evidence, in order of arrival, withdrawn and replaced items included."""
    return [Evidence.model_validate_json(body) for (body,) in await _EVIDENCE.found(connection, scope)]


async def decisions(connection: AsyncConnection, scope: Mapping[str, str]) -> list[Decision]:
    """Every decision, also those that count for nothing, in order."""
    return [Decision.model_validate_json(body) for (body,) in await _DECISIONS.found(connection, scope)]


async def effects(connection: AsyncConnection, scope: Mapping[str, str]) -> list[Effect]:
    """Every effect, in the order in which they were planned."""
    return [Effect.model_validate_json(body) for (body,) in await _EFFECTS.found(connection, scope)]


async def registers(connection: AsyncConnection, scope: Mapping[str, str]) -> dict[RegisterName, list[AnyItem]]:
    """All seven registers, in the order in which their items came."""
    found: dict[RegisterName, list[AnyItem]] = {name: [] for name in REGISTERS}
    for register, key, body in await _ITEMS.found(connection, scope):
        found[register].append(ITEM_TYPES[register](**{**orjson.loads(body), "key": key}))
    return found


async def _record(connection: AsyncConnection, scope: Mapping[str, str], revisions: list[Revision]) -> Record:
    return Record(
        evidence=await evidence(connection, scope),
        work=dict(sorted((name, body) for name, body in await _WORK.found(connection, scope))),
        revisions=revisions,
        registers=await registers(connection, scope),
        decisions=await decisions(connection, scope),
        effects=await effects(connection, scope),
    )
