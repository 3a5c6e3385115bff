"""A calendar server for each test, and the settings of an installation that knows it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from bridge_case import PEOPLE, furnish
from radicale_server import Radicale, radicale


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Radicale]:
    with radicale(tmp_path / "radicale") as running:
        furnish(running)
        yield running


@pytest.fixture
def settings(server: Radicale, tmp_path: Path) -> Path:
    return server.settings(tmp_path / "installation", PEOPLE)
