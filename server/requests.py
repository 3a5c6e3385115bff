"""Around each request: its id, its line in the log, its figures and its span."""

from __future__ import annotations

import re
import secrets
import time

import structlog
from opentelemetry import trace
from opentelemetry.trace import SpanKind
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server import telemetry

log = structlog.get_logger("casegate")
_tracer = trace.get_tracer("casegate")
_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class Requests:
    """The middleware, outermost."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _ID.fullmatch(given) else secrets.token_hex(8)
        scope["request_id"] = request_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=request_id)
        began, status = time.perf_counter(), 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
                _count(scope, status, time.perf_counter() - began)
            await send(message)

        with _tracer.start_as_current_span(f"{scope['method']}", kind=SpanKind.SERVER) as span:
            try:
                await self._app(scope, receive, watched)
            finally:
                route = _route(scope)
                span.update_name(f"{scope['method']} {route}")
                span.set_attribute("http.request.method", scope["method"])
                span.set_attribute("http.route", route)
                span.set_attribute("http.response.status_code", status)
                seconds = round(time.perf_counter() - began, 4)
                log.info("request", method=scope["method"], route=route, status=status, seconds=seconds)


def _count(scope: Scope, status: int, seconds: float) -> None:
    route = _route(scope)
    telemetry.REQUESTS.labels(route, scope["method"], str(status)).inc()
    telemetry.SECONDS.labels(route).observe(seconds)


def _route(scope: Scope) -> str:
    """The route's pattern, never the path: paths carry ids, sign-in links and what people typed."""
    route = scope.get("route")
    return str(getattr(route, "path", "") or "none")
