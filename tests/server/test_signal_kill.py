"""`kill -9` while signals come in: what was acknowledged is there once, and the clusters are those of all of it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import burst
import httpx
from burst import TENANT
from sqlalchemy import select
from streams import clustered_at_once, expected, stands

from runtime.store import account_rows
from runtime.store.account_rows import Account, Member, Token
from runtime.store.database import Database
from runtime.store.signal_rows import counts_of
from runtime.store.signal_tables import signals
from server.security.secrets import hashed

SECRET = "cgt_a-token-of-this-test-only"  # noqa: S105  of this test's own store
BATCH = {"content-type": "application/cloudevents-batch+json", "authorization": f"Bearer {SECRET}"}
ROUNDS, BATCHES, SIZE = 3, 40, 25


class Sender(threading.Thread):
    """Sends batches until the server is gone; remembers what was acknowledged."""

    def __init__(self, base: str, batches: list[list[dict[str, Any]]]) -> None:
        super().__init__(daemon=True)
        self.base, self.left = base, batches
        self.acknowledged: list[str] = []

    def run(self) -> None:
        with httpx.Client(base_url=self.base, headers=BATCH, timeout=20) as client:
            while self.left:
                try:
                    answer = client.post(f"/api/signals/{TENANT}", json=self.left[0])
                except httpx.HTTPError:
                    return
                assert answer.status_code == 202, answer.text
                self.acknowledged += [one["id"] for one in self.left.pop(0)]


def serve(url: str, data: Path, file: Path) -> tuple[subprocess.Popen[bytes], str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    given = {"CASEGATE_DATA": str(data), "CASEGATE_SIGNALS": str(file)}
    command = [sys.executable, "-m", "server.cli", "serve", "--port", str(port), "--db", url]
    child = subprocess.Popen(command, env={**os.environ, **given}, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    base, until = f"http://127.0.0.1:{port}", time.monotonic() + 60
    while time.monotonic() < until:
        try:
            if httpx.get(f"{base}/api/health", timeout=2).status_code == 200:
                return child, base
        except httpx.HTTPError:
            time.sleep(0.1)
        assert child.poll() is None, "the server ended while it started"
    raise AssertionError("the server does not start")


def batches(chance: Random) -> list[list[dict[str, Any]]]:
    """Sessions of many operators in many tenants, a few events each; one signal in five comes twice."""
    events = [
        burst.event(
            f"A-{n}", "console", f"2026-03-{3 + n % 20:02}T{n % 24:02}:{n % 60:02}:00Z",
            {"ledger_ref": f"A-{n}", "actorId": f"op-{n % 97}", "tenantId": f"tn-{n % 31}", "sessionId": f"cs-{n // 3}"},
        )
        for n in range(BATCHES * SIZE)
    ]  # fmt: skip
    events += [one for one in events if chance.random() < 0.2]
    chance.shuffle(events)
    return [events[n : n + SIZE] for n in range(0, len(events), SIZE)]


async def admit(database: Database) -> None:
    now = int(time.time())
    account = await account_rows.put_account(
        database, Account("acc_siem", "siem@house.example", "SIEM", None, (), False, False), now
    )
    await account_rows.put_member(database, account.id, Member(TENANT, TENANT, "svc-siem", "SIEM", ()))
    token = Token("tok_siem", "siem", ("signals",), now, None, None)
    await account_rows.put_token(database, account.id, token, hashed(SECRET))


async def test_every_acknowledged_signal_is_there_once(url: str, tmp_path: Path) -> None:
    chance = Random(5)
    file = burst.stream(tmp_path / "signals")
    database = await Database.open(url)
    await admit(database)
    left, acknowledged = batches(chance), list[str]()
    for _ in range(ROUNDS):
        child, base = serve(url, tmp_path / "data", file)
        senders = [Sender(base, left[n::3]) for n in range(3)]
        for sender in senders:
            sender.start()
        time.sleep(chance.uniform(0.02, 0.4))
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        for sender in senders:
            sender.join(30)
        acknowledged += [name for sender in senders for name in sender.acknowledged]
        left = [batch for sender in senders for batch in sender.left]
        there = await database.rows(select(signals.c.source, signals.c.id).where(signals.c.tenant == TENANT))
        assert max(Counter(there).values(), default=1) == 1
        assert set(acknowledged) <= {row.id for row in there}
    assert acknowledged, "nothing was acknowledged before the kills"
    child, base = serve(url, tmp_path / "data", file)
    try:
        last = Sender(base, left)
        last.start()
        last.join(60)
        assert not last.left
        assert await settled(database) == expected(await clustered_at_once(database, TENANT))
    finally:
        child.terminate()
        child.wait(20)
        await database.close()


async def settled(database: Database) -> Any:
    """The clusters, once every signal has its place."""
    until = time.monotonic() + 60
    while (counts := await counts_of(database, TENANT)).placed < counts.stored:
        assert time.monotonic() < until, counts
        await asyncio.sleep(0.1)
    assert counts.stored == BATCHES * SIZE
    return await stands(database, TENANT)
