"""Outbox rows on their way out: who works on which, when the next attempt is due, and what became of them.

Delivery is at least once. A row is claimed for a while, so that two workers do not send it at the same time; a worker
that dies leaves a claim that counts for nothing on its own machine and runs out on any other, and the next one sends
the same key again: the receiver has it once. A time further ahead than any that is set is of a clock that was wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, and_, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from lineage.canonical import Json
from lineage.entry import Actor
from runtime.faults import fault_point
from runtime.store import tables as t
from runtime.store.afterwards import Log
from runtime.store.database import Database
from runtime.store.delivery_record import Delivered, record
from runtime.store.lease import CLOCKS_APART_SECONDS, dead, owner

CLAIM_SECONDS = 180
LONGEST_PAUSE = 300
State = Literal["waiting", "delivered", "dead"]


@dataclass(frozen=True, slots=True)
class Claimed:
    """An entry that this worker may send now. `attempt` counts from 1; `body` is the line as the release wrote it.

    `unanswered`: an earlier attempt was begun, and nobody recorded how it ended.
    """

    tenant: str
    run: str
    key: str
    lane: str
    body: bytes
    attempt: int
    unanswered: bool


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one lane entry. `reason` says why it is not delivered yet, or cannot be."""

    key: str
    lane: str
    state: State
    attempts: int
    reason: str
    reference: str


async def claim(database: Database, now: int, most: int) -> list[Claimed]:
    """Take what is due, oldest first. `now` in seconds."""
    o, d = t.outbox.c, t.deliveries.c
    joined = t.outbox.outerjoin(t.deliveries, and_(d.tenant == o.tenant, d.idempotency_key == o.idempotency_key))
    free = or_(
        d.claimed_until <= now,
        d.claimed_until > now + CLAIM_SECONDS + CLOCKS_APART_SECONDS,
        d.claimed_by.in_(await _ended(database, now)),
    )
    at_hand = or_(d.due <= now, d.due > now + LONGEST_PAUSE + CLOCKS_APART_SECONDS)
    due = or_(d.state.is_(None), and_(d.state == "waiting", at_hand, free))
    query = (
        select(o.tenant, o.run, o.idempotency_key, o.lane, o.body, d.attempts, d.claimed_until)
        .select_from(joined)
        .where(o.delivered.is_(False), due)
        .order_by(d.due.is_not(None), d.due, o.tenant, o.run, o.seq)
        .limit(most)
    )
    if not database.sqlite:
        query = query.with_for_update(of=t.outbox, skip_locked=True)

    async def take(connection: AsyncConnection) -> list[Claimed]:
        rows = (await connection.execute(query)).all()
        claimed = [Claimed(r[0], r[1], r[2], r[3], bytes(r[4]), (r[5] or 0) + 1, bool(r[6])) for r in rows]
        for one, row in zip(claimed, rows, strict=True):
            taken = {"attempts": one.attempt, "claimed_until": now + CLAIM_SECONDS, "claimed_by": owner()}
            if row[5] is None:
                fresh = {"state": "waiting", "due": now, "reason": "", "reference": "", "run": one.run, **taken}
                await connection.execute(
                    insert(t.deliveries).values(tenant=one.tenant, idempotency_key=one.key, **fresh)
                )
            else:
                await connection.execute(update(t.deliveries).where(_is(one)).values(**taken))
        return claimed

    return await database.together(take)


async def _ended(database: Database, now: int) -> list[str]:
    """Workers of this machine that hold claims and run no more."""
    d = t.deliveries.c
    query = select(d.claimed_by).where(d.state == "waiting", d.claimed_until > now).distinct()
    return [name for (name,) in await database.rows(query) if name is not None and dead(name)]


async def delivered(database: Database, one: Claimed, reference: str, now: int, log: Log) -> None:
    """The receiver has it."""
    open_still = and_(_is(one), t.deliveries.c.state != "delivered")

    async def write(connection: AsyncConnection) -> None:
        outbox = and_(t.outbox.c.tenant == one.tenant, t.outbox.c.idempotency_key == one.key)
        await connection.execute(update(t.outbox).where(outbox).values(delivered=True))
        done = {"state": "delivered", "reason": "", "reference": reference[:500], "claimed_until": 0}
        changed = await connection.execute(update(t.deliveries).where(open_still).values(**done))
        # Two workers may have it, one of them too late: it is on the record once.
        if changed.rowcount:
            said: dict[str, Json] = {"attempts": one.attempt}
            await record(connection, Delivered(one.tenant, one.key, "delivered", said), now, log)
            fault_point("delivery.recorded")

    await database.together(write)


async def put_off(database: Database, one: Claimed, reason: str, due: int) -> None:
    """Not yet: it is tried again when it is due."""
    later = and_(_is(one), t.deliveries.c.state == "waiting")
    row = update(t.deliveries).where(later).values(reason=reason[:1000], due=due, claimed_until=0)
    await database.together(lambda connection: connection.execute(row))


async def bury(database: Database, one: Claimed, reason: str, now: int, log: Log) -> None:
    """A dead letter: it is not tried again by itself, and the reason is shown."""
    waiting = and_(_is(one), t.deliveries.c.state == "waiting")

    async def write(connection: AsyncConnection) -> None:
        values = {"state": "dead", "reason": reason[:1000], "claimed_until": 0}
        changed = await connection.execute(update(t.deliveries).where(waiting).values(**values))
        if changed.rowcount:
            said: dict[str, Json] = {"attempts": one.attempt, "reason": reason[:1000]}
            await record(connection, Delivered(one.tenant, one.key, "delivery_dead", said), now, log)
            fault_point("delivery.buried")

    await database.together(write)


async def revive(database: Database, tenant: str, key: str, by: Actor, now: int, log: Log) -> bool:
    """A person has a dead letter tried again. False where there is none of that key."""
    row = and_(t.deliveries.c.tenant == tenant, t.deliveries.c.idempotency_key == key, t.deliveries.c.state == "dead")

    async def write(connection: AsyncConnection) -> bool:
        changed = await connection.execute(
            update(t.deliveries).where(row).values(state="waiting", attempts=0, due=now, claimed_until=0)
        )
        if changed.rowcount:
            await record(connection, Delivered(tenant, key, "delivery_revived", {}, by), now, log)
        return bool(changed.rowcount)

    return await database.together(write)


async def in_trouble(database: Database, attempts: int) -> bool:
    """Whether any entry is a dead letter, or was tried so often without success."""
    d = t.deliveries.c
    bad = or_(d.state == "dead", and_(d.state == "waiting", d.attempts >= attempts))
    return await database.row(select(d.run).where(bad).limit(1)) is not None


async def deliveries_of(database: Database, tenant: str, run: str) -> Sequence[Delivery]:
    """What became of each lane entry of a run, in order of release."""
    o, d = t.outbox.c, t.deliveries.c
    joined = t.outbox.outerjoin(t.deliveries, and_(d.tenant == o.tenant, d.idempotency_key == o.idempotency_key))
    query = (
        select(o.idempotency_key, o.lane, d.state, d.attempts, d.reason, d.reference)
        .select_from(joined)
        .where(o.tenant == tenant, o.run == run)
        .order_by(o.seq)
    )
    rows = await database.rows(query)
    return [Delivery(r[0], r[1], r[2] or "waiting", r[3] or 0, r[4] or "", r[5] or "") for r in rows]


def _is(one: Claimed) -> ColumnElement[bool]:
    return and_(t.deliveries.c.tenant == one.tenant, t.deliveries.c.idempotency_key == one.key)
