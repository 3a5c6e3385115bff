"""A stub system as a real HTTP server on loopback, with a port of its own, closed at the end of the run.

Its state are the flags that its script sets. They stand in a journal of the server's own, as the state of a customer's
system outlives whoever calls it: a run that was killed finds the system as it left it.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from hmac import compare_digest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl

import orjson

from tools.stub_script import Reply, Rule, StubScript
from tools.systems import System

MAX_BODY = 1024 * 1024


class StubServer(ThreadingHTTPServer):
    """Serves one script. `journal` None keeps the flags in memory only. With a `token` it answers its bearer only."""

    daemon_threads = True

    def __init__(self, script: StubScript, journal: Path | None = None, token: str = "") -> None:
        self.script, self.token = script, token
        self.closing = threading.Event()
        self._journal = journal
        self._lock = threading.Lock()
        self._flags = _flags_of(journal)
        super().__init__(("127.0.0.1", 0), _Handler)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self) -> None:
        """Stop, give the port back, and let go of whoever still waits for an answer."""
        self.closing.set()
        self.shutdown()
        self._thread.join()
        self.server_close()

    def take(self, method: str, path: str, form: Mapping[str, str]) -> Rule | None:
        """Find the rule for a request and apply its flag, one request at a time. None: `otherwise` answers."""
        with self._lock:
            rule = self.script.rule_for(method, path, self._flags, form)
            self._note(method, path, rule)
            if rule is not None and rule.applies is not None:
                self._flags.add(rule.applies)
            return rule

    def _note(self, method: str, path: str, rule: Rule | None) -> None:
        """Write the request down before it is answered; what changes state is on the disk before anyone hears of it."""
        if self._journal is None:
            return
        applies = rule.applies if rule is not None else None
        line = {"method": method, "path": path, "rule": rule.id if rule is not None else None, "applies": applies}
        with self._journal.open("ab") as file:
            file.write(orjson.dumps(line) + b"\n")
            if applies is not None:
                file.flush()
                os.fsync(file.fileno())


class _Handler(BaseHTTPRequestHandler):
    server: StubServer
    protocol_version = "HTTP/1.1"
    timeout = 30

    def _answer(self) -> None:
        if self.server.token and not compare_digest(self._told(), f"Bearer {self.server.token}".encode()):
            self._send(Reply(status=401, body={"error": "unauthorized"}))
            return
        path = self.path.partition("?")[0]
        rule = self.server.take(self.command, path, self._form())
        reply = self.server.script.otherwise if rule is None else rule.reply
        if reply is None:
            # Applied, and silent: the caller's own time-out ends this, or the end of the run.
            self.close_connection = True
            self.server.closing.wait(self.timeout)
            return
        self._send(reply)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815  names of http.server

    def _send(self, reply: Reply) -> None:
        kind = "text/html; charset=utf-8" if reply.html is not None else "application/json"
        data = reply.html.encode() if reply.html is not None else orjson.dumps(reply.body)
        self.send_response(reply.status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def _told(self) -> bytes:
        return self.headers.get("Authorization", "").encode("utf-8", "replace")

    def _form(self) -> dict[str, str]:
        """What was submitted, by field: a form, or the members of a JSON object."""
        length = self.headers.get("Content-Length", "0")
        data = self.rfile.read(min(int(length), MAX_BODY)) if length.isdigit() else b""
        if "json" in self.headers.get("Content-Type", ""):
            try:
                loaded = orjson.loads(data)
            except orjson.JSONDecodeError:
                return {}
            return {str(name): str(value) for name, value in loaded.items()} if isinstance(loaded, dict) else {}
        return dict(parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is http.server's
        """Nothing: standard error belongs to the command."""


def _flags_of(journal: Path | None) -> set[str]:
    """The flags that an earlier server of this script set. A line that a crash cut off was never answered."""
    if journal is None or not journal.exists():
        return set()
    flags = set()
    for line in journal.read_bytes().splitlines():
        try:
            flags.add(orjson.loads(line)["applies"])
        except orjson.JSONDecodeError:
            continue
    return flags - {None}


@asynccontextmanager
async def serving(scripts: Mapping[str, StubScript], journals: Path | None = None) -> AsyncIterator[dict[str, System]]:
    """Every script as a running server; the systems by their id. Closed at the end, whatever happened."""
    if journals is not None and scripts:
        journals.mkdir(parents=True, exist_ok=True)
    servers: list[StubServer] = []
    try:
        systems = {}
        for name, script in scripts.items():
            server = StubServer(script, journals / f"{name.replace(os.sep, '_')}.jsonl" if journals else None)
            server.start()
            servers.append(server)
            systems[name] = System(name, script.system, script.base_url, server.address)
        yield systems
    finally:
        for server in servers:
            await asyncio.to_thread(server.close)
