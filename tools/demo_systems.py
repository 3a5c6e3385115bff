"""A ticketing, a CRM and an identity system as a real HTTP server on loopback, for demos and tests.

They behave as such systems do: credentials of three kinds, pages of three styles, limits with `Retry-After`, answers
out of a cache, and the faults that their script has for a path, in order.
"""

from __future__ import annotations

import asyncio
import base64
import gzip
import hmac
import secrets
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, assert_never

import orjson
import uvicorn
import yaml
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from pydantic import BaseModel, ConfigDict, Field

from runtime.clock import instant

SCRIPT = Path(__file__).with_suffix(".yaml")
USER = "casegate"
LARGEST_PAGE = 5


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Fault(_Shape):
    """What goes wrong at a path, so many times. `seconds`: until a retry, how slow, or how stale."""

    kind: Literal["status", "cut", "slow", "huge", "type", "redirect", "broken", "echo", "packed", "stale", "circle"]
    times: int = Field(default=1, ge=1)
    status: int = 500
    seconds: int | None = None
    to: str = ""


class Script(_Shape):
    """What the systems know: records by id, each with its list, and with `as_of` where it is not of now.

    So many `calls` within so many `seconds` are answered.
    """

    tickets: Mapping[str, Mapping[str, Any]] = {}
    accounts: Mapping[str, Mapping[str, Any]] = {}
    users: Mapping[str, Mapping[str, Any]] = {}
    calls: int = 100
    seconds: int = 10
    faults: Mapping[str, list[Fault]] = {}


def load_script(file: Path = SCRIPT) -> Script:
    """The script of the demo, or another one."""
    return Script.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))


