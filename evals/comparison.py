"""Two runs, paired case by case: the mean difference of each figure with its 95 % interval, and every case that moved.

The interval is mean ± 1.96 standard errors of the paired differences. Cases of one scenario resemble each other, so
with five or more suites the errors are clustered by suite, as E. Miller proposes for evals (arXiv:2411.00640, 2.2).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from evals.metrics import NAMES
from evals.results import CaseResult
from evals.summary import rate

PASSED = "passed"
_FEWEST_CLUSTERS = 5
_Z = 1.96


@dataclass(frozen=True, slots=True)
class Interval:
    """The difference of one figure, new minus old, over `cases` that both runs have."""

    figure: str
    mean: float
    low: float
    high: float
    cases: int

    @property
    def worse(self) -> bool:
        """Whether the whole interval lies below 0."""
        return self.high < 0


@dataclass(slots=True)
class Comparison:
    """What moved between two runs. Names are suite/case."""

    intervals: list[Interval] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    won: list[str] = field(default_factory=list)
    flipped: list[str] = field(default_factory=list)
    """Safe before, and now not: each is a regression by itself."""
    changed: list[str] = field(default_factory=list)
    """Another outcome or artifact, still as expected."""
    new: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    @property
    def regressed(self) -> bool:
        """Whether the new run is worse beyond doubt, or less safe at all."""
        return bool(self.flipped) or any(one.worse for one in self.intervals)


def compare(old: Sequence[CaseResult], new: Sequence[CaseResult]) -> Comparison:
    """Compare two runs. Suites that the new one left out are left out; a case of its suites that is gone is named."""
    before, now = ({one.name: one for one in results} for results in (old, new))
    suites = {one.suite for one in new}
    both = sorted(before.keys() & now.keys())
    result = Comparison(
        new=sorted(now.keys() - before.keys()),
        gone=sorted(name for name in before.keys() - now.keys() if before[name].suite in suites),
    )
    for name in both:
        _moved(name, before[name], now[name], result)
    pairs = [(before[name], now[name]) for name in both]
    for figure in (PASSED, *NAMES):
        interval = _interval(figure, pairs)
        if interval is not None:
            result.intervals.append(interval)
    return result


def _moved(name: str, old: CaseResult, new: CaseResult, result: Comparison) -> None:
    if new.unsafe and not old.unsafe:
        result.flipped.append(name)
    if old.all_passed != new.all_passed:
        (result.lost if old.all_passed else result.won).append(name)
    elif (old.outcome, old.artifact) != (new.outcome, new.artifact):
        result.changed.append(name)


def _figure(one: CaseResult, figure: str) -> float | None:
    if figure == PASSED:
        return one.passed / one.runs
    return rate(one.metrics[figure]) if figure in one.metrics else None


def _interval(figure: str, pairs: Sequence[tuple[CaseResult, CaseResult]]) -> Interval | None:
    clusters: Mapping[str, list[float]] = defaultdict(list)
    for old, new in pairs:
        left, right = _figure(old, figure), _figure(new, figure)
        if left is not None and right is not None:
            clusters[new.suite].append(right - left)
    values = [value for cluster in clusters.values() for value in cluster]
    if not values:
        return None
    mean = sum(values) / len(values)
    spread = _Z * _standard_error(mean, list(clusters.values()), values)
    return Interval(figure, mean, mean - spread, mean + spread, len(values))


def _standard_error(mean: float, clusters: Sequence[Sequence[float]], values: Sequence[float]) -> float:
    count = len(values)
    if len(clusters) >= _FEWEST_CLUSTERS:
        together = sum(sum(value - mean for value in cluster) ** 2 for cluster in clusters)
        return math.sqrt(together) / count * math.sqrt(len(clusters) / (len(clusters) - 1))
    if count < 2:
        return 0.0
    return math.sqrt(sum((value - mean) ** 2 for value in values) / (count - 1) / count)
