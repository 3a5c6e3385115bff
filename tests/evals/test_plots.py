"""The report's plots: drawn into the page, with nothing fetched, the same each time, and found only there."""

from __future__ import annotations

import re
from pathlib import Path

from evals.reports import plots
from evals.reports.page import page
from evals.reports.report import Report, Version
from evals.results import CaseResult

ROOT = Path(__file__).resolve().parents[2]


def _case(suite: str, name: str, passed: int, right: int) -> CaseResult:
    misses = [] if passed else ["expected x; found y"]
    return CaseResult(suite=suite, case=name, passed=passed, misses=misses, metrics={"provenance": (right, 10)})


def _report() -> Report:
    old = [_case("alpha", "one", 1, 10), _case("beta", "one", 0, 5)]
    new = [_case("alpha", "one", 0, 9), _case("beta", "one", 1, 10)]
    versions = [Version("0.1", "2026-01-01T00:00:00Z", old), Version("0.2", "now", new)]
    return Report(results=new, repeats=1, seconds=1.0, versions=versions)


def test_the_page_has_a_plot_for_each_metric_by_suite_and_over_versions() -> None:
    text = page(_report())
    labels = re.findall(r'<svg role="img" aria-label="([^"]+)"', text)
    assert labels == ["provenance by suite", "passed over versions", "provenance over versions"]
    assert "0.900" in text
    assert ">0.1<" in text
    assert ">0.2<" in text


def test_the_page_needs_nothing_else() -> None:
    text = page(_report())
    assert not re.search(r"https?://|<script|<link|@import|url\(", text)


def test_ids_of_two_plots_do_not_meet() -> None:
    ids = re.findall(r' id="([^"]+)"', page(_report()))
    assert len(ids) == len(set(ids))


def test_a_plot_is_the_same_each_time() -> None:
    points = {"alpha": [(0, 0.5), (1, 1.0)], "beta": [(1, 0.75)]}
    drawn = {plots.over_versions(points, ["0.1", "0.2"], "x") for _ in range(2)}
    assert len(drawn) == 1


def test_matplotlib_is_imported_in_one_place_of_the_program() -> None:
    users = {
        path.relative_to(ROOT).as_posix()
        for room in ("agents", "casefile", "evals", "graphs", "guardrails", "lineage", "runtime", "server", "tools")
        for path in (ROOT / room).rglob("*.py")
        if re.search(r"^\s*(?:import|from) matplotlib", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert users == {"evals/reports/plots.py"}
