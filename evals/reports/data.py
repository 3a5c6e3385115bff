"""The report for a program: figures of suites, intervals of a comparison, and every case."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import orjson

from evals.reports.report import Report
from evals.summary import rate


def data(report: Report) -> bytes:
    """The report as JSON."""
    suites = [
        {
            "suite": one.suite,
            "cases": len(one.results),
            "missed": [case.case for case in one.missed],
            "below": list(one.below),
            "unsafe": one.unsafe,
            "pass^1": one.pass_one,
            f"pass^{report.repeats}": one.pass_k,
            "metrics": {name: {"right": s[0], "of": s[1], "rate": rate(s)} for name, s in one.metrics.items()},
        }
        for one in report.suites
    ]
    cases = [{**one.model_dump(mode="json"), "seconds": round(one.seconds, 3)} for one in report.results]
    whole: dict[str, Any] = {
        "holds": report.holds,
        "repeats": report.repeats,
        "seconds": round(report.seconds, 1),
        "suites": suites,
        "comparison": {"against": report.against, **asdict(report.comparison)} if report.comparison else None,
        "cases": cases,
    }
    return orjson.dumps(whole, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
