"""The server: live events for 500 readers of one run, and the case page's requests with 10,000 cases in the store.

The server is a process of its own; commits are made by this one, as by another server on the same store: the server
has to notice them. Readers are plain sockets, so that reading costs the machine little.
"""

from __future__ import annotations

import asyncio
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import orjson
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks.report import Figure, show
from casefile.packet import Packet
from graphs.runner import admit, checkpointer
from runtime.clock import instant, wall
from runtime.model.offline import Offline
from runtime.store import account_rows, run_list
from runtime.store.account_rows import Account, Member
from runtime.store.account_tables import run_clocks, run_people
from runtime.store.database import Database
from runtime.store.run_list import Clock
from runtime.store.run_store import RunStore
from runtime.store.tables import runs
from runtime.store.turn import Turn
from server.security.secrets import fresh, hashed
from tools.packet_folder import load

CASE = Path(__file__).resolve().parent.parent / "scenarios/outage-intake/cases/one-screenshot-from-the-test-host"
READERS, EVENTS, CASES, ROUNDS = 500, 30, 10_000, 40
PAGE = ("", "/chat", "/evidence", "/revisions", "/gates/exception_release", "/evidence/ticket", "/lineage?newest=true")
LISTS = ("/api/cases", "/api/cases?state=waiting&waiting_on=duty_manager", "/api/cases?q=CASE-20417", "/api/approvals")


async def _run(url: str, database: Database) -> RunStore:
    """A real run that waits at its gate."""
    folder = load(CASE)
    async with checkpointer(url) as saver:
        run = await admit(database, saver, folder, Offline())
        await run.open(folder)
        await run.drive()
    await run_list.put_clock(database, run.store.tenant, run.store.run, Clock(_behind(folder.packet)))
    return run.store


def _behind(packet: Packet) -> int:
    """By how many seconds a clock that stands where the packet does is behind the wall clock."""
    return wall() - int(packet.as_of.timestamp())


async def _account(database: Database, packet: Packet) -> str:
    """Somebody on the roster of every case; the session's cookie."""
    person, tenant, session = packet.people[0], packet.tenant, fresh()
    made = Account("acc_bench", "bench@bench.invalid", person.name, None, (), False, False)
    await account_rows.put_account(database, made, wall())
    member = Member(tenant.id, tenant.name, person.id, person.name, tuple(person.roles))
    await account_rows.put_member(database, "acc_bench", member)
    await account_rows.start_session(database, hashed(session), "acc_bench", wall(), wall() + 3600)
    return session


async def _many(database: Database, store: RunStore, first: int = 0, count: int = CASES) -> None:
    """So many more rows of the run ledger, each with its roster; the first has this number.

    They wait as the run does: on clocks that stand where its packet does, so that no time runs out meanwhile.
    """
    row = dict((await database.row(select(runs).where(runs.c.run == store.run)))._mapping)
    packet = Packet.model_validate({**orjson.loads(row["packet"]), "timeline": []})
    rows, people, clocks, behind = [], [], [], _behind(packet)
    for n in range(first, first + count):
        name = f"run_bench{n:08}"
        rows.append({**row, "run": name, "case_id": f"CASE-B{n}", "lease_owner": None, "lease_until": None})
        people += [{"tenant": store.tenant, "run": name, "person": person.id} for person in packet.people]
        clocks.append({"tenant": store.tenant, "run": name, "behind": behind, "demo": False})

    async def work(connection: AsyncConnection) -> None:
        for start in range(0, len(rows), 500):
            await connection.execute(insert(runs), rows[start : start + 500])
        for start in range(0, len(people), 2000):
            await connection.execute(insert(run_people), people[start : start + 2000])
        for start in range(0, len(clocks), 2000):
            await connection.execute(insert(run_clocks), clocks[start : start + 2000])

    await database.together(work)


@asynccontextmanager
async def _serving(url: str, data: Path) -> AsyncIterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {**os.environ, "CASEGATE_DATA": str(data)}
    command = [sys.executable, "-m", "server.cli", "serve", "--port", str(port), "--db", url]
    process = await asyncio.create_subprocess_exec(*command, env=environment, stderr=subprocess.DEVNULL)
    try:
        async with httpx.AsyncClient() as client:
            for _ in range(300):
                try:
                    await client.get(f"http://127.0.0.1:{port}/api/health")
                    break
                except httpx.ConnectError:
                    await asyncio.sleep(0.1)
        yield port
    finally:
        process.terminate()
        await process.wait()


