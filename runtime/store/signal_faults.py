"""What keeps clusters from their cases: why, how often it was tried, and when it is tried again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Row, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.store.bulk import put_rows
from runtime.store.database import Database
from runtime.store.signal_tables import signal_clusters, signal_faults, signal_rounds
from runtime.store.tables import runs

_C, _F, _R = signal_clusters.c, signal_faults.c, runs.c
_WITH_RUN = signal_clusters.join(runs, and_(_R.tenant == _C.tenant, _R.run == _C.run))
_FAULT = and_(_F.tenant == _C.tenant, _F.number == _C.number)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a cluster has no case (`opening`), or why its case stopped (`run`). `again_at` is in microseconds."""

    number: int
    kind: Literal["opening", "run"]
    type: str
    place: str
    reason: str
    tries: int
    again_at: int


async def put(database: Database, tenant: str, fault: Fault) -> None:
    """Record a fault. It is a change of the cluster: who watches it sees it."""

    async def work(connection: AsyncConnection) -> None:
        row = (tenant, fault.number, fault.kind, fault.type[:100], fault.place[:200], fault.reason[:500], fault.tries,
               fault.again_at)  # fmt: skip
        await put_rows(connection, signal_faults, [row], replaces=True)
        v = signal_rounds.c
        step = update(signal_rounds).where(v.tenant == tenant).values(version=v.version + 1).returning(v.version)
        version = (await connection.execute(step)).scalar_one()
        mine = update(signal_clusters).where(_C.tenant == tenant, _C.number == fault.number)
        await connection.execute(mine.values(version=version))

    await database.together(work)


async def of(database: Database, tenant: str, numbers: Sequence[int]) -> dict[int, Row[Any]]:
    """The faults of some clusters."""
    if not numbers:
        return {}
    query = select(signal_faults).where(_F.tenant == tenant, _F.number.in_(list(numbers)))
    return {row.number: row for row in await database.rows(query)}


async def stopped(database: Database, tenant: str, now: int) -> Sequence[Row[Any]]:
    """The clusters whose run failed and is due to be tried again, or whose fault nobody has recorded yet."""
    query = select(_C.number, _C.run, _F.tries).select_from(_WITH_RUN.outerjoin(signal_faults, _FAULT))
    mine = (_C.tenant == tenant, _C.run.is_not(None), _C.gone.is_(None), _R.status == "failed")
    return await database.rows(query.where(*mine, or_(_F.again_at.is_(None), _F.again_at <= now)))


async def heal(database: Database, tenant: str) -> None:
    """Forget the faults of runs that go on."""
    query = select(_F.number).select_from(signal_faults.join(_WITH_RUN, _FAULT))
    well = (_F.tenant == tenant, _F.kind == "run", _R.status.in_(("waiting", "finished")))
    going = await database.rows(query.where(*well))
    if going:
        mine = delete(signal_faults).where(_F.tenant == tenant, _F.number.in_([row.number for row in going]))

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(mine)

        await database.together(work)
