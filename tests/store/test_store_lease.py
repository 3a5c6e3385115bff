"""One process works on a run; a dead one holds nobody up."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest
from sqlalchemy import select, update
from store_turns import admitted

from runtime.clock import wall
from runtime.errors import LeaseTaken
from runtime.store.database import Database
from runtime.store.lease import LEASE_SECONDS, dead, owner
from runtime.store.tables import runs


async def _held_by(database: Database, holder: str, until: int) -> None:
    await database.together(
        lambda connection: connection.execute(update(runs).values(lease_owner=holder, lease_until=until))
    )


async def _holder(database: Database) -> str | None:
    found: str | None = (await database.row(select(runs.c.lease_owner)))[0]
    return found


def _started(pid: int) -> str:
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        return stat.read().rpartition(")")[2].split()[19]


def _living() -> str:
    return f"{socket.gethostname()}:{os.getppid()}:{_started(os.getppid())}"


def _ended() -> str:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    name = f"{socket.gethostname()}:{process.pid}:{_started(process.pid)}"
    process.communicate(b"\n")
    return name


async def test_a_lease_is_taken_given_and_taken_again(database: Database) -> None:
    store = await admitted(database)
    await store.take_lease()
    assert await _holder(database) == owner()
    await store.take_lease()
    await store.give_lease()
    assert await _holder(database) is None


async def test_a_living_process_keeps_its_lease(database: Database) -> None:
    store = await admitted(database)
    await _held_by(database, _living(), wall() + LEASE_SECONDS)
    with pytest.raises(LeaseTaken, match=str(os.getppid())):
        await store.take_lease()
    await store.give_lease()
    assert await _holder(database) == _living()


async def test_a_dead_process_loses_its_lease_at_once(database: Database) -> None:
    store = await admitted(database)
    ended = _ended()
    assert dead(ended)
    await _held_by(database, ended, wall() + LEASE_SECONDS)
    await store.take_lease()
    assert await _holder(database) == owner()


async def test_a_pid_that_was_given_away_again_is_not_its_first_owner(database: Database) -> None:
    store = await admitted(database)
    await _held_by(database, f"{socket.gethostname()}:{os.getppid()}:1", wall() + LEASE_SECONDS)
    await store.take_lease()
    assert await _holder(database) == owner()


async def test_another_machine_counts_as_living_until_its_time_is_over(database: Database) -> None:
    store = await admitted(database)
    await _held_by(database, "elsewhere.example:1:1", wall() + LEASE_SECONDS)
    with pytest.raises(LeaseTaken, match=r"elsewhere\.example"):
        await store.take_lease()
    await _held_by(database, "elsewhere.example:1:1", wall() - 1)
    await store.take_lease()
    assert await _holder(database) == owner()
