"""The scope of an investigation: what triage confirmed, and the window that people agreed, in any layout."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from agents.axis import parsed
from agents.case_view import CaseView
from agents.entries import Entry, entries
from agents.incident_facts import moment, under
from agents.labelled import heading_over, labelled
from agents.records import Cell, label_of
from agents.stated_values import spans_of
from agents.times import mentions
from casefile.claims import Citation
from casefile.evidence import Evidence

STAMP = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s?(?:Z\b|UTC\b|GMT\b|[+\-−]\d{2}:?\d{2}\b)?"
)
_CONFIRMED = re.compile(r"triage (?:is |was )?(?:confirmed|complete|completed)|impact confirmed(?: by triage)?")
_REPORTED = re.compile(r"(?:customer )?first report(?:ed)?|initial (?:customer )?report")
_SAID_CONFIRMED = re.compile(r"\btriage\b.*\bconfirm(?:ed|s)\b|\bconfirmed (?:by|in|at) triage\b", re.IGNORECASE)
_SAID_WINDOW = re.compile(r"\bwindow\b", re.IGNORECASE)
_OPEN = re.compile(r"\bnot\b|\bpending\b|\bunconfirmed\b|\bto be confirmed\b|\bawait|\bonce\b|\bwhen\b", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.;!?])\s+")
_LONGEST = 600
_SIDES = ("window_start", "window_end")


@dataclass(slots=True)
class Scope:
    """The agreed scope. `computed` says how a bound came about that no person wrote down; `own` are the bounds that a
    record of this very case states: a record of another case never stands before them."""

    report_at: datetime | None = None
    confirmed_at: datetime | None = None
    since: datetime | None = None
    until: datetime | None = None
    computed: bool = False
    report_text: Cell | None = None
    cells: dict[str, Citation] = field(default_factory=dict)
    raw: dict[str, str] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)

    def take(self, name: str, cited: Citation, raw: str, *, own: bool) -> bool:
        """Remember where a bound stands, unless a nearer record states it."""
        if name in self.own and not own:
            return False
        if own:
            self.own.add(name)
        self.cells[name], self.raw[name] = cited, raw
        return True


def scope(view: CaseView, items: Sequence[Evidence]) -> Scope:
    """Read report, confirmation and window from the case history; what it does not tell, people's notes may."""
    found = Scope()
    words: Mapping[str, list[str]] = view.scenario.data["scope"]
    for item in items:
        for entry in entries(view, item):
            _of_entry(view, entry, words, found)
    notes = view.of(*view.scenario.data["human"])
    for reads in (_of_labels, _of_sentences):
        for item in (*items, *notes):
            reads(view, item, words, found)
    if found.report_at is None:
        _opened(view, items, words, found)
    if found.since is None and found.report_at and found.confirmed_at:
        hours = int(view.parameters["incident_window_hours"]["hours"])
        found.since, found.until, found.computed = found.report_at - timedelta(hours=hours), found.confirmed_at, True
    return found


def _of_entry(view: CaseView, entry: Entry, words: Mapping[str, list[str]], found: Scope) -> None:
    around = label_of(entry.context)
    own = _mine(view, f"{entry.context} {entry.text}")
    start, end = entry.first(words["window_from"]), entry.first(words["window_to"])
    named_start, named_end = under(entry, words["from"])[1], under(entry, words["to"])[1]
    if "window" in around and start is not None and end is not None:
        _window(view, entry.item, [start, end], found, own=own)
    elif named_start is not None and named_end is not None:
        _window(view, entry.item, [named_start, named_end], found, own=own)
    told = under(entry, words["confirmed"])[1]
    if told is not None and not _OPEN.search(told.text):
        _confirm(view, entry.item, told, found, own=own)
    confirmed = entry.first(words["confirmed_at"])
    if confirmed is None and (_named(entry, _CONFIRMED) or ("triage" in around and _named(entry, _YES))):
        confirmed = entry.first(words["at"])
    if confirmed is not None and ("triage" in around or "triage" in label_of(entry.text)):
        _confirm(view, entry.item, confirmed, found, own=own)
    named = entry.first(words["first_report_at"])
    if named is None and ("first report" in around or _named(entry, _REPORTED)):
        named = entry.first(words["at"])
    if named is not None:
        _report(view, entry.item, named, found, entry.first(words["text"]), own=own)


_YES = re.compile(r"confirmed|complete|completed|done")


def _mine(view: CaseView, text: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(view.packet.case)}(?![\w-])", text) is not None


def _named(entry: Entry, kind: re.Pattern[str]) -> bool:
    """Whether a short cell says what kind of record the entry is: `event: triage confirmed`."""
    return any(kind.fullmatch(label_of(cell.text)) for cells in entry.cells.values() for cell in cells)


def _window(view: CaseView, item: Evidence, cells: Sequence[Cell], found: Scope, *, own: bool) -> None:
    """A window by its two ends, in two cells or in one."""
    ends = [at for cell in cells for at in instants(cell.text)]
    if len(ends) != len(_SIDES) or ends[0] >= ends[1]:
        return
    for name, cell in zip(_SIDES, (cells[0], cells[-1]), strict=True):
        if not found.take(name, view.cite(item, cell), cell.text, own=own):
            return
    found.since, found.until = ends


