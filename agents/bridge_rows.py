"""Rows of rosters and calendars: an object has the members of the objects inside it, as services answer with them.

`{"user": {"email": …}, "start": {"dateTime": …, "timeZone": …}}` has `email`, `user email`, `start date time`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from agents.case_view import CaseView
from agents.entries import Entry, entries
from agents.records import Cell, label_of
from casefile.evidence import Evidence

# What a column says of its clocks behind its name: `Starts (local)`, `from_utc`.
_CLOCKS = ("", " local", " local time", " utc", " gmt")


def rows(view: CaseView, item: Evidence) -> list[Entry]:
    """The entries of an item, each with what stands in the objects right inside it."""
    return view.once("bridge rows", item, lambda: [*_rows(view, item)])


def _rows(view: CaseView, item: Evidence) -> Iterator[Entry]:
    found = list(entries(view, item))
    at = {place: one for one in found if (place := pointer(one)) is not None}
    inside: dict[str, list[tuple[str, Entry]]] = defaultdict(list)
    for place, one in at.items():
        above, _, key = place.rpartition("/")
        if place and not key.isdigit():
            inside[above].append((label_of(key.replace("~1", "/")), one))
    for one in found:
        place = pointer(one)
        yield one if place is None else _joined(one, inside.get(place, ()))
    for place, within in inside.items():
        if place not in at and place.rpartition("/")[2].isdigit():
            yield _joined(Entry(item, {}), within)


def _joined(one: Entry, inside: Sequence[tuple[str, Entry]]) -> Entry:
    cells = {label: list(told) for label, told in one.cells.items()}
    alone: dict[str, list[Cell]] = defaultdict(list)
    for name, within in inside:
        for label, told in within.cells.items():
            cells.setdefault(f"{name} {label}", []).extend(told)
            alone[label] += told
    for label, told in alone.items():  # two that differ are told apart by their objects only
        if label not in cells and len({cell.text for cell in told}) == 1:
            cells[label] = told[:1]
    return Entry(one.item, cells, one.context)


def pointer(one: Entry) -> str | None:
    """Where an object stands; None for the row of a table."""
    place = next((told[0].locator for told in one.cells.values() if told), "")
    if not place.startswith("/"):
        return None
    above, _, key = place.rpartition("/")
    return above.rpartition("/")[0] if key.isdigit() else above


def above(one: Cell | None, at: Mapping[str, Entry]) -> Iterator[Entry]:
    """The objects around a cell, the nearest first."""
    place = one.locator if one is not None and one.locator.startswith("/") else ""
    while place:
        place = place.rpartition("/")[0]
        if place in at:
            yield at[place]


def first_of(entry: Entry, names: Sequence[str]) -> Cell | None:
    """The first cell under the first of the names, whatever the column says of its clocks behind it."""
    return entry.first([f"{name}{clock}" for name in names for clock in _CLOCKS])


def in_utc(entry: Entry, cell: Cell) -> bool:
    """Whether the name over a cell says that its clock is UTC."""
    return any(cell in told and label.endswith((" utc", " gmt")) for label, told in entry.cells.items())
