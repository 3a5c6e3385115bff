"""What works on live signals in this process: the intake, and for each stream its rounds, its cases and its folders.

Any number of processes may do this on one store: a round is written by whoever made it first, a cluster's case is
claimed, and signals are taken in by anybody.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

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
AGAIN_SECONDS = 1.0
TROUBLE_SECONDS = 60.0
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
    _stumbled: float | None = None

    @property
    def standing(self) -> Literal["ok", "trouble"]:
        """`trouble` for a minute after work on a stream broke off, and for as long as it keeps doing so."""
        recent = self._stumbled is not None and time.monotonic() - self._stumbled < TROUBLE_SECONDS
        return "trouble" if recent else "ok"

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
            self._begin(partial(self._placing, tenant))
            self._begin(partial(self._opening, tenant, openings.look))
            for source in stream.sources:
                if source.folder is not None:
                    folder = self.settings.path(source.folder)
                    self._begin(partial(watch, folder, self.envelope(tenant, source), self.intake))

    def _begin(self, work: Callable[[], Awaitable[None]]) -> None:
        self._tasks.append(asyncio.create_task(self._kept_going(work)))

    async def _kept_going(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do the work, again from its start whenever it breaks off: what it does stands in the store, step by step."""
        while True:
            try:
                await work()
                return
            except Exception as error:  # A stream that stood still in silence would be worse.
                self._stumbled = time.monotonic()
                log.error("work on live signals broke off and begins again", exc_info=error)
                await asyncio.sleep(AGAIN_SECONDS)

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
