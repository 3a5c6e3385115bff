"""Evidence: a source item, frozen, and the spans of it that can be cited.

Locator grammar (contract §4):

=============== ===================================================================
kind            locator
=============== ===================================================================
JSON, YAML, HAR JSON Pointer to a leaf: ``/comments/3/body``
mail            JSON Pointer into the parsed mail: ``/headers/subject``,
                ``/parts/0/messages/1/lines/4`` (message 0 is the sender's own text,
                1… are quoted or forwarded ones, each with its own author)
tables          ``row=12,col=email``; with several sheets ``sheet=Contacts,row=3,col=email``.
                Rows count as a spreadsheet shows them: the first line of the file is row 1.
text, logs      ``line=88`` or ``line=88-92``, from 1
PDF             ``page=2,char=120-188``: characters of that page's extracted text
DOCX            ``line=7`` over paragraphs; table cells as tables: ``sheet=table 1,row=2,col=B``
images          ``box=x,y,w,h`` in pixels
calendars       JSON Pointer: ``/events/0/dtstart``
=============== ===================================================================
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

# The label of a line by which a mail program says whom it quotes ("On …, X wrote:"): it is nobody's word.
ATTRIBUTION = "attribution"
SpanKind = Literal["text", "line", "cell", "leaf", "header", "ocr", "paragraph"]


class Frozen(BaseModel):
    """Base of all value types of the case file: immutable, no unknown members."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Evidence(Frozen):
    """A source item in the ledger. The bytes stand in the store under `sha256`.

    `prior` marks an artifact revision made before the run: it is read and cited, and no source of facts.
    """

    id: str
    file: str
    system: str
    sha256: str = Field(pattern=r"^sha256:[0-9a-f]{64}$")
    size: int = Field(ge=0)
    captured_at: datetime | None = None
    arrived_at: datetime
    replaces: str | None = None
    withdrawn: bool = False
    prior: bool = False


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a span, as the evidence itself says it. Content, never authority (R8)."""

    name: str = ""
    address: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """The smallest piece of a source that can be cited: its place, and what stands there.

    `text` is letter for letter what the source has at `locator` (whitespace may be folded by readers of
    laid-out formats). `label` is what names the value beside it: a column header, a JSON key, the part
    before the colon of a labelled line; `value` is then the part that the label names, a substring of `text`.
    `confidence` is 1 for parsed text, and the OCR engine's own confidence (0–1) for images.
    `depth` is 0 for the item's own author, 1… for quoted or forwarded text. `at` is when it was written.
    `hidden` marks text that a person looking at the source would not see (hidden HTML, cell comments).
    `path` is the place in a tree of a leaf whose locator is none: the front matter of a text, cited by its line.
    """

    locator: str
    text: str
    kind: SpanKind
    label: str = ""
    value: str = ""
    author: Author | None = None
    at: datetime | None = None
    depth: int = 0
    confidence: float = 1.0
    hidden: bool = False
    path: str = ""

    @property
    def pointer(self) -> str:
        """Where a leaf stands in its tree."""
        return self.path or self.locator


@dataclass(frozen=True, slots=True)
class Row:
    """One table row; `number` as a spreadsheet shows it, `cells` maps the column header to the cell's text."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A table as its file shows it. `sheet` is empty where the file has only one.

    `after` is where it stands in a document that has text too: the place in the text (`page=2,char=530`, `line=7`)
    that it follows, or that its first line begins. Empty where that is not known. `by_line` marks a table that is
    drawn in the lines of a text: a row's number is its line, and a cell is cited by it. `base` is what stands before
    that number in a locator: the lines of a mail's message have a pointer.
    """

    columns: list[str]
    rows: list[Row]
    sheet: str = ""
    after: str = ""
    by_line: bool = False
    base: str = "line="

    def locator(self, row: int, column: str) -> str:
        """The locator of one cell."""
        if self.by_line:
            return f"{self.base}{row}"
        place = f"row={row},col={column}"
        return f"sheet={self.sheet},{place}" if self.sheet else place


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader found in one evidence item.

    `problems` are one-line reasons why the item, or a part of it, could not be used; they become
    exceptions on the record. A reading with `unusable` set carries nothing else.
    `made_at` is the time at which the evidence itself says it was made or last verified.
    `lines` are the lines of line-oriented kinds (text, logs, markdown): one span each, made on demand,
    because a log has half a million of them.
    `drawn` are the tables that are drawn with bars in those lines, or in a mail; `tables` are those of the file itself.
    `data` is the parsed document of JSON-like kinds; its leaves are in `spans` with pointers into it.
    """

    kind: str
    spans: list[Span] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    drawn: list[Table] = field(default_factory=list)
    data: object = None
    problems: list[str] = field(default_factory=list)
    unusable: bool = False
    made_at: datetime | None = None
