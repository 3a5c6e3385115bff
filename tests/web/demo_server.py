"""`casegate demo` as a process of its own, as people start it."""

from __future__ import annotations

import re
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90.0
READY_SECONDS = 180.0  # `make demo` promises its cases within three minutes of set-up


class DemoServer:
    """The demo over a store in `folder`. It can be stopped and started again on the same port and store."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[str] | None = None
        self._lines: list[str] = []

    def start(self) -> None:
        """Start it, wait until it has printed its links and answers, and then until its cases are no longer at work."""
        self._lines.clear()
        database, began = f"sqlite:///{self.store}", time.monotonic()
        command = [sys.executable, "-m", "server.cli", "demo", "--port", str(self.port), "--db", database]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        threading.Thread(target=self._read, daemon=True).start()
        self._wait(self._answers, began + PATIENCE, "the demo did not start")
        self._wait(self._rests, began + READY_SECONDS, "the cases of the demo are still at work")

    def _wait(self, done: Callable[[], bool], until: float, otherwise: str) -> None:
        while not done():
            if self._process is None or self._process.poll() is not None or time.monotonic() > until:
                self.stop()
                raise AssertionError(f"{otherwise}:\n" + "".join(self._lines[-40:]))
            time.sleep(0.1)

    def _rests(self) -> bool:
        with closing(sqlite3.connect(f"file:{self.store}?mode=ro", uri=True, timeout=30)) as store:
            return not store.execute("SELECT count(*) FROM inbox WHERE NOT handled").fetchone()[0]

    @property
    def store(self) -> Path:
        """The database file."""
        return self.folder / "casegate.db"

    def stop(self) -> None:
        """End the process; its store stays."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=20)
            self._process = None

    def link(self, who: str) -> str:
        """The sign-in link that the terminal shows for a demo person."""
        for line in self._lines:
            if match := re.match(rf"\s+{re.escape(who)}\s\s+(\S+)\s*$", line):
                return match[1]
        raise AssertionError(f"the terminal shows no link for {who}:\n" + "".join(self._lines))

    def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.append(line)

    def _answers(self) -> bool:
        if not any("Stop with" in line for line in self._lines):
            return False
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
