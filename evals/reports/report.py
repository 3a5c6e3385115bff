"""What a report is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evals.comparison import Comparison
from evals.results import CaseResult
from evals.summary import Summary, summaries


@dataclass(frozen=True, slots=True)
class Version:
    """An earlier eval: the version that it was of, when it was, and what it found."""

    name: str
    at: str
    results: Sequence[CaseResult]


@dataclass(slots=True)
class Report:
    """One eval. `seconds` is the wall time of all cases; `kept` says whether their files stand under `runs/`.

    `versions` are evals that were kept before, oldest first.
    """

    results: Sequence[CaseResult]
    repeats: int
    seconds: float
    kept: bool = False
    against: str = ""
    comparison: Comparison | None = None
    versions: Sequence[Version] = ()

    @property
    def suites(self) -> list[Summary]:
        """The figures, suite by suite."""
        return summaries(self.results)

    @property
    def holds(self) -> bool:
        """Whether everything was met and nothing got worse: exit code 0."""
        return all(one.holds for one in self.suites) and not (self.comparison and self.comparison.regressed)
