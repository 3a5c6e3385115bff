"""Fixtures of all tests. Shared builders stand beside this file and are imported by name."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
# The root first: folders of tests are named like the rooms, and must not be taken for them.
HELD = ("execution", "run", "readers", "lineage", "receipts", "hostile", "lanes", "calendars", "connectors")
for folder in (*(TESTS / name for name in HELD), TESTS, TESTS.parent):
    sys.path.insert(0, str(folder))

# An installation of the tests' own: keys are made in it, and processes apart find it by the environment.
DATA = tempfile.mkdtemp(prefix="casegate-tests-")
os.environ["CASEGATE_DATA"] = DATA
atexit.register(shutil.rmtree, DATA, ignore_errors=True)

from postgres import own_database  # noqa: E402

from runtime.store.database import Database  # noqa: E402


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder that is shared with others; skipped, saying so, where it is absent."""
    folder = TESTS.parent.parent / "shared"
    if not folder.is_dir():
        pytest.skip("../shared is not here: it holds the examples and vectors that others test with")
    return folder


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path / 'store' / 'casegate.db'}"


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """An empty PostgreSQL database of the test's own; skipped, saying how to get one, where no server answers."""
    with own_database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty store, once for each kind of database."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    found: str = request.getfixturevalue(name)
    return found


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """An open, migrated store, once for each kind of database."""
    opened = await Database.open(url)
    yield opened
    await opened.close()
