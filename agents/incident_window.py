"""The scope of an investigation: what triage confirmed, the window that people agreed, where records are missing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from agents.axis import windows
from agents.case_view import CaseView
from agents.entries import Entry, entries
from agents.incident_facts import Fact, moment
from agents.records import Cell, label_of
from casefile.claims import Citation
from casefile.evidence import Evidence

_CONFIRMED = re.compile(r"triage (?:is |was )?(?:confirmed|complete|completed)|impact confirmed(?: by triage)?")
_REPORTED = re.compile(r"(?:customer )?first report(?:ed)?|initial (?:customer )?report")
_COVERS = re.compile(r"complet|cover|contains all|retention", re.IGNORECASE)
_BUSY = 20
_ALONE = 4  # a few records long before the rest are no log that fell silent
_QUIET = timedelta(minutes=20)


@dataclass(slots=True)
class Scope:
    """The agreed scope. `computed` says how a bound came about that no person wrote down."""

    report_at: datetime | None = None
    confirmed_at: datetime | None = None
    since: datetime | None = None
    until: datetime | None = None
    computed: bool = False
    report_text: Cell | None = None
    cells: dict[str, Citation] = field(default_factory=dict)
    raw: dict[str, str] = field(default_factory=dict)

    def take(self, name: str, view: CaseView, entry: Entry, cell: Cell) -> datetime | None:
        """Remember a bound with its cell."""
        at, _ = moment(cell.text, "utc")
        if at is not None:
            self.cells[name], self.raw[name] = view.cite(entry.item, cell), cell.text
        return at


def scope(view: CaseView, items: Sequence[Evidence]) -> Scope:
    """Read report, confirmation and window from the case history."""
    found = Scope()
    words: Mapping[str, list[str]] = view.scenario.data["scope"]
    for item in items:
        for entry in entries(view, item):
            around = label_of(entry.context)
            inside = entry.first(words["window_from"]), entry.first(words["window_to"])
            if "window" in around and inside[0] is not None and inside[1] is not None:
                found.since = found.take("window_start", view, entry, inside[0])
                found.until = found.take("window_end", view, entry, inside[1])
            confirmed = entry.first(words["confirmed_at"])
            if confirmed is None and _named(entry, _CONFIRMED):
                confirmed = entry.first(words["at"])
            if confirmed is not None and ("triage" in around or "triage" in label_of(entry.text)):
                found.confirmed_at = found.take("triage_confirmed_at", view, entry, confirmed)
            _report(view, entry, around, words, found)
    if found.since is None and found.report_at and found.confirmed_at:
        hours = int(view.parameters["incident_window_hours"]["hours"])
        found.since, found.until, found.computed = found.report_at - timedelta(hours=hours), found.confirmed_at, True
    return found


def _named(entry: Entry, kind: re.Pattern[str]) -> bool:
    """Whether a short cell says what kind of record the entry is: `event: triage confirmed`."""
    return any(kind.fullmatch(label_of(cell.text)) for cells in entry.cells.values() for cell in cells)


def _report(view: CaseView, entry: Entry, around: str, words: Mapping[str, list[str]], found: Scope) -> None:
    named = entry.first(words["first_report_at"])
    if named is None and ("first report" in around or _named(entry, _REPORTED)):
        named = entry.first(words["at"])
    if named is None:
        return
    at = found.take("first_report_at", view, entry, named)
    if at is not None and (found.report_at is None or at <= found.report_at):
        found.report_at = at
        text = entry.first(words["text"])
        if text is not None:
            found.report_text = text
            found.cells["report_text"] = view.cite(entry.item, text)


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
        for one in lacking:
            cited = [view.cite(item, Cell(one.quote, one.locator))]
            result.append(Gap(group, item.id, one.start, one.end, "the log says that its records are missing", cited))
        placed = [fact for fact in found if fact.item == item.id]
        if len(placed) < _BUSY or not view.readings(item.id).lines:
            continue
        usual, least = _pace(placed)
        for n, (before, after) in enumerate(pairwise(placed)):
            if n >= _ALONE and after.at - before.at >= least:
                detail = f"no record of anybody; records usually come {usual / 60:.0f} minutes apart"
                cited = [before.citations[0], after.citations[0]]
                result.append(Gap(group, item.id, before.at, after.at, detail, cited))
    since, until = within.since, within.until
    return [one for one in result if since is None or until is None or (one.since < until and one.until > since)]


def _pace(placed: Sequence[Fact]) -> tuple[float, timedelta]:
    """How many seconds usually lie between two records of a busy log, and from when on it counts as silent."""
    usual = median((b.at - a.at).total_seconds() for a, b in pairwise(placed))
    return usual, max(timedelta(seconds=4 * usual), _QUIET)


def whole(view: CaseView, items: Sequence[Evidence], found: Sequence[Fact], moments: Sequence[datetime]) -> bool:
    """Whether a group's records of every moment are shown to be there: an export says so, or a busy log goes on."""
    for item in items:
        reading = view.readings(item.id)
        covered, _ = windows(item.id, reading)
        # The agreed window of the incident is a stretch too, and says nothing about records.
        stretches = [(one.start, one.end) for one in covered if _COVERS.search(f"{one.locator} {one.quote}")]
        placed = [fact for fact in found if fact.item == item.id]
        if len(placed) >= _BUSY and reading.lines:
            _, least = _pace(placed)
            stretches += [(a.at, b.at) for a, b in pairwise(placed) if b.at - a.at < least]
        if moments and all(any(since <= at <= until for since, until in stretches) for at in moments):
            return True
    return False
