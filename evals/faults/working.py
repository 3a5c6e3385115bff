"""The process that is disturbed: it plays packets on a store, delivers what was released, and says what it promised.

What it has promised stands in a file of its own (`acks`): a line is written, and on the disk, after the store has
accepted a run or an event, as a server's answer would be. It is forked from a process that has loaded everything.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from casefile.packet import Step
from graphs.runner import Run, admit, checkpointer, play
from runtime import faults
from runtime.errors import LeaseTaken
from runtime.installation import Installation
from runtime.lane_settings import load_lanes
from runtime.model.offline import Offline
from runtime.store.database import Database
from tools.lanes.opening import opener
from tools.lanes.worker import DeliveryWorker, Worked
from tools.packet_folder import PacketFile, PacketFolder, load
from tools.stub_server import serving

APART = multiprocessing.get_context("forkserver")
APART.set_forkserver_preload(
    ["evals.faults.loaded", "bm25s", "chromadb", "chromadb_rust_bindings", "lemminflect", "rapidfuzz"]
)
KILLED = -signal.SIGKILL
SECONDS = 120
_LEASE_PAUSE = 0.05


@dataclass(frozen=True, slots=True)
class Job:
    """What a process has to do. `strike` is a fault point (`name:count`); `trace` a file for the points that it passes.

    `clock` is how far its clock is off, in seconds; `file_limit` the size in bytes beyond which no file can grow.
    """

    packets: Sequence[Path]
    folder: Path
    url: str
    lanes: Path
    strike: str = ""
    trace: Path | None = None
    clock: float = 0
    file_limit: int = 0
    patience: float = 0

    @property
    def acks(self) -> Path:
        """Where the promises stand."""
        return self.folder / "acks"

    def journals(self, packet: Path) -> Path:
        """Where the stub systems of a packet keep their own logs."""
        return self.folder / "systems" / packet.name


def start(job: Job) -> BaseProcess:
    """The process, running."""
    process = APART.Process(target=_work, args=(job,))
    process.start()
    return process


def finish(job: Job) -> int:
    """Run a job to the end of its process; the exit code. Raises TimeoutError where it hangs."""
    return ended(start(job))


def ended(process: BaseProcess, seconds: float = SECONDS) -> int:
    """Wait for a process; its exit code. Raises TimeoutError where it hangs, and ends it."""
    process.join(seconds)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise TimeoutError(f"a worker did not come to rest within {seconds} s")
    return process.exitcode


def _work(job: Job) -> None:
    if job.clock:
        real = time.time
        time.time = lambda: real() + job.clock
    if job.file_limit:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (job.file_limit, resource.RLIM_INFINITY))
    passed: list[str] = []
    if job.trace is not None:
        faults.arm(passed.append)
    elif job.strike:
        faults.arm(faults.killing(job.strike))
    try:
        asyncio.run(_play_all(job))
    except OSError:
        # The disk is full, or the database is gone: the process ends, and its keeper starts it again.
        os._exit(1)
    except Exception as error:
        if job.file_limit or _store_is_gone(error):
            os._exit(1)
        raise
    if job.trace is not None:
        job.trace.write_text("\n".join(passed), encoding="utf-8")


def _store_is_gone(error: BaseException) -> bool:
    """Whether the database ended a connection: what a restart under load does to whoever is at work."""
    import psycopg
    from psycopg_pool import PoolTimeout
    from sqlalchemy.exc import DBAPIError

    from runtime.errors import StoreError

    return isinstance(error, (DBAPIError, psycopg.OperationalError, PoolTimeout, StoreError))


async def _play_all(job: Job) -> None:
    database = await Database.open(job.url)
    try:
        async with checkpointer(job.url) as saver:
            done = _rested(job)
            for packet in job.packets:
                if packet.name not in done:
                    await _play_one(job, database, saver, packet)
        await _deliver(job, database)
    finally:
        await database.close()


async def _play_one(job: Job, database: Database, saver: Any, packet: Path) -> None:
    folder = load(packet)
    async with serving(folder.scripts, job.journals(packet)) as systems:
        run = await admit(database, saver, folder, Offline(), systems=systems)
        _promise(job, f"admitted {run.store.run}")
        promising = _Promising(run, job)
        until = time.monotonic() + job.patience
        while True:
            try:
                await play(promising, folder)
                break
            except LeaseTaken:
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(_LEASE_PAUSE)
        if run.context.index is not None:
            run.context.index.close()
    _promise(job, f"rested {packet.name}")


async def _deliver(job: Job, database: Database) -> None:
    lanes = load_lanes(job.lanes, job.lanes.parent)
    worker = DeliveryWorker(database, lanes, opener(lanes), Installation.open(job.folder / "data"))
    while await worker.once() != Worked():
        pass


class _Promising(Run):
    """A run that says what it has accepted."""

    def __init__(self, run: Run, job: Job) -> None:
        super().__init__(run.context, run.graph, run.progress)
        self._job = job

    async def open(self, folder: PacketFolder, also: Sequence[PacketFile] = ()) -> None:
        await super().open(folder, also)
        _promise(self._job, f"event {self.store.run} open")

    async def submit(self, key: str, step: Step, file: PacketFile | None = None) -> None:
        await super().submit(key, step, file)
        _promise(self._job, f"event {self.store.run} {key}")


def _promise(job: Job, line: str) -> None:
    with job.acks.open("ab") as file:
        file.write(line.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _rested(job: Job) -> set[str]:
    """The packets that an earlier process played to their end."""
    if not job.acks.exists():
        return set()
    lines = job.acks.read_text(encoding="utf-8").splitlines()
    return {line.removeprefix("rested ") for line in lines if line.startswith("rested ")}
