"""What an eval found about one case, and files of such lines: results, baselines, what a comparison reads."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from runtime.errors import InputError

Score = tuple[int, int]
"""How many of how many were right. More is always better."""


def rule_of_three(found: int, tried: int) -> str:
    """What a zero can hide: at most 3/N, at 95 %. Empty where something was found."""
    return "" if found or not tried else f" (≤ {min(3 / tried, 1):.2%})"


class CaseResult(BaseModel):
    """One case of one suite, run `runs` times.

    `misses` and `unsafe` are of its first run that missed something: each names what was expected and what was found;
    `unsafe` are those that concern safety. `strict` cases must miss nothing; lists of a guardrail are judged by rates.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    suite: str
    case: str
    runs: int = Field(default=1, ge=1)
    passed: int = Field(ge=0)
    strict: bool = True
    outcome: str = ""
    artifact: str = ""
    same: bool = True
    """Whether every run gave the same artifact."""
    misses: list[str] = []
    unsafe: list[str] = []
    metrics: dict[str, Score] = {}
    calls: int = 0
    tokens: int = 0
    seconds: float = Field(default=0.0, exclude=True)
    """Of one run; not part of the line, because a line changes only where a result did."""

    @property
    def name(self) -> str:
        """Suite and case."""
        return f"{self.suite}/{self.case}"

    @property
    def all_passed(self) -> bool:
        """pass^k of this case: every run met every expectation."""
        return self.passed == self.runs


def write_lines(results: Iterable[CaseResult], folder: Path) -> None:
    """One file a suite, one line a case, in the order of their names: a review of a baseline shows what moved."""
    folder.mkdir(parents=True, exist_ok=True)
    suites: dict[str, list[bytes]] = {}
    for one in sorted(results, key=lambda one: one.name):
        line = orjson.dumps(one.model_dump(mode="json", exclude_defaults=True))
        suites.setdefault(one.suite, []).append(line + b"\n")
    for suite, lines in suites.items():
        (folder / f"{suite}.jsonl").write_bytes(b"".join(lines))


def read_lines(path: Path) -> list[CaseResult]:
    """Read a baseline: a file, or every `.jsonl` file of a folder. Raises InputError with file and line."""
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    if not files:
        raise InputError(str(path), "--compare", "a file of results, or a folder with .jsonl files, was expected")
    found = []
    for file in files:
        try:
            lines = file.read_bytes().splitlines()
        except OSError as error:
            raise InputError(str(file), "--compare", f"a readable file was expected: {error.strerror}") from error
        for number, line in enumerate(lines, 1):
            try:
                found.append(CaseResult.model_validate_json(line))
            except ValidationError as error:
                problem = error.errors()[0]
                place = ".".join(map(str, problem["loc"])) or "the line"
                raise InputError(str(file), f"line {number}", f"{place}: {problem['msg']}") from error
    return found
