"""Agreements as clauses: numbers, headings, the paragraphs and tables of each, every part with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from agents.records import Cell
from casefile.evidence import Reading, Table
from tools.readers import line_spans

_NUMBERED = re.compile(
    r"(?:(?:section|clause|article|art\.|§+|ziffer|paragraph)\s*)?"
    r"(?P<n>(?:[A-Z]{1,2}[.-]?)?\d{1,2}(?:\.\d{1,2}){0,3})(?:[.):]|\s)\s*(?P<rest>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
# A line that begins with a figure and no clause number: an amount of time, a date.
_AMOUNT = re.compile(
    r"(?:minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|percent|%|business|working|minuten|stunden|tage"
    r"|(?:jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])\w*\.?,?\s+\d{4})\b",
    re.IGNORECASE,
)
_PART = re.compile(
    r"(?P<kind>exhibit|annex|schedule|appendix|attachment|anlage)\s+(?-i:(?!(?:NO|ID|OF|TO|IN|AS|BY|OR)\b)(?P<id>[A-Z]{1,2}(?:-?\d+)?|\d+))\b(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_PLACE = re.compile(r"(?:page=(\d+),)?(?:char|line)=(\d+)")
_FOOTER = re.compile(r".{0,60}\bpage\s+\d+(?:\s+of\s+\d+)?|\d{1,3}", re.IGNORECASE)
_LONGEST_HEADING = 9
# A full stop that ends no sentence: of an abbreviation, of "No. 2".
_ABBREVIATED = re.compile(r"\b(?:arts?|secs?|cl|paras?|ziff|abs|approx|dr|mrs?|ms|prof|vs)\.$", re.IGNORECASE)
_NUMBERING = re.compile(r".?\b(?:no|nr|nos)\.\s+(?=[A-Z]{0,4}-?\d)", re.IGNORECASE | re.DOTALL)
# "zum 1. Oktober 2026": the dot makes the number a day.
_DAY = re.compile(
    r"(?<!\d)\d{1,2}\.\s+(?=(?:jan|feb|mär|apr|mai|jun|jul|aug|sep|okt|nov|dez)\w*\.?\s+\d{4})", re.IGNORECASE
)
_RULED = re.compile(r"\|?(?:\s*:?-{2,}:?\s*\|?)+")


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: its columns, and the cells of each row by column."""

    columns: list[str]
    rows: list[dict[str, Cell]]


@dataclass(slots=True)
class Clause:
    """A numbered clause. `part` is the exhibit or annex that it stands in, `heading` the heading above it.

    `headed`: its first paragraph is a heading and states nothing.
    """

    number: str
    heading: str
    part: str
    pieces: list[Cell] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)
    headed: bool = False

    @property
    def body(self) -> list[Cell]:
        """Its paragraphs without the heading that it begins with."""
        return self.pieces[1:] if self.headed else self.pieces

    @property
    def text(self) -> str:
        """Its paragraphs as one text."""
        return " ".join(piece.text for piece in self.pieces)

    @property
    def name(self) -> str:
        """How it is cited."""
        if self.part and not self.number.upper().startswith(self.part.rpartition(" ")[2].upper() + "."):
            return f"{self.part}, {self.number}".rstrip(", ")
        return self.number

    @property
    def place(self) -> str:
        """Where it stands, in words."""
        return f"Section {self.name}" if self.name else f"under “{self.heading}”" if self.heading else "its text"


@dataclass(slots=True)
class Layout:
    """A document as it is laid out: what stands before its first clause, its clauses, and the headings of its parts."""

    front: list[Cell] = field(default_factory=list)
    clauses: list[Clause] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    lines: list[Cell] = field(default_factory=list)


