"""Where an investigation's records are missing, and where they are shown to be whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median

from agents.axis import parsed, windows
from agents.case_view import CaseView
from agents.entries import entries
from agents.incident_facts import Fact
from agents.incident_window import STAMP, Scope
from agents.records import Cell
from agents.stated_values import spans_of
from casefile.claims import Citation
from casefile.evidence import Evidence, Span

_COVERS = re.compile(r"complet|cover|contains all|retention", re.IGNORECASE)
_BUSY = 20
_ALONE = 4  # a few records long before the rest are no log that fell silent
_QUIET = timedelta(minutes=20)
# A record about the records: that some of them are not there.
_RECORDS = r"(?:records?|logs?|log lines|telemetry|data|entries|events|collector|export|history|heartbeats?)"
_GONE = (
    r"(?:missing|lost|gaps?|not available|unavailable|dropped|incomplete|down|not (?:collected|recorded|exported|kept))"
)
_LACKS = re.compile(
    rf"\b{_RECORDS}\b[^;]*\b{_GONE}\b|\b{_GONE}\b[^;]*\b{_RECORDS}\b|\bno {_RECORDS}\b|\bgap\b"
    rf"|\b(?:minutes?|hours?|seconds?|stretch|period|interval)\b(?: of \w+)? (?:(?:is|are|was|were) )?{_GONE}\b",
    re.IGNORECASE,
)
# What carries records (no capability is called so), and that it stops or goes on.
_FLOW = (
    r"\b(?:logs?|logging|records?|telemetry)[ _-]"
    r"(?:shipping|shipper|collection|stream(?:ing)?|forward\w*|ingest\w*|transport|pipeline|delivery)\b"
)
_STOPS = re.compile(rf"{_FLOW}[^;]*\b(?:interrupted|stopped|paused|suspended|halted|stalled|lost)\b", re.IGNORECASE)
_GOES_ON = re.compile(rf"{_FLOW}[^;]*\b(?:resumed|restored|restarted|recovered|reconnected)\b", re.IGNORECASE)
_CLOCK = re.compile(r"(?<![\d:.,T+\-])(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?![\d:])")


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch without records in a group's log."""

    group: str
    item: str
    since: datetime
    until: datetime
    detail: str
    citations: list[Citation]


def gaps(view: CaseView, group: str, items: Sequence[Evidence], found: Sequence[Fact], within: Scope) -> list[Gap]:
    """Where records are missing inside the window: said so by the log, or a busy log that falls silent."""
    result = []
    for item in items:
        _, lacking = windows(item.id, view.readings(item.id))
        stretches = [(one.start, one.end, Cell(one.quote, one.locator)) for one in lacking]
        known = {cell.locator for _, _, cell in stretches}
        stretches += [one for one in _said(view, item) if one[2].locator not in known]
        for start, end, cell in stretches:
            detail = "the log says that its records are missing"
            result.append(Gap(group, item.id, start, end, detail, [view.cite(item, cell)]))
        if not stretches:
            detail = "the log says that its records stopped"
            for start, end, cells in _broken(view, item, within.until):
                cited = [view.cite(item, cell) for cell in cells]
                result.append(Gap(group, item.id, start, end, detail, cited))
        placed = [fact for fact in found if fact.item == item.id]
        if len(placed) < _BUSY or not view.readings(item.id).lines:
            continue
        least = _pace(placed)
        for n, (before, after) in enumerate(pairwise(placed)):
            if n >= _ALONE and after.at - before.at >= least:
                detail = "no record of anybody in a log that is busy otherwise"
                cited = [before.citations[0], after.citations[0]]
                result.append(Gap(group, item.id, before.at, after.at, detail, cited))
    since, until = within.since, within.until
    return [one for one in result if since is None or until is None or (one.since < until and one.until > since)]


def _said(view: CaseView, item: Evidence) -> Iterator[tuple[datetime, datetime, Cell]]:
    """A record that says that others are missing, and from when to when: `records from 08:45 to 09:25 lost`.

    A clock without a date is that of the day of the record.
    """
    lines = [(cell.text, cell) for cell in (Cell(s.text.strip(), s.locator) for s in spans_of(view, item) if _plain(s))]
    rows = [(e.text, c) for e in entries(view, item) for cells in e.cells.values() for c in cells]
    for text, cell in [*lines, *rows]:
        if not _LACKS.search(cell.text):
            continue
        stamps = [(m.start(), m.end(), parsed(m[0].strip(), UTC)[0]) for m in STAMP.finditer(text)]
        told = [(start, at) for start, _, at in stamps if at is not None]
        if not told:
            continue
        day = told[0][1]
        for clock in _CLOCK.finditer(text):
            if not any(start <= clock.start() < end for start, end, _ in stamps):
                told.append((clock.start(), _on_day(day, clock[0])))
        ends = [at for _, at in sorted(told)][-2:]
        if len(ends) > 1 and ends[0] < ends[1]:
            yield ends[0], ends[1], cell


def _broken(view: CaseView, item: Evidence, until: datetime | None) -> Iterator[tuple[datetime, datetime, list[Cell]]]:
    """From a record that says that the records stop to the one that says that they go on; to the end of the window
    where none does."""
    stop: tuple[datetime, Cell] | None = None
    for cell in (Cell(s.text.strip(), s.locator) for s in spans_of(view, item) if _plain(s)):
        stamp = STAMP.search(cell.text)
        at = parsed(stamp[0].strip(), UTC)[0] if stamp is not None else None
        if at is None:
            continue
        if stop is not None and stop[0] < at and _GOES_ON.search(cell.text):
            yield stop[0], at, [stop[1], cell]
            stop = None
        elif stop is None and _STOPS.search(cell.text) and not _GOES_ON.search(cell.text):
            stop = (at, cell)
    if stop is not None and until is not None and stop[0] < until:
        yield stop[0], until, [stop[1]]


def _plain(span: Span) -> bool:
    return not span.hidden and span.kind not in ("cell", "leaf")


def _on_day(day: datetime, clock: str) -> datetime:
    hour, minute, *rest = (int(part) for part in clock.split(":"))
    return day.replace(hour=hour, minute=minute, second=rest[0] if rest else 0, microsecond=0)


def _pace(placed: Sequence[Fact]) -> timedelta:
    """From when on a busy log counts as silent: four times what usually lies between two of its records."""
    usual = median((b.at - a.at).total_seconds() for a, b in pairwise(placed))
    return max(timedelta(seconds=4 * usual), _QUIET)


def whole(view: CaseView, items: Sequence[Evidence], found: Sequence[Fact], moments: Sequence[datetime]) -> bool:
    """Whether a group's records of every moment are shown to be there: an export says so, or a busy log goes on."""
    for item in items:
        reading = view.readings(item.id)
        covered, _ = windows(item.id, reading)
        # The agreed window of the incident is a stretch too, and says nothing about records.
        stretches = [(one.start, one.end) for one in covered if _COVERS.search(f"{one.locator} {one.quote}")]
        placed = [fact for fact in found if fact.item == item.id]
        if len(placed) >= _BUSY and reading.lines:
            least = _pace(placed)
            stretches += [(a.at, b.at) for a, b in pairwise(placed) if b.at - a.at < least]
        if moments and all(any(since <= at <= until for since, until in stretches) for at in moments):
            return True
    return False
