"""A worker that is killed between sending and recording: the entry is not lost, and the receiver has it once."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest
from receivers import SECRET, queue, released
from running import KILLED

from runtime.installation import Installation
from runtime.lane_settings import load_lanes
from runtime.store.chain import rows_of
from runtime.store.database import Database
from runtime.store.deliveries import CLAIM_SECONDS, deliveries_of
from tools.lanes.opening import opener
from tools.lanes.worker import DeliveryWorker

ROOT = Path(__file__).resolve().parents[2]


POINTS = ["delivery.claimed", "delivery.sent", "delivery.recorded"]


@pytest.mark.parametrize("point", POINTS)
async def test_a_killed_worker_loses_nothing_and_repeats_nothing(
    point: str, url: str, database: Database, tmp_path: Path
) -> None:
    await released(database, "k", "review_queue", b"{}")
    with queue() as receiver:
        killed = _killed_at(point, url, tmp_path, receiver.url)
        sent = [] if point == "delivery.claimed" else ["k"]
        assert killed.returncode == KILLED, killed.stderr
        assert receiver.posts == sent
        assert (await deliveries_of(database, "tn-a", "run_1"))[0].state == "waiting"
        assert await _kinds(database) == ["run_opened"]
        await _again(database, tmp_path)
        # The webhook's own time stamp is the machine's; the receiver saw the key twice and took it once.
        assert receiver.posts == [*sent, "k"]
        assert receiver.taken == {"k": b"{}"}
    assert (await deliveries_of(database, "tn-a", "run_1"))[0].state == "delivered"
    assert await _kinds(database) == ["run_opened", "delivered"]


async def test_killed_while_it_buries_an_entry(url: str, database: Database, tmp_path: Path) -> None:
    await released(database, "k", "review_queue", b"{}")
    with queue("404", "404") as receiver:
        killed = _killed_at("delivery.buried", url, tmp_path, receiver.url)
        assert killed.returncode == KILLED, killed.stderr
        assert (await deliveries_of(database, "tn-a", "run_1"))[0].state == "waiting"
        await _again(database, tmp_path)
    assert receiver.taken == {}
    assert (await deliveries_of(database, "tn-a", "run_1"))[0].state == "dead"
    assert await _kinds(database) == ["run_opened", "delivery_dead"]


def _killed_at(point: str, url: str, folder: Path, receiver: str) -> subprocess.CompletedProcess[bytes]:
    (folder / "hook.key").write_text(SECRET)
    settings = {"kind": "webhook", "url": receiver, "secret_file": "hook.key"}
    (folder / "lanes.yaml").write_bytes(orjson.dumps({"default": settings}))
    environment = {
        **os.environ,
        "CASEGATE_DATA": str(folder / "data"),
        "CASEGATE_LANES": str(folder / "lanes.yaml"),
        "CASEGATE_FAULT": f"{point}:1",
    }
    command = [sys.executable, "-m", "server.cli", "deliver", "--once", "--db", url]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, timeout=60)


async def _again(database: Database, folder: Path) -> None:
    """A worker that starts after the claim of the dead one ran out."""
    lanes = load_lanes(folder / "lanes.yaml", folder)
    later = int(time.time()) + CLAIM_SECONDS + 1
    await DeliveryWorker(database, lanes, opener(lanes), Installation.open(folder / "data"), lambda: later).once()


async def _kinds(database: Database) -> list[str]:
    return [orjson.loads(row.header)["kind"] async for row in rows_of(database, "tn-a", "CASE-1")]
