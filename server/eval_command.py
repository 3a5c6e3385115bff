"""`casegate eval`: run suites, show what was missed, compare with a baseline, write the reports."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from evals.cases import Case, find
from evals.comparison import compare
from evals.pool import run_all
from evals.reports import data, junit, page, terminal
from evals.reports.report import Report
from evals.results import CaseResult, read_lines, write_lines
from runtime.errors import InputError

LINES = "baseline"


def evaluate(names: Sequence[str], out: Path | None, baseline: Path | None, repeats: int, workers: int | None) -> int:
    """Exit code 0 where everything was met and nothing got worse, else 1."""
    before = read_lines(baseline) if baseline else []
    cases = find(names)
    keep = _folder(out) / "runs" if out else None
    began = time.perf_counter()
    results = _run(cases, repeats, keep, workers)
    report = Report(
        results=results,
        repeats=repeats,
        seconds=time.perf_counter() - began,
        kept=keep is not None,
        against=str(baseline or ""),
        comparison=compare(before, results) if baseline else None,
    )
    if out:
        _write(report, out)
    terminal.show(report, Console(soft_wrap=not sys.stdout.isatty()))
    if out:
        click.echo(f"casegate: reports in {out}: report.html, junit.xml, report.json, {LINES}/", err=True)
    return 0 if report.holds else 1


def _run(cases: Sequence[Case], repeats: int, keep: Path | None, workers: int | None) -> list[CaseResult]:
    found: list[CaseResult] = []
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("cases", total=len(cases))
        for results in run_all(cases, repeats=repeats, keep=keep, workers=workers):
            found += results
            progress.advance(task)
    return sorted(found, key=lambda one: one.name)


def _folder(out: Path) -> Path:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(str(out), "--out", f"a writable folder was expected: {error.strerror}") from error
    return out


def _write(report: Report, out: Path) -> None:
    (out / "report.html").write_text(page.page(report), encoding="utf-8")
    (out / "junit.xml").write_bytes(junit.junit(report))
    (out / "report.json").write_bytes(data.data(report))
    write_lines(report.results, out / LINES)
