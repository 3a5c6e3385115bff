"""Every place of an item where a value stands beside a name: labelled lines, JSON members by their path, table cells
by their column, and rows that are a name and a value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from agents.aligned_lines import aligned
from agents.case_view import CaseView
from agents.records import Cell, Record, label_of
from agents.times import mentions
from casefile.claims import Citation
from casefile.evidence import Evidence, Reading, Span
from guardrails.citations import check_citation
from tools.readers import clock, line_spans

_ENDED = re.compile(r"[.;]\s|\n")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Place:
    """A value with its name (compared form), its cell, and the other cells of its row, if it stands in one.

    `said` is what stands there, where the value is what it means.
    """

    item: Evidence
    label: str
    value: str
    cell: Cell
    row: Record | None = None
    said: str = ""

    def cite(self, view: CaseView) -> Citation:
        """The citation of the value, as it stands there."""
        return view.cite(self.item, self.cell, self.said or self.value)


def lines_of(reading: Reading) -> list[Span]:
    """What a person reads of an item, span by span: no hidden text, no mail headers, and each line once."""
    spans = [s for s in reading.spans if not s.hidden and not s.locator.startswith("/headers/")]
    known = {s.locator for s in spans if s.kind not in ("leaf", "cell")}
    return spans + ([s for s in line_spans(reading) if s.locator not in known] if reading.lines else [])


def places(view: CaseView, item: Evidence) -> Iterator[Place]:
    """All of them, in the order of the item."""
    reading, others = view.readings(item.id), view.of_others(item)
    rows = {cell.locator for record in view.records(item) for cell in record.cells.values()}
    apart = view.once("aligned", item, lambda: aligned(lines_of(reading)))
    for span in lines_of(reading):
        if span.locator in others:
            continue
        if span.kind == "leaf":
            yield Place(item, path_label(span.pointer), span.text, Cell(span.text, span.locator))
        elif span.label and span.value and (span.kind != "cell" or _beside(span, rows)):
            yield Place(item, label_of(span.label), span.value, Cell(span.text, span.locator))
        elif span.locator in apart:
            yield Place(item, label_of(apart[span.locator][0]), apart[span.locator][1], Cell(span.text, span.locator))
    for record in view.records(item):
        cells = list(record.cells.items())
        if not cells or cells[0][1].locator.startswith("/"):
            continue
        if len(cells) > 1:
            name, value = cells[0][1], cells[1][1]
            yield Place(item, label_of(name.text), value.text, value, record)
        for column, cell in cells:
            yield Place(item, column, cell.text, cell, record)


def paired(view: CaseView, item: Evidence, columns: Mapping[str, list[str]]) -> Iterator[Place]:
    """Rows in which the column `name` names what the column `value` says, wherever they stand in the row."""
    for record in view.records(item) if columns else ():
        name, value = column(record, columns["name"]), column(record, columns["value"])
        if name is not None and value is not None:
            yield Place(item, label_of(name.text), value.text, value, record)


def _beside(span: Span, rows: set[str]) -> bool:
    """Whether a cell above the heads of a table stands beside its name, and not under the letter of a column."""
    return span.locator not in rows and not re.fullmatch(r"[A-Z]{1,3}", span.label)


def sentences(view: CaseView, item: Evidence, patterns: Sequence[str]) -> Iterator[tuple[Place, str]]:
    """Where a sentence says a value (group `value`), with the sentence."""
    for span in lines_of(view.readings(item.id)):
        for pattern in patterns:
            for match in re.finditer(pattern, span.text, re.IGNORECASE):
                before, after = span.text[: match.start("value")], span.text[match.end("value") :]
                sentence = f"{_ENDED.split(before)[-1]}{match['value']}{_ENDED.split(after)[0]}"
                yield Place(item, "", match["value"].strip(), Cell(span.text, span.locator)), sentence


def standing(item: Evidence, reading: Reading, locator: str, texts: Sequence[str]) -> Cell:
    """The first of some texts that may be quoted at a place, else the first: "may not exceed 85 percent" is cited
    whole, a number without its "not" says something else."""
    cells = [Cell(text, locator) for text in texts]
    quoted = (
        one
        for one in cells
        if not check_citation(Citation(evidence=item.id, locator=locator, quote=one.text, sha256=item.sha256), reading)
    )
    return next(quoted, cells[0])


def path_label(pointer: str) -> str:
    """A JSON member's name for comparison: the words of its whole path, without positions in lists."""
    parts = [part for part in pointer.split("/") if part and not part.isdecimal()]
    return " ".join(label_of(part.replace("~1", "/").replace("~0", "~")) for part in parts)


def column(record: Record, labels: list[str]) -> Cell | None:
    """The cell under the first of some labels; one that begins with `~` is a regex on the compared label."""
    for label in labels:
        if not label.startswith("~"):
            found = record.first([label])
        else:
            found = next((c for name, c in record.cells.items() if re.search(label[1:], name) and c.text.strip()), None)
        if found is not None:
            return found
    return None


def belongs(record: Record | None, columns: list[str], mine: Callable[[str], bool]) -> bool:
    """Whether a row is not about somebody else: where it names a subject, it is one of the case's own."""
    if record is None or _begins_list(record, mine):
        return True
    named = [cell.text for column in columns if (cell := record.first([column])) is not None]
    return not named or any(mine(text) for text in named)


def _begins_list(record: Record, mine: Callable[[str], bool]) -> bool:
    """Whether the head of a table is the first of its names and values: `Customer | Acme`, and no column `Customer`."""
    heads = [cell.head for cell in record.cells.values()]
    return len(heads) == len(("name", "value")) and mine(heads[1])


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as a cell has it. `exact` is false where only the day, or no zone, is said: it may be off by `slack`."""

    at: datetime
    exact: bool

    @property
    def slack(self) -> timedelta:
        """By how much it may be wrong, either way."""
        return timedelta(0) if self.exact else timedelta(days=1)


def moment(text: str) -> Moment | None:
    """The time or day in a text, or None."""
    text = text.strip()
    absolute = clock.instant(text)
    if absolute is not None:
        return Moment(absolute.astimezone(UTC), True)
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        return _worded(text)
    return Moment(local.replace(tzinfo=UTC), False) if local.tzinfo is None else Moment(local.astimezone(UTC), True)


def _worded(text: str) -> Moment | None:
    found = next((one for one in mentions(text) if one.instant is not None), None)
    if found is not None and found.instant is not None:
        return Moment(found.instant, True)
    day = _DAY.search(text)
    return Moment(datetime.combine(date.fromisoformat(day[0]), datetime.min.time(), UTC), False) if day else _day(text)


def _day(text: str) -> Moment | None:
    """`4 May 2026`, `May 4, 2026`, `04.05.2026`: midnight is put beside it so that the reader of times reads it."""
    found = next((one for one in mentions(f"{text.rstrip('.')} 00:00 UTC") if one.dated == "stated"), None)
    return Moment(found.instant, False) if found is not None and found.instant is not None else None


def whole(place: Place) -> Place:
    """The place with its whole cell as value: for texts that are parsed as they stand."""
    return replace(place, value=place.cell.text)
