"""PDF documents: the text that a page shows, cited by its place in the page's extracted text.

`page=2,char=120-188` are characters 120 up to, not including, 188 of `page_text(data, 2)`. Scripts, links
and attachments are left alone. Text that the page does not show (invisible ink, white on white, outside
the page) is hidden.
"""

from __future__ import annotations

import io
import logging
import re
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import pdfplumber
from pdfminer.pdfexceptions import PDFException
from pdfminer.pdfinterp import PDFPageInterpreter
from pdfminer.pdftypes import list_value, stream_value
from pdfminer.psexceptions import PSException
from pdfminer.utils import MATRIX_IDENTITY
from pdfplumber.page import PDFPageAggregatorWithMarkedContent
from pdfplumber.pdf import PDF
from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

from casefile.evidence import Reading, Span
from tools.readers import clock, grid
from tools.readers.labels import labelled
from tools.readers.limits import Limits, UnreadableError
from tools.readers.pdf_guard import check
from tools.readers.pdf_pairs import pairs_of, parts_of
from tools.readers.pdf_scan import scanned

_UNSEEN: Final = "casegate-unseen"
_INVISIBLE: Final = (3, 7)  # text rendering modes that paint nothing (ISO 32000-1, table 106)
_MAX_EDGES: Final = 4_000
_MAX_CHARACTERS: Final = 400_000  # of one page
_BYTES_A_SECOND: Final = 250_000  # of page description, at its slowest
_TINY: Final = 1.5  # points

# What pdfminer and pdfplumber raise for damaged documents.
_FAULTS: Final = (
    *(PdfminerException, MalformedPDFException, PDFException, PSException, zlib.error),
    *(TypeError, ValueError, KeyError, AssertionError, AttributeError, IndexError, ArithmeticError),
)

logging.getLogger("pdfminer").setLevel(logging.ERROR)


class _Device(PDFPageAggregatorWithMarkedContent):
    """Lays a page out; marks text that is painted invisibly, and stops at the deadline.

    The mark travels in the `tag` of a character, which pdfplumber hands through.
    """

    seconds = 0.0
    deadline = 0.0
    content = 0
    count = 0
    mode = 0

    def render_string(self, textstate: Any, *args: Any) -> None:
        self.mode = textstate.render
        super().render_string(textstate, *args)

    def render_char(self, *args: Any, **kwargs: Any) -> float:
        self._still_allowed()
        advance: float = super().render_char(*args, **kwargs)
        if self.mode in _INVISIBLE and self.cur_item._objs:
            self.cur_item._objs[-1].tag = _UNSEEN  # type: ignore[attr-defined]
        return advance

    def begin_figure(self, *args: Any) -> None:
        self._still_allowed()
        super().begin_figure(*args)

    def paint_path(self, *args: Any, **kwargs: Any) -> None:
        self._still_allowed()
        super().paint_path(*args, **kwargs)

    def _still_allowed(self) -> None:
        self.count += 1
        if self.count > _MAX_CHARACTERS:
            raise UnreadableError(f"page {self.pageno}: more than {_MAX_CHARACTERS} characters and shapes")
        if self.count % 256 == 1 and time.monotonic() > self.deadline:
            raise UnreadableError(f"page {self.pageno}: the time for this document is over")


class _Interpreter(PDFPageInterpreter):
    """Runs page descriptions, and no more of them than the time allows: four seconds a megabyte."""

    def render_contents(self, resources: Any, streams: Any, ctm: Any = MATRIX_IDENTITY) -> None:
        device = self.device
        if isinstance(device, _Device):
            device.content += sum(len(stream_value(stream).get_data()) for stream in list_value(streams))
            if device.content > device.seconds * _BYTES_A_SECOND:
                raise UnreadableError(f"page {device.pageno}: describes too much for the time of this document")
        super().render_contents(resources, streams, ctm)


def read_pdf(data: bytes, kind: str, limits: Limits) -> Reading:
    """Paragraph spans of every page, tables with lines around their cells, hidden text apart."""
    spans: list[Span] = []
    problems: list[str] = []
    grids: list[grid.Grid] = []
    with _opened(data, limits) as document:
        deadline = time.monotonic() + limits.seconds
        if b"%%EOF" not in data[-2048:]:
            problems.append("the end mark %%EOF is missing: the document may be cut off")
        if document.doc.catalog.get("AcroForm"):
            problems.append("the document has form fields; what was filled into them is not read")
        for page in document.pages:
            try:
                sheet = _Page(page, deadline, limits)
                spans += sheet.spans() + sheet.hidden()
                grids += sheet.grids()
            except _FAULTS as fault:
                problems.append(f"page {page.page_number}: cannot be read: {_cause(fault)}")
                continue
            problems += [f"page {page.page_number}: {problem}" for problem in sheet.problems]
            page.close()
    named = [(0, span.label, span.value) for span in spans if not span.hidden]
    for table in grids:
        spans += table.spans
    if not spans:
        raise UnreadableError("; ".join(problems[-1:]) or "the document has no text")
    made = clock.made_at(named) or grid.made_at(grids)
    return Reading(kind, spans, tables=[table.table for table in grids], problems=problems, made_at=made)


