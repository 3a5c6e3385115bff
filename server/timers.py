"""Timers: a run notices that time has passed, also where nothing happens to it.

Nothing is scheduled that could be lost: what is due follows from the store, and each deadline is one event whose key is
the deadline itself, so that any number of processes, and any restart, gives it once. What was worked out is kept with
the turn that it was worked out for, so that a look costs little with ten thousand cases, also after a restart.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version

import structlog
from caldav.lib.error import DAVError
from requests import RequestException
from sqlalchemy.exc import OperationalError

from casefile.packet import Passes, Step
from graphs.context import RunContext
from graphs.deadlines import event_key, next_deadline
from graphs.runner import Run
from runtime.calendar_settings import Calendars
from runtime.clock import from_instant
from runtime.errors import CasegateError
from runtime.store import run_list, timer_rows
from runtime.store.database import Database
from runtime.store.run_list import Found
from runtime.store.timer_rows import Resting, Timer
from tools.calendars.opening import every

EXPIRE_SECONDS = 60.0

log = structlog.get_logger("casegate")
LOOK_SECONDS = 2.0

Key = tuple[str, str]
AT_ONCE = 200


class Timers:
    """Looks at the runs that rest. `wake` is told of the runs that have something to do then."""

    def __init__(
        self, database: Database, context_of: Callable[[Found], RunContext], wake: Callable[[Key], None]
    ) -> None:
        self._database, self._context_of, self._wake = database, context_of, wake
        self._program = version("casegate")
        self._unknown: dict[Key, int] = {}
        """Run → the turn at which this program could not open it."""

    async def forever(self) -> None:
        """Look until cancelled. A store that does not answer is asked again."""
        while True:
            try:
                more = await self.look()
            except OperationalError as error:
                log.warning("the store does not answer", error=str(error.orig))
                more = False
            await asyncio.sleep(0 if more else LOOK_SECONDS)

    async def look(self) -> bool:
        """Give each run whose deadline has come the event that says so; whether there is more to look at now."""
        limit = AT_ONCE + len(self._unknown)
        found = await timer_rows.pressing(self._database, self._program, datetime.now(UTC), limit)
        for one in found:
            if one.due is not None:
                await self._ring(one, one.due)
        worked_out = [timer for one in found if one.due is None and (timer := await self._timer(one)) is not None]
        await timer_rows.put(self._database, self._program, worked_out)
        return bool(worked_out)

    async def _timer(self, one: Resting) -> Timer | None:
        """When time alone moves a run next; None where this program cannot open it."""
        key = (one.tenant, one.run)
        if self._unknown.get(key) == one.turn:
            return None
        context = await self._context(one)
        if context is None:
            self._unknown[key] = one.turn
            return None
        return Timer(one.tenant, one.run, one.turn, await next_deadline(context))

    async def _ring(self, one: Resting, due: datetime) -> None:
        context = await self._context(one)
        row = await context.store.row() if context is not None else None
        if context is None or row is None or row.final or row.turn != one.turn:
            return  # it moved meanwhile, and is looked at in the next round
        step = Step(at=max(one.now(), from_instant(row.clock)), passes=Passes())
        await Run(context, None, lambda _node: None).submit(event_key(due), step)
        await timer_rows.put(self._database, self._program, [Timer(one.tenant, one.run, one.turn, None)])
        self._wake((one.tenant, one.run))

    async def _context(self, one: Resting) -> RunContext | None:
        found = await run_list.find(self._database, one.run)
        try:
            return self._context_of(found) if found is not None else None
        except CasegateError as error:
            # A scenario of another version of the program: the run waits for a program that knows it.
            log.error("a run cannot be opened", run=one.run, error=str(error))
            return None


async def expiring(calendars: Calendars) -> None:
    """Remove from every calendar server what nobody confirmed in time, until cancelled.

    A run takes its own holds back by its own deadline. This is for the others: of runs that failed, whose store is
    gone, or whose process died after it wrote a hold and before it was written down. What is due stands on the hold.
    """
    servers = every(calendars)
    while servers:
        for name, server in servers.items():
            try:
                gone = await asyncio.to_thread(server.expire, datetime.now(UTC))
            except (RequestException, DAVError) as error:
                log.warning("a calendar does not answer", calendar=name, error=type(error).__name__)
                continue
            for hold in gone:
                log.info("an expired hold was removed", calendar=name, hold=hold.uid, case=hold.case)
        await asyncio.sleep(EXPIRE_SECONDS)
    await asyncio.Event().wait()
