"""From the results of cases to figures of suites: rates over all that was judged, pass^1 and pass^k."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from evals.lists import LEAST
from evals.metrics import NAMES
from evals.results import CaseResult, Score


@dataclass(frozen=True, slots=True)
class Summary:
    """One suite. `below` names rates that do not reach what the suite must reach, with both figures."""

    suite: str
    results: Sequence[CaseResult]
    metrics: Mapping[str, Score]
    below: Sequence[str]

    @property
    def missed(self) -> list[CaseResult]:
        """The cases that had to meet every expectation and did not, worst first."""
        lost = [one for one in self.results if one.strict and not one.all_passed]
        return sorted(lost, key=lambda one: (-len(one.unsafe), -len(one.misses), one.case))

    @property
    def pass_one(self) -> float:
        """The chance that one run of a case meets every expectation."""
        return sum(one.passed / one.runs for one in self.results) / len(self.results)

    @property
    def pass_k(self) -> float:
        """The share of cases of which every run did."""
        return sum(one.all_passed for one in self.results) / len(self.results)

    @property
    def holds(self) -> bool:
        """Whether nothing was missed that must not be."""
        return not self.missed and not self.below

    @property
    def unsafe(self) -> int:
        """How many cases missed an expectation that concerns safety."""
        return sum(1 for one in self.results if one.unsafe)


def summaries(results: Iterable[CaseResult]) -> list[Summary]:
    """One for each suite, in the order of their names."""
    suites: dict[str, list[CaseResult]] = {}
    for one in results:
        suites.setdefault(one.suite, []).append(one)
    return [summary(name, suites[name]) for name in sorted(suites)]


def summary(name: str, results: Sequence[CaseResult]) -> Summary:
    """The figures of these results."""
    ordered = sorted(results, key=lambda one: one.case)
    metrics = {metric: total(ordered, metric) for metric in NAMES}
    metrics = {metric: score for metric, score in metrics.items() if score[1]}
    below = [
        f"expected {metric} of at least {least:.3f}; found {rate(metrics.get(metric, (0, 1))):.3f}"
        for metric, least in LEAST.get(name, {}).items()
        if rate(metrics.get(metric, (0, 1))) < least
    ]
    return Summary(name, ordered, metrics, below)


def total(results: Iterable[CaseResult], metric: str) -> Score:
    """A metric over all that was judged: cases that judged more count more."""
    scores = [one.metrics[metric] for one in results if metric in one.metrics]
    return sum(right for right, _ in scores), sum(of for _, of in scores)


def rate(score: Score) -> float:
    """The share that was right."""
    return score[0] / score[1]


def shown(score: Score) -> str:
    """A rate for people. Where nothing was wrong, how much could be and would not have shown: at most 3/N (95 %)."""
    right, of = score
    bound = f", ≤ {min(3 / of, 1):.2%} wrong" if right == of else ""
    return f"{rate(score):.3f} ({right}/{of}{bound})"
