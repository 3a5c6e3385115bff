"""What the routes are given: the open store, the runs, the worker, the feeds, and who may do what."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from fastapi import Request

from graphs.playing import described
from runtime.calendar_settings import Calendars, load_calendars
from runtime.connector_settings import Connectors
from runtime.installation import Installation
from runtime.mcp_settings import McpSettings, load_mcp
from runtime.store import run_list
from runtime.store.database import Database
from runtime.system_settings import ActedOn
from server.casebook import Casebook, ModelName
from server.delivering import Deliverer
from server.feeds import Feeds
from server.opened_views import Entered
from server.run_command import model_port
from server.security.cookies import SessionCookie
from server.security.policies import Policies
from server.security.rates import SignInRates
from server.settings import ServerSettings
from server.worker import Worker, WorkerPlan
from tools.connectors.http_tools import opened
from tools.live_systems import opened as opened_systems


@dataclass(slots=True)
class Service:
    """One running server."""

    settings: ServerSettings
    url: str
    database: Database
    casebook: Casebook
    feeds: Feeds
    worker: Worker
    policies: Policies
    cookie: SessionCookie
    rates: SignInRates
    uploads: Path
    model: ModelName
    keys: Installation
    calendars: Calendars
    connectors: Connectors
    mcp: McpSettings
    systems: ActedOn
    demo: bool
    entered: Entered = field(default_factory=Entered)

    def committed(self, tenant: str, run: str) -> None:
        """Something was put into a run's inbox: the worker is woken, and its readers are told."""
        self.worker.wake(tenant, run)
        self.feeds.look()


def of(request: Request) -> Service:
    """The server that a request came to."""
    return cast("Service", request.app.state.service)


async def open_service(settings: ServerSettings, url: str, deliverer: Deliverer, *, demo: bool = False) -> Service:
    """Open the store, start the worker and the feeds. Raises StoreError or PolicyError with what to fix."""
    policies = Policies()
    database = await Database.open(url)
    keys = Installation.open(settings.data)
    calendars, connectors = load_calendars(settings.calendars), opened(settings.connectors)
    mcp, systems = load_mcp(settings.mcp), opened_systems(settings.systems)
    model = ModelName(*described(model_port("auto", settings)))
    feeds = Feeds(database, settings.poll_milliseconds)
    loop = asyncio.get_running_loop()

    def progress(run: str, node: str, state: str) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(feeds.report, run, node, state)

    plan = WorkerPlan(
        url,
        lambda: model_port("auto", settings),
        model,
        keys,
        progress,
        deliverer,
        calendars,
        connectors,
        mcp,
        systems,
        settings.workers,
    )
    worker = Worker(plan)
    uploads = settings.data / "uploads"
    uploads.mkdir(parents=True, exist_ok=True, mode=0o700)
    await run_list.fill_people(database)
    worker.start()
    feeds.start()
    return Service(
        settings=settings,
        url=url,
        database=database,
        casebook=Casebook(database, model, keys, calendars, systems),
        feeds=feeds,
        worker=worker,
        policies=policies,
        cookie=SessionCookie(settings.plain_http),
        rates=SignInRates(settings.sign_in_per_minute, settings.account_per_hour),
        uploads=uploads,
        model=model,
        keys=keys,
        calendars=calendars,
        connectors=connectors,
        mcp=mcp,
        systems=systems,
        demo=demo,
    )


async def close_service(service: Service) -> None:
    """Stop: turns end after the step at work now, and go on at the next start."""
    await service.feeds.stop()
    await asyncio.to_thread(service.worker.stop)
    await service.database.close()
