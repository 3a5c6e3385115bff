"""A scenario's boundary as the guardrail takes it."""

from __future__ import annotations

from functools import lru_cache

from casefile.scenario import Scenario
from graphs import catalogue
from guardrails.boundary import Boundary


@lru_cache(maxsize=64)
def _of(short: str) -> Boundary:
    return Boundary(catalogue.scenario(short).must_not)


def boundary_of(scenario: Scenario) -> Boundary:
    """The boundary of a scenario of the catalogue."""
    return _of(scenario.short)