def page_text(data: bytes, page: int, limits: Limits) -> str:
    """The extracted text of one page, from 1. Raises UnreadableError when there is no such page."""
    with _opened(data, limits) as document:
        if not 1 <= page <= len(document.pages):
            raise UnreadableError(f"page {page}: the document has {len(document.pages)} pages")
        return _Page(document.pages[page - 1], time.monotonic() + limits.seconds, limits).text()


def _opened(data: bytes, limits: Limits) -> PDF:
    check(data, limits)
    try:
        document = pdfplumber.open(io.BytesIO(data), raise_unicode_errors=False)
        count = len(document.pages)
    except _FAULTS as fault:
        cause = _cause(fault)
        if "Password" in cause or "Encrypt" in cause:
            raise UnreadableError("the document is encrypted; give it without a password") from None
        raise UnreadableError(f"the document is damaged: {cause}") from None
    if not count:
        raise UnreadableError("the document has no page that can be opened; it is damaged or cut off")
    if count > limits.max_pages:
        raise UnreadableError(f"the document has {count} pages; at most {limits.max_pages} are read")
    return document


def _cause(fault: Exception) -> str:
    """The name and words of a fault; pdfplumber wraps those of pdfminer."""
    inner = fault.args[0] if fault.args and isinstance(fault.args[0], Exception) else fault
    return f"{type(inner).__name__} {inner}".strip()[:120]


