"""How an item is drawn, by kind: mail, table, lines, tree, page, image, text. Pages of it; texts are masked."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from urllib.parse import quote

from PIL import Image

from casefile.evidence import Author, Reading, Span
from server.models.evidence import (
    AuthorView,
    BoxView,
    ImageRendering,
    LinesRendering,
    MailMessage,
    MailRendering,
    NoRendering,
    PageRendering,
    PageSpan,
    Rendering,
    TableRendering,
    TableRowView,
    TextLine,
    TextRendering,
    TreeLeaf,
    TreeRendering,
)
from server.views.evidence import Item, around, index_of
from server.views.mask import Mask
from tools.readers import page_text

_MESSAGE = re.compile(r"(/parts/\d+/messages/\d+)/")
_ROW = re.compile(r"(?:sheet=(?P<sheet>.*),)?row=(?P<row>\d+),col=")
_LINE = re.compile(r"line=(?P<line>\d+)(?:-\d+)?$")
_PAGE = re.compile(r"page=(?P<page>\d+)")
_CHARS = re.compile(r"page=(?P<page>\d+),char=(?P<start>\d+)-(?P<end>\d+)$")
_BOX = re.compile(r"box=(\d+),(\d+),(\d+),(\d+)$")
_TREES = frozenset({"json", "jsonl", "yaml", "har", "ics"})
_LONGEST = 4_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of an item."""

    locator: str | None = None
    offset: int | None = None
    limit: int = 200
    sheet: str | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Drawing:
    """An item that is being drawn. `foreign` are table rows of other tenants, `address` is that of its pictures."""

    item: Item
    data: bytes
    reading: Reading
    mask: Mask
    foreign: frozenset[tuple[str, int]]
    address: str

    def line(self, span: Span) -> TextLine:
        """A span as a line."""
        text = self.item.shown(span.locator, span.text, self.mask)[:_LONGEST]
        return TextLine(locator=span.locator, text=text, label=span.label, hidden=span.hidden)

    def spans(self) -> list[Span]:
        """The spans, each place once: a labelled value stands at the place of its line."""
        return list({span.locator: span for span in reversed(self.reading.spans)}.values())[::-1]


def draw(drawing: Drawing, wanted: Wanted) -> Rendering:
    """The part that is wanted, as its kind is drawn."""
    reading, kind = drawing.reading, drawing.reading.kind
    if drawing.item.evidence.withdrawn:
        return NoRendering(reason="it was withdrawn; its hash stays in the ledger")
    if reading.unusable:
        return NoRendering(reason="; ".join(reading.problems) or "it cannot be read")
    if kind == "eml":
        return _mail(drawing)
    if kind in ("csv", "xlsx"):
        return _table(drawing, wanted)
    if kind in _TREES:
        return _tree(drawing, wanted)
    if kind == "pdf":
        return _page(drawing, wanted)
    if kind in ("png", "jpg"):
        return _image(drawing)
    return _lines(drawing, wanted) if reading.lines else _text(drawing, wanted)


def target(drawing: Drawing, locator: str | None) -> TextLine | None:
    """What stands at the place that was asked for."""
    if not locator or drawing.reading.unusable or drawing.item.evidence.withdrawn:
        return None
    place = _LINE.match(locator)
    lines = drawing.reading.lines
    if place and 1 <= int(place["line"]) <= len(lines):
        return TextLine(locator=locator, text=drawing.item.shown(locator, lines[int(place["line"]) - 1], drawing.mask))
    row = _ROW.match(locator)
    if row and (row["sheet"] or "", int(row["row"])) in drawing.foreign:
        return None
    found = next((span for span in drawing.reading.spans if span.locator == locator), None)
    return drawing.line(found) if found is not None else None


