"""A watched folder: files of CloudEvents that are moved into it are taken in, and then moved to `done`.

A file is whole when it has its name: write it elsewhere on the same disk, or with a name that begins with a dot or ends
in `.tmp` or `.part`, and rename it. A file that was cut off by a crash is read again: each of its events counts once.
"""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path

import orjson
import structlog
from watchfiles import awatch

from runtime.store.signal_intake import Arrival, DeadLetter
from server.signals.envelope import Envelope, lines
from server.signals.intake import Intake

log = structlog.get_logger("casegate")
KINDS = (".jsonl", ".ndjson", ".json")
AT_ONCE = 1_000
LARGEST = 256 * 1024 * 1024


async def watch(folder: Path, envelope: Envelope, intake: Intake) -> None:
    """Take in what is there, and what comes, until cancelled."""
    done = folder / "done"
    done.mkdir(parents=True, exist_ok=True)
    await _all(folder, envelope, intake)
    # The poll finds what the notification missed: it came between the look and the watch, or over a network disk.
    async for _ in awatch(folder, recursive=False, rust_timeout=5_000, yield_on_timeout=True):
        await _all(folder, envelope, intake)


async def _all(folder: Path, envelope: Envelope, intake: Intake) -> None:
    for path in sorted(await asyncio.to_thread(lambda: list(folder.iterdir()))):
        if path.suffix.lower() in KINDS and not path.name.startswith("."):
            await _take(path, envelope, intake)


async def _take(path: Path, envelope: Envelope, intake: Intake) -> None:
    try:
        raw = await asyncio.to_thread(_bytes, path)
    except OSError as error:
        # Not by its name: who wrote the file chose it, and it may be that of an export or an operator.
        log.warning("a file of signals cannot be read", folder=path.parent.name, error=error.strerror)
        return
    given = _events(path, raw, envelope)
    for n in range(0, len(given), AT_ONCE):
        await intake.put_patiently(given[n : n + AT_ONCE])
    await asyncio.to_thread(os.replace, path, path.parent / "done" / path.name)


def _bytes(path: Path) -> bytes:
    """A plain file's bytes: no link leads out of the folder."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(handle, "rb") as file:
        told = os.fstat(handle)
        if not stat.S_ISREG(told.st_mode) or told.st_size > LARGEST:
            raise OSError(0, f"a plain file of at most {LARGEST} bytes was expected")
        return file.read()


def _events(path: Path, raw: bytes, envelope: Envelope) -> list[Arrival | DeadLetter]:
    if path.suffix.lower() != ".json":
        return [envelope.text(line) for line in lines(raw)]
    try:
        told = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return [envelope.text(raw)]
    return [envelope.event(one, None) for one in told] if isinstance(told, list) else [envelope.event(told, None)]
