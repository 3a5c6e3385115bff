"""Strange servers of both kinds, and how to reach them."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from casefile.connectors import Shape
from tools.connectors.mcp_bounds import Bounds
from tools.connectors.mcp_client import McpServer
from tools.connectors.mcp_stdio import Started

SCRIPT = Path(__file__).with_name("strange_server.py")
TOKEN = "tok-5f1d9c2ab7e84e0f"


@dataclass(slots=True)
class Strange:
    """A server and its mood."""

    server: McpServer
    mood: Path
    process: subprocess.Popen[bytes] | None = None

    def be(self, mood: str) -> None:
        self.mood.write_text(mood)

    def bounded(self, **bounds: Any) -> McpServer:
        return replace(self.server, bounds=replace(self.server.bounds, **bounds))

    async def shape(self, name: str = "look_up") -> Shape:
        """The tool as it is told when the server is fine."""
        self.be("fine")
        return next(one for one in await self.server.tools() if one.name == name)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def serve(mood: Path, token: str = "") -> tuple[subprocess.Popen[bytes], str]:
    """A server over HTTP, once it answers, and its address."""
    port = free_port()
    command = [sys.executable, str(SCRIPT), str(mood), "--port", str(port), "--token", token]
    process = subprocess.Popen(command)
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return process, f"http://127.0.0.1:{port}/mcp"
        time.sleep(0.05)
    raise RuntimeError("the strange server did not start")


def by_pipes(mood: Path) -> McpServer:
    reach = Started([sys.executable, str(SCRIPT), str(mood)], mood.parent, {"DESK_TOKEN": TOKEN})
    return McpServer("desk", "ticketing", reach, (TOKEN,), Bounds(seconds=15))
