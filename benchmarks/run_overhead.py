"""A governed run against a bare LangGraph graph: same number of node steps, same checkpointer, a 4 KiB state.

The bare graph is timed twice: with LangGraph's checkpointer as it comes, which waits for the disk at each write, and
set as a governed run sets it, which leaves that to the store. Reading and indexing are left out of the governed run's
time: a bare graph does neither. Also printed: checkpoint bytes of a run, and turn 1,000 of a case against turn 10.
"""

from __future__ import annotations

import asyncio
import sqlite3
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, TypedDict

from benchmarks.report import Figure, show
from casefile.packet import Says, Step
from graphs.nodes import intake
from graphs.runner import Run, admit, checkpointer
from runtime.model.offline import Offline
from runtime.store.database import Database, checkpoint_url
from tools.packet_folder import PacketFolder, load

CASE = Path(__file__).resolve().parent.parent / "scenarios/outage-intake/cases/one-screenshot-from-the-test-host"
ROUNDS = 7
TURNS, YOUNG = 1000, 3


class _Bare(TypedDict):
    text: str
    n: int


async def _bare(saver: AbstractAsyncContextManager[Any], steps: int, thread: str) -> float:
    from langgraph.graph import END, START, StateGraph

    async def node(state: _Bare) -> dict[str, Any]:
        return {"n": state["n"] + 1, "text": f"{state['n']:04}" + "x" * 4092}

    graph = StateGraph(_Bare)
    names = [f"n{i}" for i in range(steps)]
    for name in names:
        graph.add_node(name, node)
    for a, b in zip([START, *names], [*names, END], strict=True):
        graph.add_edge(a, b)
    async with saver as opened:
        compiled = graph.compile(checkpointer=opened)
        config: Any = {"configurable": {"thread_id": thread}, "recursion_limit": 1000}
        began = time.perf_counter()
        await compiled.ainvoke({"text": "x" * 4096, "n": 0}, config, durability="sync")
        return time.perf_counter() - began


class _Clock:
    """Times the two nodes that are not counted, by standing in for them."""

    def __init__(self) -> None:
        self.left_out = 0.0
        self.steps = 0

    def watch(self, run: Run) -> None:
        def count(_node: str) -> None:
            self.steps += 1

        run.progress = count

    def wrap(self, node: Any) -> Any:
        async def timed(state: Any, runtime: Any) -> Any:
            began = time.perf_counter()
            try:
                return await node(state, runtime)
            finally:
                self.left_out += time.perf_counter() - began

        timed.__annotations__ = node.__annotations__
        return timed


async def _governed(folder: PacketFolder, where: Path) -> tuple[float, int, int]:
    """Seconds without reading and indexing, steps, checkpoint bytes."""
    url = f"sqlite:///{where / 'store.db'}"
    clock = _Clock()
    before = intake.read, intake.index
    intake.read, intake.index = clock.wrap(before[0]), clock.wrap(before[1])
    database = await Database.open(url)
    try:
        async with checkpointer(url) as saver:
            run = await admit(database, saver, folder, Offline())
            clock.watch(run)
            began = time.perf_counter()
            await run.open(folder)
            await run.drive()
            seconds = time.perf_counter() - began - clock.left_out
        return seconds, clock.steps, _bytes(checkpoint_url(url))
    finally:
        intake.read, intake.index = before
        await database.close()


def _bytes(path: str) -> int:
    with sqlite3.connect(path) as connection:
        query = "SELECT sum(length(checkpoint) + length(metadata)) FROM checkpoints"
        checkpoints = connection.execute(query).fetchone()
        writes = connection.execute("SELECT sum(length(value)) FROM writes").fetchone()
    return int(checkpoints[0] or 0) + int(writes[0] or 0)


class _Case:
    """A case of its own store that is talked to."""

    def __init__(self, folder: PacketFolder, run: Run) -> None:
        self.folder, self.run, self.turns = folder, run, 0

    async def turn(self) -> float:
        """Seconds of one more chat turn."""
        said = Says(by=self.folder.packet.requested_by, text="Set it to severity 1 now.")
        began = time.perf_counter()
        await self.run.submit(f"say{self.turns}", Step(at=self.folder.packet.as_of, says=said))
        await self.run.drive()
        self.turns += 1
        return time.perf_counter() - began


@asynccontextmanager
async def _case(folder: PacketFolder, file: Path) -> AsyncIterator[_Case]:
    url = f"sqlite:///{file}"
    database = await Database.open(url)
    try:
        async with checkpointer(url) as saver:
            run = await admit(database, saver, folder, Offline())
            await run.open(folder)
            await run.drive()
            yield _Case(folder, run)
    finally:
        await database.close()


async def _turns(folder: PacketFolder, where: Path) -> tuple[float, float]:
    """Milliseconds of a chat turn around turn 10 and around turn 1,000: of young cases and an old one in turn, so that
    what else the machine does meets both."""
    tenth, thousandth = [], []
    async with _case(folder, where / "old.db") as old:
        for _ in range(TURNS - YOUNG * 10):
            await old.turn()
        for n in range(YOUNG):
            async with _case(folder, where / f"young{n}.db") as young:
                for _ in range(5):
                    await young.turn()
                for _ in range(20):
                    tenth.append(await young.turn())
                    thousandth.append(await old.turn())
    return statistics.median(tenth) * 1000, statistics.median(thousandth) * 1000


async def measure() -> list[Figure]:
    """The figures."""
    folder = load(CASE)
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    governed, shipped, alike, size = [], [], [], 0
    for n in range(ROUNDS):
        with tempfile.TemporaryDirectory() as scratch:
            where = Path(scratch)
            seconds, steps, size = await _governed(folder, where)
            governed.append(seconds)
            shipped.append(await _bare(AsyncSqliteSaver.from_conn_string(f"{where / 'shipped.db'}"), steps, f"bare{n}"))
            bare = f"sqlite:///{where / 'bare.db'}"
            alike.append(await _bare(checkpointer(bare), steps, f"bare{n}"))
            bare_size = _bytes(checkpoint_url(bare))
    with tempfile.TemporaryDirectory() as scratch:
        tenth, thousandth = await _turns(folder, Path(scratch))
    ours, theirs, set_alike = (statistics.median(times) * 1000 for times in (governed, shipped, alike))
    return [
        Figure("governed run, ms", ours, theirs, "bare graph, checkpointer as it comes, ms", most=1.5),
        Figure("governed run, ms", ours, set_alike, "bare graph, checkpointer set alike, ms", most=1.5),
        Figure("checkpoint KiB per run", size / 1024, bare_size / 1024, "bare graph, KiB", limit=20),
        Figure("chat turn 1,000, ms", thousandth, tenth, "chat turn 10, ms", most=1.2),
    ]


if __name__ == "__main__":
    show(asyncio.run(measure()))
