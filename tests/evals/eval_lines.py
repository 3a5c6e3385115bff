"""Results as an eval writes them, for tests of what is made from them."""

from __future__ import annotations

from typing import Any

from evals.results import CaseResult


def line(case: str, suite: str = "s", *, ok: bool = True, **given: Any) -> CaseResult:
    """One case, passed or with a miss."""
    given = {"passed": int(ok), "misses": [] if ok else ["expected x; found y"], **given}
    return CaseResult(suite=suite, case=case, **given)


def run(count: int, lost: int = 0, suites: int = 1, **given: Any) -> list[CaseResult]:
    """`count` cases over `suites`, of which the first `lost` missed something."""
    return [line(f"c{n:03}", f"s{n % suites}", ok=n >= lost, **given) for n in range(count)]