@dataclass(slots=True)
class DemoSystems:
    """`with DemoSystems(script) as systems:` `systems.base`. `seen` are the requests, as method and target.

    `script` may be changed while they run.
    """

    script: Script
    secrets: Mapping[str, str] = field(
        default_factory=lambda: {system: secrets.token_urlsafe(24) for system in ("desk", "crm", "identity")}
    )
    seen: list[str] = field(default_factory=list)
    _used: dict[str, int] = field(default_factory=dict)
    _socket: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    _limits: MovingWindowRateLimiter = field(default_factory=lambda: MovingWindowRateLimiter(MemoryStorage()))
    _server: uvicorn.Server | None = None
    _thread: threading.Thread | None = None

    @property
    def base(self) -> str:
        """Where they listen; each system has a path of its own under it."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> DemoSystems:
        config = uvicorn.Config(
            _app(self), log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(10)
        self._socket.close()

    def fault(self, path: str) -> Fault | None:
        """The fault that is next at a path."""
        count = self._used.get(path, 0)
        self._used[path] = count + 1
        for fault in self.script.faults.get(path, ()):
            if count < fault.times:
                return fault
            count -= fault.times
        return None

    def refusal(self, system: str, headers: Mapping[str, str]) -> Response | None:
        """401 for a wrong credential, 429 for too many questions."""
        secret = self.secrets[system]
        basic = base64.b64encode(f"{USER}:{secret}".encode()).decode()
        wanted = {"desk": ("authorization", f"Bearer {secret}"), "crm": ("authorization", f"Basic {basic}")}
        name, value = wanted.get(system, ("x-api-key", secret))
        if not hmac.compare_digest(headers.get(name, "").encode(), value.encode()):
            return JSONResponse({"error": "unauthorized"}, 401, {"WWW-Authenticate": "Bearer"})
        limit = RateLimitItemPerSecond(self.script.calls, self.script.seconds)
        if not self._limits.hit(limit, system):
            wait = max(1, round(self._limits.get_window_stats(limit, system).reset_time - time.time()))
            return JSONResponse({"error": "slow down"}, 429, {"Retry-After": str(wait)})
        return None


Record = Mapping[str, Any]
Make = Callable[[Record, str], Response]


def _app(systems: DemoSystems) -> FastAPI:
    app = FastAPI(openapi_url=None)

    async def answer(request: Request, record: Record | None, make: Make) -> Response:
        """What `make` gives for the time of the data, unless credential, limit or script says otherwise."""
        path = request.url.path
        systems.seen.append(f"{request.method} {path}" + (f"?{request.url.query}" if request.url.query else ""))
        refused = systems.refusal(path.split("/")[1], request.headers)
        if refused is not None:
            return refused
        fault = systems.fault(path)
        stale = fault.seconds or 0 if fault is not None and fault.kind == "stale" else 0
        at = record.get("as_of") if record is not None else None
        at = at or instant(datetime.now(UTC) - timedelta(seconds=stale))
        good = make(record, at) if record is not None else JSONResponse({"error": "not found"}, 404)
        if stale:
            good.headers["Age"] = str(stale)
        return good if fault is None else await _faulty(fault, good, request)

    @app.get("/desk/tickets/{number}")
    async def ticket(request: Request, number: str) -> Response:
        def make(record: Record, at: str) -> Response:
            return _json({"ticket": _without(record, "comments"), "meta": {"as_of": at}})

        return await answer(request, systems.script.tickets.get(number), make)

    @app.get("/desk/tickets/{number}/comments")
    async def comments(request: Request, number: str, page: int = 1, per_page: int = 20) -> Response:
        def make(record: Record, at: str) -> Response:
            every, size = list(record.get("comments", [])), min(per_page, LARGEST_PAGE)
            return _json({"comments": every[(page - 1) * size :][:size], "total": len(every), "meta": {"as_of": at}})

        return await answer(request, systems.script.tickets.get(number), make)

    @app.get("/crm/accounts/{account}")
    async def account(request: Request, account: str) -> Response:
        def make(record: Record, at: str) -> Response:
            return _json({**_without(record, "contracts"), "snapshot_taken_at": at})

        return await answer(request, systems.script.accounts.get(account), make)

    @app.get("/crm/accounts/{account}/contracts")
    async def contracts(request: Request, account: str, cursor: str = "") -> Response:
        def make(record: Record, at: str) -> Response:
            every, start = list(record.get("contracts", [])), int(base64.urlsafe_b64decode(cursor or b"MA=="))
            end = start + LARGEST_PAGE
            more = base64.urlsafe_b64encode(str(end).encode()).decode() if end < len(every) else None
            return _json({"data": every[start:end], "meta": {"next_cursor": more, "as_of": at}})

        return await answer(request, systems.script.accounts.get(account), make)

    @app.get("/identity/users/{user}")
    async def user(request: Request, user: str) -> Response:
        def make(record: Record, at: str) -> Response:
            return _json({"user": _without(record, "events"), "read_at": at})

        return await answer(request, systems.script.users.get(user), make)

    @app.get("/identity/users/{user}/events")
    async def events(request: Request, user: str, after: int = 0) -> Response:
        def make(record: Record, _at: str) -> Response:
            every, end = list(record.get("events", [])), after + LARGEST_PAGE
            made = _json(every[after:end])
            if end < len(every):
                made.headers["Link"] = f'<{request.url.path}?after={end}>; rel="next"'
            return made

        return await answer(request, systems.script.users.get(user), make)

    return app


def _without(record: Record, name: str) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key not in (name, "as_of")}


def _json(body: Any) -> Response:
    return Response(orjson.dumps(body), media_type="application/json")


async def _faulty(fault: Fault, good: Response, request: Request) -> Response:
    data = bytes(good.body)
    match fault.kind:
        case "status":
            wait = {"Retry-After": str(fault.seconds)} if fault.seconds is not None else {}
            return JSONResponse({"error": "out of order"}, fault.status, wait)
        case "cut":
            # Fewer bytes than were promised: the server then closes the connection.
            promised = {"Content-Length": str(len(data))}
            return StreamingResponse(_pieces(data[: len(data) // 2]), 200, promised, "application/json")
        case "slow":
            await asyncio.sleep(fault.seconds or 0)
            return good
        case "huge":
            return StreamingResponse(_pieces(b'"' + b"x" * 65_536, 1_000), media_type="application/json")
        case "type":
            return HTMLResponse("<!doctype html><title>Sign in</title>")
        case "redirect":
            return RedirectResponse(fault.to, 302)
        case "broken":
            return Response(data[:-2], media_type="application/json")
        case "echo":
            return _json({"headers": dict(request.headers)})
        case "packed":
            return Response(gzip.compress(data), media_type="application/json", headers={"Content-Encoding": "gzip"})
        case "circle":
            good.headers["Link"] = f'<{fault.to or request.url.path}>; rel="next"'
            return good
        case "stale":
            return good
        case _:
            assert_never(fault.kind)


async def _pieces(data: bytes, times: int = 1) -> AsyncIterator[bytes]:
    for _ in range(times):
        yield data
