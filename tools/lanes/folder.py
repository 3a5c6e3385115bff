"""The lane as a folder: one line per entry in `<lane>.jsonl`, each entry once."""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
from pathlib import Path

from tools.lanes.port import LaneEntry, Later, Refused

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,150}")


class Folder:
    """Appends under a lock and to the disk. A line that a crash cut off is taken away before the next one."""

    idempotent = True

    def __init__(self, path: Path) -> None:
        self._path = path

    async def deliver(self, entry: LaneEntry) -> str:
        """Append the entry, unless its line stands there."""
        if not _NAME.fullmatch(entry.lane) or b"\n" in entry.body:
            raise Refused(f"{entry.lane!r}: a lane's name in snake_case and an entry of one line were expected")
        try:
            return await asyncio.to_thread(self._append, entry)
        except OSError as error:
            raise Later(f"{self._path}: {error.strerror or error}") from error

    async def has(self, entry: LaneEntry) -> bool | None:
        """Whether the line stands there."""
        try:
            return await asyncio.to_thread(self._stands, entry)
        except OSError as error:
            raise Later(f"{self._path}: {error.strerror or error}") from error

    def _append(self, entry: LaneEntry) -> str:
        self._path.mkdir(parents=True, exist_ok=True)
        file = self._path / f"{entry.lane}.jsonl"
        with file.open("a+b") as lines:
            fcntl.flock(lines, fcntl.LOCK_EX)
            lines.seek(0)
            whole = 0
            for line in lines:
                if line == entry.body + b"\n":
                    return file.name
                whole += len(line) if line.endswith(b"\n") else 0
            lines.truncate(whole)
            lines.seek(0, os.SEEK_END)
            lines.write(entry.body + b"\n")
            lines.flush()
            os.fsync(lines.fileno())
        return file.name

    def _stands(self, entry: LaneEntry) -> bool:
        file = self._path / f"{entry.lane}.jsonl"
        if not file.exists():
            return False
        with file.open("rb") as lines:
            return any(line == entry.body + b"\n" for line in lines)
