"""Kept evals as pages: figures by suite and metric, over versions, comparisons, one case opened at its run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import orjson

from evals.comparison import compare
from evals.kept import EvalRun, Kept
from evals.metrics import NAMES
from evals.results import CaseResult, Score
from evals.summary import Summary, rate, summaries, total
from server.models import evals as shapes
from server.views.lineage import did

_HOW: Mapping[str, str] = {
    "flipped": "less_safe", "lost": "lost", "won": "won", "changed": "changed", "new": "new", "gone": "gone"
}  # fmt: skip
_LONGEST = 400_000
PASSED = "passed"


def row(run: EvalRun) -> shapes.EvalRow:
    """One kept eval."""
    return shapes.EvalRow.model_validate(run.model_dump())


def page(kept: Kept, run: EvalRun) -> shapes.EvalPage:
    """One eval with its figures."""
    results = kept.results(run.id)
    found = summaries(results)
    names = {one.suite for one in found}
    finished = [one for one in kept.all() if one.state == "finished"]
    return shapes.EvalPage(
        row=row(run),
        suites=[_suite(one) for one in found],
        metrics=_metrics({name: total(results, name) for name in NAMES}),
        cases=[_listed(one) for one in sorted(results, key=_worst_first)],
        history=[point for one in reversed(finished) for point in _points(one, kept.results(one.id), names)],
        others=[row(one) for one in finished if one.id != run.id],
    )


def comparison(kept: Kept, run: EvalRun, other: EvalRun) -> shapes.EvalComparison:
    """Two evals, paired case by case."""
    moved = compare(kept.results(other.id), kept.results(run.id))
    cases = []
    for attribute, how in _HOW.items():
        for name in getattr(moved, attribute):
            suite, _, case = name.partition("/")
            cases.append(shapes.EvalMoved.model_validate({"suite": suite, "case": case, "how": how}))
    return shapes.EvalComparison(
        row=row(run),
        against=row(other),
        regressed=moved.regressed,
        intervals=[
            shapes.EvalInterval(
                figure=one.figure, mean=one.mean, low=one.low, high=one.high, cases=one.cases, worse=one.worse
            )
            for one in moved.intervals
        ],
        moved=cases,
    )


def case(kept: Kept, run: EvalRun, other: EvalRun | None, suite: str, name: str) -> shapes.EvalCase | None:
    """A case of an eval, beside the same case of another. None where neither has it."""
    now = _side(kept, run, suite, name)
    before = _side(kept, other, suite, name) if other is not None else None
    return shapes.EvalCase(suite=suite, case=name, now=now, before=before) if now or before else None


def _side(kept: Kept, run: EvalRun, suite: str, name: str) -> shapes.EvalSide | None:
    # The case is found among the results and never made into a path by what was asked.
    found = next((one for one in kept.results(run.id) if (one.suite, one.case) == (suite, name)), None)
    if found is None:
        return None
    artifact = kept.file(run.id, found, "artifact.md")
    return shapes.EvalSide(
        eval=run.id,
        version=run.version,
        passed=found.passed,
        runs=found.runs,
        outcome=found.outcome,
        artifact_sha256=found.artifact,
        misses=found.misses,
        unsafe=found.unsafe,
        metrics=_metrics(found.metrics),
        artifact=artifact.read_text(encoding="utf-8")[:_LONGEST] if artifact else None,
        lineage=_lineage(kept, run, found),
    )


def _lineage(kept: Kept, run: EvalRun, found: CaseResult) -> list[shapes.EvalEntry]:
    file = kept.file(run.id, found, "lineage.jsonl")
    lines = [orjson.loads(line) for line in file.read_bytes().splitlines()] if file else []
    return [
        shapes.EvalEntry(
            seq=line["seq"],
            kind=line["header"]["kind"],
            did=did(line["header"]["kind"]),
            at=line["header"]["at"],
            actor=(line["header"].get("actor") or {}).get("id", ""),
            hash=line["hash"],
        )
        for line in lines
    ]


def _suite(one: Summary) -> shapes.EvalSuite:
    return shapes.EvalSuite(
        suite=one.suite,
        cases=len(one.results),
        missed=sum(not case.all_passed for case in one.results),
        unsafe=one.unsafe,
        pass_one=one.pass_one,
        pass_k=one.pass_k,
        holds=one.holds,
        metrics=_metrics(one.metrics),
        below=list(one.below),
    )


def _metrics(scores: Mapping[str, Score]) -> list[shapes.Metric]:
    return [
        shapes.Metric(
            name=name,
            counts=NAMES.get(name, ""),
            right=right,
            of=of,
            rate=right / of,
            bound=min(3 / of, 1.0) if right == of else None,
        )
        for name, (right, of) in scores.items()
        if of
    ]


def _listed(one: CaseResult) -> shapes.EvalCaseRow:
    return shapes.EvalCaseRow(
        suite=one.suite,
        case=one.case,
        passed=one.passed,
        runs=one.runs,
        outcome=one.outcome,
        misses=len(one.misses),
        unsafe=len(one.unsafe),
    )


def _worst_first(one: CaseResult) -> tuple[int, int, str]:
    return -len(one.unsafe), -len(one.misses), one.name


def _points(run: EvalRun, results: Sequence[CaseResult], suites: Iterable[str]) -> list[shapes.EvalPoint]:
    points = []
    for one in summaries(results):
        if one.suite not in suites:
            continue
        figures = {PASSED: (one.pass_one, len(one.results))}
        figures |= {name: (rate(score), score[1]) for name, score in one.metrics.items()}
        points += [
            shapes.EvalPoint(
                eval=run.id, version=run.version, at=run.started_at, suite=one.suite, metric=name, rate=value, of=of
            )
            for name, (value, of) in figures.items()
        ]
    return points
