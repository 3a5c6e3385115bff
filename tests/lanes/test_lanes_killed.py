"""A worker that is killed between sending and recording: the entry is not lost, and the receiver has it once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import orjson
from receivers import SECRET, queue
from running import KILLED
from sqlalchemy import insert

from runtime.lane_settings import load_lanes
from runtime.store import tables as t
from runtime.store.database import Database
from runtime.store.deliveries import CLAIM_SECONDS, deliveries_of
from tools.lanes.opening import opener
from tools.lanes.worker import DeliveryWorker

ROOT = Path(__file__).resolve().parents[2]


async def test_a_killed_worker_loses_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    assert KILLED == -signal.SIGKILL
    url = f"sqlite:///{tmp_path / 'casegate.db'}"
    database = await Database.open(url)
    row = {"tenant": "tn-a", "run": "run_1", "idempotency_key": "k", "seq": 0, "lane": "review_queue", "body": b"{}"}
    async with database.writing() as connection:
        await connection.execute(insert(t.outbox).values(delivered=False, **row))
    (tmp_path / "hook.key").write_text(SECRET)
    with queue() as receiver:
        settings = {"kind": "webhook", "url": receiver.url, "secret_file": "hook.key"}
        (tmp_path / "lanes.yaml").write_bytes(orjson.dumps({"default": settings}))
        environment = {
            **os.environ,
            "CASEGATE_LANES": str(tmp_path / "lanes.yaml"),
            "CASEGATE_FAULT": "delivery.sent:1",
        }
        command = [sys.executable, "-m", "server.cli", "deliver", "--once", "--db", url]
        killed = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, timeout=60)
        assert killed.returncode == KILLED, killed.stderr
        assert receiver.posts == ["k"]
        assert (await deliveries_of(database, "tn-a", "run_1"))[0].state == "waiting"
        lanes = load_lanes(tmp_path / "lanes.yaml", tmp_path)
        later = int(time.time()) + CLAIM_SECONDS + 1
        await DeliveryWorker(database, lanes, opener(lanes), lambda: later).once()
        assert (await deliveries_of(database, "tn-a", "run_1"))[0].state == "delivered"
        # The webhook's own time stamp is the machine's; the receiver saw the key twice and took it once.
        assert receiver.posts == ["k", "k"]
        assert receiver.taken == {"k": b"{}"}
    await database.close()
