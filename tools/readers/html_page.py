"""Web pages: the text that a browser would show, and apart from it the text that it would not.

Nothing is run and nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from bs4 import BeautifulSoup
from bs4.element import Comment, NavigableString, PageElement, PreformattedString, Tag

from casefile.evidence import Reading, Span
from tools.readers import clock, grid
from tools.readers.decode import decode, without_control
from tools.readers.labels import labelled, several
from tools.readers.limits import Limits, UnreadableError

_BLOCKS: Final = frozenset(
    re.findall(
        r"\w+",
        """
        address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure
        footer form h1 h2 h3 h4 h5 h6 header hr html legend li main nav ol p pre section summary
        table tbody td tfoot th thead tr ul
        """,
    )
)
_DROPPED: Final = frozenset(
    re.findall(r"\w+", "script style head template noscript svg math object embed iframe canvas audio video")
)
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "caption", "legend", "summary"})
MAX_TAGS: Final = 200_000
_UNSEEN: Final = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|font-size\s*:\s*0(?:\.0+)?(?:px|pt|em|rem|%)?\s*(?:;|!|$)"
    r"|opacity\s*:\s*0(?:\.0+)?\s*(?:;|!|$)|text-indent\s*:\s*-\d{3,}|(?:left|top)\s*:\s*-\d{3,}px"
    r"|max-height\s*:\s*0|clip\s*:\s*rect\(0|mso-hide\s*:\s*all",
    re.IGNORECASE,
)
_COLOUR: Final = re.compile(r"(?:^|[;\s{])(background(?:-color)?|color)\s*:\s*([^;!}]+)", re.IGNORECASE)
_WHITE: Final = frozenset({"white", "#fff", "#ffffff", "rgb(255,255,255)", "rgba(255,255,255,1)"})
_SIMPLE: Final = re.compile(r"[.#]?[\w-]+$")


@dataclass(slots=True)
class _Page:
    """Blocks of visible text as they grow, and what is hidden with the number of the block before it.

    `headings` are the numbers of blocks that head what follows; `after` is the block before each of `tables`.
    """

    unseen: frozenset[str]
    limits: Limits
    keep_tables: bool
    blocks: list[str] = field(default_factory=list)
    hidden: list[tuple[int, str]] = field(default_factory=list)
    tables: list[Tag] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    quotes: int = 0
    term: str = ""
    named: dict[int, str] = field(default_factory=dict)
    """What a definition list calls a block, by the block's number."""
    headings: set[int] = field(default_factory=set)
    after: list[int] = field(default_factory=list)

    def end_block(self) -> None:
        text = " ".join("".join(self.words).split())
        self.words.clear()
        if text:
            self.blocks.append("> " * self.quotes + text)

    def conceal(self, text: str) -> None:
        folded = " ".join(text.split())
        if folded:
            self.hidden.append((len(self.blocks) + bool("".join(self.words).strip()), folded))


def read_html(data: bytes, kind: str, limits: Limits) -> Reading:
    """`lines` are the blocks of visible text, one span each; data tables as tables with cell spans."""
    text, problems = decode(data)
    page = _read(without_control(text)[0], limits, keep_tables=False)
    grids = _grids(page)
    spans = []
    for number, block in enumerate(page.blocks, start=1):
        for part in (number not in page.named and several(block)) or [block]:
            label, value = (page.named[number], block) if number in page.named else labelled(part) or ("", "")
            spans.append(Span(f"line={number}", part, "header" if number in page.headings else "text", label, value))
    named = [(0, span.label, span.value) for span in spans]
    for found in grids:
        spans += found.spans
        problems += found.problems
        named += found.named
    spans += [Span(f"line={max(1, number)}", hidden, "text", hidden=True) for number, hidden in page.hidden]
    if not spans:
        raise UnreadableError("the page has no text")
    made = clock.made_at(named) or grid.made_at(grids)
    return Reading(kind, spans, page.blocks, [found.table for found in grids], problems=problems, made_at=made)


def text_lines(markup: str, limits: Limits) -> list[str]:
    """The visible text of a mail in HTML, a line a block: quotations as `> …`, table rows as `| a | b |`."""
    return _read(markup, limits, keep_tables=True).blocks


def hidden_texts(markup: str) -> list[str]:
    """The texts of `markup` that a person would not see."""
    return [text for _, text in _read(markup, Limits(), keep_tables=True).hidden]


def _read(markup: str, limits: Limits, *, keep_tables: bool) -> _Page:
    if markup.count("<") > MAX_TAGS:
        raise UnreadableError(f"the page has {markup.count('<')} tags; at most {MAX_TAGS} are read")
    soup = BeautifulSoup(markup, "lxml")
    page = _Page(_hiding_rules(soup), limits, keep_tables)
    _visit(page, soup, 0)
    page.end_block()
    return page


def _visit(page: _Page, node: Tag, depth: int) -> None:
    if depth > max(page.limits.max_depth, 300):
        raise UnreadableError(f"the page is nested deeper than {depth - 1} levels")
    for child in node.children:
        if isinstance(child, Tag):
            _element(page, child, depth)
        elif isinstance(child, Comment):
            if "[if" not in child and "[endif" not in child:
                page.conceal(str(child))
        elif isinstance(child, NavigableString) and not isinstance(child, PreformattedString):
            page.words.append(str(child))


