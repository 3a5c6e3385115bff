"""Reading live signals for people, and what people and the opening of cases write beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Row, delete, exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from lineage.entry import EntryDraft
from runtime.store.chain import append
from runtime.store.database import Database
from runtime.store.signal_tables import (
    signal_clusters,
    signal_dead,
    signal_faults,
    signal_places,
    signal_rounds,
    signal_sources,
    signal_splits,
    signal_streams,
    signals,
)
from runtime.store.tables import runs

CLAIM = 60 * 1_000_000
_C = signal_clusters.c


@dataclass(frozen=True, slots=True)
class Counts:
    """How a stream stands. `version` changes with every round."""

    stored: int
    placed: int
    dead: int
    clusters: int
    version: int


async def version_of(database: Database, tenant: str) -> tuple[int, int, int]:
    """Version, size and dead letters: what a reader asks to know whether something changed."""
    found = await database.rows(select(signal_rounds.c.version).where(signal_rounds.c.tenant == tenant))
    c = signal_streams.c
    size = await database.rows(select(c.size, c.dead).where(c.tenant == tenant))
    return (found[0][0] if found else 0), (size[0][0] if size else 0), (size[0][1] if size else 0)


async def counts_of(database: Database, tenant: str) -> Counts:
    """How a stream stands."""
    version, size, dead = await version_of(database, tenant)
    placed = await database.rows(select(signal_rounds.c.placed).where(signal_rounds.c.tenant == tenant))
    living = await database.rows(
        select(func.count()).select_from(signal_clusters).where(_C.tenant == tenant, _C.gone.is_(None))
    )
    return Counts(size, placed[0][0] if placed else 0, dead, living[0][0], version)


async def heaviest(
    database: Database, tenant: str, after: tuple[int, int, int] | None, limit: int
) -> Sequence[Row[Any]]:
    """The living clusters, those of most kinds and tenants first; `after` is weight, last time and number."""
    query = select(signal_clusters).where(_C.tenant == tenant, _C.gone.is_(None))
    if after is not None:
        weight, last, number = after
        query = query.where(
            (_C.weight < weight)
            | ((_C.weight == weight) & (_C.last_at < last))
            | ((_C.weight == weight) & (_C.last_at == last) & (_C.number < number))
        )
    return await database.rows(query.order_by(_C.weight.desc(), _C.last_at.desc(), _C.number.desc()).limit(limit))


async def changed(database: Database, tenant: str, after: int, limit: int) -> Sequence[Row[Any]]:
    """The clusters that changed after a version, the newest first; also those that are gone."""
    query = select(signal_clusters).where(_C.tenant == tenant, _C.version > after)
    return await database.rows(query.order_by(_C.version.desc(), _C.weight.desc()).limit(limit))


async def cluster_row(database: Database, tenant: str, number: int) -> Row[Any] | None:
    """A cluster."""
    found = await database.rows(select(signal_clusters).where(_C.tenant == tenant, _C.number == number))
    return found[0] if found else None


async def members_of(
    database: Database, tenant: str, number: int, limit: int, *, newest: bool = False
) -> Sequence[Row[Any]]:
    """The signals of a cluster in order of time, or the newest first."""
    p, s = signal_places.c, signals.c
    query = (
        select(s.seq, s.source, s.id, s.at, s.received, s.parsed, s.body)
        .join(signal_places, (p.tenant == s.tenant) & (p.seq == s.seq))
        .where(p.tenant == tenant, p.number == number)
    )
    # By name and not by arrival where the time is the same: the order in which they came leaves no trace.
    order = (s.at.desc(), s.seq.desc()) if newest else (s.at, s.source, s.id)
    return await database.rows(query.order_by(*order).limit(limit))


async def numbers_of(database: Database, tenant: str, seqs: Sequence[int]) -> set[int]:
    """The clusters that some signals stand in."""
    p = signal_places.c
    found: set[int] = set()
    for n in range(0, len(seqs), 500):
        query = select(p.number).where(p.tenant == tenant, p.seq.in_(list(seqs[n : n + 500]))).distinct()
        found |= {row.number for row in await database.rows(query)}
    return found


async def latest(database: Database, tenant: str, after: int, limit: int) -> Sequence[Row[Any]]:
    """The signals that came last, with their cluster."""
    p, s = signal_places.c, signals.c
    joined = signals.outerjoin(signal_places, (p.tenant == s.tenant) & (p.seq == s.seq))
    query = select(s.seq, s.source, s.id, s.at, s.received, s.parsed, p.number).select_from(joined)
    return await database.rows(query.where(s.tenant == tenant, s.seq > after).order_by(s.seq.desc()).limit(limit))


async def sources_of(database: Database, tenant: str) -> Sequence[Row[Any]]:
    """How each source fares."""
    return await database.rows(select(signal_sources).where(signal_sources.c.tenant == tenant))


async def dead_letters(database: Database, tenant: str, before: int | None, limit: int) -> Sequence[Row[Any]]:
    """What could not be read, the newest first."""
    c = signal_dead.c
    query = select(signal_dead).where(c.tenant == tenant)
    if before is not None:
        query = query.where(c.seq < before)
    return await database.rows(query.order_by(c.seq.desc()).limit(limit))


async def splits_of(database: Database, tenant: str, number: int) -> Sequence[Row[Any]]:
    """The splits that people made of a cluster."""
    c = signal_splits.c
    return await database.rows(select(signal_splits).where(c.tenant == tenant, c.number == number).order_by(c.seq))


async def put_split(
    database: Database, tenant: str, number: int, members: Sequence[str], by: str, reason: str, at: int,
    entry: EntryDraft,
) -> bool:  # fmt: skip
    """Record a split with its lineage entry. False where the same split is there already."""

    async def work(connection: AsyncConnection) -> bool:
        c = signal_splits.c
        told = orjson.dumps(sorted(members)).decode()
        # The entry first: it locks the chain's head, and so two splits of one stream come one after the other.
        there = select(c.seq).where(c.tenant == tenant, c.number == number, c.members == told)
        if (await connection.execute(there)).first() is not None:
            return False
        await append(connection, tenant, entry.case, [entry])
        last = (await connection.execute(select(func.max(c.seq)).where(c.tenant == tenant))).scalar() or 0
        row = {"tenant": tenant, "seq": last + 1, "number": number, "by": by, "reason": reason, "at": at,
               "members": told}  # fmt: skip
        await connection.execute(insert(signal_splits), row)
        return True

    return await database.together(work)


# --- cases ---------------------------------------------------------------------------------------------------------


async def claim(database: Database, tenant: str, now: int, limit: int) -> Sequence[Row[Any]]:
    """The clusters that are due to become a case, or to refresh theirs; claimed for a minute by who asks.

    One that a fault keeps from it is left alone until it is to be tried again, whatever it grew by meanwhile.
    """
    f = signal_faults.c
    kept = exists().where(f.tenant == tenant, f.number == _C.number, f.again_at > now)
    mine = (_C.tenant == tenant, _C.due, _C.gone.is_(None), _C.claimed_until < now, ~kept)

    async def work(connection: AsyncConnection) -> Sequence[Row[Any]]:
        query = select(signal_clusters).where(*mine)
        query = query.order_by(_C.weight.desc()).limit(limit).with_for_update(skip_locked=True)
        found = (await connection.execute(query)).all()
        if found:
            numbers = [row.number for row in found]
            claimed = update(signal_clusters).where(_C.tenant == tenant, _C.number.in_(numbers))
            await connection.execute(claimed.values(claimed_until=now + CLAIM))
        return found

    return await database.together(work) if await database.rows(select(_C.number).where(*mine).limit(1)) else []


async def settle(
    database: Database, tenant: str, number: int, version: int, run: str | None, *, again_at: int = 0
) -> None:
    """Give a claimed cluster back: done as of a version, or to be looked at again at a time."""

    async def work(connection: AsyncConnection) -> None:
        mine = update(signal_clusters).where(_C.tenant == tenant, _C.number == number)
        await connection.execute(mine.values(claimed_until=again_at))
        if run is not None:
            await connection.execute(mine.values(run=run))
        if not again_at:
            await connection.execute(mine.where(_C.version == version).values(due=False))
            f = signal_faults.c
            await connection.execute(delete(signal_faults).where(f.tenant == tenant, f.number == number))

    await database.together(work)


async def with_runs(database: Database, tenant: str, before: int | None, most: int) -> Sequence[Row[Any]]:
    """The living clusters that are cases, in order of their first signal: the last ones before that number."""
    query = select(signal_clusters).where(_C.tenant == tenant, _C.gone.is_(None), _C.run.is_not(None))
    if before is not None:
        query = query.where(_C.number < before)
    return (await database.rows(query.order_by(_C.number.desc()).limit(most)))[::-1]


async def make_due(database: Database, tenant: str, numbers: Sequence[int]) -> None:
    """Have the cases of these clusters looked at again."""
    if not numbers:
        return
    rows = update(signal_clusters).where(_C.tenant == tenant, _C.number.in_(numbers), _C.run.is_not(None))
    await database.together(lambda connection: connection.execute(rows.values(due=True)))


async def run_of_case(database: Database, tenant: str, case: str) -> Row[Any] | None:
    """The run of a case, with its state."""
    c = runs.c
    query = select(c.run, c.final, c.status, c.outcome, c.gate).where(c.tenant == tenant, c.case_id == case)
    found = await database.rows(query)
    return found[0] if found else None


async def states_of(database: Database, tenant: str, names: Sequence[str]) -> dict[str, Row[Any]]:
    """The states of some runs."""
    c = runs.c
    if not names:
        return {}
    query = select(c.run, c.case_id, c.final, c.status, c.outcome, c.gate)
    found = await database.rows(query.where(c.tenant == tenant, c.run.in_(list(names))))
    return {row.run: row for row in found}
