"""Times of rows: in one cell or in several, with the zone that cell, row, column or file tells."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, tzinfo

from agents.axis import ZONE_NAMES, Record, declared, offset, parsed
from agents.records import Cell, label_of
from agents.records import Record as Row
from agents.times import zone_of
from casefile.evidence import Reading

_SINGLE = re.compile(r"^/(?:.*/)?\D[^/]*/[^/]*$|^/[^/]*$")
CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s?(?:Z|UTC|[+\-]\d{2}:?\d{2}))?")
DAYS = ("date", "day", "event date", "datum", "tag", "jour")
_SIGNS = ("+", "-", "−")


def record_of(
    evidence: str, row: Row, cell: Cell, zone: tzinfo | None, what: str, values: Mapping[str, str] | None = None
) -> Record:
    """The record of a time in a row. Its date and its zone may stand in columns of their own; a column or key may name
    its zone: `started_at_utc`, `When (Europe/Rome)`."""
    told = UTC if re.search(r"(?:utc|gmt)\W*$", cell.head, re.I) else zone_of(cell.head)
    beside = row.first(ZONE_NAMES)
    if told is None and beside is not None:
        told = offset(beside.text) if beside.text.strip()[:1] in _SIGNS else zone_of(beside.text)
    day = row.first(DAYS)
    clock = day is not None and day.locator != cell.locator and CLOCK.fullmatch(cell.text.strip()) is not None
    text = f"{day.text.strip()[:10]} {cell.text.strip()}" if day is not None and clock else cell.text
    at, shown, raw = parsed(text, told or zone)
    return Record(evidence, cell.locator, cell.text, raw or text, at, shown, what, values or {})


def file_zone(reading: Reading) -> tzinfo | None:
    for span in reading.spans:
        if span.kind == "leaf" and label_of(span.label) in ZONE_NAMES:
            return offset(span.text) if re.search(r"utc|gmt|[+-]\d|^z$", span.text, re.I) else zone_of(span.text)
    return declared(reading)


def cell_of(row: Row, ids: Collection[str]) -> Cell | None:
    """The cell that is the id of one of the accounts, under whatever name."""
    return next((cell for cell in row.cells.values() if cell.text.strip() in ids), None)


def times_of(row: Row) -> list[Cell]:
    """The cells of one of many rows that are times whole, under whatever name, earliest first."""
    # An object that is none of a list says when the export was made.
    cells = [cell for cell in row.cells.values() if not _SINGLE.search(cell.locator)]
    found = {cell.locator: (at, cell) for cell in cells if (at := _whole(cell.text)) is not None}
    return [cell for _, cell in sorted(found.values(), key=lambda pair: pair[0])]


def _whole(text: str) -> datetime | None:
    at, _, raw = parsed(text, UTC)
    return at if raw == text.strip() else None


def ends(row: Row, expires: Cell | None) -> dict[str, Cell | None]:
    times = [cell for cell in times_of(row) if expires is None or cell.locator != expires.locator]
    return {"start": times[0], "seen": times[-1]} if times else {}
