"""The hunt: each fault is planted in a copy of the repository, and the suites are run there until one catches it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

from evals.mutants.patches import ROOT, Mutant, PatchError

SECONDS = 240
"""How long one suite may take; one that takes longer on a mutant has caught it, because it ends in time without."""
# What is tried after the suite that a patch names, the fastest first.
OTHERS = ("eval duties", "eval quotes", "tests/casefile", "tests/guardrails", "tests/lineage", "tests/receipts",
          "eval mutations", "tests/hostile/test_secrets_kept.py")  # fmt: skip
_LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "__pycache__", "node_modules", ".*_cache", "*.db")


@dataclass(frozen=True, slots=True)
class Caught:
    """What came of one mutant: the suite that caught it, or why there is none."""

    mutant: Mutant
    by: str
    problem: str = ""


def hunt(chosen: Sequence[Mutant], workers: int, others: Sequence[str] = OTHERS) -> Iterator[Caught]:
    """Each mutant as it is done, in the order of names. Every worker has a copy of its own.

    `others` are the suites that are tried where the one that a patch names does not catch it.
    """
    copies: Queue[Path] = Queue()
    with tempfile.TemporaryDirectory(prefix="casegate-mutants-") as scratch, ThreadPoolExecutor(workers) as pool:
        for n in range(workers):
            copies.put(Path(shutil.copytree(ROOT, Path(scratch) / str(n), ignore=_LEFT_OUT)))

        def one(mutant: Mutant) -> Caught:
            copy = copies.get()
            try:
                return _hunted(mutant, copy, others)
            finally:
                copies.put(copy)

        yield from pool.map(one, chosen)


def sound(suites: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Whether each suite passes without a fault: one that fails anyway catches nothing."""
    for suite in suites:
        yield suite, not fails(suite, ROOT)


def _hunted(mutant: Mutant, copy: Path, others: Sequence[str]) -> Caught:
    try:
        mutant.apply(copy)
    except PatchError as error:
        return Caught(mutant, "", str(error))
    try:
        for suite in dict.fromkeys([mutant.suite, *others]):
            if fails(suite, copy):
                return Caught(mutant, suite)
    finally:
        mutant.revert(copy)
    return Caught(mutant, "", "no suite caught it")


def fails(suite: str, folder: Path) -> bool:
    """Whether a suite fails there. What a suite writes stays in a folder of its own."""
    kind, _, name = suite.partition(" ")
    run = ["server.cli", "eval", name, "--workers", "1"] if kind == "eval" else [
        "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider", suite
    ]  # fmt: skip
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
    # No byte code: a patch may leave size and second of a file as they were.
    environment = kept | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(  # noqa: S603  our own commands
            [sys.executable, "-m", *run], cwd=folder, env=environment, capture_output=True, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0
