"""The suites of attacks by name: what their cases are called, and how one is judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from evals.attack import canary, duties, injection, mutations, quotes
from evals.faults import suite as faults
from evals.results import CaseResult


@dataclass(frozen=True, slots=True)
class Suite:
    """A suite of attacks."""

    names: Callable[[], list[str]]
    judge: Callable[[str], CaseResult]


SUITES: Mapping[str, Suite] = {
    "attack": Suite(injection.names, injection.judge),
    "canary": Suite(canary.names, canary.judge),
    "faults": Suite(faults.names, faults.judge),
    "duties": Suite(duties.names, duties.judge),
    "mutations": Suite(mutations.names, mutations.judge),
    "quotes": Suite(quotes.names, quotes.judge),
}
