"""Observed facts of an incident: every dated record of five kinds of system, on one time line in UTC.

A fact is what a record says, never what it means. Its time keeps how it was read: a zone that the record does not name
is a choice that is written down, and the order of such a fact is uncertain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from agents.axis import clocks, parsed
from agents.case_view import CaseView
from agents.entries import Entry, entries, foreign
from agents.records import Cell, label_of
from agents.row_times import dated, row_clock
from agents.times import mentions
from casefile.claims import Citation
from casefile.evidence import Evidence, Reading

_LONGEST = 400
_LACKS = re.compile(
    r"\b(?:lacks?|lacking|without|no longer (?:has|have|includes?|contains?|carries)"
    r"|(?:does|do|did) not (?:have|include|contain|carry)|missing|minus|drops?|dropped|removed capabilities)\b"
    r"(?P<rest>[^;.]*)",
    re.IGNORECASE,
)
_ARE_NOT = re.compile(
    r"(?P<names>[^;.=]*)\b(?:is|are|was|were) (?:not|no longer|never)"
    r" (?:in|part of|included|listed|present|contained|mapped|carried)\b",
    re.IGNORECASE,
)
# "no audit_export, no billing_controls": a list behind "no", and nothing that is said of what it names.
_NAME = r"[\w-]+(?: [\w-]+)?"
_AND = r"(?:\s*,\s*(?:(?:and|or|nor)\s+)?|\s+(?:and|or|nor)\s+)(?:no\s+)?"
_NONE_OF = re.compile(rf"\bno (?P<names>{_NAME}(?:{_AND}{_NAME})*)(?=\s*(?:[,;.)|]|$))", re.IGNORECASE)
_BETWEEN = re.compile(_AND, re.IGNORECASE)
# Times that say when a record was taken out or runs out, not when something happened.
_NO_EVENT = re.compile(
    r"\b(?:export|capture|generate|print|retriev|pull|fetch|query|expir|valid|until|due|next)\w*", re.IGNORECASE
)
_WHOLE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)? ?(?:Z|UTC|GMT|[+\-]\d{2}:?\d{2})?")


@dataclass(frozen=True, slots=True)
class Fact:
    """One record. `at` is UTC; `uncertain` says why its place in the order is not sure, or nothing.

    `what` is the record's own word for it, `text` all that it says, `names` the subjects, capabilities, places in it;
    `lacks` those of them that it says are not there ("package P lacks audit_export"); `linked` says that it ends what
    another record began, which it names by its id.
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
    linked: bool = False

    @property
    def shown(self) -> str:
        """Its time, to the second."""
        return self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(slots=True)
class Words:
    """The scenario's words: labels of times, of what happened, and the names that facts are searched for."""

    times: Sequence[str]
    whats: Sequence[str]
    names: Mapping[str, re.Pattern[str]] = field(default_factory=dict)

    def found(self, text: str) -> frozenset[str]:
        """The names that stand in a text."""
        return frozenset(name for name, pattern in self.names.items() if pattern.search(text))

    def lacking(self, text: str) -> frozenset[str]:
        """The names that a text says are not there: those beside the word for it in its sentence."""
        behind = [match["rest"] for match in _LACKS.finditer(text)]
        before = [match["names"].rpartition(":")[2] for match in _ARE_NOT.finditer(text)]
        parts = (part for match in _NONE_OF.finditer(text) for part in _BETWEEN.split(match["names"]))
        listed = [one for one in parts if any(name.fullmatch(one) for name in self.names.values())]
        return self.found(" | ".join([*behind, *before, *listed]))


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
        if reading.lines:
            found += _of_lines(view, group, item, reading, words)
        else:
            told = _joined(list(entries(view, item)))
            found += [one for entry in told for one in _of_entry(view, group, entry, words)]
    return sorted(found, key=lambda one: (one.at, one.item, one.citations[0].locator))


def _joined(told: list[Entry]) -> list[Entry]:
    """Entries, with an object that holds nothing but times as part of the object around it: `{meta: {created: …}}`."""
    by_place = {place: entry for entry in told if (place := _pointer(entry))}
    done: dict[int, Entry] = {}
    for entry in told:
        around = by_place.get(_pointer(entry).rpartition("/")[0]) if _pointer(entry) else None
        if around is None or not all(map(_is_time, _cells(entry))) or any(map(_is_time, _cells(around))):
            done.setdefault(id(entry), entry)
        else:
            done[id(around)] = replace(around, cells={**entry.cells, **around.cells})
    return list(done.values())


def _cells(entry: Entry) -> list[Cell]:
    return [cell for cells in entry.cells.values() for cell in cells]


def _is_time(cell: Cell) -> bool:
    return _WHOLE_TIME.fullmatch(cell.text.strip()) is not None


def _pointer(entry: Entry) -> str:
    place = next((cells[0].locator for cells in entry.cells.values() if cells), "")
    return place.rpartition("/")[0] if place.startswith("/") else ""


def _of_entry(view: CaseView, group: str, entry: Entry, words: Words) -> Iterator[Fact]:
    what = entry.first(words.whats)
    times = [name for name in map(label_of, words.times) if name in entry.cells] or _dated(entry)
    days = row_clock(view, entry.item).days_first
    for name in times:
        for cell in entry.cells[name]:
            at, uncertain = moment(dated(cell.text, days), name)
            if at is None:
                continue
            beside = [c for label, cells in entry.cells.items() if label not in times for c in cells]
            cited = [view.cite(entry.item, cell), *(view.cite(entry.item, c) for c in beside if c.text.strip())]
            done = name if name.startswith("last ") else name.rpartition(" ")[0]
            said = what.text.strip() if what is not None else done
            text = f"{done} {entry.context}: {entry.text}".strip(" :")[: 2 * _LONGEST]
            found, lacks = words.found(entry.text), words.lacking(entry.text)
            yield Fact(group, entry.item.id, at, said or "recorded", text, cited[:6], found, uncertain, lacks)


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
        found, lacks = words.found(line), words.lacking(line)
        yield Fact(group, item.id, at, what, line.strip()[:_LONGEST], cited, found, uncertain, lacks)


def moment(text: str, label: str = "") -> tuple[datetime | None, str]:
    """A moment in a cell, and why its place is uncertain. A column that names UTC gives its cells their zone."""
    at, _, raw = parsed(text, UTC if re.search(r"\b(?:utc|gmt|z)\b", label) else None)
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
