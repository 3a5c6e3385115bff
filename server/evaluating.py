"""Starting an eval from the workspace: a process of its own, so that it takes no time from answers and outlives us."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from evals import lists
from evals.attack import suites as attacks
from evals.kept import EvalRun, Kept, fresh_name
from graphs import catalogue
from server.problems import Conflict, Unusable
from server.settings import ServerSettings

_START_SECONDS = 60.0
_LOOK_SECONDS = 0.05
_NICE = 10
"""People who work go before an eval."""
BUSY = "an eval is running; there is one at a time"


def known_suites() -> list[str]:
    """What can be asked for by name: scenarios, lists of the guardrails, attacks and faults. Never a folder."""
    return [*(one.short for one in catalogue.all_scenarios()), *lists.SUITES, *attacks.SUITES]


def kept_of(settings: ServerSettings) -> Kept:
    """Where this installation keeps its evals."""
    return Kept(settings.data.absolute() / "evals")


async def begin(settings: ServerSettings, names: Sequence[str], repeats: int, by: str) -> EvalRun:
    """Start one; it is on record when this returns. Raises Conflict where one is running, Unusable for a name."""
    unknown = [name for name in names if name not in known_suites()]
    if unknown:
        raise Unusable(f"body.names: {', '.join(unknown)[:200]} is no suite of this installation")
    kept = kept_of(settings)
    if kept.busy():
        raise Conflict(BUSY)
    name = fresh_name()
    process = await asyncio.to_thread(_process, settings.data.absolute(), names, repeats, by, name)
    until = time.monotonic() + _START_SECONDS
    while (run := kept.find(name)) is None:
        if process.poll() is not None or time.monotonic() > until:
            raise Conflict(BUSY if kept.busy() else "the eval did not start")
        await asyncio.sleep(_LOOK_SECONDS)
    return run


def _process(data: Path, names: Sequence[str], repeats: int, by: str, name: str) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "server.cli",
        "eval",
        *names,
        "--repeat",
        str(repeats),
        "--kept-as",
        name,
        "--by",
        by,
    ]
    # Offline, and with none of the secrets that this process may have in its environment.
    passed = {one: os.environ[one] for one in ("PATH", "HOME", "LANG", "TMPDIR") if one in os.environ}
    process = subprocess.Popen(  # noqa: S603  our own command; every name is one of ours
        command,
        env=passed | {"CASEGATE_DATA": str(data)},
        cwd=Path(__file__).resolve().parent.parent,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.setpriority(os.PRIO_PROCESS, process.pid, _NICE)
    return process