_OWN = b'"kind":"note"'


class _Reader(asyncio.Protocol):
    """One reader: when each of the benchmark's own events came, in order. The server adds others meanwhile."""

    def __init__(self, events: int) -> None:
        self._events = events
        self.arrived: list[float] = []
        self.done = asyncio.get_running_loop().create_future()
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        whole, _, self._rest = (self._rest + data).rpartition(b"\n\n")
        self.arrived += [time.perf_counter()] * whole.count(_OWN)
        if len(self.arrived) >= self._events and not self.done.done():
            self.done.set_result(None)

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(ConnectionError("the server closed a stream"))


async def _read(port: int, session: str, store: RunStore, after: int, arrived: list[list[float]], events: int) -> None:
    transport, reader = await asyncio.get_running_loop().create_connection(lambda: _Reader(events), "127.0.0.1", port)
    arrived.append(reader.arrived)
    request = (
        f"GET /api/runs/{store.run}/events?after={after} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Cookie: casegate={session}\r\n\r\n"
    )
    transport.write(request.encode())
    try:
        await reader.done
    finally:
        transport.close()


async def _events(
    port: int, session: str, store: RunStore, database: Database, many: int = READERS, events: int = EVENTS
) -> tuple[list[float], int]:
    """Milliseconds from commit to arrival, and how many arrivals are missing."""
    from runtime.store.chain import head_of

    head = await head_of(database, store.tenant, store.case)
    after = head.size - 1 if head is not None else -1
    arrived: list[list[float]] = []
    readers = [asyncio.create_task(_read(port, session, store, after, arrived, events)) for _ in range(many)]
    await asyncio.sleep(5)
    committed = []
    from lineage.entry import Actor, EntryDraft

    row = await store.row()
    clock = row.clock if row is not None else instant(load(CASE).packet.as_of)
    for n in range(events):
        draft = EntryDraft(
            tenant=store.tenant, case=store.case, run=store.run, kind="note", at=clock, actor=Actor("system", "bench")
        )
        turn = Turn(key=f"bench:{many}:{n}", at=load(CASE).packet.as_of, entries=[draft])
        await store.commit(turn)
        committed.append(time.perf_counter())
        await asyncio.sleep(0.35)
    await asyncio.wait(readers, timeout=10)
    for reader in readers:
        reader.cancel()
    delays = [(at - committed[n]) * 1000 for one in arrived for n, at in enumerate(one)]
    return delays, many * events - len(delays)


async def _requests(port: int, session: str, addresses: list[str]) -> list[float]:
    """Milliseconds of each request, one after the other."""
    times = []
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", cookies={"casegate": session}) as client:
        for n in range(ROUNDS + 2):
            for address in addresses:
                began = time.perf_counter()
                answer = await client.get(address)
                answer.raise_for_status()
                if n >= 2:
                    times.append((time.perf_counter() - began) * 1000)
    return times


def _at(values: list[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


async def measure() -> list[Figure]:
    """The figures."""
    with tempfile.TemporaryDirectory() as scratch:
        where = Path(scratch)
        url = f"sqlite:///{where / 'casegate.db'}"
        database = await Database.open(url)
        try:
            store = await _run(url, database)
            session = await _account(database, load(CASE).packet)
            await _many(database, store)
            async with _serving(url, where) as port:
                page = await _requests(port, session, [f"/api/runs/{store.run}{one}" for one in PAGE])
                lists = await _requests(port, session, list(LISTS))
                delays, missing = await _events(port, session, store, database)
        finally:
            await database.close()
    return [
        Figure("case page request, ms, p95", _at(page, 0.95), statistics.median(page), "median, ms", limit=50),
        Figure("list request, ms, p95", _at(lists, 0.95), statistics.median(lists), "median, ms"),
        Figure("commit to reader, ms, p99", _at(delays, 0.99), statistics.median(delays), "median, ms", limit=250),
        Figure(f"arrivals missing of {READERS * EVENTS}", missing, limit=0),
    ]


if __name__ == "__main__":
    show(asyncio.run(measure()))
