"""Fixtures of the tests with real MCP servers."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "server"))
sys.path.insert(0, str(Path(__file__).parent.parent / "run"))

from strange import TOKEN, Strange, by_pipes, serve

from tools.connectors.mcp_bounds import Bounds
from tools.connectors.mcp_client import McpServer
from tools.connectors.mcp_http import Address


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
