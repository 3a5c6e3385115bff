"""Times of rows: in one cell or in several, with the zone that cell, row, column or file tells."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo

from agents.axis import ZONE_NAMES, Record, declared, offset, parsed
from agents.case_view import CaseView
from agents.records import Cell, label_of
from agents.records import Record as Row
from agents.times import zone_of
from casefile.evidence import Evidence, Reading

_SINGLE = re.compile(r"^/(?:.*/)?\D[^/]*/[^/]*$|^/[^/]*$")
CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s?(?:Z|UTC|[+\-]\d{2}:?\d{2}))?")
DAYS = ("date", "day", "event date", "datum", "tag", "jour")
_SIGNS = ("+", "-", "−")
_WEEK = 7
_HEAD = 200  # lines of a log in which it may say how it writes dates
_YEAR_FIRST = re.compile(r"(?<![\d/])(\d{4})/(\d{1,2})/(\d{1,2})(?![\d/])")
# What a file says of its own dates: "Dates are month/day/year", "lost at (DD/MM/YYYY)".
_MONTHS_SAID = re.compile(
    r"\bmonth ?[/.-] ?day\b|\bmm ?[/.-] ?dd\b|\bmonth (?:\w+ ){0,2}first\b|\b(?:(?-i:US)|american)[ -]"
    r"(?:date|format|style|order)",
    re.IGNORECASE,
)
_DAYS_SAID = re.compile(
    r"\bday ?[/.-] ?month\b|\b(?:dd|tt|jj) ?[/.-] ?mm\b|\bday (?:\w+ ){0,2}first\b|\btag ?[/.-] ?monat\b"
    r"|\b(?:(?-i:UK)|british|european)[ -](?:date|format|style|order)",
    re.IGNORECASE,
)
_DIGITS_DATE = re.compile(r"(?<![\d-])(\d{1,2})([/-])(\d{1,2})\2(\d{4})(?!\d)")


@dataclass(frozen=True, slots=True)
class Clock:
    """What a file tells of its times: their zone, and whether the day stands before the month."""

    zone: tzinfo | None = None
    days_first: bool | None = None

    def parsed(self, text: str, zone: tzinfo | None = None) -> tuple[datetime | None, str, str]:
        """A time in one of its cells, as `axis.parsed` gives it; `zone` is what stands nearer than the file's own."""
        return parsed(dated(text, self.days_first), zone or self.zone)


def record_of(
    evidence: str, row: Row, cell: Cell, file: Clock, what: str, values: Mapping[str, str] | None = None
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
    at, shown, _ = file.parsed(text, told)
    return Record(evidence, cell.locator, cell.text, _raw(text), at, shown, what, values or {})


def _raw(text: str) -> str:
    """The time as it is written, without what stands around it."""
    return parsed(text, UTC)[2] or text


def clock_of(reading: Reading, captured: datetime | None) -> Clock:
    """What the file tells of its times."""
    return Clock(_zone(reading), days_first(reading, captured))


def row_clock(view: CaseView, item: Evidence) -> Clock:
    """What an item tells of the times of its rows, worked out once."""
    return view.once("row clock", item, lambda: clock_of(view.readings(item.id), item.captured_at))


def _zone(reading: Reading) -> tzinfo | None:
    for span in reading.spans:
        if span.kind == "leaf" and label_of(span.label) in ZONE_NAMES:
            return offset(span.text) if re.search(r"utc|gmt|[+-]\d|^z$", span.text, re.I) else zone_of(span.text)
    return declared(reading)


def dated(text: str, days_first: bool | None) -> str:
    """A date in digits as an ISO date, where day and month can be told apart."""
    text = _YEAR_FIRST.sub(lambda found: f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}", text, count=1)
    match = _DIGITS_DATE.search(text)
    if match is None:
        return text
    first, second = int(match[1]), int(match[3])
    days = True if first > 12 else False if second > 12 else True if first == second else days_first
    if days is None:
        return text
    day, month = (first, second) if days else (second, first)
    return f"{text[: match.start()]}{match[4]}-{month:02}-{day:02}{text[match.end() :]}"


def days_first(reading: Reading, captured: datetime | None) -> bool | None:
    """Whether dates in digits have the day first: the file says so, or a row can be read in one way only.

    Where neither tells, by the capture of the item: only one of both readings may lie in the week before it.
    """
    texts = [span.text for span in reading.spans]
    texts += [text for table in reading.drawn for row in table.rows for text in row.cells.values()]
    heads = [column for table in [*reading.tables, *reading.drawn] for column in table.columns]
    words = [*texts, *heads, *reading.lines[:_HEAD]]
    said = [any(kind.search(text) for text in words) for kind in (_DAYS_SAID, _MONTHS_SAID)]
    if said[0] != said[1]:
        return said[0]
    for text in texts:
        match = _DIGITS_DATE.search(text)
        if match is not None and int(match[1]) > 12:
            return True
        if match is not None and int(match[3]) > 12:
            return False
    if captured is None:
        return None
    return next((told for text in texts if (told := _recent(text, captured)) is not None), None)


def _recent(text: str, captured: datetime) -> bool | None:
    match = _DIGITS_DATE.search(text)
    if match is None or match[1] == match[3]:
        return None
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    readings = (date(year, second, first), date(year, first, second))
    near = [0 <= (captured.date() - day).days <= _WEEK for day in readings]
    return near[0] if near[0] != near[1] else None


def key_of(row: Row, ids: Collection[str]) -> str:
    """The account under whose id a row stands: `/sessions/ext-0419/0`."""
    first = next(iter(row.cells.values()), None)
    return next((part for part in first.locator.split("/") if part in ids), "") if first is not None else ""


def cell_of(row: Row, ids: Collection[str]) -> Cell | None:
    """The cell that is the id of one of the accounts, under whatever name."""
    return next((cell for cell in row.cells.values() if cell.text.strip() in ids), None)


def times_of(row: Row, file: Clock) -> list[Cell]:
    """The cells of one of many rows that are times whole, under whatever name, earliest first."""
    # An object that is none of a list says when the export was made.
    cells = [cell for cell in row.cells.values() if not _SINGLE.search(cell.locator)]
    found = {cell.locator: (at, cell) for cell in cells if (at := _whole(cell.text, file)) is not None}
    return [cell for _, cell in sorted(found.values(), key=lambda pair: pair[0])]


def _whole(text: str, file: Clock) -> datetime | None:
    """A text that is a time and no more, for its order in its row only. Where nothing tells whether the day stands
    first, either order does: all times of a row are written alike."""
    plain = dated(text.strip(), True if file.days_first is None else file.days_first)
    at, _, raw = parsed(plain, UTC)
    return at if raw == plain else None


def ends(row: Row, expires: Cell | None, file: Clock) -> dict[str, Cell | None]:
    """When a session began and was last seen, by the times in its row: the first and the last of them."""
    times = [cell for cell in times_of(row, file) if expires is None or cell.locator != expires.locator]
    return {"start": times[0], "seen": times[-1]} if times else {}
