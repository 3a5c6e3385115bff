"""Runs by name: their unchanging part (packet, scenario, parameters) is kept, the rest is read from the store."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson

from casefile.parameters import in_force, resolve
from graphs import catalogue
from graphs.context import RunContext
from runtime.calendar_settings import Calendars
from runtime.clock import from_instant
from runtime.connector_settings import Connectors
from runtime.installation import Installation
from runtime.mcp_settings import McpSettings
from runtime.model.offline import Offline
from runtime.model.port import ModelPort
from runtime.store import run_list
from runtime.store.database import Database
from runtime.store.run_list import Clock, Found
from runtime.store.run_store import RunStore
from runtime.system_settings import ActedOn
from tools.calendars.opening import calendars_of
from tools.live_systems import systems_of
from tools.toolbox import tools_of

KEPT, READ = 256, 8


@dataclass(frozen=True, slots=True)
class ModelName:
    """Mode and name of the model, as results say them."""

    mode: str = "offline"
    name: str = "rules"


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A run and its clock."""

    context: RunContext
    clock: Clock

    @property
    def key(self) -> tuple[str, str]:
        """Tenant and run."""
        return self.context.store.tenant, self.context.store.run

    async def now(self) -> datetime:
        """The run's clock now: the wall clock (or the demo's), and never before what already happened."""
        row = await self.context.store.row()
        running = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=self.clock.behind)
        return max(running, from_instant(row.clock)) if row is not None else running


def context_of(
    database: Database,
    found: Found,
    port: ModelPort,
    model: ModelName,
    keys: Installation,
    calendars: Calendars | None = None,
    systems: ActedOn | None = None,
    connectors: Connectors | None = None,
    mcp: McpSettings | None = None,
) -> RunContext:
    """A run's dependencies, out of its ledger row. `keys` and what follows are those of the local installation.

    Raises CasegateError where this program does not know its scenario, or has no calendar of the name that it declares.
    """
    packet = run_list.stored_packet(found.packet)
    whole = catalogue.find(found.scenario)
    store = RunStore(database, found.tenant, found.case, found.run)
    parameters = resolve(whole, {**orjson.loads(found.defaults), **packet.parameters})
    scenario = in_force(whole, parameters)
    return RunContext(
        store,
        scenario,
        packet,
        parameters,
        port,
        mode=model.mode,
        model_name=model.name,
        installation=keys,
        systems={
            **systems_of(systems or ActedOn(), packet),
            **calendars_of(calendars or Calendars(), scenario, packet),
        },
        tools=tools_of(connectors or Connectors(), found.tenant),
        mcp=mcp or McpSettings(),
    )


class Casebook:
    """The runs that were looked at last. Contexts of this book never reach a model: only the worker's do."""

    def __init__(
        self, database: Database, model: ModelName, keys: Installation, calendars: Calendars, systems: ActedOn
    ) -> None:
        self._database, self._model, self._keys = database, model, keys
        self._reached = (calendars, systems)
        self._kept: OrderedDict[str, OpenRun] = OrderedDict()

    async def run(self, name: str) -> OpenRun | None:
        """The run of that name, or None. Whether the caller may know of it is asked by `access`."""
        if name in self._kept:
            self._kept.move_to_end(name)
            self._forget_readings()
            return self._kept[name]
        found = await run_list.find(self._database, name)
        if found is None:
            return None
        clock = await run_list.clock_of(self._database, found.tenant, found.run)
        opened = OpenRun(self._context(found), clock)
        self._kept[name] = opened
        self._forget_readings()
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return opened

    def _context(self, found: Found) -> RunContext:
        return context_of(self._database, found, Offline(), self._model, self._keys, *self._reached)

    def _forget_readings(self) -> None:
        """Documents are large: only the cases that were looked at last keep theirs read."""
        for older in list(self._kept)[-READ - 1 : -READ]:
            self._kept[older].context.readings.clear()

    def forget(self, name: str) -> None:
        """Read it again next time: its clock was set."""
        self._kept.pop(name, None)
