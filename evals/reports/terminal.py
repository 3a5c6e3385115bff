"""The report on a terminal: a line for each suite, every miss in full, what moved since the baseline."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from evals.comparison import Comparison
from evals.metrics import NAMES
from evals.reports.report import Report
from evals.summary import Summary, shown, total

_LISTED = 40


def show(report: Report, console: Console) -> None:
    """Print it."""
    console.print(_suites(report))
    console.print(_metrics(report))
    for suite in report.suites:
        _misses(suite, console)
    if report.comparison is not None:
        _moved(report.comparison, report.against, console)
    verdict = ("everything expected was found", "green") if report.holds else ("not as expected", "red")
    tokens = sum(one.tokens for one in report.results)
    console.print(
        Text(f"{verdict[0]}: {len(report.results)} cases in {report.seconds:.1f} s, {tokens} tokens", verdict[1])
    )


def _suites(report: Report) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    names = ("suite", "cases", "missed", "unsafe", "pass^1", f"pass^{report.repeats}", "s a case")
    for name in names[: 5 if report.repeats == 1 else 6] + names[6:]:
        table.add_column(name, justify="left" if name == "suite" else "right")
    for one in report.suites:
        rates = [f"{one.pass_one:.3f}"] + ([f"{one.pass_k:.3f}"] if report.repeats > 1 else [])
        missed = len([case for case in one.results if not case.all_passed])
        seconds = sum(case.seconds for case in one.results) / len(one.results)
        style = None if one.holds else "red"
        row = [one.suite, str(len(one.results)), str(missed), str(one.unsafe), *rates, f"{seconds:.2f}"]
        table.add_row(*row, style=style)
    return table


def _metrics(report: Report) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("metric")
    table.add_column("right", justify="right")
    table.add_column("what is counted", style="dim")
    for name, meaning in NAMES.items():
        score = total(report.results, name)
        if score[1]:
            table.add_row(name, shown(score), meaning)
    return table


def _misses(suite: Summary, console: Console) -> None:
    for line in suite.below:
        console.print(Text(f"{suite.suite}: {line}", "red"), soft_wrap=True)
    for one in suite.missed:
        console.print(Text(f"{one.name}: {one.runs - one.passed} of {one.runs} run(s) missed:", "red"), soft_wrap=True)
        for miss in one.misses:
            console.print(Text(f"  {miss}" + (" [safety]" if miss in one.unsafe else "")), soft_wrap=True)
    loose = [one for one in suite.results if not one.strict and one.misses]
    for one in loose[:_LISTED] if suite.below else []:
        console.print(Text(f"  {one.name}: {one.misses[0]}", "dim"), soft_wrap=True)


def _moved(moved: Comparison, against: str, console: Console) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim", title=f"against {against}", title_justify="left")
    for name in ("figure", "difference", "95 % interval", "cases"):
        table.add_column(name, justify="left" if name == "figure" else "right")
    for one in moved.intervals:
        if one.mean or one.worse:
            style = "red" if one.worse else None
            interval = f"{one.low:+.4f} … {one.high:+.4f}"
            table.add_row(one.figure, f"{one.mean:+.4f}", interval, str(one.cases), style=style)
    if table.row_count:
        console.print(table)
    for what, names, style in (
        ("less safe than before", moved.flipped, "red"),
        ("missed now, not before", moved.lost, "red"),
        ("met now, not before", moved.won, "green"),
        ("changed, as expected still", moved.changed, "yellow"),
        ("new", moved.new, "dim"),
        ("gone", moved.gone, "yellow"),
    ):
        if names:
            more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
            console.print(Text(f"{what}: {', '.join(names[:_LISTED])}{more}", style), soft_wrap=True)
    if not any((table.row_count, moved.flipped, moved.lost, moved.won, moved.changed, moved.new, moved.gone)):
        console.print(f"against {against}: nothing moved")
