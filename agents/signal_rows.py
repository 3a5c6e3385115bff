"""Rows of ledgers, snapshots and feeds: own cells, cells of nested objects, and what the objects around say.

A row is left out where it speaks of no tenant of the case (R12). A day and a month that one row leaves open are told
apart by the other rows of the same file; where none tells, the row has no time, and that is said (R9).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo

from agents.axis import parsed
from agents.case_view import CaseView
from agents.incident_facts import local, moment
from agents.records import Cell, label_of
from agents.row_times import CLOCK, DAYS, dated, days_first
from agents.times import zone_of
from casefile.evidence import Evidence, Reading, Table
from tools.readers import line_spans

TENANT = re.compile(r"\btn-[\w-]+")
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?")
_EMPTY = frozenset({"", "null", "none", "n/a", "na", "-", "–", "—", "nil", "unknown"})
# Envelopes: what stands in them belongs to the row itself.
_ENVELOPES = frozenset({"data", "payload", "attributes", "event", "body", "record", "details"})
_TIME_LABEL = re.compile(r"\b(?:time|times|timestamp|when|date|datetime|utc|at|on|zeit|datum|uhrzeit|heure|hora)\b")
_NO_EVENT = re.compile(
    r"captur|ingest|complete|clos|open|expir|valid|until|snapshot|export at|exported|generated|zone|step"
)
_PAIR = re.compile(r"([A-Za-z_][\w.]*)=(\"[^\"]*\"|'[^']*'|[^\s,;]+)")
_STAMP = re.compile(r"\W*(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?\s?(?:Z|UTC|[+-]\d\d:?\d\d)?)")
_PAIRS = 3  # fewer are no record, but words of a sentence
_SPLIT = re.compile(r"[\s;,|]+")
_EMPTY_LINE = re.compile(r"(?:[-*•]\s+)?([^\W\d][^:|#]{1,40}):\s*([-–—?]|n/a|none)?$", re.IGNORECASE)
_DRAWN = re.compile(r"\s*[|+]")  # a line of a table
_TITLE = 60  # characters of a line that may be the title of the form below it


def blank(text: str) -> bool:
    """Whether a cell says nothing."""
    return text.strip().casefold() in _EMPTY


@dataclass(frozen=True, slots=True)
class Row:
    """One row or object. `own` are its cells by compared label, `around` those of the objects that it stands in.

    `zone` is the one that its source declares for all its clocks.
    """

    item: Evidence
    own: Mapping[str, Sequence[Cell]]
    around: Mapping[str, Sequence[Cell]] = field(default_factory=dict)
    path: str = ""
    days_first: bool | None = None
    zone: tzinfo | None = None

    def first(self, names: Sequence[str], *, around: bool = False) -> Cell | None:
        """The first cell under the first of the names that says something."""
        for cells in (self.own, self.around) if around else (self.own,):
            for name in names:
                for cell in cells.get(label_of(name), ()):
                    if not blank(cell.text):
                        return cell
        return None

    def text_of(self, names: Sequence[str], *, around: bool = False) -> str:
        """What stands under the names, or nothing."""
        cell = self.first(names, around=around)
        return cell.text.strip() if cell is not None else ""

    def all(self, names: Sequence[str]) -> list[tuple[str, Cell]]:
        """Every value under any of the names, with its cell: a list, or several values in one cell."""
        cells = [cell for name in names for cell in self.own.get(label_of(name), ()) if not blank(cell.text)]
        return [(part, cell) for cell in cells for part in _SPLIT.split(cell.text.strip()) if part]

    def time_cell(self, names: Sequence[str]) -> Cell | None:
        """The cell that says when: under one of the names, else the first that is labelled as a time of an event."""
        told = self.first(names)
        if told is not None:
            return told
        labels = [label for label in self.own if _TIME_LABEL.search(label) and not _NO_EVENT.search(label)]
        return self.first([label for label in labels if re.search(r"\d", "".join(c.text for c in self.own[label]))])

    def time(self, names: Sequence[str], zones: Sequence[str] = (), *, around: bool = False) -> datetime | None:
        """The time under the names, in UTC; None where its date or its zone is not known."""
        cell = self.first(names, around=around)
        return self.read_time(cell, zones) if cell is not None else None

    def read_time(self, cell: Cell, zones: Sequence[str] = ()) -> datetime | None:
        """The time in a cell of the row, in UTC; None where its date or its zone is not known."""
        day = self.first(DAYS) if CLOCK.fullmatch(cell.text.strip()) else None
        text = dated(f"{day.text.strip()[:10] if day else ''} {cell.text}".strip(), self.days_first)
        if _EPOCH.fullmatch(text):
            return datetime.fromtimestamp(int(text[:10]), UTC)
        zone = self.text_of(zones, around=True)
        if zone:
            told = local(text, zone)
            if told is not None:
                return told
        label = next((label for label, cells in self.own.items() if cell in cells), "")
        at, unsure = moment(text, label)
        told_zone = zone_of(cell.head) or self.zone if unsure else None
        return parsed(text, told_zone)[0] if unsure else at

    @property
    def key(self) -> str:
        """The key under which an object stands in a mapping from ids to objects."""
        return self.path.rpartition("/")[2]

    @property
    def cells(self) -> list[Cell]:
        """Every own cell that says something, each once."""
        unique = {
            (cell.locator, cell.text): cell for cells in self.own.values() for cell in cells if not blank(cell.text)
        }
        return list(unique.values())

    @property
    def text(self) -> str:
        """What it says, on one line."""
        return "; ".join(cell.text.strip() for cell in self.cells)


def rows(view: CaseView, item: Evidence) -> Sequence[Row]:
    """The rows of an item that speak of no tenant but those of the case."""
    return view.once("signal rows", item, lambda: _rows(view, item))


def _rows(view: CaseView, item: Evidence) -> tuple[Row, ...]:
    reading = view.readings(item.id)
    days = days_first(reading, item.captured_at)
    found = [*_of_tables(item, reading, days), *_of_objects(item, reading, days), *_of_lines(item, reading, days)]
    found += _of_forms(item, reading, days) if item.prior else ()
    zone = view.zone(item)
    own = (row for row in found if not _foreign(view, row.text))
    return tuple(replace(row, zone=zone) for row in own) if zone is not None else tuple(own)


def _foreign(view: CaseView, text: str) -> bool:
    named = set(TENANT.findall(text))
    return bool(named) and not named & view.packet.tenant_ids()


def _of_tables(item: Evidence, reading: Reading, days: bool | None) -> Iterator[Row]:
    for table in [*reading.tables, *reading.drawn]:
        title = _title(reading, table) if item.prior else ""
        for row in table.rows:
            own = {label_of(c): [Cell(t, table.locator(row.number, c), c)] for c, t in row.cells.items() if t.strip()}
            yield Row(item, own, days_first=days, path=f"{table.sheet} {title}".strip())


def _title(reading: Reading, table: Table) -> str:
    """The line of a document that stands over a table in it, where it is short enough to be its title."""
    number = re.fullmatch(r"line=(\d+)", table.after)
    above = reading.lines[: int(number[1])] if number is not None else []
    last = next((line.strip() for line in reversed(above) if line.strip() and not _DRAWN.match(line)), "")
    return last if len(last) <= _TITLE and not last.endswith(".") else ""


def _of_objects(item: Evidence, reading: Reading, days: bool | None) -> Iterator[Row]:
    objects: dict[str, dict[str, list[Cell]]] = {}
    for span in reading.spans:
        if span.kind != "leaf" or span.hidden:
            continue
        parent, key = _member(span.pointer)
        _put(objects, parent, key, Cell(span.text, span.locator))
        above, _, name = parent.rpartition("/")
        if parent and name and not name.isdigit():
            _put(objects, above, f"{label_of(name)} {key}", Cell(span.text, span.locator))
            if label_of(name) in _ENVELOPES:
                _put(objects, above, key, Cell(span.text, span.locator))
    for pointer, own in objects.items():
        around: dict[str, list[Cell]] = {}
        above = pointer
        while above:
            above = above.rpartition("/")[0]
            for label, cells in objects.get(above, {}).items():
                around.setdefault(label, cells)
        yield Row(item, own, around, pointer, days)


def _of_lines(item: Evidence, reading: Reading, days: bool | None) -> Iterator[Row]:
    """Lines of a log that name their values: `2026-05-14T05:52:10Z START operator=op-1 tenant=tn-a`."""
    for number, line in enumerate(reading.lines, 1):
        pairs = _PAIR.findall(line)
        if len(pairs) < _PAIRS:
            continue
        own = {label_of(key): [Cell(value.strip("\"'"), f"line={number}")] for key, value in pairs}
        stamp = _STAMP.match(line)
        if stamp is not None:
            own.setdefault("timestamp", [Cell(stamp[1], f"line={number}")])
        yield Row(item, own, days_first=days)


def _of_forms(item: Evidence, reading: Reading, days: bool | None) -> Iterator[Row]:
    """What a document says line by line under a title: `Evidence window`, then `Start: …`, `End: …`, `Frozen: yes`."""
    own: dict[str, list[Cell]] = {}
    title = ""
    for span in [*(one for one in reading.spans if one.kind != "leaf"), *line_spans(reading)]:
        text = span.text.strip()
        if span.hidden or not text:
            continue
        label, value = (span.label, span.value) if span.label and span.value.strip() else _unfilled(text)
        if label:
            own.setdefault(label_of(label), []).append(Cell(value.strip(), span.locator, label))
        if label and value.strip():
            continue
        if own:
            yield Row(item, own, path=title, days_first=days)
        own, title = {}, text.strip("#*_= ") if len(text) <= _TITLE and not text.endswith(".") else ""
    if own:
        yield Row(item, own, path=title, days_first=days)


def _unfilled(text: str) -> tuple[str, str]:
    """The label of a line in which nothing is filled in: `Frozen at:`, `Frozen at: -`."""
    match = _EMPTY_LINE.match(text)
    return (match[1], match[2] or "") if match is not None else ("", "")


def _member(locator: str) -> tuple[str, str]:
    parent, _, key = locator.rpartition("/")
    if key.isdigit():
        parent, _, key = parent.rpartition("/")
    return parent, label_of(key.replace("~1", "/").replace("~0", "~"))


def _put(objects: dict[str, dict[str, list[Cell]]], parent: str, key: str, cell: Cell) -> None:
    objects.setdefault(parent, {}).setdefault(key, []).append(cell)


def tenant_of(view: CaseView, row: Row, names: Mapping[str, str]) -> tuple[str, Cell | None]:
    """The tenant of a row by its id, or by a name that `names` knows; empty where the case does not list it."""
    words: Sequence[str] = view.scenario.data["words"]["tenant"]
    cell = row.first(words, around=True)
    if cell is None and row.key in view.packet.tenant_ids() and row.cells:
        return row.key, row.cells[0]
    if cell is None:  # a column with another name: the id itself says that it is a tenant
        cell = next((one for one in row.cells if TENANT.fullmatch(one.text.strip())), None)
    if cell is None:
        return "", None
    text = cell.text.strip()
    told = TENANT.findall(text)
    # A change of context names where it came from and where it went: the last one is where the row belongs.
    tenant = told[-1] if told else text if text in view.packet.tenant_ids() else names.get(text.casefold(), "")
    return (tenant if tenant in view.packet.tenant_ids() else ""), cell
