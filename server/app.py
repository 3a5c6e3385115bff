"""The application: routes, middleware, pages, and the service that lives as long as it does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI

from runtime.errors import CasegateError
from runtime.lane_settings import load_lanes
from runtime.signal_settings import load_signals
from server import problems
from server.admin.evaluating import Evaluations
from server.api.access import undeclared
from server.api.application import routed
from server.delivering import Deliverer
from server.pages import serve_pages
from server.requests import Requests
from server.run_command import model_port
from server.security.cookies import SessionCookie
from server.security.csrf import Csrf
from server.security.headers import SecurityHeaders
from server.service import Service, close_service, open_service
from server.settings import ServerSettings
from server.signals.desk import SignalDesk
from server.tracing import exporting

Prepare = Callable[[Service], Awaitable[None]]


class UnguardedError(CasegateError):
    """A route declares no action: nobody would have decided who may use it."""


def create_app(settings: ServerSettings, url: str, *, demo: bool = False, prepare: Prepare | None = None) -> FastAPI:
    """The application over a store. `prepare` runs once the store is open and before the first request.

    Raises UnguardedError where a route declares no action, InputError where the lanes file cannot be used.
    """
    app, deliverer = routed(), Deliverer(load_lanes(settings.lanes, settings.data))
    streams = load_signals(settings.signals)
    open_routes = list(undeclared(app))
    if open_routes:
        raise UnguardedError(f"these routes declare no action: {', '.join(open_routes)}")
    problems.register(app)
    serve_pages(app)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        with exporting(settings.traces_url):
            service = await open_service(settings, url, deliverer, demo=demo)
            app.state.service = service
            app.state.signals = desk = SignalDesk.open(service, streams)
            app.state.evaluations = evaluations = Evaluations(lambda: model_port("auto", settings))
            desk.start(service)
            try:
                if prepare is not None:
                    await prepare(service)
                yield
            finally:
                await evaluations.stop()
                await desk.stop()
                await close_service(service)

    app.router.lifespan_context = lifespan
    # The last one added is the outermost.
    app.add_middleware(Csrf, cookie=SessionCookie(settings.plain_http))
    app.add_middleware(SecurityHeaders, secure=not settings.plain_http)
    app.add_middleware(Requests)
    return app