class _Page:
    """One page: its visible lines with their place in the page's text."""

    def __init__(self, page: Any, deadline: float, limits: Limits) -> None:
        self.page = page
        device = _Device(page.pdf.rsrcmgr, pageno=page.page_number, laparams=page.pdf.laparams)
        device.deadline = deadline
        device.seconds = deadline - time.monotonic()
        _Interpreter(page.pdf.rsrcmgr, device).process_page(page.page_obj)
        page._layout = device.get_result()
        self.grounds = _grounds(page)
        self.seen = page.filter(lambda item: item["object_type"] != "char" or self._is_seen(item))
        self.lines = self.seen.extract_text_lines() if self.seen.chars else []
        for line in self.lines:
            line["text"] = line["text"].replace("\n", " ")
        for number, pair in pairs_of(self.lines).items():
            self.lines[number]["pair"] = pair
        for line in self.lines:
            line["parts"] = parts_of(line)
            del line["chars"]
        self.tables = self._tables()
        self.scanned: list[Span] = []
        self.problems: list[str] = []
        if not self.lines and page.images:
            self.scanned, self.problems = scanned(page, limits)

    def text(self) -> str:
        return "\n".join([line["text"] for line in self.lines] or [span.text for span in self.scanned])

    def spans(self) -> list[Span]:
        """One span a paragraph: a line, with the lines that it was wrapped into. OCR lines stay lines.

        A line that names several values has one for each.
        """
        spans, at = [], 0
        for line in self.scanned:
            place = f"page={self.page.page_number},char={at}-{at + len(line.text)}"
            spans.append(replace(line, locator=place))
            at += len(line.text) + 1
        for start, lines in self._paragraphs():
            length = sum(len(line["text"]) + 1 for line in lines) - 1
            whole = " ".join(line["text"] for line in lines)
            at = start
            for text in lines[0]["parts"] or [whole]:
                at = start + whole.index(text, at - start)
                label, value = lines[0].get("pair") or labelled(text) or ("", "")
                end = start + length if text == whole else at + len(text)
                spans.append(Span(f"page={self.page.page_number},char={at}-{end}", text, "paragraph", label, value))
                at = end
        return spans

    def hidden(self) -> list[Span]:
        """Texts of the page that it does not show, and the notes pinned to it."""
        unseen = self.page.filter(lambda item: item["object_type"] == "char" and not self._is_seen(item))
        texts = (unseen.extract_text() or "").split("\n") if unseen.chars else []
        texts += [str(note.get("contents") or "") for note in self.page.annots]
        place = f"page={self.page.page_number},char=0-0"
        return [Span(place, " ".join(text.split()), "paragraph", hidden=True) for text in texts if text.strip()]

    def grids(self) -> list[grid.Grid]:
        """The tables of the page; their cells are cited as cells, not as lines of the page."""
        found = []
        for number, (lines, table) in enumerate(self.tables, start=1):
            one = grid.gridded(lines, f"page {self.page.page_number} table {number}", pairs=True)
            above = [line for line in self.lines if (line["top"] + line["bottom"]) / 2 < table.bbox[1]]
            place = sum(len(line["text"]) + 1 for line in above)
            one.table = replace(one.table, after=f"page={self.page.page_number},char={place}")
            found.append(one)
        return found

    def _tables(self) -> list[tuple[list[grid.Line], Any]]:
        if not 4 <= len(self.page.edges) <= _MAX_EDGES:
            return []
        found = []
        for table in self.seen.find_tables():
            rows = [[" ".join((cell or "").split()) for cell in row] for row in table.extract()]
            lines = [grid.Line(number, row) for number, row in enumerate(rows, start=1)]
            if len(lines) > 1 and any(len([cell for cell in row if cell]) > 1 for row in rows):
                found.append((lines, table))
        return found

    def _paragraphs(self) -> Iterator[tuple[int, list[dict[str, Any]]]]:
        right = self.page.width - min((line["x0"] for line in self.lines), default=0)
        start, place = 0, 0
        together: list[dict[str, Any]] = []
        for line in self.lines:
            if self._is_in_table(line):
                if together:
                    yield start, together
                place += len(line["text"]) + 1
                start, together = place, []
                continue
            if together and not _continues(together[-1], line, right):
                yield start, together
                start, together = place, []
            together.append(line)
            place += len(line["text"]) + 1
        if together:
            yield start, together

    def _is_in_table(self, line: dict[str, Any]) -> bool:
        """Whether a line of the page is cut across the cells of a table, below its first row."""
        middle = (line["top"] + line["bottom"]) / 2
        return any(
            table.rows[0].bbox[3] < middle < table.bbox[3] and line["x0"] < table.bbox[2] and line["x1"] > table.bbox[0]
            for _, table in self.tables
        )

    def _is_seen(self, char: dict[str, Any]) -> bool:
        if char.get("tag") == _UNSEEN or char["size"] < _TINY:
            return False
        middle = ((char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2)
        if not (0 <= middle[0] <= self.page.width and 0 <= middle[1] <= self.page.height):
            return False
        if not _is_white(char.get("non_stroking_color")):
            return True
        return any(
            left <= middle[0] <= right and top <= middle[1] <= bottom for left, top, right, bottom in self.grounds
        )


# How an item begins: "3.1 The", "4) the", "5 The", "- the". "9 minutes" is an amount that was wrapped.
_NUMBERED = re.compile(r"(?:\d+(?:\.\d+)+[.)]?|\d+[.)]|[-*•–])\s|\d+\s+(?![^\W\d_A-Z])")


def _continues(before: dict[str, Any], line: dict[str, Any], right: float) -> bool:
    """Whether `line` goes on with the line before it: its first word had no room left there."""
    if "pair" in before or "pair" in line or before["parts"] or line["parts"]:
        return False
    height = before["bottom"] - before["top"]
    same_size = abs((line["bottom"] - line["top"]) - height) < height * 0.1
    close = 0 <= line["top"] - before["bottom"] < height * 0.9
    if not same_size or not close or line["x0"] - before["x0"] > height * 4:
        return False
    if labelled(line["text"]) or _NUMBERED.match(line["text"]):
        return False
    word = line["text"].split(" ", 1)[0]
    width = (line["x1"] - line["x0"]) * len(word) / max(1, len(line["text"]))
    slack = height * (2.5 if word[:1].islower() else 0.3)
    return bool(before["x1"] + width + slack > right)


def _is_white(colour: Any) -> bool:
    if not isinstance(colour, tuple) or not colour or not all(isinstance(part, int | float) for part in colour):
        return False
    return all(part <= 0.02 for part in colour) if len(colour) == 4 else all(part >= 0.98 for part in colour)


def _grounds(page: Any) -> list[tuple[float, float, float, float]]:
    """Boxes of filled shapes and images on which white text would show."""
    shapes = [
        shape
        for shape in page.rects + page.curves
        if shape.get("fill") and not _is_white(shape.get("non_stroking_color"))
    ]
    return [(item["x0"], item["top"], item["x1"], item["bottom"]) for item in (shapes + page.images)[:_MAX_EDGES]]
