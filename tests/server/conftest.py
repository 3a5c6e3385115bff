"""Fixtures of the server's tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from house import Client, House, live_packet


@pytest.fixture
def house(sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    """A server over an empty store."""
    started = House(sqlite_url, tmp_path / "data").start()
    yield started
    started.stop()


@pytest.fixture
def both(url: str, tmp_path: Path) -> Iterator[House]:
    """A server over an empty store, once for each kind of database."""
    started = House(url, tmp_path / "data").start()
    yield started
    started.stop()


@pytest.fixture
def intake(house: House) -> Client:
    """The person who opens the case."""
    return house.sign_in("u-intake", ("support_intake_specialist",))


@pytest.fixture
def duty(house: House) -> Client:
    """One who answers its gates."""
    return house.sign_in("u-duty", ("duty_manager",))


@pytest.fixture
def run(house: House, intake: Client, tmp_path: Path) -> str:
    """A case that waits at `exception_release`."""
    return house.open(live_packet(tmp_path / "packet"), intake)
