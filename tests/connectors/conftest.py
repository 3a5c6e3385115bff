"""Strange servers of both kinds, and how to reach them."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from casefile.connectors import Shape
from tools.connectors.mcp_bounds import Bounds
from tools.connectors.mcp_client import McpServer
from tools.connectors.mcp_http import Address
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


@pytest.fixture(params=["stdio", "http"])
def strange(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Strange]:
    mood = tmp_path / "mood"
    mood.write_text("fine")
    if request.param == "stdio":
        yield Strange(by_pipes(mood), mood)
        return
    process, url = serve(mood, TOKEN)
    yield Strange(McpServer("desk", "ticketing", Address(url, TOKEN), (TOKEN,), Bounds(seconds=15)), mood, process)
    process.kill()
    process.wait()


@pytest.fixture
def piped(tmp_path: Path) -> Strange:
    mood = tmp_path / "mood"
    mood.write_text("fine")
    return Strange(by_pipes(mood), mood)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Strange]:
    mood = tmp_path / "mood"
    mood.write_text("fine")
    process, url = serve(mood, TOKEN)
    yield Strange(McpServer("desk", "ticketing", Address(url, TOKEN), (TOKEN,), Bounds(seconds=15)), mood, process)
    process.kill()
    process.wait()
