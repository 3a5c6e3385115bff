"""One run's part of the store. The scope (tenant, run) is given once and stands in every query (R12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Select, Table, and_, bindparam, insert, null, or_, select, true, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from casefile.artifact import Edit, Revision
from casefile.decisions import Decision
from casefile.edits import Decided
from casefile.effects import Effect
from casefile.evidence import Evidence
from casefile.registers import AnyItem, RegisterName
from runtime.clock import instant, wall
from runtime.errors import LeaseTaken, StoreError
from runtime.store import edit_rows, standing, use_rows
from runtime.store import tables as t
from runtime.store.chain import append, seal
from runtime.store.database import Database
from runtime.store.lease import CLOCKS_APART_SECONDS, LEASE_SECONDS, dead, owner
from runtime.store.openings import stated
from runtime.store.prepared import Prepared
from runtime.store.standing import Memory, RunRow, Standing
from runtime.store.turn import Event, OutboxRow, Refused, SignedDecision, Turn
from runtime.store.writer import Writer


class RunStore:
    """Everything that one run may read or change."""

    def __init__(self, database: Database, tenant: str, case: str, run: str) -> None:
        self.database, self.tenant, self.case, self.run = database, tenant, case, run
        self._scope = {"tenant": tenant, "run": run}
        self._memory = Memory(tenant, run)

    # --- reading -----------------------------------------------------------------------------------------------

    async def standing(self) -> Standing:
        """All that a step has to know. What is remembered under the lease is not read again while no turn came."""
        return await self.database.looked(self._memory.standing)

    async def look(self) -> tuple[RunRow | None, Event | None]:
        """The ledger's row (None where the run was never admitted), and the oldest event that no turn has handled."""
        return await self.database.looked(self._memory.look)

    async def row(self) -> RunRow | None:
        """The run ledger's row, or None where the run was never admitted."""
        return (await self.look())[0]

    async def next_event(self) -> Event | None:
        """The oldest event that no turn has handled."""
        return (await self.look())[1]

    async def open_event(self, key: str) -> Event | None:
        """The event of that key, or None where a turn has handled it, or none such came."""
        c = t.inbox.c
        query = self._select(t.inbox, c.key, c.kind, c.at, c.body, c.seq)
        found = await self._rows(query.where(c.key == key, c.handled.is_(False)))
        return Event(*found[0]) if found else None

    async def evidence(self) -> list[Evidence]:
        """The ledger of evidence, in order of arrival, withdrawn and replaced items included."""
        return await self.database.looked(lambda connection: standing.evidence(connection, self._scope))

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
        """Every revision, oldest first. Those read before are not read again: a revision never changes."""
        return await self.database.looked(self._memory.revisions)

    async def registers(self) -> dict[RegisterName, list[AnyItem]]:
        """All seven registers, in the order in which their items came."""
        return await self.database.looked(lambda connection: standing.registers(connection, self._scope))

    async def decisions(self) -> list[Decision]:
        """Every decision, also those that count for nothing, in order."""
        return await self.database.looked(lambda connection: standing.decisions(connection, self._scope))

    async def envelopes(self) -> dict[str, SignedDecision]:
        """The signed envelope of each decision, by the decision's id."""
        c = t.envelopes.c
        query = self._select(t.envelopes, c.decision, c.sha256, c.kid, c.signed_at, c.body)
        rows = await self._rows(query)
        return {name: SignedDecision(name, sha256, kid, at, bytes(body)) for name, sha256, kid, at, body in rows}

    async def receipt(self) -> bytes | None:
        """The receipt of the run, or None where it has not reached a final outcome."""
        found = await self._rows(self._select(t.receipts, t.receipts.c.body))
        return bytes(found[0][0]) if found else None

    async def edits(self) -> list[Edit]:
        """Every edit with its state, in order. For results: a turn asks for the open ones or by fingerprint."""
        return await self.database.looked(lambda c: edit_rows.every(c, self.tenant, self.run))

    async def open_edits(self) -> list[Edit]:
        """The edits that nobody has decided, in order."""
        return await self.database.looked(lambda c: edit_rows.undecided(c, self.tenant, self.run))

    async def known_edits(self, fingerprints: Sequence[str]) -> tuple[dict[str, Decided], set[str]]:
        """Of these fingerprints: the last rejected edit of each, and those that are open."""
        return await self.database.looked(lambda c: edit_rows.known(c, self.tenant, self.run, fingerprints))

    async def last_rejected(self, most: int) -> list[Edit]:
        """The edits that were rejected last, newest last."""
        return await self.database.looked(lambda c: edit_rows.last_rejected(c, self.tenant, self.run, most))

    async def edit_count(self) -> int:
        """How many edits were ever proposed: the next one has the number after it."""
        return await self.database.looked(lambda c: edit_rows.count(c, self.tenant, self.run))

    async def refusals(self) -> list[Refused]:
        """What was asked for and refused, in order."""
        query = self._select(t.refusals, t.refusals.c.body).order_by(t.refusals.c.seq)
        return [Refused(**orjson.loads(body)) for (body,) in await self._rows(query)]

    async def outbox(self) -> list[OutboxRow]:
        """Every lane entry, in order."""
        c = t.outbox.c
        query = self._select(t.outbox, c.idempotency_key, c.lane, c.body, c.delivered).order_by(c.seq)
        return [OutboxRow(key, lane, bytes(body), done) for key, lane, body, done in await self._rows(query)]

    async def effects(self) -> list[Effect]:
        """Every effect, in the order in which they were planned."""
        return await self.database.looked(lambda connection: standing.effects(connection, self._scope))

    async def done(self, key: str) -> bool:
        """Whether the turn of that key is committed."""
        return bool(await self._rows(self._select(t.turns, t.turns.c.number).where(t.turns.c.key == key)))

    # --- the lease ---------------------------------------------------------------------------------------------

    async def take_lease(self) -> None:
        """Become the one process that works on this run, and remember what is read of it until the lease is given.

        Raises LeaseTaken while another process that lives has it.
        """
        await self.database.briefly(self._take_lease)
        self._memory.begin()

    async def _take_lease(self, connection: AsyncConnection) -> None:
        [(holder, until)] = await _LEASE.found(connection, self._scope)
        # A lease that ends later than any that is taken now was taken by a clock that was wrong.
        lasts = wall() < (until or 0) <= wall() + LEASE_SECONDS + CLOCKS_APART_SECONDS
        if holder not in (None, owner()) and lasts and not dead(holder):
            raise LeaseTaken(f"run {self.run} is being worked on by {holder}")
        await _TAKEN.run(connection, [self._scoped(mine=owner(), until=wall() + LEASE_SECONDS)])

    async def give_lease(self) -> None:
        """Let others work on it. What another process took meanwhile stays its own."""
        self._memory.end()
        given = [self._scoped(mine=owner())]
        await self.database.briefly(lambda connection: _GIVEN.run(connection, given))

    # --- writing -----------------------------------------------------------------------------------------------

    async def admit(self, values: dict[str, Any]) -> bool:
        """Write the ledger row before the run is accepted. False where it stood already (R10)."""
        try:
            row = insert(t.runs).values(tenant=self.tenant, case_id=self.case, run=self.run, **values)
            await self.database.together(lambda connection: connection.execute(row))
        except IntegrityError:
            return False
        return True

    async def commit(self, turn: Turn) -> bool:
        """Apply a turn in one transaction. False, and nothing changed, where its key is committed already.

        Raises StoreError for a run that was never admitted, and IntegrityError where a decision's slot was taken by
        another answer: one winner.
        """
        number = await self.database.together(lambda connection: self._commit(connection, turn))
        if number is None:
            return False
        self._memory.committed(turn, number)
        return True

    async def _commit(self, connection: AsyncConnection, turn: Turn) -> int | None:
        locked = await _LOCKED.found(connection, self._scope)
        if not locked:
            raise StoreError(f"No row of the run ledger is about {self.run}: it was never admitted")
        number = int(locked[0][0]) + 1
        if await _DONE.found(connection, {**self._scope, "key": turn.key}):
            return None
        await _TURN.run(connection, [self._scoped(key=turn.key, number=number)])
        entries = await stated(connection, self.tenant, self.case, self.run, turn)
        await self._write(connection, turn)
        first = await append(connection, self.tenant, self.case, entries)
        await use_rows.write(connection, self.tenant, entries, first)
        await use_rows.write_origins(connection, self.tenant, self.run, turn)
        if turn.seal:
            await seal(connection, self.tenant, self.case, instant(turn.at))
        moved = self._scoped(turn=number, clock=instant(turn.at), **turn.run)
        await _moved(*sorted(moved)).run(connection, [{f"of_{name}": value for name, value in moved.items()}])
        return number

    async def _write(self, connection: AsyncConnection, turn: Turn) -> None:
        """The turn's rows, one statement for each table that it touches."""
        write = Writer(connection, self.tenant, self.run, self.database.sqlite)
        await write.append(t.inbox, [
            {"key": e.key, "kind": e.kind, "at": e.at, "body": e.body, "handled": False} for e in turn.events
        ])  # fmt: skip
        if turn.handled:
            await _HANDLED.run(connection, [self._scoped(of_seq=seq) for seq in turn.handled])
        await write.blobs(turn.blobs)
        await write.evidence(turn.evidence)
        await write.put(t.work, ("name",), [{"name": name, "body": body} for name, body in turn.work.items()])
        await write.append(t.revisions, [
            {"revision": r.revision, "sha256": r.sha256, "body": r.model_dump_json(by_alias=True)}
            for r in turn.revisions
        ])  # fmt: skip
        await edit_rows.write(connection, self.tenant, self.run, turn)
        await write.put(t.items, ("register", "seq"), [
            {"register": register, "seq": seq, "key": item.key, "state": item.state, "body": item.model_dump_json()}
            for register, items in turn.registers.items()
            for seq, item in enumerate(items)
        ])  # fmt: skip
        await write.append(t.decisions, [_decision_row(decision) for decision in turn.decisions])
        if turn.envelopes:
            await _ENVELOPES.run(connection, [self._scoped(**asdict(envelope)) for envelope in turn.envelopes])
        for decision in turn.restated:
            row = _decision_row(decision)
            await connection.execute(self._update(t.decisions).where(t.decisions.c.slot == decision.slot).values(row))
        await write.append(t.refusals, [{"body": orjson.dumps(refused).decode()} for refused in turn.refusals])
        await write.append(t.outbox, [
            {"idempotency_key": row.idempotency_key, "lane": row.lane, "body": row.body, "delivered": False}
            for row in turn.outbox
        ])  # fmt: skip
        await write.effects(turn.effects)

    # --- small parts -------------------------------------------------------------------------------------------

    def _select(self, table: Table, *columns: Any) -> Select[Any]:
        return select(*columns).where(table.c.tenant == self.tenant, table.c.run == self.run)

    def _update(self, table: Table) -> Any:
        return update(table).where(and_(table.c.tenant == self.tenant, table.c.run == self.run))

    def _scoped(self, **values: Any) -> dict[str, Any]:
        return {"tenant": self.tenant, "run": self.run, **values}

    async def _rows(self, query: Select[Any]) -> list[Any]:
        return await self.database.rows(query)


