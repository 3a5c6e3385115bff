"""A real server of a test's own: uvicorn on loopback in a thread, over its own store, with people who signed in."""

from __future__ import annotations

import asyncio
import shutil
import socket
import threading
import time
import uuid
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
import uvicorn
from packets import NAME, TENANT, minimal_packet, read_packet, write_packet

from graphs import catalogue
from runtime.clock import from_instant, wall
from runtime.store import account_rows, run_list
from runtime.store.account_rows import Account, Member
from runtime.store.database import Database
from runtime.store.run_list import Clock
from server.app import create_app
from server.security.secrets import csrf_of, fresh, hashed
from server.settings import ServerSettings
from server.telemetry import configure_logs

T = TypeVar("T")
PATIENCE = 30.0


@dataclass
class House:
    """A server, and what a test does to its store from outside."""

    url: str
    data: Path
    settings: dict[str, Any] = field(default_factory=dict)
    base: str = ""
    _server: uvicorn.Server | None = None
    _thread: threading.Thread | None = None

    def start(self) -> House:
        """Start serving on a free port."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        configure_logs(as_json=True)
        given = {"data": self.data, "port": port, "sign_in_per_minute": 1000, **self.settings}
        app = create_app(ServerSettings(**given), self.url)
        config = uvicorn.Config(
            app, host="127.0.0.1", port=port, log_config=None, lifespan="on", timeout_graceful_shutdown=1
        )
        self._server, self.base = uvicorn.Server(config), f"http://127.0.0.1:{port}"
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        until = time.monotonic() + PATIENCE
        while not self._server.started:
            assert time.monotonic() < until, "the server does not start"
            assert self._thread.is_alive(), "the server ended while it started"
            time.sleep(0.02)
        return self

    def stop(self) -> None:
        """Stop it, as an operator would."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(PATIENCE)
            assert not self._thread.is_alive()
            self._server = None

    def store(self, work: Callable[[Database], Awaitable[T]]) -> T:
        """Do something to the store, in a connection of one's own."""

        async def done() -> T:
            database = await Database.open(self.url)
            try:
                return await work(database)
            finally:
                await database.close()

        # In a thread of its own: a browser test has a loop running in this one.
        with ThreadPoolExecutor(1) as apart:
            return apart.submit(lambda: asyncio.run(done())).result()

    def sign_in(
        self, person: str = "", roles: tuple[str, ...] = (), tenant: str = TENANT, global_roles: tuple[str, ...] = ()
    ) -> Client:
        """A client that is signed in, as a person of a tenant."""
        session = fresh()

        async def make(database: Database) -> None:
            email = f"{person or 'nobody'}-{tenant}-{'-'.join(global_roles)}@house.example"
            wanted = Account(f"acc_{uuid.uuid4().hex[:16]}", email, person, None, global_roles, False, False)
            account = await account_rows.put_account(database, wanted, wall())
            if person:
                await account_rows.put_member(database, account.id, Member(tenant, NAME, person, person, roles))
            await account_rows.start_session(database, hashed(session), account.id, wall(), wall() + 3600)

        self.store(make)
        return Client(self.base, session)

    def open(self, packet: Path, by: Client, patience: float = PATIENCE) -> str:
        """Open a packet through the API, with a clock that stands at its time, and wait until it rests."""
        files = [("files", (str(p.relative_to(packet)), p.read_bytes())) for p in packet.rglob("*") if p.is_file()]
        answer = by.post("/api/cases", files=files)
        assert answer.status_code == 202, answer.text
        run: str = answer.json()["run"]
        as_of, tenant = str(read_packet(packet)["as_of"]), read_packet(packet)["tenant"]["id"]
        behind = int((datetime.now(UTC) - from_instant(as_of)).total_seconds())
        self.store(lambda database: run_list.put_clock(database, tenant, run, Clock(behind)))
        self.rest(tenant, run, patience)
        return run

    def rest(self, tenant: str, run: str, patience: float = PATIENCE) -> None:
        """Wait until nothing is left to do for a run."""

        async def waited(database: Database) -> None:
            until = time.monotonic() + patience
            while await run_list.at_work(database, tenant, run):
                assert time.monotonic() < until, "the run does not come to rest"
                await asyncio.sleep(0.05)

        self.store(waited)


class Client(httpx.Client):
    """A browser's requests: with the session's cookie and its CSRF token."""

    def __init__(self, base: str, session: str) -> None:
        super().__init__(
            base_url=base, cookies={"casegate": session}, headers={"X-CSRF-Token": csrf_of(session)}, timeout=PATIENCE
        )

    def decide(self, run: str, gate: str, key: str, **body: Any) -> httpx.Response:
        """Answer a gate."""
        shown = {"decision": "approve", "revision": "r1", **body}
        headers = {"Idempotency-Key": key}
        return self.post(f"/api/runs/{run}/gates/{gate}/decisions", json=shown, headers=headers)


def case_packet(folder: Path, scenario: str, case: str, **changes: Any) -> Path:
    """A case of a scenario's own, without its timeline."""
    shutil.copytree(catalogue.folders()[scenario] / "cases" / case, folder)
    write_packet(folder, {**read_packet(folder), "timeline": [], **changes})
    return folder


def live_packet(folder: Path, **changes: Any) -> Path:
    """The packet that stops at `exception_release`, without its timeline."""
    minimal_packet(folder, exception=True)
    write_packet(folder, {**read_packet(folder), "timeline": [], **changes})
    return folder
