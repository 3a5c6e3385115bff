"""The server in a process of its own, as `casegate serve` runs it, with its log at the most talkative level."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from house import PATIENCE, House

from server.app import create_app
from server.settings import ServerSettings
from server.telemetry import configure_logs

ROOT = Path(__file__).parents[2]


@dataclass
class Apart(House):
    """A house whose server is another process: all that it writes to stdout and stderr is kept."""

    _child: subprocess.Popen[bytes] | None = None

    @property
    def _file(self) -> Path:
        return self.data.parent / "server.log"

    def start(self) -> House:
        """Start the process, and wait until it answers."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = str(probe.getsockname()[1])
        given = {"data": self.data, "sign_in_per_minute": 1000, **self.settings}
        surroundings = {f"CASEGATE_{name.upper()}": str(value) for name, value in given.items()}
        path = {"PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests")))}
        with self._file.open("ab") as kept:
            self._child = subprocess.Popen(
                [sys.executable, __file__, self.url, port],
                cwd=ROOT, env={**os.environ, **path, **surroundings}, stdout=kept, stderr=kept,
            )  # fmt: skip
        self.base = f"http://127.0.0.1:{port}"
        until = time.monotonic() + PATIENCE
        while not self._answers():
            assert time.monotonic() < until, f"the server does not start:\n{self.log().decode()}"
            assert self._child.poll() is None, f"the server ended while it started:\n{self.log().decode()}"
            time.sleep(0.05)
        return self

    def stop(self) -> None:
        """Stop it as an operator would; its log is whole then."""
        if self._child is not None:
            self._child.send_signal(signal.SIGTERM)
            self._child.wait(PATIENCE)
            self._child = None

    def log(self) -> bytes:
        """What it has written so far."""
        return self._file.read_bytes()

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.base}/api/health").status_code == 200
        except httpx.HTTPError:
            return False


def main(url: str, port: str) -> None:
    """Serve until it is stopped; the other settings come from the environment, like those of the command."""
    configure_logs(as_json=True, level=logging.NOTSET)
    assert logging.lastResort is not None
    logging.lastResort.setLevel(logging.NOTSET)
    app = create_app(ServerSettings().model_copy(update={"port": int(port)}), url)
    told: dict[str, Any] = {"log_config": None, "log_level": "debug", "access_log": False, "lifespan": "on"}
    uvicorn.run(app, host="127.0.0.1", port=int(port), **told)


if __name__ == "__main__":
    main(*sys.argv[1:])
