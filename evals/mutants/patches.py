"""The patches: what each breaks, which suite is expected to catch it, and whether it still fits the code."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from runtime.errors import CasegateError

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent.parent


class PatchError(CasegateError):
    """A patch without its header, or one that does not fit the code. The message names the file."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One planted fault. `suite` is `eval NAME`, or a path of tests."""

    name: str
    what: str
    suite: str
    path: Path

    def apply(self, folder: Path) -> None:
        """Put the fault into a copy of the repository. Raises PatchError where it does not fit."""
        self._git(folder)

    def fits(self) -> bool:
        """Whether the patch fits the code as it stands."""
        try:
            self._git(ROOT, "--check")
        except PatchError:
            return False
        return True

    def revert(self, folder: Path) -> None:
        """Take the fault out again."""
        self._git(folder, "--reverse")

    def _git(self, folder: Path, *options: str) -> None:
        # `git apply` inside a repository silently skips what lies outside of it: the copy is told that it is none.
        environment = {"PATH": os.environ.get("PATH", os.defpath), "GIT_CEILING_DIRECTORIES": str(folder.parent)}
        done = subprocess.run(  # noqa: S603  our own patches, and git from the path
            ["git", "apply", "--unidiff-zero", *options, str(self.path)],  # noqa: S607
            cwd=folder,
            capture_output=True,
            text=True,
            env=environment,
        )
        if done.returncode:
            raise PatchError(f"{self.path.name}: does not fit the code: {done.stderr.strip()[:200]}")


def mutants() -> list[Mutant]:
    """All of them, by name. Raises PatchError for a patch without `What:` and `Caught-by:`."""
    return [_read(path) for path in sorted(FOLDER.glob("*.patch"))]


def _read(path: Path) -> Mutant:
    head = path.read_text(encoding="utf-8").partition("\n--- ")[0]
    given = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
    if not {"What", "Caught-by"} <= given.keys():
        raise PatchError(f"{path.name}: the lines What: and Caught-by: were expected before the patch")
    return Mutant(path.stem, given["What"], given["Caught-by"], path)
