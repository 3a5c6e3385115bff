"""The worker: drives runs in a thread and an event loop of its own, so that no turn holds up an answer.

One lease per run (runtime/store): another process on the same store takes another run. What was running when a process
ended is found again by what the store says is unfinished, not by what this process remembers.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.exc import OperationalError

from graphs import catalogue
from graphs.context import RunContext
from graphs.runner import Run, checkpointer
from runtime.calendar_settings import Calendars
from runtime.connector_settings import Connectors
from runtime.errors import CasegateError, LeaseTaken
from runtime.installation import Installation
from runtime.mcp_settings import McpSettings
from runtime.model.port import ModelPort
from runtime.store import run_list
from runtime.store.database import Database
from runtime.store.run_list import Found
from runtime.system_settings import ActedOn
from server.casebook import ModelName, context_of
from server.delivering import Deliverer, LaneHealth
from server.telemetry import turn_span
from server.timers import Timers, expiring

log = structlog.get_logger("casegate")
RENEW_SECONDS = 20
SCAN_SECONDS = 2.0
TRIES = 5
KEPT = 32

Progress = Callable[[str, str, str], None]


@dataclass(frozen=True, slots=True)
class WorkerPlan:
    """What a worker needs. `port` makes the model inside the worker's own loop; `progress` gets run, node, state."""

    url: str
    port: Callable[[], ModelPort]
    model: ModelName
    keys: Installation
    progress: Progress
    deliverer: Deliverer
    calendars: Calendars
    connectors: Connectors
    mcp: McpSettings
    systems: ActedOn
    at_once: int = 2


