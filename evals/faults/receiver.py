"""A lane's receiver with a log of its own: which keys it was sent for each trial, and which it took."""

from __future__ import annotations

import hashlib
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import orjson

SECRET = "shared-secret-of-the-fault-suite"


class Receiver(ThreadingHTTPServer):
    """Takes each key once, as a queue that knows idempotency keys does; the path names the trial."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.sent: dict[str, list[str]] = defaultdict(list)
        self.taken: dict[str, dict[str, bytes]] = defaultdict(dict)
        self.lock = threading.Lock()

    def lanes(self, trial: str, folder: Path) -> Path:
        """Write the lanes file of a trial, and the secret beside it."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "hook.key").write_text(SECRET, encoding="utf-8")
        url = f"http://127.0.0.1:{self.server_port}/{trial}"
        lane = {"kind": "webhook", "url": url, "secret_file": "hook.key", "read_back": f"{url}/{{key}}"}
        path = folder / "lanes.yaml"
        path.write_bytes(orjson.dumps({"default": lane}))
        return path


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        trial, key = self.path.strip("/"), self.headers["Casegate-Key"]
        with self.server.lock:
            self.server.sent[trial].append(key)
            known = key in self.server.taken[trial]
            self.server.taken[trial].setdefault(key, body)
        self._answer(409 if known else 201)

    def do_GET(self) -> None:
        trial, _, wanted = self.path.strip("/").partition("/")
        with self.server.lock:
            keys = list(self.server.taken[trial])
        self._answer(200 if any(hashlib.sha256(key.encode()).hexdigest() == wanted for key in keys) else 404)

    def _answer(self, code: int) -> None:
        self.send_response(code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is http.server's
        """Nothing: standard error belongs to the command."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that runs."""
    server = Receiver()
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
