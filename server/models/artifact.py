"""The governed document, its registers, and the edits that are proposed to it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from casefile.claims import Value
from server.models.problem import Shape

Status = Literal["confirmed", "conflicting", "unverified", "missing", "held"]


class CitationView(Shape):
    """A quote and its place."""

    evidence: str
    locator: str
    quote: str
    sha256: str


class NormalizationView(Shape):
    """A step from what a source says to what the artifact states."""

    rule: str
    source: str = Field(serialization_alias="from", validation_alias="from")
    to: str
    lossy: bool
    reference: str | None = None


class FieldView(Shape):
    """A field. `confidence` is 0 to 1."""

    title: str
    value: Value = None
    raw: str | None = None
    status: Status
    confidence: float
    origin: Literal["extracted", "enriched", "defaulted", "none"]
    lossy: bool
    citations: list[CitationView]
    normalization: list[NormalizationView]
    note: str | None = None


class ClaimView(Shape):
    """A statement. `mark` says whose words they are."""

    id: str
    text: str
    status: Status
    author: str
    mark: Literal["human-written", "human-approved", "agent-drafted"]
    citations: list[CitationView]
    approved_by: list[str]


class SectionView(Shape):
    """A titled run of statements."""

    id: str
    title: str
    claims: list[ClaimView]


class ArtifactView(Shape):
    """A revision of the governed document."""

    name: str
    revision: str
    sha256: str
    supersedes: list[str]
    fields: dict[str, FieldView]
    sections: list[SectionView]


class SideView(Shape):
    """One of the values that disagree."""

    value: Value = None
    citations: list[CitationView]


class ContradictionView(Shape):
    """Sources that disagree."""

    id: str
    state: str
    about: str
    rule: str
    settled_by: str | None
    sides: list[SideView]


class HoldView(Shape):
    """A line of the card's holds that applies."""

    id: str
    state: str
    kind: str
    trigger: str
    effect: str
    about: str
    detail: str
    waivable: bool
    citations: list[CitationView]


class BlockerView(Shape):
    """An unmet precondition."""

    id: str
    state: str
    kind: str
    precondition: str
    about: str
    detail: str


class ObjectionView(Shape):
    """A doubt about a statement, by an agent or a person."""

    id: str
    state: str
    kind: Literal["agent", "person"]
    by: str
    by_name: str
    to: str
    text: str
    citations: list[CitationView]


class OpenQuestionView(Shape):
    """What nobody has established yet."""

    id: str
    state: str
    about: str
    question: str
    owner: str


class BlockedRequestView(Shape):
    """An instruction found inside evidence, without effect."""

    id: str
    state: str
    evidence: str
    locator: str
    quote: str
    asks_for: str
    effect: str


class ExceptionView(Shape):
    """Input that was not used, and why."""

    id: str
    state: str
    kind: str
    about: str
    reason: str
    count: int | None


class RegistersView(Shape):
    """The seven registers."""

    contradictions: list[ContradictionView]
    holds: list[HoldView]
    blockers: list[BlockerView]
    objections: list[ObjectionView]
    open_questions: list[OpenQuestionView]
    blocked_requests: list[BlockedRequestView]
    exceptions: list[ExceptionView]


class EditView(Shape):
    """A proposed change. An empty `before` adds, an empty `after` removes."""

    id: str
    turn: int
    target: str
    before: str
    after: str
    reason: str
    author: str
    author_name: str
    status: Status
    citations: list[CitationView]
    state: Literal["proposed", "accepted", "rejected"]
    repeats: str | None = Field(description="the rejected edit that this one brings back")
    new_evidence: list[str]
    decided_by: str | None
    decided_by_name: str | None
    decision_reason: str | None
