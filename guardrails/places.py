"""Locators to the text that stands there, for every kind of reading (grammar: casefile/evidence.py)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from casefile.evidence import Reading, Span, Table

_CELL = re.compile(r"^(?:sheet=(?P<sheet>.*),)?row=(?P<row>\d+),col=(?P<col>.+)$", re.DOTALL)
_LINES = re.compile(r"^line=(?P<first>\d+)(?:-(?P<last>\d+))?$")
_CHARS = re.compile(r"^page=(?P<page>\d+),char=(?P<first>\d+)(?:-(?P<last>\d+))?$")
_PAGE = re.compile(r"^page=(?P<page>\d+)$")
_BOX = re.compile(r"^box=(\d+),(\d+),(\d+),(\d+)$")

_Box = tuple[int, int, int, int]


class Places:
    """A reading, indexed by locator. Unknown, malformed and empty places have no text."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._spans: dict[str, Span] = {}
        for span in reading.spans:
            self._spans.setdefault(span.locator, span)

    def text_at(self, locator: str) -> str | None:
        """What stands at `locator`, or None where the reading has no such place."""
        if self._reading.unusable:
            return None
        match = _LINES.match(locator)
        span = self._spans.get(locator)
        if span is not None and not (match and self._reading.lines):  # a line may have several spans
            return span.text
        if match:
            first = int(match["first"])
            return self._lines(first, int(match["last"] or first))
        if match := _CELL.match(locator):
            return self._cell(match["sheet"] or "", int(match["row"]), match["col"])
        if match := _CHARS.match(locator):
            first = int(match["first"])
            return self._chars(match["page"], first, int(match["last"] or first + 1))
        if match := _PAGE.match(locator):
            return self._page(match["page"])
        if match := _BOX.match(locator):
            x, y, width, height = (int(part) for part in match.groups())
            return self._box((x, y, width, height))
        return self._pointer(locator) if locator.startswith("/") else None

    def all_texts(self) -> Iterator[tuple[str, str]]:
        """Every citable place with its text."""
        if self._reading.unusable:
            return
        for span in self._reading.spans:
            yield span.locator, span.text
        for number, line in enumerate(self._reading.lines, 1):
            if f"line={number}" not in self._spans:
                yield f"line={number}", line
        for table in self._reading.tables:
            for row in table.rows:
                for column, text in row.cells.items():
                    locator = table.locator(row.number, column)
                    if locator not in self._spans:
                        yield locator, text

    def _lines(self, first: int, last: int) -> str | None:
        if not 1 <= first <= last:
            return None
        lines = self._reading.lines
        if lines:
            return "\n".join(lines[first - 1 : last]) if last <= len(lines) else None
        # Paragraphs of laid-out documents have spans and no lines; a range may skip empty ones.
        texts = [
            span.text
            for span in self._reading.spans
            if (match := _LINES.match(span.locator)) and first <= int(match["first"]) <= last
        ]
        ends = f"line={first}" in self._spans and f"line={last}" in self._spans
        return "\n".join(texts) if ends else None

    def _cell(self, sheet: str, row: int, column: str) -> str | None:
        for table in self._reading.tables:
            if table.sheet == sheet:
                for candidate in table.rows:
                    if candidate.number == row:
                        return candidate.cells.get(_column(table, column))
        return None

    def _chars(self, page: str, first: int, last: int) -> str | None:
        if last <= first:
            return None
        pieces = []
        for start, text in self._page_pieces(page):
            low, high = max(first, start), min(last, start + len(text))
            if low < high:
                pieces.append(text[low - start : high - start])
        return "\n".join(pieces) or None

    def _page(self, page: str) -> str | None:
        return "\n".join(text for _, text in self._page_pieces(page)) or None

    def _page_pieces(self, page: str) -> Iterator[tuple[int, str]]:
        for span in self._reading.spans:
            match = _CHARS.match(span.locator)
            if match and match["page"] == page:
                yield int(match["first"]), span.text

    def _box(self, wanted: _Box) -> str | None:
        x, y, width, height = wanted
        inside = []
        for span in self._reading.spans:
            if match := _BOX.match(span.locator):
                left, top, wide, high = (int(part) for part in match.groups())
                if x <= left and y <= top and left + wide <= x + width and top + high <= y + height:
                    inside.append(span.text)
        return " ".join(inside) or None

    def _pointer(self, locator: str) -> str | None:
        """A leaf of the parsed document (RFC 6901), or the lines below `…/lines` of a mail message."""
        if locator.endswith("/lines"):
            below = [span.text for place, span in self._spans.items() if place.startswith(locator + "/")]
            return "\n".join(below) or None
        found = self._reading.data
        for raw in locator.split("/")[1:]:
            key = raw.replace("~1", "/").replace("~0", "~")
            if isinstance(found, dict) and key in found:
                found = found[key]
            elif isinstance(found, list) and re.fullmatch(r"0|[1-9]\d*", key) and int(key) < len(found):
                found = found[int(key)]
            else:
                return None
        return _leaf(found)


def _leaf(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None


def _column(table: Table, name: str) -> str:
    """The column's header; tables without headers are addressed by letters (`col=B`)."""
    if name not in table.columns and re.fullmatch(r"[A-Z]", name):
        index = ord(name) - ord("A")
        if index < len(table.columns):
            return table.columns[index]
    return name
