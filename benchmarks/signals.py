"""Live signals: how many a second are durable, what one costs when a million are stored, how soon a case waits.

`python -m benchmarks.signals --stored 1000000`. Rates are of everything that runs on this machine together: server,
database and senders. The cost of a signal is compared by the processor's time of intake and clustering.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import Any

import httpx
import psycopg
from sqlalchemy.ext.asyncio import AsyncConnection

from agents.signal_live import LiveReader
from benchmarks.report import Figure, show
from evals import signal_burst
from evals.signal_burst import TENANT
from graphs import catalogue
from runtime.signal_settings import StreamSettings, load_signals
from runtime.store import account_rows, signal_rows
from runtime.store.account_rows import Account, Member, Token
from runtime.store.bulk import put_rows
from runtime.store.database import Database
from runtime.store.signal_intake import Arrival, take_in
from runtime.store.signal_places import under
from runtime.store.signal_tables import signal_clusters, signal_keys, signal_places, signals
from server.security.secrets import hashed
from server.signals.envelope import Envelope
from server.signals.rounds import Rounds

POSTGRES = os.environ.get("CASEGATE_TEST_POSTGRES", "postgresql://root@127.0.0.1:5432/test")
SENT, BATCH, SENDERS, PROBE, BULK = 20_000, 200, 4, 10_000, 10_000
RATE = 2_100  # other signals a second beside a case that is being routed
DAY = 86_400


def event(n: int, chance: Random) -> dict[str, Any]:
    """A console event: jobs of three events, by many operators, spread over the days."""
    job = n // 3
    at = 1_767_225_600 + job * 20 % (300 * DAY) + n % 3 * 60
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
    data = {
        "ledger_ref": f"SCA-{n:08}", "event": "object.view", "operator_id": f"op-{job % 997}",
        "tenant_id": f"tn-{job % 4999}", "session_id": f"CS-{job}", "case_ref": f"RC-{job % 50_000}",
        "detail": f"{chance.random():.12f}",
    }  # fmt: skip
    return signal_burst.event(f"SCA-{n:08}", "console", when, data)


@contextmanager
def postgres() -> Iterator[str | None]:
    """A database of this benchmark's own, or None where no server answers."""
    try:
        server = psycopg.connect(POSTGRES, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError:
        yield None
        return
    name = f"casegate_{uuid.uuid4().hex[:12]}"
    server.execute(f'CREATE DATABASE "{name}"')
    try:
        yield f"{POSTGRES.rpartition('/')[0]}/{name}"
    finally:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.close()


@contextmanager
def serving(url: str, folder: Path) -> Iterator[httpx.Client]:
    """A server of its own process, and an integrator's client."""
    secret = f"cgt_{uuid.uuid4().hex}"
    file = signal_burst.stream(folder / "signals")
    asyncio.run(_admit(url, secret))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    given = {"CASEGATE_DATA": str(folder / "data"), "CASEGATE_SIGNALS": str(file)}
    command = [sys.executable, "-m", "server.cli", "serve", "--port", str(port), "--db", url]
    child = subprocess.Popen(command, env={**os.environ, **given}, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    headers = {"authorization": f"Bearer {secret}", "content-type": "application/cloudevents-batch+json"}
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as client:
            while not _answers(client):
                time.sleep(0.1)
            yield client
    finally:
        child.terminate()
        child.wait(30)


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/api/health").status_code == 200
    except httpx.HTTPError:
        return False


async def _admit(url: str, secret: str) -> None:
    database, now = await Database.open(url), int(time.time())
    account = Account("acc_siem", "siem@bench.example", "SIEM", None, (), False, False)
    await account_rows.put_account(database, account, now)
    await account_rows.put_member(database, account.id, Member(TENANT, TENANT, "svc-siem", "SIEM", ()))
    token = Token("tok_siem", "siem", ("signals",), now, None, None)
    await account_rows.put_token(database, account.id, token, hashed(secret))
    await database.close()


def send_all(client: httpx.Client, events: Sequence[dict[str, Any]]) -> float:
    """Send in batches over several connections; seconds until the last one was acknowledged."""
    parts = [events[n : n + BATCH] for n in range(0, len(events), BATCH)]

    def work(mine: Sequence[Sequence[dict[str, Any]]]) -> None:
        for part in mine:
            client.post(f"/api/signals/{TENANT}", json=list(part)).raise_for_status()

    threads = [threading.Thread(target=work, args=(parts[n::SENDERS],)) for n in range(SENDERS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began


def durable(url: str, folder: Path) -> float:
    """Acknowledged signals a second."""
    chance = Random(1)
    with serving(url, folder) as client:
        send_all(client, [event(n, chance) for n in range(2_000)])  # connects, and fills the caches
        return SENT / send_all(client, [event(n, chance) for n in range(10_000, 10_000 + SENT)])


def routed(url: str, folder: Path) -> tuple[float, float]:
    """Seconds from the acknowledgement of the last needed signal until its packet waits at the routing gate, and how
    many other signals a second were acknowledged meanwhile."""
    stop, sent = threading.Event(), [0, 0]
    *first, last = [*signal_burst.watermarks(), *signal_burst.events()]
    # The last one needed makes the cluster a case: the redaction, whose kind is the third.
    with serving(url, folder) as client:

        def noise(which: int) -> None:
            # Each sender keeps to its own time table: what a slow answer cost is caught up.
            chance, n, due = Random(which), 10_000_000 * which, time.perf_counter()
            while not stop.is_set():
                client.post(f"/api/signals/{TENANT}", json=[event(n + k, chance) for k in range(BATCH)])
                n, due = n + BATCH, due + BATCH * len(sent) / RATE
                sent[which] += BATCH
                time.sleep(max(0.0, due - time.perf_counter()))

        client.post(f"/api/signals/{TENANT}", json=[one for one in first if "EXQ" not in one["id"]]).raise_for_status()
        started = time.perf_counter()
        for which in range(len(sent)):
            threading.Thread(target=noise, args=(which,), daemon=True).start()
        time.sleep(3)
        late = [one for one in first if "EXQ" in one["id"]]
        client.post(f"/api/signals/{TENANT}", json=[last, *late]).raise_for_status()
        began = time.perf_counter()
        asyncio.run(_gate(url))
        seconds, rate = time.perf_counter() - began, sum(sent) / (time.perf_counter() - started)
        stop.set()
        time.sleep(0.3)
    return seconds, rate


async def _gate(url: str) -> None:
    database = await Database.open(url)
    until = time.monotonic() + 120
    while time.monotonic() < until:
        rows = await signal_rows.heaviest(database, TENANT, None, 1)
        run = rows[0].run if rows else None
        states = await signal_rows.states_of(database, TENANT, [run]) if run else {}
        if run and states and states[run].gate:
            break
        await asyncio.sleep(0.02)
    else:
        raise SystemExit("the case does not come to its gate")
    await database.close()


class _Store:
    """A store with so many signals in it, and what more signals cost there."""

    def __init__(self, database: Database, stored: int, envelope: Envelope, stream: StreamSettings) -> None:
        self._database, self._at, self._envelope = database, stored, envelope
        self._rounds = Rounds(database, TENANT, stream)
        self._chance = Random(3)
        self.seconds = 0.0

    async def take(self, count: int) -> None:
        """Take so many signals in and cluster them, timed by the processor."""
        given = [event(n, self._chance) for n in range(self._at, self._at + count)]
        began = time.process_time()
        arrivals = [self._envelope.event(one, None) for one in given]
        await take_in(self._database, arrivals, time.time_ns() // 1000)
        while await self._rounds.advance():
            pass
        self.seconds += time.process_time() - began
        self._at += count


async def cost(folder: Path, sizes: Sequence[int]) -> list[float]:
    """Processor milliseconds of intake and clustering for one signal, at each of the stored sizes.

    The sizes take turns, so that a machine that becomes slower or faster meanwhile does so for all of them.
    """
    stream = load_signals(signal_burst.stream(folder / "signals")).tenants[TENANT]
    envelope = Envelope(TENANT, stream, LiveReader(catalogue.find(stream.scenario, "").data["words"]))
    stores = []
    async with AsyncExitStack() as kept:
        for size in sizes:
            database = await Database.open(f"sqlite:///{folder / f'cost-{size}.db'}")
            kept.push_async_callback(database.close)
            for first in range(0, size, BULK):
                await _fill(database, first, min(size, first + BULK))
            stores.append(_Store(database, size, envelope, stream))
        for _ in range(PROBE // 1_000):
            for store in stores:
                await store.take(1_000)
    return [store.seconds / PROBE * 1_000 for store in stores]


async def _fill(database: Database, first: int, end: int) -> int:
    """Jobs of three signals as they stand when they were clustered, without the work of it."""
    chance = Random(first)
    reader = LiveReader(catalogue.find("tenant-boundary", "").data["words"])
    rows, keys, places, clusters = [], [], [], []
    for n in range(first, end):
        told = event(n, chance)
        arrival = Envelope(TENANT, _stream(), reader).event(told, None)
        assert isinstance(arrival, Arrival)
        seq, number = n + 1, n // 3 * 3 + 1
        line = hashlib.sha256(arrival.parsed.encode()).hexdigest()
        rows.append((TENANT, seq, arrival.source, arrival.id, line, arrival.at, 1, arrival.parsed, arrival.body))
        data = told["data"]
        near = (f"o {data['operator_id']}", f"c {data['operator_id']} {data['case_ref']}", f"t {data['tenant_id']}")
        for key in (f"s {data['session_id']}", *(under(one, arrival.at) for one in near)):
            keys.append((TENANT, key, arrival.at, seq, arrival.at))
        places.append((TENANT, seq, number, number, ""))
        if seq == number:
            body = (
                '{"id":"","kinds":{"console":3},"tenants":["t"],"operators":["o"],"aliases":[],"merges":[],"runs":[]}'
            )
            clusters.append((TENANT, number, 1, None, arrival.at, arrival.at, 3, 1, body, False, None, 0))

    async def work(connection: AsyncConnection) -> None:
        await put_rows(connection, signals, rows)
        await put_rows(connection, signal_keys, sorted(keys))
        await put_rows(connection, signal_places, places)
        await put_rows(connection, signal_clusters, clusters)
        for table, columns in (("signal_streams", "size, dead"), ("signal_rounds", "placed, version")):
            text = (
                f"INSERT INTO {table} (tenant, {columns}) VALUES ('{TENANT}', {end}, 1)"
                f" ON CONFLICT (tenant) DO UPDATE SET {columns.split(',')[0]} = {end}"
            )
            await connection.exec_driver_sql(text)

    await database.together(work)
    return end


_STREAMS: list[Any] = []


def _stream() -> Any:
    if not _STREAMS:
        with tempfile.TemporaryDirectory() as folder:
            _STREAMS.append(load_signals(signal_burst.stream(Path(folder) / "signals")).tenants[TENANT])
    return _STREAMS[0]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 where a bound is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.signals", description="Live signals.")
    parser.add_argument("--stored", type=int, default=1_000_000)
    given = parser.parse_args(arguments)
    figures = []
    with tempfile.TemporaryDirectory() as name, postgres() as server:
        folder = Path(name)
        urls = [("SQLite", f"sqlite:///{folder / 'rate.db'}")] + ([("PostgreSQL", server)] if server else [])
        for database, url in urls:
            rate = durable(url, folder / database)
            figures.append(Figure(f"durable signals a second over HTTP, {database}", rate, floor=2_000))
        small, large = asyncio.run(cost(folder / "cost", (PROBE, given.stored)))
        name = f"processor ms a signal with {given.stored:,} stored"
        figures.append(Figure(name, large, small, f"with {PROBE:,} stored", most=1.3))
        seconds, beside = routed(f"sqlite:///{folder / 'routed.db'}", folder / "routed")
        figures.append(Figure("seconds from the last needed signal to the routed packet", seconds, limit=2.0))
        figures.append(Figure("… while so many other signals a second were taken in", beside, floor=1_900))
    show(figures)
    return 0 if all(one.holds for one in figures) else 1


if __name__ == "__main__":
    raise SystemExit(main())
