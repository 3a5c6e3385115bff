"""The report as one HTML file that needs nothing else: no script, no address outside, readable in light and dark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from urllib.parse import quote

from evals.comparison import PASSED, Comparison, Interval
from evals.metrics import NAMES
from evals.reports import plots
from evals.reports.report import Report
from evals.results import CaseResult
from evals.summary import Summary, rate, shown, summaries, total

_STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--dim:#5b6470;--line:#d8dde3;--paper:#fff;--band:#f4f6f8;--good:#1a7f4b;--bad:#b42318;--bar:#3566b8}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ed;--dim:#9aa4b0;--line:#39414b;--paper:#15181c;--band:#1d2228;--good:#4cc38a;--bad:#ff8a80;--bar:#7aa7f0}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);margin:2rem auto;max-width:70rem;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2.2rem}table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.3rem .7rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--dim);font-weight:500}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.good{color:var(--good)}.bad{color:var(--bad)}.dim{color:var(--dim)}code,pre{font:13px/1.45 ui-monospace,monospace}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--band);padding:.6rem;margin:.3rem 0}
summary{cursor:pointer;padding:.25rem 0}svg{max-width:100%;height:auto}
"""  # noqa: E501


def page(report: Report) -> str:
    """The whole document."""
    verdict = (
        '<b class="good">everything expected was found</b>' if report.holds else '<b class="bad">not as expected</b>'
    )
    tokens = sum(one.tokens for one in report.results)
    facts = f"{len(report.results)} cases, {report.repeats} run(s) each, {report.seconds:.1f} s, {tokens} tokens"
    parts = [
        f"<h1>Casegate eval</h1><p>{verdict} · {facts}</p>",
        _suites(report),
        _metrics(report),
        _bars(report),
        _history(report),
        _moved(report.comparison, report.against) if report.comparison else "",
        _worst(report),
        *(_suite(one, report) for one in report.suites),
    ]
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Casegate eval</title><style>{_STYLE}</style>'  # noqa: E501
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(parts)}</body></html>\n'


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: frozenset[int]) -> str:
    def cells(tag: str, row: Sequence[str]) -> str:
        return "".join(f"<{tag}{' class=n' if n in numbers else ''}>{one}</{tag}>" for n, one in enumerate(row))

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f"<table><thead><tr>{cells('th', head)}</tr></thead><tbody>{body}</tbody></table>"


def _suites(report: Report) -> str:
    head = ["suite", "cases", "missed", "unsafe", "pass^1", *([f"pass^{report.repeats}"] if report.repeats > 1 else [])]
    rows = [
        [
            f'<a href="#{escape(one.suite)}">{escape(one.suite)}</a> <span class="{"good" if one.holds else "bad"}">'
            f"{'✓' if one.holds else '✗'}</span>",
            str(len(one.results)),
            str(sum(1 for case in one.results if not case.all_passed)),
            str(one.unsafe),
            f"{one.pass_one:.3f}",
            *([f"{one.pass_k:.3f}"] if report.repeats > 1 else []),
        ]
        for one in report.suites
    ]
    return "<h2>Suites</h2>" + _table(head, rows, frozenset(range(1, 6)))


def _metrics(report: Report) -> str:
    scores = {name: total(report.results, name) for name in NAMES}
    rows = [
        [f"<code>{name}</code>", shown(score), f'<span class="dim">{escape(NAMES[name])}</span>']
        for name, score in scores.items()
        if score[1]
    ]
    return "<h2>Metrics</h2>" + _table(["metric", "right", "what is counted"], rows, frozenset({1}))


def _bars(report: Report) -> str:
    """Each metric, suite by suite: one plot a metric, the lowest first."""
    drawn = []
    for name in NAMES:
        rows = sorted((rate(s.metrics[name]), s.suite) for s in report.suites if name in s.metrics)
        if rows:
            plot = plots.bars([(suite, value) for value, suite in rows], f"{name} by suite")
            title = f"<code>{name}</code> by suite, lowest {rows[0][0]:.3f}"
            drawn.append(f"<details><summary>{title}</summary>{plot}</details>")
    return f"<h2>By suite</h2>{''.join(drawn)}" if drawn else ""


