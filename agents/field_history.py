"""Fields as a history tells them: a row for each change, with the field's name and its new value; the latest counts.

Ticket systems export an activity log (`field | value | at`, `{field: state, from: new, to: done, at: …}`, a line
`14:02 state: new -> done`) or the ticket as it was at each time, a row for each. What such a record says of itself (who
changed it, when) is said of the change and not of the ticket.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from agents.axis import parsed
from agents.case_view import CaseView
from agents.records import Cell, Record, label_of, records
from agents.row_times import row_clock
from casefile.evidence import Evidence
from tools.readers import line_spans

_ARROW = re.compile(r"\s*(?:-+>|=+>|→|⇒|»)\s*")
_LINES = 2000
_STAMP = 40  # characters at the beginning of a line within which its time stands
_SET = r"(?:\s+(?:was\s+)?(?:changed|set|moved|updated|switched)\b)?(?:\s+from\s+(?P<old>.+?))?"
_END = r"[\s.]*$"


@dataclass(frozen=True, slots=True)
class Change:
    """One value of one field, with its place; `at` is when it was set, where the record tells it."""

    name: str
    cell: Cell
    value: str
    at: datetime | None


@dataclass(slots=True)
class History:
    """What the history of an item tells: its changes in order, and the places that speak of a change alone."""

    changes: list[Change] = field(default_factory=list)
    own: set[str] = field(default_factory=set)
    times: dict[str, datetime] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)

    def latest(self, labels: Iterable[str]) -> Change | None:
        """The last value of the first of these fields that the history has."""
        for label in labels:
            told = [one for one in self.changes if one.name == label]
            if told:
                return told[-1]
        return None

    def all(self, labels: Iterable[str]) -> list[Change]:
        """Every value of these fields, in order."""
        wanted = set(labels)
        return [one for one in self.changes if one.name in wanted]

    def newest(self, places: Sequence[str]) -> list[str]:
        """Of places in rows that each tell of one time, those of the last; all of them where a time is not known."""
        kept = [place for place in places if place not in self.others] or list(places)
        times = {place: self.times.get(place) for place in kept}
        dated = [at for at in times.values() if at is not None]
        return [place for place in kept if times[place] == max(dated)] if len(dated) == len(kept) else kept


def history(view: CaseView, item: Evidence) -> History:
    """The history that an item of the scenario's ticket systems has; an empty one where it has none."""
    words: Mapping[str, Any] = view.scenario.data["incident"].get("history", {})
    if item.system not in words.get("systems", ()):
        return History()
    return view.once("history", item, lambda: _history(view, item, words))


def _history(view: CaseView, item: Evidence, words: Mapping[str, Any]) -> History:
    found = History()
    rows = _rows(view, item, words)
    _others(view, rows, words, found)
    known = _known(view, words)
    told: list[tuple[_Row, Cell, Cell]] = []
    for row in rows:
        name, value = row.record.first(words["field"]), row.record.first(words["value"])
        if name is None or value is None or name is value or row.places & found.others:
            found.times |= {place: row.at for place in row.places if row.at is not None}
        elif label_of(name.text) in known:
            told.append((row, name, value))
    for row, name, value in told:
        found.changes.append(Change(label_of(name.text), value, _ARROW.split(value.text.strip())[-1], row.at))
    found.own = _own([row.record for row, _, _ in told])
    found.changes += _of_lines(view, item, known, words["prose"])
    # A value that nobody dated stays where it stands: the rows are in order, or there is only one.
    if all(one.at is not None for one in found.changes):
        found.changes.sort(key=lambda one: str(one.at))
    return found


@dataclass(frozen=True, slots=True)
class _Row:
    record: Record
    at: datetime | None

    @property
    def places(self) -> set[str]:
        return {cell.locator for cell in self.record.cells.values()}


