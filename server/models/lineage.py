"""The lineage as a page shows it, and its verification."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from server.models.problem import Shape


class ActorView(Shape):
    """Who did it."""

    type: Literal["agent", "person", "system"]
    id: str
    name: str
    role: str | None


class AgentView(Shape):
    """Which agent, prompt and model."""

    name: str
    prompt: str | None
    prompt_version: str | None
    prompt_hash: str | None
    model: str | None


class ContentPart(Shape):
    """An opened part of an entry's content. `state` erased: it is committed, and gone."""

    name: str
    state: Literal["shown", "erased"]
    value: Any = None


class EntryView(Shape):
    """A lineage entry. Revisions by name where they are this run's."""

    seq: int
    hash: str
    prev: str
    run: str
    kind: str
    at: str
    actor: ActorView
    agent: AgentView | None
    base_revision: str | None
    new_revision: str | None
    base_sha256: str | None
    new_sha256: str | None
    accepted_edits: list[str]
    rejected_edits: list[str]
    citations: list[str]
    opens: list[str]
    closes: list[str]
    policy_version: str | None
    summary: str = Field(description="one line in words")
    content: list[ContentPart]


class LineagePage(Shape):
    """A page of entries in order. `next` is the `after` of the page that follows."""

    entries: list[EntryView]
    size: int
    head: str
    next: int | None


class Finding(Shape):
    """A place that is wrong."""

    place: str
    problem: str


class Check(Shape):
    """One thing that was checked, and how many."""

    what: str
    count: int
    good: bool


class Verification(Shape):
    """What a verification read, and what it found."""

    intact: bool
    at: str
    entries: int
    erased: int
    head: str
    root: str
    seals: int
    seconds: float
    checks: list[Check]
    findings: list[Finding]
    unlisted: int


class ReceiptAnswer(Shape):
    """The answer to one of an auditor's questions, with how many of its parts stand how."""

    question: str
    title: str
    standing: Literal["shown", "sealed", "erased", "absent", "invalid"]
    shown: int
    sealed: int
    erased: int
    lines: list[str]


class ReceiptProblem(Shape):
    """Something that is wrong in a receipt, and which question's answer it spoils."""

    question: str
    place: str
    text: str


class ReceiptReport(Shape):
    """What verifying a receipt found. `of` says which case, run and issuer, as far as the file could be read."""

    intact: bool
    of: dict[str, str]
    entries: str | None = Field(examples=["40 entries, 4 shown, 36 sealed, none missing"])
    answers: list[ReceiptAnswer]
    problems: list[ReceiptProblem]


class DiscloseIn(Shape):
    """What a disclosed copy shows: lists, objects, or one part of them."""

    only: list[str] = Field(min_length=1, max_length=1000, examples=[["approvals", "evidence/2", "result/outcome"]])


class LineageEvent(Shape):
    """The data of a live event (SSE event `lineage`; its `id` is `seq`). The content is fetched, not pushed."""

    seq: int
    kind: str
    at: str
    actor: ActorView
    base_revision: str | None
    new_revision: str | None
    accepted_edits: list[str]
    rejected_edits: list[str]
    opens: list[str]
    closes: list[str]
    summary: str


class ProgressEvent(Shape):
    """What an agent does inside a turn (SSE event `progress`, without id): it is not stored and not replayed."""

    node: str
    title: str
    state: Literal["done", "resting", "failed"]
    note: str = ""


class Health(Shape):
    """Whether this process can serve. Trouble with a lane is `degraded`, and still 200: requests are answered."""

    status: Literal["ok", "degraded"]
    version: str
    database: Literal["ok", "down"]
    worker: Literal["ok", "down"]
    lanes: Literal["ok", "trouble", "down"] = Field(
        description="trouble: an entry is a dead letter or failed several times; the pages of the runs say why"
    )
    signals: Literal["ok", "trouble"] = Field(
        description="trouble: work on a stream of live signals broke off in the last minute; the server's log says why"
    )
    model: str