def layout(reading: Reading, closing: re.Pattern[str]) -> Layout:
    """Take a text apart. From a line that `closing` fits (a signature block) on, nothing belongs to a clause. Where
    nothing is numbered, every paragraph is a clause of its own; a table before the first number is one."""
    found = Layout()
    heading, part = "", ""
    open_ = True
    early: list[Clause] = []
    for block in _blocks(reading):
        if isinstance(block, Grid):
            if not found.clauses:
                early.append(Clause("", heading, part, found.front[-1:], [block], headed=True))
            elif open_:
                found.clauses[-1].grids.append(block)
            continue
        text = block.text.strip()
        found.lines.append(block)
        if _FOOTER.fullmatch(text):
            continue
        if named := _part(text):
            part, heading, open_ = named, text, True
            found.parts.append(text)
            found.clauses.append(Clause("", heading, part, [block], headed=True))
            continue
        if closing.match(text):
            open_ = False
            continue
        number, rest = numbered(text)
        if number and _is_heading(number, rest):
            heading, open_ = rest, True
            found.clauses.append(Clause(number, heading, part, [block], headed=True))
        elif number:
            open_ = True
            found.clauses.append(Clause(number, heading, part, [block]))
        elif found.clauses and open_:
            found.clauses[-1].pieces.append(block)
        elif not found.clauses:
            found.front.append(block)
            if text.startswith("#"):
                heading = text.lstrip("# ")
    found.clauses = [*early, *(found.clauses or _plain(found.front))]
    return found


def _plain(front: Sequence[Cell]) -> Iterator[Clause]:
    """The paragraphs of a document without numbers, each under the heading that it stands below."""
    heading = ""
    for block in front[1:]:
        text = block.text.strip()
        if text.startswith("#"):
            heading = text.lstrip("# ")
        else:
            yield Clause("", heading, "", [block])


def numbered(text: str) -> tuple[str, str]:
    """The clause number at the start of a paragraph and what follows it, or two empty texts."""
    match = _NUMBERED.match(text.lstrip("#* "))
    if match is None or _AMOUNT.match(match["rest"]):
        return "", ""
    return match["n"], match["rest"]


def _is_heading(number: str, rest: str) -> bool:
    if ":" in rest or re.search(r"\d", rest):
        return False
    return "." not in number and len(rest.split()) <= _LONGEST_HEADING and not rest.rstrip().endswith((".", ":", ";"))


def _part(text: str) -> str:
    match = _PART.match(text.lstrip("#* "))
    if match is None or len(text.split()) > _LONGEST_HEADING + 3 or text.rstrip().endswith((".", ";")):
        return ""
    return f"{match['kind'].capitalize()} {match['id']}"


def _blocks(reading: Reading) -> Iterator[Cell | Grid]:
    """Paragraphs and tables in the order in which a reader meets them."""
    if reading.lines and not reading.tables and not any(span.kind == "paragraph" for span in reading.spans):
        yield from _drawn(reading)
        return
    ordered: list[tuple[tuple[int, int, int], Cell | Grid]] = []
    for span in reading.spans:
        if not span.hidden and span.kind in ("paragraph", "header", "text", "line", "ocr") and span.text.strip():
            ordered.append((_at(span.locator, 0), Cell(span.text, span.locator)))
    for table in reading.tables:
        ordered.append((_at(table.after, 1), _grid(table)))
    yield from (block for _, block in sorted(ordered, key=lambda pair: pair[0]))


def _at(locator: str, order: int) -> tuple[int, int, int]:
    match = _PLACE.match(locator)
    return (int(match[1] or 0), int(match[2]), order) if match else (10**6, 0, order)


def _grid(table: Table) -> Grid:
    rows = [
        {column: Cell(text, table.locator(row.number, column)) for column, text in row.cells.items() if text.strip()}
        for row in table.rows
    ]
    return Grid(table.columns, rows)


def _drawn(reading: Reading) -> Iterator[Cell | Grid]:
    """Lines of a text, and the tables that are drawn among them."""
    tables = {int(table.after.removeprefix("line=")): table for table in reading.drawn}
    inside = {row.number for table in reading.drawn for row in table.rows}
    for span in line_spans(reading):
        number = int(span.locator.removeprefix("line="))
        if number in tables:
            yield _grid(tables[number])
        elif number not in inside and not _RULED.fullmatch(span.text.strip()):
            yield Cell(span.text.strip(), span.locator)


def sentences(text: str, ends: str = ".;!?") -> list[str]:
    """The sentences of a paragraph, each a substring of it. `ends` are the marks that end one."""
    whole, found, start = text.strip(), [], 0
    for gap in re.finditer(rf"(?<=[{ends}])\s+(?=[A-Z(\"“\d])", whole):
        dotted = any(one.end() == gap.end() for one in _DAY.finditer(whole, max(start, gap.start() - 3)))
        if dotted or _ABBREVIATED.search(whole, start, gap.start()) or _NUMBERING.match(whole, gap.start() - 4):
            continue
        found.append(whole[start : gap.start()])
        start = gap.end()
    return [part for part in [*found, whole[start:]] if part.strip()]
