"""Observed facts of an incident: every dated record of five kinds of system, on one time line in UTC.

A fact is what a record says, never what it means. Its time keeps how it was read: a zone that the record does not name
is a choice that is written down, and the order of such a fact is uncertain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo

from agents.axis import clocks, parsed
from agents.case_view import CaseView
from agents.entries import Entry, entries, foreign
from agents.incident_absence import Absence, Part, of_one_side, pairs
from agents.records import Cell, label_of
from agents.row_times import dated, row_clock
from agents.times import mentions
from casefile.claims import Citation
from casefile.evidence import Evidence, Reading

_LONGEST = 400
# Times that say when a record was taken out or runs out, not when something happened.
_NO_EVENT = re.compile(
    r"\b(?:export|capture|generate|print|retriev|pull|fetch|query|expir|valid|until|due|next)\w*", re.IGNORECASE
)
_WHOLE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)? ?(?:Z|UTC|GMT|[+\-]\d{2}:?\d{2})?")


@dataclass(frozen=True, slots=True)
class Fact:
    """One record. `at` is UTC; `uncertain` says why its time is not sure, `order` why its place beside another is not,
    or nothing; `skew` is by how many seconds its clock may be wrong.

    `what` is the record's own word for it, `text` all that it says, `names` the subjects, capabilities, places in it;
    `lacks` those of them that it says are not there ("package P lacks audit_export"); `lists` says that it lists what
    there is; `linked` says that it ends what another record began, which it names by its id.
    """

    group: str
    item: str
    at: datetime
    what: str
    text: str
    citations: list[Citation]
    names: frozenset[str]
    uncertain: str = ""
    lacks: frozenset[str] = frozenset()
    lists: bool = False
    linked: bool = False
    skew: int = 0
    order: str = ""

    @property
    def doubt(self) -> str:
        """Why its place in the order is not sure, or nothing."""
        return self.uncertain or self.order

    @property
    def shown(self) -> str:
        """Its time, to the second."""
        return self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(slots=True)
class Words:
    """The scenario's words: labels of times, of what happened, of lists of what there is, and the names that facts are
    searched for."""

    times: Sequence[str]
    whats: Sequence[str]
    names: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    held: Sequence[str] = ()
    absence: Absence = field(init=False)

    def __post_init__(self) -> None:
        self.absence = Absence(self.names)

    def found(self, text: str) -> frozenset[str]:
        """The names that stand in a text."""
        return self.absence.found(text)

    def lists(self, parts: Sequence[Part]) -> bool:
        """Whether one of the parts lists what there is."""
        return any(text.strip() and label_of(label).endswith(tuple(self.held)) for label, text in parts if label)


_ZONED = re.compile(r" (?:utc|gmt|z|local(?: time)?|[a-z]{2,4}t|mesz|mez)$")


def under(entry: Entry, names: Sequence[str]) -> tuple[str, Cell | None]:
    """The first cell under one of the names, and its label: also where a zone stands behind it: `lost (CET)`."""
    wanted = [label_of(name) for name in names]
    plain = {_ZONED.sub("", label): label for label in reversed(list(entry.cells))}
    for label in [*wanted, *(plain[name] for name in wanted if name in plain)]:
        cell = next((one for one in entry.cells.get(label, ()) if one.text.strip()), None)
        if cell is not None:
            return label, cell
    return "", None


def facts(view: CaseView, group: str, items: Sequence[Evidence], words: Words) -> list[Fact]:
    """The facts of one group of systems, in order of time."""
    found: list[Fact] = []
    for item in items:
        reading = view.readings(item.id)
        told = _joined(list(entries(view, item)))
        if reading.lines:  # tables that are drawn in them are lines too
            found += _of_lines(view, group, item, reading, words)
            told = [entry for entry in told if _place(entry).startswith(("row=", "sheet="))]
        found += [one for entry in told for one in _of_entry(view, group, entry, words)]
    return sorted(found, key=lambda one: (one.at, one.item, one.citations[0].locator))


def _joined(told: list[Entry]) -> list[Entry]:
    """Entries, with what is one record in several objects put together.

    An object that holds nothing but times belongs to the object around it: `{meta: {created: …}}`. One without a time
    belongs to the element of a list around it that has the time: `{at: …, package: {id: …, capabilities: […]}}`.
    """
    by_place = {place: entry for entry in told if (place := _pointer(entry))}
    done = {id(entry): entry for entry in told}
    for entry in sorted(told, key=lambda one: -_pointer(one).count("/")):
        around = _around(entry, by_place)
        if around is None:
            continue
        inner, outer = done.pop(id(entry)), done[id(around)]
        key = label_of(_pointer(entry)[len(_pointer(around)) :])
        own = {
            f"{key} {label}" if label in outer.cells or of_one_side(key) else label: cells
            for label, cells in inner.cells.items()
        }
        done[id(around)] = replace(outer, cells={**outer.cells, **own})
    return list(done.values())


def _around(entry: Entry, by_place: Mapping[str, Entry]) -> Entry | None:
    """The object around it that is one record with it, or nothing."""
    above, _, key = _pointer(entry).rpartition("/")
    if all(map(_is_time, _cells(entry))):
        near = by_place.get(above)
        return near if near is not None and not any(map(_is_time, _cells(near))) else None
    while above and not key.isdigit() and not any(map(_is_time, _cells(entry))):
        near = by_place.get(above)
        times = sum(map(_is_time, _cells(near))) if near is not None else 0
        above, _, key = above.rpartition("/")
        if near is not None and times:
            return near if times == 1 and key.isdigit() else None
    return None


def _cells(entry: Entry) -> list[Cell]:
    return [cell for cells in entry.cells.values() for cell in cells]


def _is_time(cell: Cell) -> bool:
    return _WHOLE_TIME.fullmatch(cell.text.strip()) is not None


def _place(entry: Entry) -> str:
    return next((cells[0].locator for cells in entry.cells.values() if cells), "")


def _pointer(entry: Entry) -> str:
    """The pointer of the object, or nothing for a row. An element of a list of plain values is below its member."""
    place = _place(entry)
    if not place.startswith("/"):
        return ""
    label = next(label for label, cells in entry.cells.items() if cells)
    above, _, key = place.rpartition("/")
    return above.rpartition("/")[0] if key.isdigit() and label != key else above


def _of_entry(view: CaseView, group: str, entry: Entry, words: Words) -> Iterator[Fact]:
    what = entry.first(words.whats)
    times = [name for name in map(label_of, words.times) if name in entry.cells] or _dated(entry)
    clock = row_clock(view, entry.item)
    parts = _parts(entry)
    for name in times:
        for cell in entry.cells[name]:
            at, uncertain = moment(dated(cell.text, clock.days_first), name, clock.zone)
            if at is None:
                continue
            beside = [c for label, cells in entry.cells.items() if label not in times for c in cells]
            cited = [view.cite(entry.item, cell), *(view.cite(entry.item, c) for c in beside if c.text.strip())]
            done = name if name.startswith("last ") else name.rpartition(" ")[0]
            said = what.text.strip() if what is not None else done
            text = f"{done} {entry.context}: {entry.text}".strip(" :")[: 2 * _LONGEST]
            yield Fact(
                group, entry.item.id, at, said or "recorded", text, cited[:6], words.found(entry.text), uncertain,
                words.absence.of(parts), words.lists(parts),
            )  # fmt: skip


def _parts(entry: Entry) -> list[Part]:
    """Its cells; what a list says under one label is one part."""
    return [(label, "; ".join(cell.text.strip() for cell in cells)) for label, cells in entry.cells.items()]


def _dated(entry: Entry) -> list[str]:
    """The label of an entry's time where the scenario knows none of its labels: the first cell that is a time whole."""
    told = (
        label
        for label, cells in entry.cells.items()
        if not _NO_EVENT.search(label) and any(_WHOLE_TIME.fullmatch(cell.text.strip()) for cell in cells)
    )
    return list(told)[:1]