def _mine(table: Table, prefix: str = "") -> Any:
    return and_(table.c.tenant == bindparam(f"{prefix}tenant"), table.c.run == bindparam(f"{prefix}run"))


# SQLite ignores FOR UPDATE: there BEGIN IMMEDIATE is the lock.
_LOCKED = Prepared(select(t.runs.c.turn).where(_mine(t.runs)).with_for_update())
_LEASE = Prepared(select(t.runs.c.lease_owner, t.runs.c.lease_until).where(_mine(t.runs)).with_for_update())
_TAKEN = Prepared(
    update(t.runs).where(_mine(t.runs)).values(lease_owner=bindparam("mine"), lease_until=bindparam("until"))
)
_GIVEN = Prepared(
    update(t.runs)
    .where(_mine(t.runs), t.runs.c.lease_owner == bindparam("mine"))
    .values(lease_owner=null(), lease_until=null())
)
_DONE = Prepared(select(t.turns.c.number).where(_mine(t.turns), t.turns.c.key == bindparam("key")))
_TURN, _ENVELOPES = Prepared(insert(t.turns)), Prepared(insert(t.envelopes))
_HANDLED = Prepared(update(t.inbox).where(_mine(t.inbox), t.inbox.c.seq == bindparam("of_seq")).values(handled=true()))


@cache
def _moved(*names: str) -> Prepared:
    values: dict[str, Any] = {name: bindparam(f"of_{name}") for name in names if name not in ("tenant", "run")}
    return Prepared(update(t.runs).where(_mine(t.runs, "of_")).values(values))


def _decision_row(decision: Decision) -> dict[str, Any]:
    return {"slot": decision.slot, "state": decision.state, "body": decision.model_dump_json()}
