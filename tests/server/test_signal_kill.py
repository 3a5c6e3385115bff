"""`kill -9` while signals come in: what was acknowledged is there once, and the clusters are those of all of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import orjson
from sqlalchemy import select
from streams import clustered_at_once, expected, stands

from evals import signal_burst as burst
from evals.signal_burst import TENANT
from runtime.store.database import Database
from runtime.store.signal_rows import counts_of
from runtime.store.signal_tables import signals

ROOT = Path(__file__).resolve().parents[2]
KILLS, BATCHES, SIZE = 3, 120, 25


class Sender:
    """Feeds a process of its own, and remembers what it acknowledged."""

    def __init__(self, url: str, file: Path) -> None:
        command = [sys.executable, str(Path(__file__).parent / "signal_child.py"), url, str(file)]
        surroundings = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=surroundings)
        self.acknowledged: list[str] = []
        assert self.child.stdout is not None
        assert self.child.stdout.readline() == b"ready\n"
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.child.stdout is not None
        for line in self.child.stdout:
            if line.endswith(b"\n"):
                self.acknowledged += line.decode().split()

    def send(self, batches: list[list[dict[str, Any]]]) -> None:
        assert self.child.stdin is not None
        try:
            for batch in batches:
                self.child.stdin.write(orjson.dumps(batch) + b"\n")
                self.child.stdin.flush()
        except BrokenPipeError:
            return

    def kill_after(self, count: int, pause: float) -> None:
        """Kill it once so many signals were acknowledged, and a moment later."""
        until = time.monotonic() + 120
        while len(self.acknowledged) < count:
            assert time.monotonic() < until, "nothing is acknowledged"
            time.sleep(0.001)
        time.sleep(pause)
        os.kill(self.child.pid, signal.SIGKILL)
        self.child.wait()
        self._reader.join(10)

    def end(self) -> None:
        assert self.child.stdin is not None
        self.child.stdin.close()
        assert self.child.wait(120) == 0
        self._reader.join(10)


def batches(chance: Random) -> list[list[dict[str, Any]]]:
    """Sessions of many operators in many tenants, a few events each; one signal in five comes twice."""
    events = [
        burst.event(
            f"A-{n}", "console", f"2026-03-{3 + n % 20:02}T{n % 24:02}:{n % 60:02}:00Z",
            {"ledger_ref": f"A-{n}", "actorId": f"op-{n % 97}", "tenantId": f"tn-{n % 31}",
             "sessionId": f"cs-{n // 3}"},
        )
        for n in range(BATCHES * SIZE)
    ]  # fmt: skip
    events += [one for one in events if chance.random() < 0.2]
    chance.shuffle(events)
    return [events[n : n + SIZE] for n in range(0, len(events), SIZE)]


async def test_every_acknowledged_signal_is_there_once(url: str, tmp_path: Path) -> None:
    chance = Random(5)
    file = burst.stream(tmp_path / "signals")
    database = await Database.open(url)
    left, acknowledged = batches(chance), set[str]()
    for _ in range(KILLS):
        sender = Sender(url, file)
        feeding = threading.Thread(target=sender.send, args=(left,), daemon=True)
        feeding.start()
        # A machine that held this process up may have let the one before take nearly everything.
        sender.kill_after(min(chance.randint(1, 400), sum(map(len, left)) // 2), chance.uniform(0, 0.05))
        feeding.join(10)
        acknowledged |= set(sender.acknowledged)
        there = await database.rows(select(signals.c.source, signals.c.id).where(signals.c.tenant == TENANT))
        assert max(Counter(there).values(), default=1) == 1
        assert acknowledged <= {row.id for row in there}
        left = [batch for batch in left if not {one["id"] for one in batch} <= acknowledged]
    last = Sender(url, file)
    last.send(left)
    last.end()
    counts = await counts_of(database, TENANT)
    assert (counts.stored, counts.placed, counts.dead) == (BATCHES * SIZE, BATCHES * SIZE, 0)
    assert await stands(database, TENANT) == expected(await clustered_at_once(database, TENANT))
    await database.close()
