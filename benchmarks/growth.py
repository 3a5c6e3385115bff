"""How time grows with size: turns of a case, cases of a store, spans of a case, signals of a stream, readers of a run.

Each curve is measured at sizes that double or triple, and a power is fitted to it (least squares in logarithms): its
exponent hardly depends on how fast the machine is, or on who else is at work. The curves are drawn into
`docs/figures/growth.svg`.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import search, server
from benchmarks.report import Figure, show
from benchmarks.run_overhead import CASE
from casefile.packet import Says, Step
from evals import signal_stream
from evals.reports import plots
from graphs.runner import admit, checkpointer
from runtime.model.offline import Offline
from runtime.search import CaseIndex, HashingEmbedder
from runtime.store import run_list
from runtime.store.database import Database
from runtime.store.run_list import Filter, Scope
from tools.packet_folder import load

DRAWN = Path(__file__).resolve().parent.parent / "docs" / "figures" / "growth.svg"
TURNS = (10, 30, 100, 300)
CASES = (100, 300, 1_000, 3_000, 10_000)
SPANS = (1_000, 2_000, 4_000, 8_000, 16_000)
SIGNALS = (2_000, 4_000, 8_000, 16_000, 32_000)
READERS = (10, 30, 100, 300)
EVENTS = 12


@dataclass(frozen=True, slots=True)
class Curve:
    """Milliseconds at each size. `most` is the exponent that is wanted: 0 is flat, 1 is in proportion."""

    name: str
    sizes: Sequence[int]
    values: Sequence[float]
    most: float

    @property
    def exponent(self) -> float:
        """Of the power that fits best."""
        return float(np.polyfit(np.log(self.sizes), np.log(self.values), 1)[0])


async def turns() -> Curve:
    """A chat turn, by how many the case has had."""
    folder, times = load(CASE), []
    with tempfile.TemporaryDirectory() as scratch:
        url = f"sqlite:///{scratch}/turns.db"
        database = await Database.open(url)
        try:
            async with checkpointer(url) as saver:
                run = await admit(database, saver, folder, Offline())
                await run.open(folder)
                await run.drive()
                for n in range(TURNS[-1] + 5):
                    said = Says(by=folder.packet.requested_by, text="Set it to severity 1 now.")
                    began = time.perf_counter()
                    await run.submit(f"say{n}", Step(at=folder.packet.as_of, says=said))
                    await run.drive()
                    times.append((time.perf_counter() - began) * 1000)
        finally:
            await database.close()
    return Curve("chat turn, ms, by turns of the case", TURNS, [_around(times, size) for size in TURNS], 0.15)


def _around(times: Sequence[float], size: int) -> float:
    return statistics.median(times[max(0, size - 6) : size + 5])


async def cases() -> Curve:
    """A page of the list of cases, by how many the store has."""
    values = []
    with tempfile.TemporaryDirectory() as scratch:
        url = f"sqlite:///{scratch}/cases.db"
        database = await Database.open(url)
        try:
            store = await server._run(url, database)
            person = load(server.CASE).packet.people[0].id
            scope, there = Scope(((store.tenant, person),)), 1
            for size in CASES:
                await server._many(database, store, there, size - there)
                there = size
                values.append(await _page(database, scope))
        finally:
            await database.close()
    return Curve("page of the case list, ms, by cases", CASES, values, 0.9)


async def _page(database: Database, scope: Scope) -> float:
    times = []
    for _ in range(9):
        began = time.perf_counter()
        await run_list.listed(database, scope, Filter())
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def spans() -> Curve:
    """A search, by how many spans the case has."""
    all_spans, queries = search._spans(SPANS[-1]), search._queries(40)
    embedder, values = HashingEmbedder(), []
    for size in SPANS:
        with CaseIndex.open(None, "bench", f"case-{size}", embedder) as index:
            index.add(all_spans[:size])
            index.query(queries[0])
            values.append(_median(lambda one, index=index: index.query(one), queries))
    return Curve("search, ms, by spans of the case", SPANS, values, 1.0)


def signals() -> Curve:
    """Clustering a stream, by how many signals it has."""
    values = []
    for size in SIGNALS:
        stream = signal_stream.generate(size, 7)
        values.append(signal_stream.measure(stream, stream.signals).seconds * 1000)
    return Curve("clustering, ms, by signals", SIGNALS, values, 1.2)


async def readers() -> Curve:
    """From a commit to its arrival at the slowest of the readers, by how many there are."""
    values = []
    with tempfile.TemporaryDirectory() as scratch:
        where = Path(scratch)
        url = f"sqlite:///{where / 'casegate.db'}"
        database = await Database.open(url)
        try:
            store = await server._run(url, database)
            session = await server._account(database, load(server.CASE).packet)
            async with server._serving(url, where) as port:
                for size in READERS:
                    delays, missing = await server._events(port, session, store, database, size, EVENTS)
                    if missing:
                        raise RuntimeError(f"{missing} events did not reach {size} readers")
                    values.append(server._at(delays, 0.95))
        finally:
            await database.close()
    return Curve("commit to reader, ms, p95, by readers", READERS, values, 1.0)


def _median(work: Callable[[Any], object], given: Sequence[Any]) -> float:
    times = []
    for one in given:
        began = time.perf_counter()
        work(one)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


async def measure() -> list[Curve]:
    """Every curve."""
    return [await turns(), await cases(), spans(), signals(), await readers()]


def main() -> None:
    """Print the curves and their exponents, and draw them."""
    curves = asyncio.run(measure())
    for one in curves:
        points = ", ".join(f"{size:,}: {value:.3g}" for size, value in zip(one.sizes, one.values, strict=True))
        print(f"- {one.name}: {points}")
    print()
    show([Figure(f"exponent of {one.name}", one.exponent, limit=one.most) for one in curves])
    DRAWN.parent.mkdir(parents=True, exist_ok=True)
    drawn = plots.growth([(one.name, one.sizes, one.values, one.exponent) for one in curves], "growth")
    head = '<?xml version="1.0" encoding="utf-8"?>\n'
    DRAWN.write_text(head + drawn.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1), encoding="utf-8")


if __name__ == "__main__":
    main()
