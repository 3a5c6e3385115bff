"""The report as one HTML file that needs nothing else: no script, no address outside, readable in light and dark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from urllib.parse import quote

from evals.comparison import Comparison, Interval
from evals.metrics import NAMES
from evals.reports.report import Report
from evals.results import CaseResult
from evals.summary import Summary, rate, shown, total

_STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--dim:#5b6470;--line:#d8dde3;--paper:#fff;--band:#f4f6f8;--good:#1a7f4b;--bad:#b42318;--bar:#3566b8}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ed;--dim:#9aa4b0;--line:#39414b;--paper:#15181c;--band:#1d2228;--good:#4cc38a;--bad:#ff8a80;--bar:#7aa7f0}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);margin:2rem auto;max-width:70rem;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2.2rem}table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.3rem .7rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--dim);font-weight:500}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.good{color:var(--good)}.bad{color:var(--bad)}.dim{color:var(--dim)}code,pre{font:13px/1.45 ui-monospace,monospace}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--band);padding:.6rem;margin:.3rem 0}
summary{cursor:pointer;padding:.25rem 0}svg text{fill:var(--ink);font:12px system-ui,sans-serif}
"""  # noqa: E501
_WIDTH, _LEFT, _ROW = 640, 210, 22


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
    plots = []
    for name in NAMES:
        rows = sorted((rate(s.metrics[name]), s.suite) for s in report.suites if name in s.metrics)
        if len(rows) < 2:
            continue
        bars = "".join(
            f'<text x="{_LEFT - 8}" y="{n * _ROW + 15}" text-anchor="end">{escape(suite)}</text>'
            f'<rect x="{_LEFT}" y="{n * _ROW + 4}" width="{value * (_WIDTH - _LEFT - 60):.1f}" height="14" fill="var(--bar)"/>'  # noqa: E501
            f'<text x="{_LEFT + value * (_WIDTH - _LEFT - 60) + 6:.1f}" y="{n * _ROW + 15}">{value:.3f}</text>'
            for n, (value, suite) in enumerate(rows)
        )
        height = len(rows) * _ROW + 4
        plots.append(
            f"<details><summary><code>{name}</code> by suite, lowest {rows[0][0]:.3f}</summary>"
            f'<svg viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" role="img" aria-label="{name} by suite">{bars}</svg></details>'  # noqa: E501
        )
    return f"<h2>By suite</h2>{''.join(plots)}" if plots else ""


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
    reach = max(max(abs(one.low), abs(one.high)) for one in shifted) or 1.0
    middle = _LEFT + (_WIDTH - _LEFT - 120) / 2

    def x(value: float) -> float:
        return middle + value / reach * (_WIDTH - _LEFT - 120) / 2

    rows = "".join(
        f'<text x="{_LEFT - 8}" y="{n * _ROW + 15}" text-anchor="end">{one.figure}</text>'
        f'<line x1="{x(one.low):.1f}" x2="{x(one.high):.1f}" y1="{n * _ROW + 11}" y2="{n * _ROW + 11}" '
        f'stroke="var(--{"bad" if one.worse else "bar"})" stroke-width="2"/>'
        f'<circle cx="{x(one.mean):.1f}" cy="{n * _ROW + 11}" r="4" fill="var(--{"bad" if one.worse else "bar"})"/>'
        f'<text x="{_WIDTH - 100}" y="{n * _ROW + 15}">{one.mean:+.4f} (n={one.cases})</text>'
        for n, one in enumerate(shifted)
    )
    height = len(shifted) * _ROW + 4
    zero = f'<line x1="{middle}" x2="{middle}" y1="0" y2="{height}" stroke="var(--line)"/>'
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" role="img" aria-label="differences">{zero}{rows}</svg>'
    )


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
