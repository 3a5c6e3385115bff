"""The frozen evidence window, and how far the ledgers had come when they were read.

A window counts where an earlier packet cites it or a record says that it was frozen: bounds that a ledger only prints
in its head were frozen by nobody (R9).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from agents.axis import parsed
from agents.case_view import CaseView
from agents.incident_facts import moment
from agents.records import Cell, label_of
from agents.row_times import dated
from agents.signal_rows import Row, blank, rows
from casefile.claims import Citation
from casefile.evidence import Evidence
from tools.readers import line_spans

_WINDOW = re.compile(r"window|interval|freeze|frozen", re.IGNORECASE)
_DONE = re.compile(r"(?:complete|completed|finished|done|closed|true|yes)\b", re.IGNORECASE)
_COMPLETE = re.compile(r"complete[sd]? (?:through|until|to|up to)", re.IGNORECASE)
_NOT = re.compile(r"\b(?:no|not|false|open|unfrozen|pending|draft|provisional)\b", re.IGNORECASE)
_STAMPS = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?\s?(?:Z|UTC|[+-]\d\d:?\d\d)?")


@dataclass(frozen=True, slots=True)
class Window:
    """The interval, both ends included. `frozen` says whether somebody froze it."""

    start: datetime
    end: datetime
    frozen: bool
    item: str
    citations: Mapping[str, Citation]

    def holds(self, at: datetime) -> bool:
        """Whether a moment lies in it."""
        return self.start <= at <= self.end


@dataclass(slots=True)
class Ingest:
    """Until when each ledger is complete, as ledgers and packets say. `told` by kind, the latest statement.

    `made` is when a ledger says that it was exported: it is no statement about its ingest, and a question says so.
    `expected` is when a ledger says that its next word will come.
    """

    told: dict[str, tuple[datetime, Citation]] = field(default_factory=dict)
    made: dict[str, datetime] = field(default_factory=dict)
    expected: dict[str, datetime] = field(default_factory=dict)

    def take(self, kind: str, at: datetime, cited: Citation) -> None:
        """Remember a statement; of several the latest time counts: a ledger only ever gets more complete."""
        if kind not in self.told or at > self.told[kind][0]:
            self.told[kind] = at, cited


def window(view: CaseView) -> Window | None:
    """The window in force: the latest packet's, else one that a record calls frozen, else a ledger's own bounds."""
    found = [w for item in reversed(view.prior) for w in _of_item(view, item, prior=True)]
    found += [w for item in view.usable for w in _of_item(view, item, prior=False)]
    return next((one for one in found if one.frozen), found[0] if found else None)


def _of_item(view: CaseView, item: Evidence, *, prior: bool) -> Iterator[Window]:
    words: Mapping[str, list[str]] = view.scenario.data["words"]
    for row in rows(view, item):
        inside = _WINDOW.search(row.path) is not None
        names = ("window_from_inside", "window_to_inside") if inside else ("window_from", "window_to")
        first, last = row.first(words[names[0]]), row.first(words[names[1]])
        if first is not None and last is not None:
            start, end = row.time(words[names[0]], words["zone"]), row.time(words[names[1]], words["zone"])
            if start is not None and end is not None and start <= end:
                cited = {"start": view.cite(item, first), "end": view.cite(item, last)}
                yield Window(start, end, _frozen(row, words, prior=prior), item.id, cited)
        for label, cells in row.own.items():
            for cell in cells:
                if _WINDOW.search(label) or _WINDOW.search(cell.text):
                    yield from _of_text(view, item, cell, prior=prior, said=_frozen(row, words, prior=prior))
    reading = view.readings(item.id)
    if not reading.tables and reading.data is None:
        # What a form says line by line was read with all of its lines: one of them may say that nobody froze it.
        told = {cell.locator for row in rows(view, item) for cells in row.own.values() for cell in cells}
        for span in [*reading.spans, *line_spans(reading)]:
            if span.locator not in told and _WINDOW.search(f"{span.label} {span.text}"):
                yield from _of_text(view, item, Cell(span.text, span.locator), prior=prior, said=prior)


def _of_text(view: CaseView, item: Evidence, cell: Cell, *, prior: bool, said: bool) -> Iterator[Window]:
    stamps = _STAMPS.findall(cell.text)
    if len(stamps) < 2:
        return
    (start, _), (end, _) = moment(stamps[0]), moment(stamps[1])
    if start is None or end is None or start > end:
        return
    cited = {"start": view.cite(item, cell), "end": view.cite(item, cell)}
    frozen = said or re.search(r"\bfrozen\b|\bfroze\b", cell.text, re.IGNORECASE) is not None
    yield Window(start, end, frozen and not re.search(r"\bnot (?:yet )?frozen\b", cell.text, re.I), item.id, cited)


def _frozen(row: Row, words: Mapping[str, list[str]], *, prior: bool) -> bool:
    said = [cell for label, cells in row.own.items() for cell in cells if _ends(label, words["frozen"])]
    if said:
        return all(not blank(cell.text) and _NOT.search(cell.text) is None for cell in said)
    at = [cell for label, cells in row.own.items() for cell in cells if _ends(label, words["frozen_at"])]
    # Where the place for it is there and empty, nobody froze it.
    return any(not blank(cell.text) for cell in at) if at else prior


def _ends(label: str, names: Sequence[str]) -> bool:
    return any(label == label_of(name) or label.endswith(f" {label_of(name)}") for name in names)


def ingest(view: CaseView, kinds: Mapping[str, Sequence[Evidence]]) -> Ingest:
    """What ledgers, and earlier packets about them, say of their latest ingest."""
    found = Ingest()
    words: Mapping[str, list[str]] = view.scenario.data["words"]
    by_name = {"console": "console", "export": "export", "exports": "export"}
    for kind, items in kinds.items():
        for item in items:
            made = view.readings(item.id).made_at
            if made is not None:
                found.made[kind] = max(made, found.made.get(kind, made))
            for row in rows(view, item):
                cell = row.first(words["complete_through"])
                _of_state(view, item, row, kind, found)
                at = row.time(words["complete_through"], words["zone"])
                if cell is not None and at is not None:
                    found.take(kind, at, view.cite(item, cell))
                due = row.time(words["next_expected"], words["zone"])
                if due is not None:
                    found.expected[kind] = max(due, found.expected.get(kind, due))
            _of_lines(view, item, kind, found)
    for item in view.prior:
        for row in rows(view, item):
            for label, cells in row.own.items():
                kind = next((to for word, to in by_name.items() if word in label.split()), "")
                if kind and any(label.endswith(label_of(name)) for name in words["complete_through"]):
                    at = _moment(cells[0].text, row.days_first)
                    if at is not None:
                        found.take(kind, at, view.cite(item, cells[0]))
        reading = view.readings(item.id)
        for span in [] if reading.tables or reading.data is not None else [*reading.spans, *line_spans(reading)]:
            for part in re.split(r";|\.\s", span.text):
                kind = next((to for word, to in by_name.items() if word in part.casefold().split()), "")
                stamps = _STAMPS.findall(part)
                if kind and stamps and _COMPLETE.search(part):
                    at = _moment(stamps[-1], None)
                    if at is not None:
                        found.take(kind, at, view.cite(item, Cell(span.text.strip(), span.locator)))
    return found


def _of_state(view: CaseView, item: Evidence, row: Row, kind: str, found: Ingest) -> None:
    """`ingest: complete`: as of when the ledger was exported. A ledger that says otherwise is not complete."""
    words: Mapping[str, list[str]] = view.scenario.data["words"]
    made = view.readings(item.id).made_at or item.captured_at
    for label in map(label_of, words["ingest_state"]):
        for cell in row.own.get(label, ()):
            if made is not None and _DONE.match(cell.text.strip()):
                found.take(kind, made, view.cite(item, cell))


def _of_lines(view: CaseView, item: Evidence, kind: str, found: Ingest) -> None:
    """`# ingest complete through …` at the head or the foot of a log."""
    for span in line_spans(view.readings(item.id)):
        if _COMPLETE.search(span.text):
            stamps = _STAMPS.findall(span.text)
            at = parsed(stamps[-1])[0] if stamps else None
            if at is not None:
                found.take(kind, at, view.cite(item, Cell(span.text, span.locator)))


def _moment(text: str, days_first: bool | None) -> datetime | None:
    at, unsure = moment(dated(text.strip(), days_first))
    return None if unsure else at
