"""Running packets in tests: in this process, or in a forked child that is killed on the way."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import graphs.document_to_structured_data_handoff  # noqa: F401  loaded before any fork: it is slow
from runtime.model.offline import Offline
from server.run_command import execute
from tools.packet_folder import load

CASES = Path(__file__).resolve().parent.parent / "scenarios"
DEMO = CASES / "outage-intake" / "cases" / "one-screenshot-from-the-test-host"


def run(packet: Path, out: Path, url: str | None = None) -> dict[str, Any]:
    """Run a packet and give its outcome."""
    where = url or f"sqlite:///{out / '.casegate' / 'casegate.db'}"
    return asyncio.run(execute(load(packet), out, where, Offline(), quiet=True))


def in_child(work: Callable[[], None]) -> int:
    """Do some work in a forked child; minus the signal that killed it, else its exit code."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


KILLED = -signal.SIGKILL
