"""Under which headings a piece of an item stands: titles above lines and tables, names on the way to a JSON member."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agents.case_view import CaseView
from agents.labelled_places import lines_of
from agents.matrix_row import RULE_ID
from casefile.evidence import Evidence, Reading, Span

_MARKED = re.compile(r"^\s*(#{1,6})\s*(\S.*)$")
_NUMBERED = re.compile(
    r"^\s*(?:(?:section|part|chapter|abschnitt) )?\d{1,2}(?:\.\d{1,2})*\.?\s+(?P<title>[^.;:]{3,60})$", re.IGNORECASE
)
_INTRODUCES = re.compile(r"^(?P<title>[^.;:|]{3,60}):$")
_ITEM = re.compile(r"^\s*(?:[-*•]|\(?\w{1,2}[.)])\s")
_PLAIN = 5  # words of a line that may be a title without any mark
_DEEPEST = 7
_TITLE = 10  # words of a line that may be the title of a paper
_NUMBER = re.compile(r"(\d+)(?:-\d+)?$")


@dataclass(frozen=True, slots=True)
class Heading:
    """A title, its place, and its level: 1 for the title of the paper."""

    text: str
    locator: str
    level: int


class Sections:
    """The headings of one item."""

    def __init__(self, reading: Reading) -> None:
        self._of: dict[str, tuple[Heading, ...]] = {}
        self._lines: list[tuple[int, tuple[Heading, ...]]] = []
        spans = [one for one in lines_of(reading) if one.kind not in ("leaf", "cell")]
        stack: tuple[Heading, ...] = ()
        for n, span in enumerate(spans):
            heading = _heading(span, spans[n + 1] if n + 1 < len(spans) else None)
            if heading is not None:
                stack = (*(one for one in stack if one.level < heading.level), heading)
            self._of[span.locator] = stack
            number = _NUMBER.search(span.locator)
            if span.locator.startswith("line=") and number is not None:
                self._lines.append((int(number[1]), stack))
        self._after = {table.sheet: table.after for table in reading.tables}

    def above(self, locator: str) -> Sequence[Heading]:
        """The headings that a place stands under, outermost first; the title of the whole paper is none of them."""
        if locator.startswith("/") and locator not in self._of:
            return _keys(locator)
        sheet = re.match(r"sheet=(?P<name>[^,]*),", locator)
        if sheet is None:
            return self._at(locator)
        named = () if re.match(r"(?:page \d+ )?table \d+$", sheet["name"]) else (Heading(sheet["name"], locator, 2),)
        return (*named, *self._at(self._after.get(sheet["name"], "")))

    def _at(self, locator: str) -> tuple[Heading, ...]:
        found = self._of.get(locator)
        number = _NUMBER.search(locator)
        if found is None and locator.startswith("line=") and number is not None:
            found = next((stack for at, stack in reversed(self._lines) if at <= int(number[1])), ())
        return tuple(one for one in found or () if one.level > 1)


def sections(view: CaseView, item: Evidence) -> Sections:
    """The headings of an item, found once."""
    return view.once("sections", item, lambda: Sections(view.readings(item.id)))


def title_of(view: CaseView, item: Evidence) -> str:
    """The title of a paper: its first line, where that is a heading or says no value; nothing for a table or object."""
    first = next((one for one in lines_of(view.readings(item.id)) if one.kind not in ("leaf", "cell")), None)
    if first is None or (first.label and first.value) or len(first.text.split()) > _TITLE:
        return ""
    marked = _MARKED.match(first.text)
    return marked[2].strip() if marked is not None else first.text.strip()


def _heading(span: Span, after: Span | None) -> Heading | None:
    """What a line is the title of, if it is one."""
    marked = _MARKED.match(span.text)
    if marked is not None:
        return Heading(marked[2].strip(), span.locator, len(marked[1]))
    text = span.text.strip()
    if span.kind == "header":
        return Heading(text, span.locator, 2)
    if text[:1] == "|" or (span.value and span.label):
        return None
    found = _NUMBERED.match(text) or (None if _ITEM.match(text) else _INTRODUCES.match(text))
    if found is not None and not RULE_ID.search(text):
        return Heading(found["title"].strip(), span.locator, 2 if not text.endswith(":") else _DEEPEST)
    plain = len(text.split()) <= _PLAIN and not _ITEM.match(text) and not re.search(r"[\d.;:,!?]", text)
    below = after is not None and bool(_ITEM.match(after.text) or RULE_ID.match(after.text.strip()))
    return Heading(text, span.locator, 2) if text and plain and below else None


def _keys(pointer: str) -> list[Heading]:
    """The names of the objects that a member stands in."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:-1]]
    return [Heading(part.replace("_", " "), pointer, 2) for part in parts if not part.isdecimal()]
