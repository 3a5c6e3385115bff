"""Evidence: the ledger, and each item as its viewer draws it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from server.models.problem import Shape


class Findings(Shape):
    """How many places the checks found in the item."""

    secrets: int
    personal: int
    instructions: int


class FetchedFrom(Shape):
    """Where an item was fetched from: the connected system, the question, and when it was answered."""

    connector: str
    place: str
    at: str


class EvidenceRow(Shape):
    """An item of the ledger. `current` says whether nothing replaced or withdrew it."""

    id: str
    file: str
    kind: str
    system: str
    source: str | None
    rank: int | Literal["excluded"] | None
    sha256: str
    size: int
    captured_at: str | None
    arrived_at: str
    replaces: str | None
    replaced_by: str | None
    withdrawn: bool
    current: bool
    quarantined: bool
    cited: int = Field(description="how many fields and statements of the current revision cite it")
    usable: bool
    problems: list[str]
    findings: Findings
    raw: bool = Field(description="whether the signed-in person may download its bytes")
    raw_why_not: str | None
    fetched: FetchedFrom | None = Field(description="null for what came as a file")


class EvidenceList(Shape):
    """The ledger, in order of arrival; `absent` are items that the packet named and that did not come."""

    items: list[EvidenceRow]
    absent: list[str]


class TextLine(Shape):
    """A line that can be cited. `hidden` text is not seen by someone who looks at the source."""

    locator: str
    text: str
    label: str = ""
    hidden: bool = False


class AuthorView(Shape):
    """Who wrote something, as the evidence itself says it."""

    name: str
    address: str
    role: str


class MailMessage(Shape):
    """A message of a mail. `depth` 0 is the sender's own text; others are quoted or forwarded."""

    depth: int
    author: AuthorView | None
    at: str | None
    lines: list[TextLine]


class MailRendering(Shape):
    """A mail: headers, then messages by author."""

    kind: Literal["mail"] = "mail"
    headers: list[TextLine]
    messages: list[MailMessage]
    others: list[TextLine] = Field(description="what else can be cited, for example attachments")


class TableRowView(Shape):
    """A row, numbered as a spreadsheet shows it."""

    number: int
    cells: list[str]


class TableRendering(Shape):
    """A page of one sheet. A cell's locator is `row=N,col=NAME`, with `sheet=…,` before it where there are several."""

    kind: Literal["table"] = "table"
    sheets: list[str]
    sheet: str
    columns: list[str]
    offset: int
    total: int
    rows: list[TableRowView]
    at: int | None = Field(description="index in `rows` of the row that was asked for")


class LinesRendering(Shape):
    """A page of lines around the one that was asked for."""

    kind: Literal["lines"] = "lines"
    first: int
    total: int
    lines: list[TextLine]
    at: int | None = Field(description="number of the line that was asked for")


class TreeLeaf(Shape):
    """A leaf of a document, by its JSON Pointer."""

    locator: str
    label: str
    text: str
    depth: int


class TreeRendering(Shape):
    """A page of the leaves of a JSON-like document, in document order."""

    kind: Literal["tree"] = "tree"
    offset: int
    total: int
    leaves: list[TreeLeaf]
    at: int | None


class PageSpan(Shape):
    """A paragraph of a page; `start` and `end` count characters of the page's text."""

    locator: str
    start: int
    end: int


class PageRendering(Shape):
    """A page of a PDF: text, and an image of it."""

    kind: Literal["page"] = "page"
    page: int
    pages: int
    text: str
    spans: list[PageSpan]
    image: str | None = Field(description="address of the page's picture; null where it may not be shown")
    image_why_not: str | None
    masked: bool = Field(description="whether characters were masked, so that offsets may not fit")


class BoxView(Shape):
    """A text on an image: its box in pixels."""

    locator: str
    x: int
    y: int
    w: int
    h: int
    text: str
    confidence: float


class ImageRendering(Shape):
    """An image with what was read on it."""

    kind: Literal["image"] = "image"
    width: int
    height: int
    image: str | None
    image_why_not: str | None
    boxes: list[BoxView]


class TextRendering(Shape):
    """Anything else: spans in order."""

    kind: Literal["text"] = "text"
    offset: int
    total: int
    lines: list[TextLine]
    at: int | None


class NoRendering(Shape):
    """An item that cannot be shown, and why."""

    kind: Literal["none"] = "none"
    reason: str


Rendering = Annotated[
    MailRendering
    | TableRendering
    | LinesRendering
    | TreeRendering
    | PageRendering
    | ImageRendering
    | TextRendering
    | NoRendering,
    Field(discriminator="kind"),
]


class EvidenceView(Shape):
    """One item: its row, and how it is drawn. `target` is the place that was asked for, as it stands there."""

    item: EvidenceRow
    target: TextLine | None
    rendering: Rendering


class EvidenceAccepted(Shape):
    """A file that was taken into the inbox."""

    run: str
    event: str
    lineage: int
    id: str
    file: str
    kind: str
    sha256: str
    size: int
    replaces: str | None
