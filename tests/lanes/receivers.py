"""Real receivers on loopback, scripted per request: a webhook, a mail server, an MCP server."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from lineage.entry import Actor, EntryDraft
from runtime.store import tables as t
from runtime.store.chain import append
from runtime.store.database import Database

SECRET = "a-shared-secret-of-the-test"


async def released(database: Database, key: str, lane: str, body: bytes, seq: int = 0) -> None:
    """A lane entry in the outbox, of a run of a case that has one entry so far."""
    run = {
        "tenant": "tn-a", "case_id": "CASE-1", "run": "run_1", "scenario": "s", "packet": "{}", "turn": 1,
        "packet_sha256": "sha256:00", "status": "finished", "outcome": "staged", "final": True,
        "clock": "2026-05-04T10:00:00Z",
    }  # fmt: skip
    row = {"tenant": "tn-a", "run": "run_1", "idempotency_key": key, "seq": seq, "lane": lane, "body": body}
    first = EntryDraft(
        tenant="tn-a", case="CASE-1", run="run_1", kind="run_opened", at="2026-05-04T10:00:00Z",
        actor=Actor("system", "x"),
    )  # fmt: skip

    async def work(connection: AsyncConnection) -> None:
        if (await connection.execute(select(t.runs.c.run))).first() is None:
            await connection.execute(insert(t.runs).values(**run))
            await append(connection, "tn-a", "CASE-1", [first])
        await connection.execute(insert(t.outbox).values(delivered=False, **row))

    await database.together(work)


class Queue(ThreadingHTTPServer):
    """A webhook receiver with a script: `500`, `slow`, `cut`, `lost` (it takes the entry and cuts the answer), `ok`."""

    daemon_threads = True

    def __init__(self, script: Sequence[str]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script = list(script)
        self.taken: dict[str, bytes] = {}
        self.posts: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/entries"


class _Handler(BaseHTTPRequestHandler):
    server: Queue

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        act = self.server.script.pop(0) if self.server.script else "ok"
        key, at = self.headers["Casegate-Key"], self.headers["Casegate-Timestamp"]
        mac = hmac.new(SECRET.encode(), f"{at}.{key}.".encode() + body, hashlib.sha256).hexdigest()
        self.server.posts.append(key)
        if self.headers["Casegate-Signature"] != f"v1={mac}" or abs(int(at) - time.time()) > 300:
            return self._answer(401)
        if act == "cut":
            return self._cut()
        if act == "slow":
            time.sleep(1.5)
        if act.isdigit():
            return self._answer(int(act))
        known = key in self.server.taken
        self.server.taken.setdefault(key, body)
        if act == "lost":
            return self._cut()
        self._answer(409 if known else 201)

    def do_GET(self) -> None:
        wanted = self.path.rpartition("/")[2]
        has = any(hashlib.sha256(key.encode()).hexdigest() == wanted for key in self.server.taken)
        self._answer(200 if has else 404)

    def _answer(self, code: int) -> None:
        self.send_response(code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


@contextmanager
def queue(*script: str) -> Iterator[Queue]:
    """A webhook receiver that runs."""
    server = Queue(script)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Mailbox:
    """What an SMTP server of aiosmtpd does: takes mail, or answers as its script says (`451`, `550`, `cut`)."""

    def __init__(self, *script: str) -> None:
        self.script = list(script)
        self.mails: list[bytes] = []

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        act = self.script.pop(0) if self.script else "ok"
        if act.isdigit():
            return f"{act} not now"
        self.mails.append(envelope.content)
        if act == "cut":
            server.transport.abort()
            await asyncio.sleep(0)
        return "250 taken as queue-7"


@contextmanager
def mail_server(mailbox: Mailbox) -> Iterator[int]:
    """A mail server that runs; its port."""
    from aiosmtpd.controller import Controller

    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port(), server_hostname="mail.example")
    controller.start()
    try:
        yield int(controller.port)
    finally:
        controller.stop()


class ToolServer:
    """An MCP server with a tool that files entries, and one that says whether it has a key."""

    def __init__(self) -> None:
        self.taken: dict[str, str] = {}
        self.calls = 0
        self.refuse = False


@contextmanager
def tool_server(state: ToolServer) -> Iterator[str]:
    """An MCP server that runs; its address."""
    import uvicorn
    from mcp.server import MCPServer

    server = MCPServer("queue")

    @server.tool()
    def file_entry(idempotency_key: str, lane: str, entry: str) -> str:
        state.calls += 1
        if state.refuse:
            raise ValueError("this lane is closed")
        state.taken.setdefault(idempotency_key, entry)
        return f"filed in {lane}"

    @server.tool()
    def has_entry(idempotency_key: str) -> str:
        return str(idempotency_key in state.taken).lower()

    port = free_port()
    config = uvicorn.Config(server.streamable_http_app(), host="127.0.0.1", port=port, log_level="error")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        running.should_exit = True
        thread.join(10)
