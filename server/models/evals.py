"""Evals over the wire: runs, suites and metrics, cases, comparisons."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from server.models.problem import Shape

EvalState = Literal["running", "finished", "failed", "interrupted"]


class EvalNew(Shape):
    """An eval to be run. Without names: every scenario and every list of the guardrails."""

    names: list[str] = Field(default=[], max_length=100, examples=[["outage-intake", "quotes"]])
    repeats: int = Field(default=1, ge=1, le=20, description="runs of each case; pass^k needs all of them")


class EvalRow(Shape):
    """One kept eval. `done` of `total` cases; `holds` null until it has finished."""

    id: str
    names: list[str]
    repeats: int
    by: str = Field(description="the name of the account that started it, or of the user of the command line")
    version: str
    state: EvalState
    started_at: str
    finished_at: str | None
    done: int
    total: int
    seconds: float
    holds: bool | None
    problem: str


class Evals(Shape):
    """Kept evals, newest first; `suites` are what can be run; `running` is the one at work now."""

    rows: list[EvalRow]
    suites: list[str]
    running: str | None


class Metric(Shape):
    """A rate: `right` of `of`, and what is counted. `bound` is what a zero of faults can hide, at 95 %: 3 / of."""

    name: str
    counts: str
    right: int
    of: int
    rate: float
    bound: float | None


class EvalSuite(Shape):
    """One suite of an eval. `below` names rates that do not reach what the suite must reach."""

    suite: str
    cases: int
    missed: int
    unsafe: int
    pass_one: float
    pass_k: float
    holds: bool
    metrics: list[Metric]
    below: list[str]


class EvalCaseRow(Shape):
    """One case, as listed: worst first."""

    suite: str
    case: str
    passed: int
    runs: int
    outcome: str
    misses: int
    unsafe: int


class EvalPoint(Shape):
    """A figure of one suite in one kept eval: what the plots over versions are made of."""

    eval: str
    version: str
    at: str
    suite: str
    metric: str
    rate: float
    of: int


class EvalPage(Shape):
    """One eval with its figures. `history` has the same suites in every eval that was kept, oldest first."""

    row: EvalRow
    suites: list[EvalSuite]
    metrics: list[Metric]
    cases: list[EvalCaseRow]
    history: list[EvalPoint]
    others: list[EvalRow] = Field(description="finished evals that it can be compared with, newest first")


class EvalInterval(Shape):
    """The paired difference of a figure, this eval minus the other, with its 95 % interval."""

    figure: str
    mean: float
    low: float
    high: float
    cases: int
    worse: bool


class EvalMoved(Shape):
    """A case that moved, and how."""

    suite: str
    case: str
    how: Literal["less_safe", "lost", "won", "changed", "new", "gone"]


class EvalComparison(Shape):
    """Two evals, paired case by case. `regressed`: worse beyond the interval, or a case less safe."""

    row: EvalRow
    against: EvalRow
    regressed: bool
    intervals: list[EvalInterval]
    moved: list[EvalMoved]


class EvalEntry(Shape):
    """One entry of the lineage of a case's run."""

    seq: int
    kind: str
    did: str = Field(description="the kind in words, as the lineage of a case says it")
    at: str
    actor: str
    hash: str


class EvalSide(Shape):
    """A case in one eval: result, artifact as text, lineage. Files are there where the eval kept them."""

    eval: str
    version: str
    passed: int
    runs: int
    outcome: str
    artifact_sha256: str
    misses: list[str]
    unsafe: list[str]
    metrics: list[Metric]
    artifact: str | None
    lineage: list[EvalEntry]


class EvalCase(Shape):
    """A case of an eval, beside the same case of another."""

    suite: str
    case: str
    now: EvalSide | None
    before: EvalSide | None


class EvalProgress(Shape):
    """An event of a running eval: `event: progress`; the last one has another state than running."""

    state: EvalState
    done: int
    total: int
