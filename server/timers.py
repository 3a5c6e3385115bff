"""Timers: a run notices that time has passed, also where nothing happens to it.

Nothing is scheduled that could be lost: what is due follows from the store, and each deadline is one event whose key is
the deadline itself, so that any number of processes, and any restart, gives it once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

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
from runtime.store import run_list
from runtime.store.database import Database
from runtime.store.run_list import Found, Resting
from tools.calendars.opening import every

EXPIRE_SECONDS = 60.0

log = structlog.get_logger("casegate")
LOOK_SECONDS = 2.0

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Set:
    """What is known of a run's next deadline, as of one of its turns."""

    turn: int
    due: datetime | None


class Timers:
    """Looks at every run that rests. `wake` is told of the runs that have something to do then."""

    def __init__(
        self, database: Database, context_of: Callable[[Found], RunContext], wake: Callable[[Key], None]
    ) -> None:
        self._database, self._context_of, self._wake = database, context_of, wake
        self._set: dict[Key, Set] = {}

    async def forever(self) -> None:
        """Look until cancelled. A store that does not answer is asked again."""
        while True:
            try:
                await self.look()
            except OperationalError as error:
                log.warning("the store does not answer", error=str(error.orig))
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Give each run whose deadline has come the event that says so."""
        resting = await run_list.resting(self._database)
        known = {(one.tenant, one.run) for one in resting}
        self._set = {key: one for key, one in self._set.items() if key in known}
        for one in resting:
            key = (one.tenant, one.run)
            there = self._set.get(key)
            if there is None or there.turn != one.turn:
                there = self._set[key] = Set(one.turn, await self._next(one))
            now = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=one.behind)
            if there.due is not None and there.due <= now:
                await self._ring(one, there.due, now)

    async def _next(self, one: Resting) -> datetime | None:
        """The first deadline of a run that has not been given to it."""
        context = await self._context(one)
        return await next_deadline(context) if context is not None else None

    async def _ring(self, one: Resting, due: datetime, now: datetime) -> None:
        context = await self._context(one)
        row = await context.store.row() if context is not None else None
        if context is None or row is None or row.final or row.turn != one.turn:
            return  # it moved meanwhile, and is looked at in the next round
        step = Step(at=max(now, from_instant(row.clock)), passes=Passes())
        await Run(context, None, lambda _node: None).submit(event_key(due), step)
        self._set[one.tenant, one.run] = Set(one.turn, None)
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