class Worker:
    """Works on what is unfinished, until it is stopped."""

    def __init__(self, plan: WorkerPlan) -> None:
        self._plan = plan
        self._deliverer = plan.deliverer
        self._thread = threading.Thread(target=self._run, name="casegate-worker", daemon=True)
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._fault: BaseException | None = None
        self._queue: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self._waiting: set[tuple[str, str]] = set()
        self._again: set[tuple[str, str]] = set()
        self.active: dict[str, str] = {}  # run → node at work; read by other threads, written by ours

    @property
    def alive(self) -> bool:
        """Whether it works."""
        return self._thread.is_alive() and self._fault is None

    @property
    def lanes(self) -> LaneHealth:
        """How the lanes fare."""
        return self._deliverer.health if self.alive else "down"

    def start(self) -> None:
        """Start the thread, and wait until the store is open there. Raises what kept it from starting."""
        self._thread.start()
        self._ready.wait(60)
        if self._fault is not None:
            raise self._fault

    def stop(self) -> None:
        """Stop after the steps that are running now; what is unfinished goes on at the next start."""
        if self._loop is not None and self._stop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(30)

    def wake(self, tenant: str, run: str) -> None:
        """There is something to do for this run. From any thread."""
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._put, (tenant, run))

    def _put(self, key: tuple[str, str]) -> None:
        if key in self._waiting:
            self._again.add(key)
            return
        self._waiting.add(key)
        self._queue.put_nowait(key)

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:
            self._fault = error
            log.error("the worker ended", exc_info=error)
        finally:
            self._ready.set()

    async def _main(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        database = await Database.open(self._plan.url)
        try:
            async with checkpointer(self._plan.url) as saver:
                desk = _Desk(database, saver, self._plan, self.active)
                timers = Timers(database, desk.context_of, self._put)
                needed = [self._work(desk) for _ in range(self._plan.at_once)]
                needed += [self._scan(database), timers.forever(), expiring(self._plan.calendars)]
                tasks = [asyncio.create_task(one) for one in (self._stop.wait(), *needed)]
                delivering = asyncio.create_task(self._deliverer.forever(database, self._plan.keys))
                delivering.add_done_callback(_say_why)
                self._ready.set()
                ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in (*tasks, delivering):
                    task.cancel()
                await asyncio.gather(*tasks, delivering, return_exceptions=True)
                await desk.close()
                for task in ended:
                    task.result()  # raises what ended a part that nothing works without
        finally:
            await database.close()

    async def _scan(self, database: Database) -> None:
        """Find what is unfinished: after a start, and what other processes were asked for and left."""
        while True:
            try:
                for key in await run_list.unfinished(database):
                    if key not in self._waiting:
                        self._put(key)
            except OperationalError as error:
                log.warning("the store does not answer", error=str(error.orig))
            await asyncio.sleep(SCAN_SECONDS)

    async def _work(self, desk: _Desk) -> None:
        while True:
            key = await self._queue.get()
            try:
                await desk.drive(key)
                self._deliverer.look()
            finally:
                self._waiting.discard(key)
                if key in self._again:
                    self._again.discard(key)
                    self._put(key)


class _Desk:
    """What the worker has open: graphs by pattern, and the runs that it worked on last with what they have read."""

    def __init__(self, database: Database, saver: Any, plan: WorkerPlan, active: dict[str, str]) -> None:
        self._database, self._saver, self._plan, self._active = database, saver, plan, active
        self._port = plan.port()
        self._graphs: dict[str, Any] = {}
        self._runs: OrderedDict[tuple[str, str], Run] = OrderedDict()
        self._tries: dict[tuple[str, str], tuple[int, float]] = {}

    async def close(self) -> None:
        """Close the model's connections."""
        closing = getattr(self._port, "aclose", None)
        if closing is not None:
            await closing()

    async def drive(self, key: tuple[str, str]) -> None:
        """Drive a run until it rests. A run whose lease another process holds is left to it."""
        tries, not_before = self._tries.get(key, (0, 0.0))
        if time.monotonic() < not_before:
            return  # the scan brings it again
        run = await self._run_of(key)
        if run is None:
            return
        name = key[1]
        self._active[name] = ""
        renewing = asyncio.create_task(_renew(run))
        try:
            with turn_span(run.context):
                await run.drive()
            self._tries.pop(key, None)
            self._plan.progress(name, "", "resting")
        except LeaseTaken:
            self._tries[key] = (0, time.monotonic() + SCAN_SECONDS)
        except Exception as error:  # noqa: BLE001  whatever a turn raises is on record as a fault of ours
            await self._failed(key, run, error, tries + 1)
        finally:
            renewing.cancel()
            self._active.pop(name, None)

    async def _failed(self, key: tuple[str, str], run: Run, error: Exception, tries: int) -> None:
        log.error("a turn failed", run=key[1], tries=tries, exc_info=error)
        self._runs.pop(key, None)
        passing = isinstance(error, (OperationalError, OSError))
        if passing and tries < TRIES:
            self._tries[key] = (tries, time.monotonic() + 2.0**tries)
            return
        self._tries.pop(key, None)
        await run.fail(error)
        await run_list.give_up(self._database, *key)
        self._plan.progress(key[1], "", "failed")

    async def _run_of(self, key: tuple[str, str]) -> Run | None:
        if key not in self._runs:
            found = await run_list.find(self._database, key[1])
            if found is None:
                return None
            try:
                context = self.context_of(found)
            except CasegateError as error:
                # A scenario of another version of the program: the run waits for a program that knows it.
                log.error("a run cannot be opened", run=key[1], error=str(error))
                self._tries[key] = (0, time.monotonic() + 60)
                return None
            self._runs[key] = Run(context, self._graph(context.scenario.pattern), self._progress_of(key[1]))
            if len(self._runs) > KEPT:
                _, old = self._runs.popitem(last=False)
                if old.context.index is not None:
                    old.context.index.close()
        self._runs.move_to_end(key)
        return self._runs[key]

    def context_of(self, found: Found) -> RunContext:
        """A run's dependencies. Raises CasegateError where this program does not know its scenario."""
        plan = self._plan
        given = (plan.calendars, plan.systems, plan.connectors, plan.mcp)
        return context_of(self._database, found, self._port, plan.model, plan.keys, *given)

    def _graph(self, pattern: str) -> Any:
        if pattern not in self._graphs:
            self._graphs[pattern] = catalogue.pattern(pattern)().compile(checkpointer=self._saver)
        return self._graphs[pattern]

    def _progress_of(self, name: str) -> Callable[[str], None]:
        def progress(node: str) -> None:
            if not node.startswith("__"):
                self._active[name] = node
                self._plan.progress(name, node, "done")

        return progress


def _say_why(task: asyncio.Task[None]) -> None:
    """Deliveries can end by a fault without the turns: health then says that the lanes are down."""
    if not task.cancelled() and task.exception() is not None:
        log.error("the deliveries ended", exc_info=task.exception())


async def _renew(run: Run) -> None:
    """Keep the lease while a long turn is at work."""
    while True:
        await asyncio.sleep(RENEW_SECONDS)
        try:
            await run.store.take_lease()
        except (LeaseTaken, OperationalError) as error:
            log.warning("the lease was not renewed", run=run.store.run, error=str(error))