def _confirm(view: CaseView, item: Evidence, cell: Cell, found: Scope, *, own: bool) -> None:
    told = instants(cell.text)
    if told and found.take("triage_confirmed_at", view.cite(item, cell), cell.text, own=own):
        found.confirmed_at = told[0]


def _report(view: CaseView, item: Evidence, cell: Cell, found: Scope, text: Cell | None, *, own: bool) -> None:
    """The earliest report of this case; of another case only where this one tells none."""
    told = instants(cell.text)
    before = found.report_at
    nearer = own and "first_report_at" not in found.own
    if not told or (before is not None and told[0] > before and not nearer):
        return
    if found.take("first_report_at", view.cite(item, cell), cell.text, own=own):
        found.report_at = told[0]
        if text is not None:
            found.report_text = text
            found.cells["report_text"] = view.cite(item, text)


def instants(text: str) -> list[datetime]:
    """The moments in a text, in order. A moment without a zone is read as UTC."""
    told = [at for match in STAMP.finditer(text) if (at := parsed(match[0].strip(), UTC)[0]) is not None]
    told = told or [one.instant for one in mentions(text) if one.instant is not None]
    if not told:
        at, _ = moment(text, "utc")
        told = [at] if at is not None else []
    return told


def _of_labels(view: CaseView, item: Evidence, words: Mapping[str, list[str]], found: Scope) -> None:
    """Bounds under a name of their own, whatever the layout: `Incident window: … to …`, `window_from`."""
    reading = view.readings(item.id)
    labels = {kind: frozenset(map(label_of, words[kind])) for kind in ("from", "to", "window", "confirmed", "report")}
    ends: dict[str, list[Cell]] = {kind: [] for kind in labels}
    triage = frozenset(map(label_of, words["confirmed_at"]))
    for one in labelled(reading):
        if not instants(one.cell.text):
            continue
        for kind, names in labels.items():
            if names & one.names:
                ends[kind].append(one.cell)
        if triage & one.names and _about_triage(view, item, one.cell):
            ends["confirmed"].append(one.cell)
    for cell in ends["confirmed"]:
        if "triage_confirmed_at" not in found.cells and not _OPEN.search(cell.text):
            _confirm(view, item, cell, found, own=_own_heading(view, item, cell))
    for cell in ends["report"]:
        if "first_report_at" not in found.cells or _own_heading(view, item, cell):
            _report(view, item, cell, found, None, own=_own_heading(view, item, cell))
    if found.since is None:
        whole = [cell for cell in ends["window"] if len(instants(cell.text)) == len(_SIDES)]
        split = [ends["window"]] if len(ends["window"]) == len(_SIDES) else []
        split += [[ends["from"][0], ends["to"][0]]] if ends["from"] and ends["to"] else []
        for cells in [[cell] for cell in whole] + split:
            _window(view, item, cells, found, own=_own_heading(view, item, cells[0]))


def _about_triage(view: CaseView, item: Evidence, cell: Cell) -> bool:
    """Whether a place speaks of triage: by the heading over it, or because its whole document is called so."""
    return "triage" in label_of(f"{heading_over(view.readings(item.id), cell.locator)} {item.file}")


def _own_heading(view: CaseView, item: Evidence, cell: Cell) -> bool:
    return _mine(view, heading_over(view.readings(item.id), cell.locator))


def _of_sentences(view: CaseView, item: Evidence, _: Mapping[str, list[str]], found: Scope) -> None:
    """Bounds in a sentence: "Triage confirmed the impact at …", "we agreed on the window from … to …"."""
    for cell, told in _sentences(view, item):
        if found.confirmed_at is None and len(told) == 1 and _SAID_CONFIRMED.search(cell.text):
            _confirm(view, item, cell, found, own=False)
        if found.since is None and len(told) == len(_SIDES) and _SAID_WINDOW.search(cell.text):
            _window(view, item, [cell], found, own=False)


def _sentences(view: CaseView, item: Evidence) -> Iterator[tuple[Cell, list[datetime]]]:
    for span in spans_of(view, item):
        if span.hidden or len(span.text) > _LONGEST:
            continue
        for said in _SENTENCE.split(span.text):
            if (_SAID_CONFIRMED.search(said) or _SAID_WINDOW.search(said)) and not _OPEN.search(said):
                yield Cell(said.strip(), span.locator), instants(said)


def _opened(view: CaseView, items: Sequence[Evidence], words: Mapping[str, list[str]], found: Scope) -> None:
    """Where nothing is called the first report: the case of this run was opened by it."""
    for item in items:
        for entry in entries(view, item):
            opened = under(entry, words["opened"])[1]
            if opened is not None and any(_mine(view, cell.text) for cells in entry.cells.values() for cell in cells):
                _report(view, item, opened, found, entry.first(words["text"]), own=True)
