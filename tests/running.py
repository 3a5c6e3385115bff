"""Running packets in tests: in this process, or in a process apart that may be killed on the way.

Processes apart are forked by a server that has loaded everything and started nothing: a fork of the test process
itself would inherit locks of threads that it does not have.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import orjson

from runtime import faults
from runtime.model.offline import Offline
from server.run_command import execute
from tools.packet_folder import load

CASES = Path(__file__).resolve().parent.parent / "scenarios"
DEMO = CASES / "outage-intake" / "cases" / "one-screenshot-from-the-test-host"
KILLED = -signal.SIGKILL
SECONDS = 60

APART = multiprocessing.get_context("forkserver")
APART.set_forkserver_preload(
    [
        "running",
        "graphs.document_to_structured_data_handoff",
        "graphs.governed_execution_with_receipt",
        "chromadb",
        "bm25s",
    ]
)


def run(packet: Path, out: Path, url: str | None = None) -> dict[str, Any]:
    """Run a packet in this process and give its outcome."""
    where = url or f"sqlite:///{out / '.casegate' / 'casegate.db'}"
    return asyncio.run(execute(load(packet), out, where, Offline(), quiet=True))


def run_apart(packet: Path, out: Path, url: str | None = None) -> dict[str, Any]:
    """Run a packet in a process apart."""
    assert finish(APART.Process(target=run, args=(packet, out, url))) == 0
    outcome: dict[str, Any] = orjson.loads((out / "outcome.json").read_bytes())
    return outcome


def killed_at(point: str, packet: Path, out: Path, url: str | None = None) -> bool:
    """Run a packet apart, to be killed at a fault point (`name:count`). False where it ended before that."""
    code = finish(APART.Process(target=_run_to_fault, args=(point, packet, out, url)))
    assert code in (0, KILLED), code
    return code == KILLED


def finish(process: BaseProcess) -> int | None:
    """Start a process, wait for its end, and give its exit code; one that hangs is a failure."""
    process.start()
    process.join(SECONDS)
    if process.is_alive():
        process.kill()
        raise AssertionError("a process apart hangs")
    return process.exitcode


def _run_to_fault(point: str, packet: Path, out: Path, url: str | None) -> None:
    faults.arm(faults.killing(point))
    run(packet, out, url)