def _mail(drawing: Drawing) -> MailRendering:
    headers: list[TextLine] = []
    others: list[TextLine] = []
    messages: dict[str, list[Span]] = {}
    for span in drawing.spans():
        place = _MESSAGE.match(span.locator)
        if place:
            messages.setdefault(place[1], []).append(span)
        elif span.locator.startswith("/headers/"):
            headers.append(drawing.line(span))
        else:
            others.append(drawing.line(span))
    return MailRendering(headers=headers, messages=[_message(drawing, m) for m in messages.values()], others=others)


def _message(drawing: Drawing, spans: list[Span]) -> MailMessage:
    first = spans[0]
    author = _author(first.author, drawing.mask) if first.author is not None else None
    at = first.at.isoformat() if first.at is not None else None
    return MailMessage(depth=first.depth, author=author, at=at, lines=[drawing.line(span) for span in spans])


def _author(author: Author, mask: Mask) -> AuthorView:
    return AuthorView(name=mask.text(author.name), address=mask.text(author.address), role=author.role)


def _table(drawing: Drawing, wanted: Wanted) -> Rendering:
    tables = drawing.reading.tables
    if not tables:
        return _text(drawing, wanted)
    place = _ROW.match(wanted.locator or "")
    asked = wanted.sheet if wanted.sheet is not None else (place["sheet"] or "" if place else "")
    table = next((t for t in tables if t.sheet == asked), tables[0])
    numbers = [row.number for row in table.rows]
    at = numbers.index(int(place["row"])) if place and int(place["row"]) in numbers else None
    offset = around(at, wanted.offset, wanted.limit, len(numbers))
    rows = []
    for row in table.rows[offset : offset + wanted.limit]:
        if (table.sheet, row.number) in drawing.foreign:
            rows.append(TableRowView(number=row.number, cells=["▓▓▓▓"] * len(table.columns)))
            continue
        cells = [
            drawing.item.shown(table.locator(row.number, c), row.cells.get(c, ""), drawing.mask)[:_LONGEST]
            for c in table.columns
        ]
        rows.append(TableRowView(number=row.number, cells=cells))
    return TableRendering(
        sheets=[t.sheet for t in tables],
        sheet=table.sheet,
        columns=[drawing.mask.text(c) for c in table.columns],
        offset=offset,
        total=len(numbers),
        rows=rows,
        at=at - offset if at is not None and offset <= at < offset + wanted.limit else None,
    )


def _lines(drawing: Drawing, wanted: Wanted) -> LinesRendering:
    lines = drawing.reading.lines
    place = _LINE.match(wanted.locator or "")
    at = int(place["line"]) if place and 1 <= int(place["line"]) <= len(lines) else None
    offset = around(at - 1 if at is not None else None, wanted.offset, wanted.limit, len(lines))
    shown = [
        TextLine(locator=f"line={n}", text=drawing.item.shown(f"line={n}", text, drawing.mask)[:_LONGEST])
        for n, text in enumerate(lines[offset : offset + wanted.limit], offset + 1)
    ]
    return LinesRendering(first=offset + 1, total=len(lines), lines=shown, at=at)


def _tree(drawing: Drawing, wanted: Wanted) -> TreeRendering:
    spans = drawing.spans()
    at = index_of([span.locator for span in spans], wanted.locator)
    offset = around(at, wanted.offset, wanted.limit, len(spans))
    leaves = [
        TreeLeaf(
            locator=span.locator,
            label=drawing.mask.text(span.label),
            text=drawing.item.shown(span.locator, span.text, drawing.mask)[:_LONGEST],
            depth=span.locator.count("/"),
        )
        for span in spans[offset : offset + wanted.limit]
    ]
    return TreeRendering(offset=offset, total=len(spans), leaves=leaves, at=_within(at, offset, wanted.limit))


def _text(drawing: Drawing, wanted: Wanted) -> TextRendering:
    spans = drawing.spans()
    at = index_of([span.locator for span in spans], wanted.locator)
    offset = around(at, wanted.offset, wanted.limit, len(spans))
    lines = [drawing.line(span) for span in spans[offset : offset + wanted.limit]]
    return TextRendering(offset=offset, total=len(spans), lines=lines, at=_within(at, offset, wanted.limit))


