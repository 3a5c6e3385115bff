"""One run's part of the store. The scope (tenant, run) is given once and stands in every query (R12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Select, Table, and_, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from casefile.artifact import Edit, Revision
from casefile.edits import Decided
from casefile.evidence import Evidence
from casefile.gates import Decision
from casefile.registers import ITEM_TYPES, REGISTERS, AnyItem, RegisterName
from runtime.clock import instant, wall
from runtime.errors import LeaseTaken
from runtime.faults import fault_point
from runtime.store import edit_rows
from runtime.store import tables as t
from runtime.store.chain import append, seal
from runtime.store.database import Database
from runtime.store.lease import LEASE_SECONDS, OWNER, dead
from runtime.store.turn import Event, OutboxRow, Refused, Turn


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


class RunStore:
    """Everything that one run may read or change."""

    def __init__(self, database: Database, tenant: str, case: str, run: str) -> None:
        self.database, self.tenant, self.case, self.run = database, tenant, case, run

    # --- reading -----------------------------------------------------------------------------------------------

    async def row(self) -> RunRow | None:
        """The run ledger's row, or None where the run was never admitted."""
        r = t.runs.c
        query = self._select(
            t.runs,
            r.case_id, r.scenario, r.packet_sha256, r.packet, r.status, r.outcome, r.final, r.clock, r.turn,
            r.gate, r.gate_opened_at,
        )  # fmt: skip
        found = await self._rows(query)
        return RunRow(*found[0]) if found else None

    async def next_event(self) -> Event | None:
        """The oldest event that no turn has handled."""
        c = t.inbox.c
        query = self._select(t.inbox, c.key, c.kind, c.at, c.body, c.seq).where(c.handled.is_(False))
        found = await self._rows(query.order_by(c.seq).limit(1))
        return Event(*found[0]) if found else None

    async def evidence(self) -> list[Evidence]:
        """The ledger of evidence, in order of arrival, withdrawn and replaced items included."""
        query = self._select(t.evidence, t.evidence.c.body).order_by(t.evidence.c.seq)
        return [Evidence.model_validate_json(body) for (body,) in await self._rows(query)]

    async def blob(self, sha256: str) -> bytes:
        """Frozen bytes by their hash. Raises KeyError where this tenant has none such."""
        query = select(t.blobs.c.data).where(t.blobs.c.tenant == self.tenant, t.blobs.c.sha256 == sha256)
        found = await self._rows(query)
        if not found:
            raise KeyError(sha256)
        return bytes(found[0][0])

    async def work(self, *names: str) -> dict[str, str]:
        """What earlier nodes left under these names; a name that ends with `*` stands for all that begin so."""
        exact = [name for name in names if not name.endswith("*")]
        prefixes = [name[:-1] for name in names if name.endswith("*")]
        test = or_(t.work.c.name.in_(exact), *(t.work.c.name.startswith(p, autoescape=True) for p in prefixes))
        query = self._select(t.work, t.work.c.name, t.work.c.body).where(test).order_by(t.work.c.name)
        return dict(await self._rows(query))

    async def revisions(self) -> list[Revision]:
        """Every revision, oldest first."""
        query = self._select(t.revisions, t.revisions.c.body).order_by(t.revisions.c.seq)
        return [Revision.model_validate_json(body) for (body,) in await self._rows(query)]

    async def registers(self) -> dict[RegisterName, list[AnyItem]]:
        """All seven registers, in the order in which their items came."""
        c = t.items.c
        found: dict[RegisterName, list[AnyItem]] = {name: [] for name in REGISTERS}
        for register, key, body in await self._rows(self._select(t.items, c.register, c.key, c.body).order_by(c.seq)):
            found[register].append(ITEM_TYPES[register](**{**orjson.loads(body), "key": key}))
        return found

    async def decisions(self) -> list[Decision]:
        """Every decision, also those that count for nothing, in order."""
        query = self._select(t.decisions, t.decisions.c.body).order_by(t.decisions.c.seq)
        return [Decision.model_validate_json(body) for (body,) in await self._rows(query)]

    async def edits(self) -> list[Edit]:
        """Every edit with its state, in order. For results: a turn asks for the open ones or by fingerprint."""
        async with self.database.reading() as connection:
            return await edit_rows.every(connection, self.tenant, self.run)

    async def open_edits(self) -> list[Edit]:
        """The edits that nobody has decided, in order."""
        async with self.database.reading() as connection:
            return await edit_rows.undecided(connection, self.tenant, self.run)

    async def known_edits(self, fingerprints: Sequence[str]) -> tuple[dict[str, Decided], set[str]]:
        """Of these fingerprints: the last rejected edit of each, and those that are open or were accepted last."""
        async with self.database.reading() as connection:
            return await edit_rows.known(connection, self.tenant, self.run, fingerprints)

    async def edit_count(self) -> int:
        """How many edits were ever proposed: the next one has the number after it."""
        async with self.database.reading() as connection:
            return await edit_rows.count(connection, self.tenant, self.run)

    async def refusals(self) -> list[Refused]:
        """What was asked for and refused, in order."""
        query = self._select(t.refusals, t.refusals.c.body).order_by(t.refusals.c.seq)
        return [Refused(**orjson.loads(body)) for (body,) in await self._rows(query)]

    async def outbox(self) -> list[OutboxRow]:
        """Every lane entry, in order."""
        c = t.outbox.c
        query = self._select(t.outbox, c.idempotency_key, c.lane, c.body, c.delivered).order_by(c.seq)
        return [OutboxRow(key, lane, bytes(body), done) for key, lane, body, done in await self._rows(query)]

    async def done(self, key: str) -> bool:
        """Whether the turn of that key is committed."""
        return bool(await self._rows(self._select(t.turns, t.turns.c.number).where(t.turns.c.key == key)))

    # --- the lease ---------------------------------------------------------------------------------------------

    async def take_lease(self) -> None:
        """Become the one process that works on this run. Raises LeaseTaken while another one that lives does."""
        async with self.database.writing() as connection:
            owner, until = (
                await connection.execute(self._select(t.runs, t.runs.c.lease_owner, t.runs.c.lease_until).with_for_update())
            ).one()  # fmt: skip
            if owner not in (None, OWNER) and until > wall() and not dead(owner):
                raise LeaseTaken(f"run {self.run} is being worked on by {owner}")
            values = {"lease_owner": OWNER, "lease_until": wall() + LEASE_SECONDS}
            await connection.execute(self._update(t.runs).values(values))

    async def give_lease(self) -> None:
        """Let others work on it. What another process took meanwhile stays its own."""
        async with self.database.writing() as connection:
            mine = t.runs.c.lease_owner == OWNER
            await connection.execute(self._update(t.runs).where(mine).values(lease_owner=None, lease_until=None))

    # --- writing -----------------------------------------------------------------------------------------------

    async def admit(self, values: dict[str, Any]) -> bool:
        """Write the ledger row before the run is accepted. False where it stood already (R10)."""
        try:
            async with self.database.writing() as connection:
                await connection.execute(
                    insert(t.runs).values(tenant=self.tenant, case_id=self.case, run=self.run, **values)
                )
        except IntegrityError:
            return False
        return True

    async def commit(self, turn: Turn) -> bool:
        """Apply a turn in one transaction. False, and nothing changed, where its key is committed already.

        Raises IntegrityError where a decision's slot was taken by another answer: one winner.
        """
        fault_point("turn.before")
        async with self.database.writing() as connection:
            number = (await connection.execute(self._lock())).scalar_one() + 1
            if (
                await connection.execute(self._select(t.turns, t.turns.c.number).where(t.turns.c.key == turn.key))
            ).first():
                return False  # fmt: skip
            await connection.execute(insert(t.turns), self._scoped(key=turn.key, number=number))
            await self._write(connection, turn)
            await append(connection, self.tenant, self.case, turn.entries)
            if turn.seal:
                await seal(connection, self.tenant, self.case, instant(turn.at))
            await connection.execute(
                update(t.runs)
                .where(t.runs.c.tenant == self.tenant, t.runs.c.run == self.run)
                .values(turn=number, clock=instant(turn.at), **turn.run)
            )
            fault_point("turn.written")
        fault_point("turn.after")
        return True

    async def _write(self, connection: AsyncConnection, turn: Turn) -> None:
        first = await self._next(connection, t.inbox) if turn.events else 0
        await self._insert(connection, t.inbox, [
            {"seq": first + n, "key": e.key, "kind": e.kind, "at": e.at, "body": e.body, "handled": False}
            for n, e in enumerate(turn.events)
        ])  # fmt: skip
        for seq in turn.handled:
            await connection.execute(self._update(t.inbox).where(t.inbox.c.seq == seq).values(handled=True))
        await self._blobs(connection, turn)
        await self._evidence(connection, turn)
        for name, body in turn.work.items():
            await self._replace(connection, t.work, {"name": name}, {"body": body})
        await self._revisions(connection, turn)
        await edit_rows.write(connection, self.tenant, self.run, turn)
        await self._items(connection, turn)
        await self._decisions(connection, turn)
        first = await self._next(connection, t.refusals) if turn.refusals else 0
        await self._insert(connection, t.refusals, [
            {"seq": first + n, "body": orjson.dumps(refused).decode()} for n, refused in enumerate(turn.refusals)
        ])  # fmt: skip
        first = await self._next(connection, t.outbox) if turn.outbox else 0
        await self._insert(connection, t.outbox, [
            {"idempotency_key": row.idempotency_key, "seq": first + n, "lane": row.lane, "body": row.body,
             "delivered": False}
            for n, row in enumerate(turn.outbox)
        ])  # fmt: skip
        for key in turn.delivered:
            await connection.execute(
                self._update(t.outbox).where(t.outbox.c.idempotency_key == key).values(delivered=True)
            )

    async def _blobs(self, connection: AsyncConnection, turn: Turn) -> None:
        for sha256, data in turn.blobs.items():
            c = t.blobs.c
            known = await connection.execute(select(c.size).where(c.tenant == self.tenant, c.sha256 == sha256))
            if known.first() is None:
                row = {"tenant": self.tenant, "sha256": sha256, "size": len(data), "data": data}
                await connection.execute(insert(t.blobs), row)

    async def _evidence(self, connection: AsyncConnection, turn: Turn) -> None:
        if not turn.evidence:
            return
        first = await self._next(connection, t.evidence)
        for n, item in enumerate(turn.evidence):
            body = item.model_dump_json()
            changed = await connection.execute(
                self._update(t.evidence).where(t.evidence.c.id == item.id).values(body=body, sha256=item.sha256)
            )
            if changed.rowcount == 0:
                row = {"id": item.id, "seq": first + n, "sha256": item.sha256, "body": body}
                await self._insert(connection, t.evidence, [row])

    async def _revisions(self, connection: AsyncConnection, turn: Turn) -> None:
        if not turn.revisions:
            return
        first = await self._next(connection, t.revisions)
        await self._insert(connection, t.revisions, [
            {"seq": first + n, "revision": r.revision, "sha256": r.sha256, "body": r.model_dump_json(by_alias=True)}
            for n, r in enumerate(turn.revisions)
        ])  # fmt: skip

    async def _items(self, connection: AsyncConnection, turn: Turn) -> None:
        for register, found in turn.registers.items():
            for seq, item in enumerate(found):
                values = {"key": item.key, "state": item.state, "body": item.model_dump_json()}
                await self._replace(connection, t.items, {"register": register, "seq": seq}, values)

    async def _decisions(self, connection: AsyncConnection, turn: Turn) -> None:
        first = await self._next(connection, t.decisions) if turn.decisions else 0
        await self._insert(connection, t.decisions, [
            {"seq": first + n, "slot": d.slot, "state": d.state, "body": d.model_dump_json()}
            for n, d in enumerate(turn.decisions)
        ])  # fmt: skip
        for decision in turn.restated:
            values = {"state": decision.state, "body": decision.model_dump_json()}
            await connection.execute(
                self._update(t.decisions).where(t.decisions.c.slot == decision.slot).values(values)
            )

    # --- small parts -------------------------------------------------------------------------------------------

    def _lock(self) -> Select[Any]:
        # SQLite ignores FOR UPDATE: there BEGIN IMMEDIATE is the lock.
        return self._select(t.runs, t.runs.c.turn).with_for_update()

    def _select(self, table: Table, *columns: Any) -> Select[Any]:
        return select(*columns).where(table.c.tenant == self.tenant, table.c.run == self.run)

    def _update(self, table: Table) -> Any:
        return update(table).where(and_(table.c.tenant == self.tenant, table.c.run == self.run))

    def _scoped(self, **values: Any) -> dict[str, Any]:
        return {"tenant": self.tenant, "run": self.run, **values}

    async def _rows(self, query: Select[Any]) -> list[Any]:
        async with self.database.reading() as connection:
            return list((await connection.execute(query)).all())

    async def _insert(self, connection: AsyncConnection, table: Table, rows: list[dict[str, Any]]) -> None:
        if rows:
            await connection.execute(insert(table), [self._scoped(**row) for row in rows])

    async def _replace(
        self, connection: AsyncConnection, table: Table, where: dict[str, Any], values: dict[str, Any]
    ) -> None:
        test = and_(*(table.c[name] == value for name, value in where.items()))
        changed = await connection.execute(self._update(table).where(test).values(values))
        if changed.rowcount == 0:
            await self._insert(connection, table, [{**where, **values}])

    async def _next(self, connection: AsyncConnection, table: Table) -> int:
        return int((await connection.execute(self._select(table, func.count()))).scalar_one())
