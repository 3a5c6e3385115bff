"""What works on live signals in this process: the intake, and for each stream its rounds, its cases and its folders.

Any number of processes may do this on one store: a round is written by whoever made it first, a cluster's case is
claimed, and signals are taken in by anybody.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import DBAPIError

from agents.signal_live import LiveReader
from casefile.scenario import Scenario
from runtime.signal_settings import SignalSettings, SourceSettings, StreamSettings
from server.problems import Unknown
from server.service import Service
from server.signals.cases import Openings, reader_of, scenario_of
from server.signals.envelope import Envelope
from server.signals.folders import watch
from server.signals.intake import Intake
from server.signals.rounds import Rounds

log = structlog.get_logger("casegate")
LOOK_SECONDS = 1.0
CASES_SECONDS = 0.25


@dataclass(slots=True)
class SignalDesk:
    """Everything about live signals here."""

    settings: SignalSettings
    intake: Intake
    scenarios: dict[str, Scenario]
    readers: dict[str, LiveReader]
    rounds: dict[str, Rounds]
    _grown: dict[str, asyncio.Event] = field(default_factory=dict)
    _changed: dict[str, asyncio.Event] = field(default_factory=dict)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @classmethod
    def open(cls, here: Service, settings: SignalSettings) -> SignalDesk:
        """Read what the streams need. Raises InputError naming file and place."""
        readers = {tenant: reader_of(settings, tenant) for tenant in settings.tenants}
        rounds = {tenant: Rounds(here.database, tenant, one) for tenant, one in settings.tenants.items()}
        grown = {tenant: asyncio.Event() for tenant in settings.tenants}
        changed = {tenant: asyncio.Event() for tenant in settings.tenants}

        def committed(tenants: set[str]) -> None:
            for tenant in tenants & set(grown):
                grown[tenant].set()

        scenarios = {tenant: scenario_of(one) for tenant, one in settings.tenants.items()}
        return cls(settings, Intake(here.database, committed), scenarios, readers, rounds, grown, changed)

    def start(self, here: Service) -> None:
        """Start the work."""
        self.intake.start()
        for tenant, stream in self.settings.tenants.items():
            openings = Openings(here, self.settings, tenant)
            self._begin(self._placing(tenant))
            self._begin(self._opening(tenant, openings.look))
            for source in stream.sources:
                if source.folder is not None:
                    folder = self.settings.path(source.folder)
                    self._begin(watch(folder, self.envelope(tenant, source), self.intake))

    def _begin(self, work: Awaitable[None]) -> None:
        async def going() -> None:
            await work

        task = asyncio.create_task(going())
        task.add_done_callback(_say_why)
        self._tasks.append(task)

    async def stop(self) -> None:
        """Stop: what is queued is committed first."""
        await self.intake.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def stream(self, tenant: str) -> StreamSettings:
        """A tenant's stream. Raises Unknown where it has none."""
        if tenant not in self.settings.tenants:
            raise Unknown
        return self.settings.tenants[tenant]

    def envelope(self, tenant: str, only: SourceSettings | None = None) -> Envelope:
        """How a tenant's events are read."""
        return Envelope(tenant, self.stream(tenant), self.readers[tenant], only)

    async def again(self, tenant: str, numbers: Sequence[int]) -> None:
        """Place the signals of some clusters anew: a person split one."""
        await self.rounds[tenant].advance(numbers)
        self._changed[tenant].set()

    async def _placing(self, tenant: str) -> None:
        grown = self._grown[tenant]
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(grown.wait(), LOOK_SECONDS)
            grown.clear()
            try:
                while await self.rounds[tenant].advance():
                    self._changed[tenant].set()
            except DBAPIError as error:
                log.warning("the store does not answer", error=type(error).__name__)

    async def _opening(self, tenant: str, look: Callable[[], Awaitable[int]]) -> None:
        changed = self._changed[tenant]
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), CASES_SECONDS)
            changed.clear()
            try:
                await look()
            except DBAPIError as error:
                log.warning("the store does not answer", error=type(error).__name__)


def _say_why(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("the work on live signals ended", exc_info=task.exception())
