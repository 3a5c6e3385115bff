"""When time alone moves a run: what was worked out stands for its turn and its program, on the run's own clock."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from store_turns import admitted, full_turn

from runtime.store import run_list, timer_rows
from runtime.store.account_tables import run_timers
from runtime.store.database import Database
from runtime.store.run_list import Clock
from runtime.store.run_store import RunStore
from runtime.store.tables import runs
from runtime.store.timer_rows import Resting, Timer

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


async def waiting(database: Database) -> RunStore:
    """A run that waits after one turn."""
    store = await admitted(database)
    await store.commit(full_turn(store))
    rests = runs.update().where(runs.c.run == store.run).values(status="waiting", final=False)
    await database.together(lambda connection: connection.execute(rests))
    return store


async def turn_of(store: RunStore) -> int:
    row = await store.row()
    assert row is not None
    return row.turn


async def pressing(database: Database, program: str = "1", now: datetime = NOW) -> list[Resting]:
    return await timer_rows.pressing(database, program, now, 10)


async def test_a_run_is_worked_out_once_for_each_turn_and_program(database: Database) -> None:
    store = await waiting(database)
    turn = await turn_of(store)
    assert await pressing(database) == [Resting(store.tenant, store.run, turn, 0)]
    for due in (NOW + timedelta(days=1), None, NOW + timedelta(seconds=1)):
        await timer_rows.put(database, "1", [Timer(store.tenant, store.run, turn, due)])
        assert await pressing(database) == []
    assert [one.due for one in await pressing(database, "2")] == [None]
    moved = runs.update().where(runs.c.run == store.run).values(turn=turn + 1)
    await database.together(lambda connection: connection.execute(moved))
    assert await pressing(database) == [Resting(store.tenant, store.run, turn + 1, 0)]


async def test_what_has_come_is_told_on_the_runs_own_clock(database: Database) -> None:
    store = await waiting(database)
    turn = await turn_of(store)
    await timer_rows.put(database, "1", [Timer(store.tenant, store.run, turn, NOW)])
    assert await pressing(database, now=NOW - timedelta(seconds=1)) == []
    assert await pressing(database) == [Resting(store.tenant, store.run, turn, 0, NOW)]
    await run_list.put_clock(database, store.tenant, store.run, Clock(behind=3600))
    assert await pressing(database, now=NOW + timedelta(seconds=3599)) == []
    (come,) = await pressing(database, now=NOW + timedelta(hours=1))
    assert (come.behind, come.due) == (3600, NOW)


async def test_a_run_that_ended_or_works_is_looked_at_by_no_timer(database: Database) -> None:
    store = await waiting(database)
    await timer_rows.put(database, "1", [Timer(store.tenant, store.run, await turn_of(store), NOW)])
    for values in ({"final": True}, {"final": False, "status": "working"}, {"status": "failed"}):
        changed = runs.update().where(runs.c.run == store.run).values(**values)
        await database.together(lambda connection, changed=changed: connection.execute(changed))
        assert await pressing(database) == []


async def test_what_has_come_goes_before_what_has_to_be_worked_out(database: Database) -> None:
    store = await waiting(database)
    row = dict((await database.row(runs.select().where(runs.c.run == store.run)))._mapping)
    others = [{**row, "run": f"run_a{n}", "case_id": f"CASE-A{n}"} for n in range(5)]
    await database.together(lambda connection: connection.execute(runs.insert(), others))
    await timer_rows.put(database, "1", [Timer(store.tenant, store.run, await turn_of(store), NOW)])
    first, second = await timer_rows.pressing(database, "1", NOW, 2)
    assert (first.run, first.due) == (store.run, NOW)
    assert (second.run, second.due) == ("run_a0", None)


async def test_two_processes_keep_the_same_timers_at_once(url: str) -> None:
    opened = [await Database.open(url) for _ in range(3)]
    try:
        timers = [Timer("tn", f"run_{n:03}", 1, NOW) for n in range(100)]
        for _ in range(5):
            await asyncio.gather(*(timer_rows.put(database, "1", timers) for database in opened))
            await opened[0].together(lambda connection: connection.execute(run_timers.delete()))
    finally:
        for database in opened:
            await database.close()
