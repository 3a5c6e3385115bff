"""`casegate eval`: run suites, show what was missed, compare with a baseline, write the reports, keep the run."""

from __future__ import annotations

import getpass
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from evals.cases import Case, find
from evals.comparison import compare
from evals.kept import LINES, Keeping, Kept, program_version
from evals.pool import run_all
from evals.reports import data, junit, page, terminal
from evals.reports.report import Report, Version
from evals.results import CaseResult, read_lines, write_lines
from runtime.errors import InputError
from runtime.settings import Settings

Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Keep:
    """That the run is kept: under a name that was given out before, or a new one; `by` who asked for it."""

    name: str = ""
    by: str = ""


def evaluate(
    names: Sequence[str],
    out: Path | None,
    baseline: Path | None,
    repeats: int,
    workers: int | None,
    keep: Keep | None = None,
) -> int:
    """Exit code 0 where everything was met and nothing got worse, else 1. Raises EvalRunningError."""
    before = read_lines(baseline) if baseline else []
    cases = find(names)
    kept = Kept(Settings().data.absolute() / "evals")
    if keep is None:
        files = _folder(out) / "runs" if out else None
        report = _reported(cases, repeats, files, workers, lambda _done, _total: None)
    else:
        with kept.running(names, repeats, keep.by or getpass.getuser(), keep.name) as keeping:
            report = _kept(keeping, cases, repeats, workers)
    if baseline:
        report.against, report.comparison = str(baseline), compare(before, report.results)
    report.versions = _versions(kept, report, keep is not None)
    if out:
        _write(report, _folder(out))
    terminal.show(report, Console(soft_wrap=not sys.stdout.isatty()))
    if out:
        click.echo(f"casegate: reports in {out}: report.html, junit.xml, report.json, {LINES}/", err=True)
    return 0 if report.holds else 1


def _kept(keeping: Keeping, cases: Sequence[Case], repeats: int, workers: int | None) -> Report:
    try:
        report = _reported(cases, repeats, keeping.files, workers, keeping.progress)
    except BaseException as error:
        keeping.fail(f"{type(error).__name__}: {error}")
        raise
    keeping.finish(report.results, report.seconds, report.holds)
    return report


def _reported(cases: Sequence[Case], repeats: int, files: Path | None, workers: int | None, tell: Tell) -> Report:
    began = time.perf_counter()
    results = _run(cases, repeats, files, workers, tell)
    return Report(results=results, repeats=repeats, seconds=time.perf_counter() - began, kept=files is not None)


def _run(cases: Sequence[Case], repeats: int, keep: Path | None, workers: int | None, tell: Tell) -> list[CaseResult]:
    found: list[CaseResult] = []
    console = Console(stderr=True)
    tell(0, len(cases))
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("cases", total=len(cases))
        for done, results in enumerate(run_all(cases, repeats=repeats, keep=keep, workers=workers), 1):
            found += results
            progress.advance(task)
            tell(done, len(cases))
    return sorted(found, key=lambda one: one.name)


def _versions(kept: Kept, report: Report, is_kept: bool) -> list[Version]:
    """The evals that are kept here, oldest first, and this one last: what the plots over versions show."""
    finished = [run for run in kept.all() if run.state == "finished"]
    versions = [Version(run.version, run.started_at, kept.results(run.id)) for run in reversed(finished)]
    return versions if is_kept else [*versions, Version(program_version(), "now", report.results)]


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