def _history(report: Report) -> str:
    """Each metric over the evals that were kept, this one last."""
    if len(report.versions) < 2:
        return ""
    drawn = []
    for name in (PASSED, *NAMES):
        points = _points(report, name)
        if points:
            names = [one.name for one in report.versions]
            plot = plots.over_versions(points, names, f"{name} over versions")
            opened = " open" if name == PASSED else ""
            drawn.append(f"<details{opened}><summary><code>{name}</code></summary>{plot}</details>")
    return f"<h2>Over versions</h2>{''.join(drawn)}"


def _points(report: Report, name: str) -> plots.Points:
    shown = {one.suite for one in report.suites}
    points: dict[str, list[tuple[int, float]]] = {}
    for place, version in enumerate(report.versions):
        for suite in summaries(version.results):
            if suite.suite in shown and (name == PASSED or name in suite.metrics):
                value = suite.pass_one if name == PASSED else rate(suite.metrics[name])
                points.setdefault(suite.suite, []).append((place, value))
    return points


def _moved(moved: Comparison, against: str) -> str:
    lists = "".join(
        f'<p class="{style}">{what}: {escape(", ".join(names))}</p>'
        for what, names, style in (
            ("Less safe than before", moved.flipped, "bad"),
            ("Missed now, not before", moved.lost, "bad"),
            ("Met now, not before", moved.won, "good"),
            ("Changed, as expected still", moved.changed, "dim"),
            ("New", moved.new, "dim"),
            ("Gone", moved.gone, "dim"),
        )
        if names
    )
    shifted = [one for one in moved.intervals if one.mean]
    plot = _intervals(shifted) if shifted else "<p>No figure moved.</p>"
    return f"<h2>Against {escape(against)}</h2>{plot}{lists}"


def _intervals(shifted: Sequence[Interval]) -> str:
    """Mean and 95 % interval of each difference about a line at 0."""
    rows = [(f"{one.figure} (n={one.cases})", one.mean, one.low, one.high, one.worse) for one in shifted]
    return plots.intervals(rows, "differences")


def _worst(report: Report) -> str:
    worst = [one for suite in report.suites for one in suite.missed]
    worst.sort(key=lambda one: (-len(one.unsafe), -len(one.misses), one.name))
    below = "".join(f'<p class="bad">{escape(f"{s.suite}: {line}")}</p>' for s in report.suites for line in s.below)
    told = "".join(_case(one, report, opened=True) for one in worst)
    return f"<h2>Worst first</h2>{below}{told}" if below or told else ""


def _suite(one: Summary, report: Report) -> str:
    cases = "".join(_case(case, report) for case in one.results if case.strict or case.misses)
    return f'<h2 id="{escape(one.suite)}">{escape(one.suite)}</h2>{cases or "<p>Every entry as expected.</p>"}'


def _case(one: CaseResult, report: Report, *, opened: bool = False) -> str:
    """A case: its verdict, what it missed, its figures, and the way to the files of its run."""
    mark = '<span class="good">✓</span>' if one.all_passed else '<span class="bad">✗</span>'
    misses = "".join(f"<pre>{escape(miss)}{' [safety]' if miss in one.unsafe else ''}</pre>" for miss in one.misses)
    figures = ", ".join(f"{name} {right}/{of}" for name, (right, of) in one.metrics.items())
    links = ""
    if report.kept and one.strict:
        place = "runs/" + quote(f"{one.suite}/{one.case}")
        names = ("artifact.md", "outcome.json", "lineage.jsonl")
        links = " · ".join(f'<a href="{place}/{name}">{name}</a>' for name in names)
    artifact = f" <code>{one.artifact[:23]}</code>" if one.artifact else ""
    title = f"{mark} {escape(one.name)} <span class=dim>{escape(one.outcome)}{artifact}</span>"
    inner = f"{misses}<p class=dim>{escape(figures)}</p><p>{links}</p>"
    return f"<details{' open' if opened else ''}><summary>{title}</summary>{inner}</details>"
