"""What the last hunt of each fault found: one line a fault in `results.jsonl`, which the command writes.

A line names its patch by hash, so that a patch that was changed since is seen to have no result.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import orjson
from pydantic import BaseModel, ConfigDict

from evals.mutants.patches import FOLDER, Mutant

RESULTS = FOLDER / "results.jsonl"


class Record(BaseModel):
    """One fault: which suite caught it, `by` is empty where none did, and then `problem` says what came of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fault: str
    by: str
    problem: str = ""
    patch: str
    """The SHA-256 of the patch that was planted."""

    def of(self, mutant: Mutant) -> bool:
        """Whether this is about the patch as it stands."""
        return self.fault == mutant.name and self.patch == patch_hash(mutant)


def patch_hash(mutant: Mutant) -> str:
    """The SHA-256 of a patch's file, in hexadecimal."""
    return hashlib.sha256(mutant.path.read_bytes()).hexdigest()


def read_records(path: Path = RESULTS) -> dict[str, Record]:
    """The lines by the name of their fault; none where there is no file."""
    if not path.is_file():
        return {}
    found = [Record.model_validate_json(line) for line in path.read_bytes().splitlines()]
    return {one.fault: one for one in found}


def write_records(records: Iterable[Record], known: Iterable[Mutant], path: Path = RESULTS) -> None:
    """Replace the lines of these faults; lines of faults that there are no more are left out."""
    names = {one.name for one in known}
    lines = {**read_records(path), **{one.fault: one for one in records}}
    body = [
        orjson.dumps(lines[name].model_dump(exclude_defaults=True)) + b"\n" for name in sorted(names & lines.keys())
    ]
    path.write_bytes(b"".join(body))
