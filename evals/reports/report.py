"""What a report is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evals.comparison import Comparison
from evals.results import CaseResult
from evals.summary import Summary, summaries


@dataclass(frozen=True, slots=True)
class Report:
    """One eval. `seconds` is the wall time of all cases; `kept` says whether their files stand under `runs/`."""

    results: Sequence[CaseResult]
    repeats: int
    seconds: float
    kept: bool = False
    against: str = ""
    comparison: Comparison | None = None

    @property
    def suites(self) -> list[Summary]:
        """The figures, suite by suite."""
        return summaries(self.results)

    @property
    def holds(self) -> bool:
        """Whether everything was met and nothing got worse: exit code 0."""
        return all(one.holds for one in self.suites) and not (self.comparison and self.comparison.regressed)