def _element(page: _Page, tag: Tag, depth: int) -> None:
    if tag.name in _DROPPED:
        return
    if _is_unseen(tag, page.unseen):
        page.conceal(tag.get_text(" "))
        return
    if tag.name == "br":
        page.end_block()
    elif tag.name == "pre":
        page.end_block()
        for line in tag.get_text().split("\n"):
            page.words.append(line)
            page.end_block()
    elif tag.name == "table" and _is_data(tag):
        page.end_block()
        _table(page, tag)
    elif tag.name in _BLOCKS:
        page.end_block()
        before = len(page.blocks)
        page.quotes += tag.name == "blockquote"
        _visit(page, tag, depth + 1)
        page.end_block()
        _name_definition(page, tag.name, before)
        if tag.name in _HEADINGS and len(page.blocks) == before + 1:
            page.headings.add(before + 1)
        page.quotes -= tag.name == "blockquote"
    else:
        _visit(page, tag, depth + 1)


def _name_definition(page: _Page, tag: str, before: int) -> None:
    """`<dt>Owner</dt><dd>Ana</dd>` names a value as `Owner: Ana` does."""
    if tag == "dt":
        page.term = page.blocks[-1].rstrip(": ") if len(page.blocks) > before else ""
    elif tag == "dd":
        if page.term and len(page.blocks) > before:
            page.named[before + 1] = page.term
        page.term = ""


def _table(page: _Page, tag: Tag) -> None:
    for unseen in tag.find_all(lambda inner: _is_unseen(inner, page.unseen)):
        if not unseen.decomposed:
            page.conceal(unseen.get_text(" "))
            unseen.decompose()
    if not page.keep_tables:
        page.tables.append(tag)
        page.after.append(len(page.blocks))
        return
    for line in _table_lines(tag):
        if any(line.cells):
            page.words.append("| " + " | ".join(line.cells) + " |")
            page.end_block()


def _is_data(table: Tag) -> bool:
    """Whether a table holds data: no table inside, two rows and two columns at least."""
    if table.find("table") is not None or table.get("role") == "presentation":
        return False
    rows = table.find_all("tr")
    return len(rows) >= 2 and sum(len(row.find_all(["td", "th"])) >= 2 for row in rows) * 2 > len(rows)


def _grids(page: _Page) -> list[grid.Grid]:
    several = len(page.tables) > 1
    grids, cells = [], 0
    for number, tag in enumerate(page.tables, start=1):
        lines = list(_table_lines(tag))
        cells += sum(len(line.cells) for line in lines)
        if cells > page.limits.max_cells:
            raise UnreadableError(f"the tables have more than {page.limits.max_cells} cells")
        made = grid.gridded(lines, f"table {number}" if several else "", pairs=True)
        before = page.after[number - 1]
        made.table = replace(made.table, after=f"line={before}" if before else "")
        grids.append(made)
    return grids


def _table_lines(table: Tag) -> Iterator[grid.Line]:
    for number, row in enumerate(table.find_all("tr"), start=1):
        cells: list[str] = []
        for cell in row.find_all(["td", "th"]):
            cells.append(" ".join(cell.get_text(" ").split()))
            span = str(cell.get("colspan") or "1")
            cells += [""] * (min(int(span), 50) - 1 if span.isdecimal() else 0)
        yield grid.Line(number, cells)


def _hiding_rules(soup: BeautifulSoup) -> frozenset[str]:
    """The simple selectors (`.note`, `#x`, `span`) that the page's own style sheet hides."""
    hiding: set[str] = set()
    for sheet in soup.find_all("style"):
        for rule in sheet.get_text().split("}"):
            selectors, _, body = rule.rpartition("{")
            if _hides(body):
                hiding |= {one.strip().lower() for one in selectors.split(",") if _SIMPLE.match(one.strip())}
    return frozenset(hiding)


def _is_unseen(tag: PageElement, unseen: frozenset[str]) -> bool:
    if not isinstance(tag, Tag):
        return False
    if tag.has_attr("hidden") or str(tag.get("aria-hidden", "")).lower() == "true":
        return True
    if tag.name == "input":
        return True
    if _hides(str(tag.get("style") or "")) or (tag.name == "font" and str(tag.get("color", "")).lower() in _WHITE):
        return True
    if not unseen:
        return False
    names = {tag.name, f"#{str(tag.get('id', '')).lower()}"}
    names |= {f".{name.lower()}" for name in tag.get_attribute_list("class") if name}
    return not unseen.isdisjoint(names)


def _hides(style: str) -> bool:
    if _UNSEEN.search(style):
        return True
    colours = {name.lower().split("-")[0]: value.replace(" ", "").lower() for name, value in _COLOUR.findall(style)}
    ink, ground = colours.get("color"), colours.get("background", "#fff")
    if ink == "transparent":
        return True
    return ink is not None and (ink == ground or (ink in _WHITE and ground in _WHITE))
