"""Figures: numbers and words with the cell that they stand in, found by what names them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import pairwise

from agents.case_view import CaseView
from agents.records import Cell, Record, label_of
from casefile.claims import Citation
from casefile.evidence import Evidence
from tools.readers import line_spans

_NUMBER = re.compile(r"[-+]?\d[\d' ,.]*")


@dataclass(frozen=True, slots=True)
class Figure:
    """What a cell says. `text` is the cell, `citation` its place."""

    text: str
    citation: Citation

    @property
    def number(self) -> Decimal | None:
        """The number in it, or None where it has none or more than one."""
        found = _NUMBER.findall(self.text)
        return parsed(found[0]) if len(found) == 1 else None


def parsed(text: str) -> Decimal | None:
    """A number as people write it: `1,300`, `1 300`, `16.5`, `16,5`. None where it is none."""
    plain = text.strip().strip("%").replace("'", "").replace(" ", "")
    if re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?", plain):
        plain = plain.replace(",", "")
    try:
        return Decimal(plain.rstrip(".,").replace(",", "."))
    except InvalidOperation:
        return None


def figure(view: CaseView, item: Evidence, cell: Cell | None) -> Figure | None:
    """A cell as a figure; an absent or empty one is none."""
    return None if cell is None or not cell.text.strip() else Figure(cell.text.strip(), view.cite(item, cell))


def named(view: CaseView, items: Iterable[Evidence], names: Sequence[str]) -> Figure | None:
    """The first figure that stands under one of the names: a key, a column, or the cell beside a cell that says it.

    Names come in order of preference; of one name the newest item speaks.
    """
    ordered = list(items)[::-1]
    for name in names:
        for item in ordered:
            for cell in _under(view, item, label_of(name)):
                return Figure(cell.text.strip(), view.cite(item, cell))
    return None


def _under(view: CaseView, item: Evidence, name: str) -> Iterator[Cell]:
    yield from (cell for label, cell in labelled(view, item) if label == name)


def labelled(view: CaseView, item: Evidence) -> Iterator[tuple[str, Cell]]:
    """Every value that something names: a key, a column, the cell beside it, or the words before a colon in a line."""
    for record in view.records(item):
        for label, cell in record.cells.items():
            if cell.text.strip():
                yield label, cell
        for (_, left), (_, right) in pairwise(record.cells.items()):
            if right.text.strip():
                yield label_of(left.text), right
    reading = view.readings(item.id)
    for span in [*reading.spans, *line_spans(reading)]:
        if span.label and span.kind != "leaf" and not span.hidden and span.value.strip():
            yield label_of(span.label), Cell(span.value.strip(), span.locator)


def segments(cell: Cell) -> list[str]:
    """The steps of a JSON Pointer as compared labels; a table's cell has none."""
    return [label_of(part) for part in cell.locator.split("/") if part] if cell.locator.startswith("/") else []


def first_number(view: CaseView, item: Evidence, record: Record, names: Sequence[str]) -> Figure | None:
    """The figure under the first of the names that has a number."""
    for name in names:
        found = figure(view, item, record.first([name]))
        if found is not None and found.number is not None:
            return found
    return None
