"""When time alone moves each run next: kept from turn to turn, so that neither a look nor a restart works it out anew.

These are the worker's queries, which stand above tenants.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from runtime.store.account_tables import run_clocks, run_timers
from runtime.store.database import Database
from runtime.store.tables import runs

_R, _K, _T = runs.c, run_clocks.c, run_timers.c


@dataclass(frozen=True, slots=True)
class Resting:
    """A run that waits, or rests and may go on, and by how many seconds its clock is behind the wall clock.

    `due`, on the run's own clock, has come; None where it has not been worked out for this turn.
    """

    tenant: str
    run: str
    turn: int
    behind: int
    due: datetime | None = None

    def now(self) -> datetime:
        """The run's own clock, in whole seconds."""
        return datetime.fromtimestamp(int(datetime.now(UTC).timestamp()) - self.behind, UTC)


@dataclass(frozen=True, slots=True)
class Timer:
    """When time alone moves a run next, as it stands at this turn; never, where `due` is None."""

    tenant: str
    run: str
    turn: int
    due: datetime | None


async def pressing(database: Database, program: str, now: datetime, limit: int) -> list[Resting]:
    """The runs whose time has come, first of all, and those whose time this program has not worked out yet."""
    behind = func.coalesce(_K.behind, 0)
    same = and_(_T.tenant == _R.tenant, _T.run == _R.run, _T.turn == _R.turn, _T.program == program)
    clocks = runs.outerjoin(run_clocks, and_(_K.tenant == _R.tenant, _K.run == _R.run))
    query = (
        select(_R.tenant, _R.run, _R.turn, behind, _T.due)
        .select_from(clocks.outerjoin(run_timers, same))
        .where(_R.final.is_(False), _R.status.in_(("waiting", "finished")))
        .where(or_(_T.run.is_(None), _T.due + behind <= int(now.timestamp())))
        .order_by(_T.due.is_(None), _T.due, _R.tenant, _R.run)
        .limit(limit)
    )
    return [
        Resting(tenant, run, turn, by, None if due is None else datetime.fromtimestamp(due, UTC))
        for tenant, run, turn, by, due in await database.rows(query)
    ]


async def put(database: Database, program: str, timers: Sequence[Timer]) -> None:
    """Keep these, in one transaction. Other processes may be keeping the same ones."""
    rows = [
        {
            "tenant": one.tenant,
            "run": one.run,
            "turn": one.turn,
            "program": program,
            "due": None if one.due is None else int(one.due.timestamp()),
        }
        for one in timers
    ]
    if not rows:
        return
    statement = (sqlite.insert if database.sqlite else postgresql.insert)(run_timers)
    changed = {name: statement.excluded[name] for name in ("turn", "program", "due")}
    kept = statement.on_conflict_do_update(index_elements=["tenant", "run"], set_=changed)
    await database.together(lambda connection: connection.execute(kept, rows))
