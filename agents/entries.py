"""Entries: the rows of tables and the objects of documents, each cell with its place, with lists of plain values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agents.case_view import CaseView
from agents.records import Cell, label_of
from casefile.evidence import Evidence, Reading

_TENANT = re.compile(r"\btn-[\w-]+")
_LONGEST = 400
_SHORT = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """A row, or an object with its lists of plain values: compared labels to cells.

    `context` is what the objects around it are: the keys that lead to it, and what names them.
    """

    item: Evidence
    cells: Mapping[str, list[Cell]]
    context: str = ""

    def first(self, names: Sequence[str]) -> Cell | None:
        """The first cell under the first of the names that the entry has."""
        for name in names:
            for cell in self.cells.get(label_of(name), ()):
                if cell.text.strip():
                    return cell
        return None

    def all(self, names: Sequence[str]) -> list[Cell]:
        """Every cell under any of the names."""
        return [cell for name in names for cell in self.cells.get(label_of(name), ())]

    @property
    def text(self) -> str:
        """What it says, on one line."""
        return "; ".join(f"{label}: {cell.text.strip()}" for label, cells in self.cells.items() for cell in cells)


def entries(view: CaseView, item: Evidence) -> Iterator[Entry]:
    """The rows and objects of an item, without those of tenants that the case does not list."""
    reading = view.readings(item.id)
    for table in [*reading.tables, *reading.drawn]:
        for row in table.rows:
            cells = {label_of(c): [Cell(t, table.locator(row.number, c))] for c, t in row.cells.items() if t.strip()}
            entry = Entry(item, cells)
            if not foreign(view, entry.text):
                yield entry
    objects = _objects(reading)
    for pointer, cells in objects.items():
        entry = Entry(item, cells, _context(pointer, objects))
        if not foreign(view, entry.text):
            yield entry


def _context(pointer: str, objects: Mapping[str, Mapping[str, list[Cell]]]) -> str:
    """Keys on the way to an object, and what the objects around it are called."""
    parts = [part for part in pointer.split("/") if part and not part.isdigit()]
    around = pointer
    while around:
        around = around.rpartition("/")[0]
        cells = objects.get(around, {}) if around else {}
        # Names and ids, not sentences: those may speak of people.
        parts += [c.text for found in cells.values() for c in found if len(c.text) <= _SHORT and " " not in c.text]
    return " ".join(parts)[:_LONGEST]


def _objects(reading: Reading) -> dict[str, dict[str, list[Cell]]]:
    """Objects by their pointer; a list of plain values counts as a member with several cells."""
    objects: dict[str, dict[str, list[Cell]]] = {}
    for span in reading.spans:
        if span.kind != "leaf" or span.hidden:
            continue
        parent, _, key = span.pointer.rpartition("/")
        if key.isdigit():
            parent, _, key = parent.rpartition("/")
        label = label_of(key.replace("~1", "/").replace("~0", "~"))
        objects.setdefault(parent, {}).setdefault(label, []).append(Cell(span.text, span.locator))
    return objects


def foreign(view: CaseView, text: str) -> bool:
    named = _TENANT.findall(text)
    return bool(named) and not set(named) & view.packet.tenant_ids()