def _rows(view: CaseView, item: Evidence, words: Mapping[str, Any]) -> list[_Row]:
    """The records of an item, each with its time; an object without one has that of the nearest object around it."""
    rows = [_Row(one, _time(view, item, one.first(words["at"]))) for one in records(view.readings(item.id))]
    around = {_pointer(row.record): row.at for row in rows if row.at is not None}
    return [row if row.at is not None else replace(row, at=_above(_pointer(row.record), around)) for row in rows]


def _above(pointer: str, around: Mapping[str, datetime]) -> datetime | None:
    while pointer:
        pointer = pointer.rpartition("/")[0]
        if pointer in around:
            return around[pointer] if pointer else None
    return None


def _pointer(record: Record) -> str:
    place = next((cell.locator for cell in record.cells.values()), "")
    return place.rpartition("/")[0] if place.startswith("/") else ""


def _known(view: CaseView, words: Mapping[str, Any]) -> set[str]:
    """The names by which fields are known: without one of them a list of names and values is no history."""
    incident, closing = view.scenario.data["incident"], view.scenario.data["closing"]
    names = [label for spec in incident["fields"].values() for label in spec["labels"]]
    return {label_of(name) for name in (*names, *closing["follow_ups"], *words["beside"], *words["prose"])}


def _others(view: CaseView, rows: Sequence[_Row], words: Mapping[str, Any], found: History) -> None:
    """Rows about other tickets, in an export that has the case's own beside them."""
    case = view.packet.case.casefold()
    named = [(row, cell.text.strip().casefold()) for row in rows if (cell := row.record.first(words["ticket"]))]
    if any(name == case for _, name in named):
        found.others = {place for row, name in named if name != case for place in row.places}


def _own(told: Sequence[Record]) -> set[str]:
    """The places in records of a history that speak of one change alone: what stands in all alike is the ticket's."""
    texts: dict[str, set[str]] = defaultdict(set)
    for record in told:
        for label, cell in record.cells.items():
            texts[label].add(cell.text.strip())
    alone = {label for label, values in texts.items() if len(values) > 1 or len(told) == 1}
    return {cell.locator for record in told for label, cell in record.cells.items() if label in alone}


def _time(view: CaseView, item: Evidence, cell: Cell | None) -> datetime | None:
    """A time for the order within one item: what names no zone is of the same zone as its neighbours."""
    return row_clock(view, item).parsed(cell.text, UTC)[0] if cell is not None else None


def _of_lines(view: CaseView, item: Evidence, known: set[str], prose: Sequence[str]) -> Iterator[Change]:
    """Changes that lines of a log tell: a time, a field by name, and its value behind an arrow or a `to`. What somebody
    wrote into such a line sets nothing."""
    reading = view.readings(item.id)
    names = "|".join(re.escape(name).replace(r"\ ", r"[\s_-]") for name in sorted(known, key=len, reverse=True))
    arrow = re.compile(
        rf"\b(?P<name>{names})\b\s*[:=]?\s*(?P<old>[^:=]*?)\s*(?:-+>|=+>|→|⇒)\s*(?P<new>\S.*?){_END}", re.I
    )
    words = re.compile(rf"\b(?P<name>{names})\b{_SET}\s+to\s+(?P<new>\S.*?){_END}", re.I)
    written = re.compile(rf"\b(?:{'|'.join(map(re.escape, prose))})\b", re.I)
    drawn = {row.number for table in reading.drawn for row in table.rows}
    for number in range(1, min(len(reading.lines), _LINES) + 1):
        line = reading.lines[number - 1]
        at, _, raw = parsed(line[:_STAMP], row_clock(view, item).zone or UTC)
        if at is None or number in drawn:
            continue
        rest = line[line.find(raw) + len(raw) :]
        match = arrow.search(rest) or words.search(rest)
        if match is not None and not written.search(rest[: match.end("name")]):
            span = line_spans(reading, [number])[0]
            yield Change(label_of(match["name"]), Cell(span.text, span.locator), match["new"].strip(" \"'*`"), at)
