"""Evals that are kept: a folder each, which the Evals page and later comparisons read.

`run.json` says what was asked, by whom, on which version, and how far it is; results stand beside it as they do in a
baseline, one line a case, and the files of each case below `runs/`. Whoever runs one holds the lock of the folder:
there is one at a time, and one whose process ended without saying so is known by the lock that nobody holds.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from evals.results import CaseResult, read_lines, write_lines
from runtime.clock import instant
from runtime.errors import CasegateError

State = Literal["running", "finished", "failed", "interrupted"]
LINES, FILES, ABOUT = "baseline", "runs", "run.json"
_PATIENCE = 0.5
"""Seconds: whoever only looks whether one is running holds the lock for a moment."""
_NAME = re.compile(r"ev_[0-9]{14}_[0-9a-f]{6}")


class EvalRunningError(CasegateError):
    """Another eval is running: there is one at a time."""


class EvalRun(BaseModel):
    """One kept eval. `done` of `total` cases; `holds` says whether everything expected was found."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    names: list[str]
    repeats: int
    by: str
    version: str
    state: State
    started_at: str
    finished_at: str | None = None
    done: int = 0
    total: int = 0
    seconds: float = 0.0
    holds: bool | None = None
    problem: str = ""


class Kept:
    """The folder of kept evals."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> list[EvalRun]:
        """Every kept eval, newest first."""
        names = sorted((path.parent.name for path in self.folder.glob(f"*/{ABOUT}")), reverse=True)
        return [run for name in names if (run := self.find(name)) is not None]

    def find(self, name: str) -> EvalRun | None:
        """One by its id. A name that is none is answered like one that is not there."""
        if not _NAME.fullmatch(name):
            return None
        try:
            run = EvalRun.model_validate_json((self.folder / name / ABOUT).read_bytes())
        except FileNotFoundError:
            return None
        if run.state == "running" and not self.busy():
            # It may have ended between the two looks: then it says so itself.
            run = EvalRun.model_validate_json((self.folder / name / ABOUT).read_bytes())
            if run.state == "running":
                return run.model_copy(update={"state": "interrupted"})
        return run

    def results(self, name: str) -> list[CaseResult]:
        """The results of one, as far as they are stored."""
        lines = self.folder / name / LINES
        return read_lines(lines) if any(lines.glob("*.jsonl")) else []

    def file(self, name: str, result: CaseResult, file: str) -> Path | None:
        """A file of the run of a case, where it was kept."""
        path = self.folder / name / FILES / result.suite / result.case / file
        return path if path.is_file() else None

    def busy(self) -> bool:
        """Whether an eval is running, in whichever process."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("a") as lock:
            try:
                # Shared: those who only look do not take one another for an eval.
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    @contextmanager
    def running(self, names: Sequence[str], repeats: int, by: str, name: str = "") -> Iterator[Keeping]:
        """Run one: nobody else can meanwhile. Raises EvalRunningError."""
        with self._locked():
            yield Keeping(self, _begun(names, repeats, by, name or fresh_name()))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("a") as lock:
            until = time.monotonic() + _PATIENCE
            while not _taken(lock.fileno()):
                if time.monotonic() > until:
                    raise EvalRunningError("an eval is running; there is one at a time")
                time.sleep(0.02)
            yield


class Keeping:
    """The eval that runs now, and what is written of it while it does."""

    def __init__(self, kept: Kept, run: EvalRun) -> None:
        self._kept, self.run = kept, run
        self._note()

    @property
    def folder(self) -> Path:
        """Its folder."""
        return self._kept.folder / self.run.id

    @property
    def files(self) -> Path:
        """Where the files of its cases go."""
        return self.folder / FILES

    def progress(self, done: int, total: int) -> None:
        """So many cases of so many are done."""
        self.run = self.run.model_copy(update={"done": done, "total": total})
        self._note()

    def finish(self, results: Sequence[CaseResult], seconds: float, holds: bool) -> None:
        """Everything is judged."""
        write_lines(results, self.folder / LINES)
        self._end(state="finished", seconds=round(seconds, 1), holds=holds)

    def fail(self, problem: str) -> None:
        """It could not be finished, for a reason in one line."""
        self._end(state="failed", problem=problem[:500])

    def _end(self, **changes: object) -> None:
        self.run = self.run.model_copy(update={"finished_at": instant(datetime.now(UTC)), **changes})
        self._note()

    def _note(self) -> None:
        """A reader sees the old state or the new one, whole."""
        self.folder.mkdir(parents=True, exist_ok=True)
        fresh = self.folder / f"{ABOUT}.new"
        with fresh.open("w", encoding="utf-8") as file:
            file.write(self.run.model_dump_json(indent=1) + "\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.folder / ABOUT)


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def fresh_name() -> str:
    """A name that sorts by time."""
    return f"ev_{datetime.now(UTC):%Y%m%d%H%M%S}_{secrets.token_hex(3)}"


def _begun(names: Sequence[str], repeats: int, by: str, name: str) -> EvalRun:
    return EvalRun(
        id=name,
        names=list(names),
        repeats=repeats,
        by=by,
        version=program_version(),
        state="running",
        started_at=instant(datetime.now(UTC)),
    )


def program_version() -> str:
    """The version of the program, and the commit where it stands in a repository."""
    root = Path(__file__).resolve().parent.parent
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty"],  # noqa: S607
            cwd=root,
            capture_output=True,
            text=True,
            timeout=10,
        )
    except (OSError, subprocess.TimeoutExpired):
        return version("casegate")
    commit = done.stdout.strip() if done.returncode == 0 else ""
    return f"{version('casegate')} {commit}".strip()