def _within(at: int | None, offset: int, limit: int) -> int | None:
    return at - offset if at is not None and offset <= at < offset + limit else None


def _page(drawing: Drawing, wanted: Wanted) -> PageRendering:
    pages = pdf_pages(drawing.data)
    place = _PAGE.match(wanted.locator or "")
    page = min(wanted.page or (int(place["page"]) if place else 1), pages)
    text = page_text(drawing.data, page)
    spans = []
    shown = drawing.mask.text(text)
    for span in drawing.spans():
        chars = _CHARS.match(span.locator)
        if chars and int(chars["page"]) == page:
            spans.append(PageSpan(locator=span.locator, start=int(chars["start"]), end=int(chars["end"])))
            masked = drawing.item.shown(span.locator, span.text, drawing.mask)
            if masked != drawing.mask.text(span.text):
                shown = shown.replace(drawing.mask.text(span.text), masked)
    why = picture_why_not(drawing)
    return PageRendering(
        page=page,
        pages=pages,
        text=shown,
        spans=spans,
        image=None if why else f"{drawing.address}?page={page}",
        image_why_not=why,
        masked=shown != text,
    )


def _image(drawing: Drawing) -> ImageRendering:
    width, height = image_size(drawing.data)
    why = picture_why_not(drawing)
    boxes = []
    for span in drawing.spans():
        box = _BOX.match(span.locator)
        if box:
            x, y, w, h = map(int, box.groups())
            text = drawing.item.shown(span.locator, span.text, drawing.mask)
            shown = BoxView(locator=span.locator, x=x, y=y, w=w, h=h, text=text, confidence=span.confidence)
            boxes.append(shown)
    address = None if why else drawing.address
    return ImageRendering(width=width, height=height, image=address, image_why_not=why, boxes=boxes)


def picture_why_not(drawing: Drawing) -> str | None:
    """Why the picture of an item may not be shown. On an image what is masked is painted over; a page cannot be."""
    if not drawing.mask.quotes:
        return "this view shows nothing of what evidence says"
    if drawing.reading.kind != "pdf":
        return None if drawing.reading.spans or not drawing.reading.problems else "the image is unread, so unchecked"
    if drawing.item.checked.secrets or any(drawing.mask.text(s.text) != s.text for s in drawing.reading.spans):
        return "the page holds what this view masks; its text is shown without it"
    return None


def picture(drawing: Drawing, page: int) -> bytes:
    """The picture as PNG, newly encoded: of the file's own bytes nothing but pixels goes out."""
    image = _page_image(drawing.data, page) if drawing.reading.kind == "pdf" else _opened(drawing.data)
    for span in drawing.reading.spans:
        box = _BOX.match(span.locator)
        if box and drawing.item.shown(span.locator, span.text, drawing.mask) != span.text:
            x, y, w, h = map(int, box.groups())
            image.paste((40, 40, 40), (x, y, x + w, y + h))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _opened(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as image:
        return image.convert("RGB")


def image_size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels."""
    with Image.open(io.BytesIO(data)) as image:
        return image.size


def pdf_pages(data: bytes) -> int:
    """How many pages a PDF has."""
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    try:
        return len(document)
    finally:
        document.close()


def _page_image(data: bytes, page: int) -> Image.Image:
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    try:
        width, height = document[page - 1].get_size()
        scale = min(2.0, 2_000 / max(width, height, 1))
        image: Image.Image = document[page - 1].render(scale=scale).to_pil().convert("RGB")
        return image
    finally:
        document.close()


def picture_address(run: str, item: str) -> str:
    """Where an item's picture is."""
    return f"/api/runs/{quote(run, safe='')}/evidence/{quote(item, safe='')}/picture"
