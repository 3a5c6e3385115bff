"""Word documents: paragraphs and tables as they stand; comments, deletions and hidden runs apart.

Paragraphs count from 1 in document order, those of the body first, then text boxes' in their place, then
headers and footers. Paragraphs inside tables belong to the table.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import docx
from docx.opc.exceptions import PackageNotFoundError

from casefile.evidence import Reading, Span
from tools.readers import clock, grid
from tools.readers.labels import labelled, several
from tools.readers.limits import Limits, UnreadableError
from tools.readers.packed import unpacked

_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_BREAKS: Final = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_GONE: Final = frozenset({f"{_W}del", f"{_W}moveFrom"})
_BOX: Final = f"{_W}txbxContent"
_MAX_SPAN: Final = 60


def read_docx(data: bytes, kind: str, limits: Limits) -> Reading:
    """`lines` are the paragraphs, one span each; tables with cell spans; hidden text as hidden spans."""
    unpacked(data, limits)
    try:
        document = docx.Document(io.BytesIO(data))
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError, AttributeError, SyntaxError) as fault:
        raise UnreadableError(f"the document is damaged: {fault}") from None
    body = _Body(limits)
    body.block(document.element.body)
    for section in document.sections:
        for margin in (section.header, section.footer, section.first_page_header, section.first_page_footer):
            if not margin.is_linked_to_previous:
                body.block(margin._element)
    for comment in document.comments:
        if comment.text.strip():
            body.conceal(comment.text, "comment")
    grids = body.grids()
    spans = [span for number, text in enumerate(body.lines, start=1) if text.strip() for span in body.spans(number)]
    named = [(0, span.label, span.value) for span in spans]
    for found in grids:
        spans += found.spans
    spans += body.hidden
    if not spans:
        raise UnreadableError("the document has no text")
    made = clock.made_at(named) or grid.made_at(grids)
    problems = [problem for found in grids for problem in found.problems]
    return Reading(kind, spans, body.lines, [found.table for found in grids], problems=problems, made_at=made)


class _Body:
    """The blocks of a document as they are met."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.lines: list[str] = []
        self.headings: set[int] = set()
        self.hidden: list[Span] = []
        self.tables: list[tuple[int, list[grid.Line]]] = []
        self.cells = 0

    def block(self, element: Any, depth: int = 0) -> None:
        """Takes the paragraphs and tables of `element`, and of content controls in it."""
        if depth > self.limits.max_depth:
            raise UnreadableError(f"nested deeper than {self.limits.max_depth} levels")
        for child in element:
            if child.tag == f"{_W}p":
                self.lines.append(self._text(child))
                if _is_heading(child):
                    self.headings.add(len(self.lines))
                for box in _boxes(child):
                    self.block(box, depth + 1)
            elif child.tag == f"{_W}tbl":
                self._table(child)
            elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}customXml", f"{_W}ins"):
                self.block(child, depth + 1)

    def spans(self, number: int) -> Iterator[Span]:
        """The span of the paragraph `number`, from 1, or one for each value that it names; headings are `header`."""
        text = self.lines[number - 1]
        if number in self.headings:
            yield Span(f"line={number}", text, "header")
            return
        for part in several(text) or [text]:
            label, value = labelled(part) or ("", "")
            yield Span(f"line={number}", part, "paragraph", label, value)

    def conceal(self, text: str, label: str) -> None:
        place = f"line={max(1, len(self.lines))}"
        self.hidden.append(Span(place, " ".join(text.split()), "paragraph", label, hidden=True))

    def grids(self) -> list[grid.Grid]:
        found = []
        for number, (before, lines) in enumerate(self.tables, start=1):
            one = grid.gridded(lines, f"table {number}", pairs=True)
            one.table = replace(one.table, after=f"line={before}")
            found.append(one)
        return found

    def _text(self, paragraph: Any) -> str:
        shown: list[str] = []
        unseen: dict[str, list[str]] = {"deleted": [], "hidden": []}
        for piece, state in _pieces(paragraph, ""):
            (unseen[state] if state else shown).append(piece)
        for state, pieces in unseen.items():
            if "".join(pieces).strip():
                self.conceal("".join(pieces), state)
        return "".join(shown)

    def _table(self, table: Any) -> None:
        lines = []
        for number, row in enumerate(table.iter(f"{_W}tr"), start=1):
            cells: list[str] = []
            for cell in row.iter(f"{_W}tc"):
                cells.append("\n".join(self._text(paragraph) for paragraph in cell.iter(f"{_W}p")).strip())
                span = cell.find(f"{_W}tcPr/{_W}gridSpan")
                wide = span.get(f"{_W}val", "1") if span is not None else "1"
                cells += [""] * (min(int(wide), _MAX_SPAN) - 1 if wide.isdecimal() else 0)
            lines.append(grid.Line(number, cells))
            self.cells += len(cells)
            if self.cells > self.limits.max_cells:
                raise UnreadableError(f"the tables have more than {self.limits.max_cells} cells")
        self.tables.append((len(self.lines), lines))


def _is_heading(paragraph: Any) -> bool:
    style = paragraph.find(f"{_W}pPr/{_W}pStyle")
    return style is not None and style.get(f"{_W}val", "").startswith(("Heading", "Title", "Subtitle"))


def _pieces(element: Any, state: str) -> Iterator[tuple[str, str]]:
    """Texts of a paragraph with their state: shown (empty), `deleted` or `hidden`."""
    for child in element:
        if child.tag in (_FALLBACK, _BOX):
            continue
        if child.tag in (f"{_W}t", f"{_W}delText"):
            yield child.text or "", state
        elif child.tag in _BREAKS and element.tag == f"{_W}r":
            yield _BREAKS[child.tag], state
        elif child.tag in _GONE:
            yield from _pieces(child, "deleted")
        elif child.tag == f"{_W}r" and not state and _vanishes(child):
            yield from _pieces(child, "hidden")
        else:
            yield from _pieces(child, state)


def _vanishes(run: Any) -> bool:
    properties = run.find(f"{_W}rPr")
    if properties is None:
        return False
    vanish = properties.find(f"{_W}vanish")
    if vanish is not None and vanish.get(f"{_W}val", "1") not in ("0", "false", "off"):
        return True
    colour = properties.find(f"{_W}color")
    shade = properties.find(f"{_W}shd")
    ground = shade.get(f"{_W}fill", "auto") if shade is not None else "auto"
    return (
        colour is not None
        and colour.get(f"{_W}val", "").upper() == "FFFFFF"
        and ground.upper() in ("AUTO", "FFFFFF")
        and properties.find(f"{_W}highlight") is None
    )


def _boxes(paragraph: Any) -> Iterator[Any]:
    """Text boxes anchored in a paragraph, each once: the fallback for old readers repeats them."""
    for box in paragraph.iter(_BOX):
        if not any(parent.tag in (_FALLBACK, _BOX) for parent in box.iterancestors()):
            yield box