def _of_lines(view: CaseView, group: str, item: Evidence, reading: Reading, words: Words) -> Iterator[Fact]:
    told = clocks(reading.lines)
    drawn = {
        row.number: [(label_of(column), text) for column, text in row.cells.items()]
        for table in reading.drawn if table.by_line for row in table.rows
    }  # fmt: skip
    for number, line in enumerate(reading.lines, 1):
        if line.lstrip().startswith(("#", "//", ";")) or foreign(view, line):
            continue
        at, _, raw = parsed(line[:60], told.everywhere)
        uncertain = ""
        if at is None and raw:
            at, _, _ = parsed(line[:60], UTC)
            uncertain = "its clock names no zone; it was placed as UTC"
        if at is None:
            continue
        rest = line[line.find(raw) + len(raw) :] if raw else line
        verb = re.search(r"(?:\b(?:INFO|WARN(?:ING)?|ERROR|DEBUG|NOTICE)\b\s+)?([A-Za-z][\w-]*)", rest)
        cited = [view.cite(item, Cell(line.strip(), f"line={number}"))]
        what = verb[1] if verb else "recorded"
        parts = drawn.get(number) or pairs(line)
        yield Fact(
            group, item.id, at, what, line.strip()[:_LONGEST], cited, words.found(line), uncertain,
            words.absence.of(parts), words.lists(parts),
        )  # fmt: skip


def moment(text: str, label: str = "", zone: tzinfo | None = None) -> tuple[datetime | None, str]:
    """A moment in a cell, and why its place is uncertain. A column that names UTC gives its cells their zone, else the
    file does, where it tells the zone of its times."""
    at, _, raw = parsed(text, UTC if re.search(r"\b(?:utc|gmt|z)\b", label) else zone)
    if at is not None:
        return at, ""
    if raw:
        placed, _, _ = parsed(text, UTC)
        return placed, "its clock names no zone; it was placed as UTC"
    told = next((one.instant for one in mentions(text) if one.instant is not None), None)
    return told, ""


def local(text: str, zone: str) -> datetime | None:
    """A local time with the zone that stands in another cell."""
    at, _ = moment(text) if re.search(r"\d{4}-\d\d-\d\d", text) and not zone else (None, "")
    if at is not None:
        return at
    told = next((one.instant for one in mentions(f"{text} {zone}") if one.instant is not None), None)
    return told or (parsed(f"{text}", UTC)[0] if zone.upper() in ("UTC", "Z", "GMT") else None)


def within(at: datetime, other: datetime, seconds: int) -> bool:
    """Whether two moments are the same within a tolerance."""
    return abs(at - other) <= timedelta(seconds=seconds)
