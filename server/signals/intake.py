"""The intake: what comes is queued for a moment, committed together, and only then answered.

While one transaction is being written the next one fills: the more arrives, the more a commit carries. The queue has an
end; past it the sender is told to come again (429), and nothing that was acknowledged is lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError

from runtime.store.database import Database
from runtime.store.signal_intake import Arrival, DeadLetter, Fate, take_in
from server import telemetry
from server.problems import TooMany

BOUND, AT_ONCE = 20_000, 4_000


@dataclass(slots=True)
class _Waiting:
    given: Sequence[Arrival | DeadLetter]
    done: asyncio.Future[list[Fate]]


class Intake:
    """One for a process. `committed` is told which tenants' streams grew."""

    def __init__(self, database: Database, committed: Callable[[set[str]], None], bound: int = BOUND) -> None:
        self._database, self._committed, self._bound = database, committed, bound
        self._queue: deque[_Waiting] = deque()
        self._queued = 0
        self._more = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._rate = 2_000.0  # signals a second, as the last commits went

    def start(self) -> None:
        """Start writing."""
        self._task = asyncio.create_task(self._forever())

    async def stop(self) -> None:
        """Write what is queued, and stop."""
        while self._queued and self._task is not None and not self._task.done():
            await asyncio.sleep(0.01)
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    @property
    def full(self) -> bool:
        """Whether the queue is so long that a stream should not be read on."""
        return self._queued >= self._bound // 2

    async def put(self, given: Sequence[Arrival | DeadLetter]) -> list[Fate]:
        """What became of each, once it is committed. Raises TooMany where the queue is full: nothing was taken."""
        if not given:
            return []
        if self._queued and self._queued + len(given) > self._bound:
            raise TooMany(max(1, round(self._queued / self._rate)))
        waiting = _Waiting(given, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self._queued += len(given)
        telemetry.SIGNALS_QUEUED.set(self._queued)
        self._more.set()
        return await waiting.done

    async def put_patiently(self, given: Sequence[Arrival | DeadLetter]) -> list[Fate]:
        """`put` that waits where the queue is full: for who is read no further meanwhile."""
        while self._queued and self._queued + len(given) > self._bound:
            await asyncio.sleep(0.02)
        return await self.put(given)

    async def _forever(self) -> None:
        while True:
            await self._more.wait()
            self._more.clear()
            while self._queue:
                await self._write(self._next())

    def _next(self) -> list[_Waiting]:
        taken, size = [self._queue.popleft()], 0
        size = len(taken[0].given)
        while self._queue and size + len(self._queue[0].given) <= AT_ONCE:
            taken.append(self._queue.popleft())
            size += len(taken[-1].given)
        return taken

    async def _write(self, taken: Sequence[_Waiting]) -> None:
        given = [one for waiting in taken for one in waiting.given]
        began = time.perf_counter()
        try:
            fates = await take_in(self._database, given, time.time_ns() // 1000)
        except (DBAPIError, OSError) as error:
            for waiting in taken:
                if not waiting.done.done():
                    waiting.done.set_exception(error)
            return
        finally:
            self._queued -= len(given)
            telemetry.SIGNALS_QUEUED.set(self._queued)
        self._rate = 0.8 * self._rate + 0.2 * len(given) / max(time.perf_counter() - began, 1e-4)
        _count(fates)
        place = 0
        for waiting in taken:
            if not waiting.done.done():
                waiting.done.set_result(fates[place : place + len(waiting.given)])
            place += len(waiting.given)
        self._committed({one.tenant for one in given})


def _count(fates: Iterable[Fate]) -> None:
    told: dict[Fate, int] = {}
    for fate in fates:
        told[fate] = told.get(fate, 0) + 1
    for fate, count in told.items():
        telemetry.SIGNALS.labels(fate).inc(count)
