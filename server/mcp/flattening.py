"""Documents, registers and evidence as plain lists, whatever their kind, so that each can be paged in one way."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import assert_never

from pydantic import BaseModel

from casefile.claims import Value
from server.mcp.fitting import HEAD, MOST, size
from server.mcp.results import DataLine, Onward, Statement
from server.models.artifact import ArtifactView, RegistersView
from server.models.evidence import (
    ImageRendering,
    LinesRendering,
    MailRendering,
    NoRendering,
    PageRendering,
    Rendering,
    TableRendering,
    TextLine,
    TextRendering,
    TreeRendering,
)

# Lines shown before a place that was asked for.
BEFORE = 10


def statements_of(artifact: ArtifactView) -> list[Statement]:
    """Fields, then the statements of the sections."""
    fields = [
        Statement(
            place=name,
            title=field.title,
            text=_text(field.value),
            status=field.status,
            author=field.origin,
            mark=None,
            note=field.note,
            citations=field.citations,
        )
        for name, field in artifact.fields.items()
    ]
    claims = [
        Statement(
            place=f"{section.id}/{claim.id}",
            title=section.title,
            text=claim.text,
            status=claim.status,
            author=claim.author,
            mark=claim.mark,
            note=None,
            citations=claim.citations,
        )
        for section in artifact.sections
        for claim in section.claims
    ]
    return fields + claims


def _text(value: Value) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def register_items(registers: RegistersView) -> list[tuple[str, BaseModel]]:
    """Every item with the name of its register, in the order of the registers."""
    return [(name, item) for name in RegistersView.model_fields for item in getattr(registers, name)]


def registers_of(items: Sequence[tuple[str, BaseModel]]) -> RegistersView:
    """The items in their registers again."""
    return RegistersView.model_validate(
        {name: [item for of, item in items if of == name] for name in RegistersView.model_fields}
    )


class Lines(BaseModel):
    """The lines of a rendering: `first` is the number of the first of them, counted from 0."""

    first: int
    total: int
    lines: list[DataLine]
    sheet: str | None = None
    page: int | None = None
    sheets: list[str] = []
    pages: int | None = None
    why_nothing: str | None = None

    def part(self, offset: int, character: int) -> tuple[list[DataLine], Onward | None]:
        """The lines from a place on that fit, and where to go on. A line that does not fit is cut, not left out."""
        taken: list[DataLine] = []
        room = MOST - 2 * HEAD
        number = offset
        for line in self.lines[max(0, offset - self.first) :]:
            rest = line.model_copy(update={"text": line.text[character:]})
            if size(rest) > room:
                if taken:
                    return taken, self._at(number)
                letters = _letters(rest, room)
                taken.append(rest.model_copy(update={"text": rest.text[:letters]}))
                return taken, self._at(number, character + letters)
            taken.append(rest)
            room -= size(rest)
            number, character = number + 1, 0
        if number < self.total:
            return taken, self._at(number)
        if self.page is not None and self.pages is not None and self.page < self.pages:
            return taken, Onward(offset=0, page=self.page + 1)
        return taken, None

    def start(self, locator: str | None) -> int:
        """Where to begin: a little before the place that was asked for."""
        found = next((number for number, line in enumerate(self.lines) if _holds(line.locator, locator or "")), 0)
        return self.first + max(0, found - BEFORE)

    def _at(self, offset: int, character: int = 0) -> Onward:
        return Onward(offset=offset, character=character, sheet=self.sheet, page=self.page)


def _holds(place: str, locator: str) -> bool:
    """Whether a line is at a locator, holds it (a cell in its row), or begins it (lines from it on, parts of it)."""
    return place == locator or locator.startswith((f"{place},", f"{place}-")) or place.startswith(f"{locator}/")


def _letters(line: DataLine, room: int) -> int:
    """How many characters of a line's text fit: in JSON one may need up to six."""
    low, high = 1, len(line.text)
    while low < high:
        middle = (low + high + 1) // 2
        fits = size(line.model_copy(update={"text": line.text[:middle]})) <= room
        low, high = (middle, high) if fits else (low, middle - 1)
    return low


def lines_of(drawn: Rendering) -> Lines:
    """A rendering of any kind as lines."""
    match drawn:
        case MailRendering():
            return _whole(list(_mail(drawn)))
        case TableRendering():
            cells = list(_rows(drawn))
            return Lines(
                first=drawn.offset, total=drawn.total, lines=cells, sheet=drawn.sheet or None, sheets=drawn.sheets
            )
        case LinesRendering():
            return Lines(first=drawn.first - 1, total=drawn.total, lines=[data(line) for line in drawn.lines])
        case TextRendering():
            return Lines(first=drawn.offset, total=drawn.total, lines=[data(line) for line in drawn.lines])
        case TreeRendering():
            leaves = [DataLine(locator=leaf.locator, text=leaf.text, label=leaf.label) for leaf in drawn.leaves]
            return Lines(first=drawn.offset, total=drawn.total, lines=leaves)
        case PageRendering():
            return _whole(_page(drawn)).model_copy(update={"page": drawn.page, "pages": drawn.pages})
        case ImageRendering():
            return _whole([DataLine(locator=box.locator, text=box.text) for box in drawn.boxes])
        case NoRendering():
            return Lines(first=0, total=0, lines=[], why_nothing=drawn.reason)
        case _:
            assert_never(drawn)


def data(line: TextLine, by: str = "") -> DataLine:
    """A line as a tool gives it."""
    return DataLine(locator=line.locator, text=line.text, label=line.label, by=by, hidden=line.hidden)


def _whole(lines: list[DataLine]) -> Lines:
    return Lines(first=0, total=len(lines), lines=lines)


def _mail(drawn: MailRendering) -> Iterator[DataLine]:
    yield from (data(line) for line in drawn.headers)
    for message in drawn.messages:
        by = " ".join(part for part in (message.author.name, message.author.address) if part) if message.author else ""
        yield from (data(line, by) for line in message.lines)
    yield from (data(line) for line in drawn.others)


def _rows(drawn: TableRendering) -> Iterator[DataLine]:
    """One line for a row: its place is that of the row, and a cell's is that with `col=NAME`."""
    sheet = f"sheet={drawn.sheet}," if drawn.sheet else ""
    for row in drawn.rows:
        pairs = list(zip(drawn.columns, row.cells, strict=False))
        # Names of columns may be masked alike: then pairs, so that no cell is lost.
        cells = dict(pairs) if len(dict(pairs)) == len(pairs) else pairs
        text = json.dumps(cells, ensure_ascii=False)
        yield DataLine(locator=f"{sheet}row={row.number}", text=text, label="a cell's place adds `,col=NAME`")


def _page(drawn: PageRendering) -> list[DataLine]:
    # Where characters are masked the offsets of the spans may not fit: then the page is one line.
    if drawn.masked or not drawn.spans:
        return [DataLine(locator=f"page={drawn.page}", text=drawn.text)] if drawn.text else []
    return [DataLine(locator=span.locator, text=drawn.text[span.start : span.end]) for span in drawn.spans]
