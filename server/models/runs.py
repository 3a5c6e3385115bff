"""A run as its page shows it: the contract's outcome, and what the signed-in person may do."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from server.models.artifact import ArtifactView, CitationView, ClaimView, EditView, FieldView, RegistersView
from server.models.cases import CaseState, View
from server.models.exhibits import ExhibitHead
from server.models.problem import Shape


class ApprovalView(Shape):
    """What a person answered at a gate."""

    gate: str
    by: str
    by_name: str
    decision: Literal["approve", "reject", "return"]
    state: Literal["valid", "void", "expired", "refused", "rejected"]
    artifact_sha256: str | None
    subject_sha256: str
    revision: str | None
    reason: str | None
    at: str
    expires_at: str | None
    action: str | None = None
    target: str | None = None
    choice: str | None = None


class RefusalView(Shape):
    """A request that counts for nothing."""

    id: str
    action: str
    asked_by: str
    reason: str
    turn: int


class ReleaseView(Shape):
    """What left through a lane. `under` names a standing approval."""

    lane: str
    artifact_sha256: str
    manifest_sha256: str
    revision: str
    under: str | None = None


class EffectView(Shape):
    """An effect at a system, with its history: under whose decisions, what was read before and after, and its result.

    `under` is the delegation where the card needs no decision; a state is what the action speaks of, and no more.
    """

    id: str
    kind: str
    idempotency_key: str
    state: str
    action: str = ""
    system: str = ""
    target: str = ""
    request: str = ""
    policy_version: str = ""
    policy_checks: list[str] = []
    window: EffectWindow | None = None
    emergency_path: bool = False
    under: str = ""
    approvals: list[EffectGround] = []
    attempts: int = 0
    answers: list[str] = []
    state_before: dict[str, Any] = {}
    state_after: dict[str, Any] = {}
    references: list[str] = []
    confirmed_by: list[str] = []
    reason: str = ""
    sent_at: str | None = None
    done_at: str | None = None


class EffectWindow(Shape):
    """The change window of an effect, in UTC."""

    opens: str | None
    closes: str | None


class EffectGround(Shape):
    """A decision under which an effect was made."""

    gate: str
    by: str
    at: str


class WaitingOn(Shape):
    """An open gate."""

    gate: str
    title: str
    approver_roles: list[str]
    people: list[str]
    revision: str
    artifact_sha256: str
    since: str | None
    expires_at: str | None


class LineageHead(Shape):
    """The end of the case's chain."""

    entries: int
    head: str


class ModelUse(Shape):
    """Whether a model took part."""

    mode: str
    name: str
    calls: int
    tokens: int


class RosterPerson(Shape):
    """A row of the case's roster."""

    id: str
    name: str
    roles: list[str]
    valid_until: str | None


class Step(Shape):
    """A step of the graph, for the bar at the top."""

    name: str
    title: str
    state: Literal["done", "active", "waiting", "todo"]


class May(Shape):
    """What the signed-in person may do with this run now. `why_not` has a line for each thing that he may not."""

    chat: bool
    review_edits: bool
    object: bool
    add_evidence: bool
    decide: list[str]
    verify: bool
    export: bool
    raw_evidence: bool
    why_not: dict[str, str]


class Viewer(Shape):
    """As whom the case is seen."""

    person: str | None
    roles: list[str]
    view: View
    masked: list[str] = Field(description="what this view masks, and who may see it, one line each")


class RunView(Shape):
    """The contract's outcome (§4) as the viewer may see it, with what its page needs besides."""

    contract: Literal[1]
    scenario: str
    scenario_short: str
    case: str
    run: str
    title: str
    tenant: str
    tenant_name: str
    status: Literal["waiting", "finished", "failed", "working"]
    state: CaseState
    outcome: str | None
    final: bool
    working: bool = Field(description="whether a turn is at work now, or one that was sent waits to be")
    turn: int
    opened_at: str
    clock: str = Field(description="the run's clock at its last turn")
    now: str = Field(description="the run's clock now")
    clock_kind: Literal["wall", "demo"]
    next: str = Field(description="one line: what happens next, and on whom it depends")
    waiting_on: list[WaitingOn]
    steps: list[Step]
    people: list[RosterPerson]
    me: Viewer
    may: May
    artifact: ArtifactView | None
    exhibits: list[ExhibitHead] = Field(description="what the workspace draws of the artifact, as the scenario says")
    registers: RegistersView
    edits: list[EditView]
    approvals: list[ApprovalView]
    refusals: list[RefusalView]
    releases: list[ReleaseView]
    effects: list[EffectView]
    lineage: LineageHead
    model: ModelUse


class RevisionRow(Shape):
    """A revision in the list."""

    revision: str
    sha256: str
    supersedes: list[str]
    prior: bool = Field(description="made before this run: it came with the packet, and is opened as evidence")
    made_at: str | None
    made_by: str
    approved: bool = Field(description="whether a valid approval binds exactly it")


class Revisions(Shape):
    """Every revision, oldest first."""

    revisions: list[RevisionRow]
    current: str | None


class RevisionView(Shape):
    """One revision with its content."""

    row: RevisionRow
    artifact: ArtifactView
    registers: RegistersView


Change = Literal["added", "removed", "changed"]


class Run(Shape):
    """A run of words in a text diff."""

    op: Literal["same", "added", "removed"]
    text: str


class FieldChange(Shape):
    """A field that differs."""

    field: str
    title: str
    change: Change
    before: FieldView | None
    after: FieldView | None


class ClaimChange(Shape):
    """A statement that differs, with its words."""

    section: str
    title: str = Field(description="of the section")
    claim: str
    change: Change
    before: ClaimView | None
    after: ClaimView | None
    words: list[Run]


class ItemChange(Shape):
    """A register item of the content that differs."""

    register_: str = Field(serialization_alias="register", validation_alias="register")
    id: str
    change: Change
    about: str
    words: list[Run] = Field(default=[], description="of what it says, those that stay, come and go")


class Diff(Shape):
    """What differs between two revisions."""

    a: RevisionRow
    b: RevisionRow
    same: bool
    fields: list[FieldChange]
    claims: list[ClaimChange]
    items: list[ItemChange]


class ChatIn(Shape):
    """What the person writes. Never an answer to a gate."""

    text: str = Field(min_length=1, max_length=20_000, examples=["Which regions are affected, and who says so?"])


class EditsIn(Shape):
    """A person's word on proposed edits."""

    accept: list[str] | Literal["all"] = Field(default=[], examples=[["e1", "e2"]])
    reject: list[str] | Literal["all"] = []
    reason: str = Field(default="", max_length=2_000)


class ObjectionIn(Shape):
    """An objection to a field, a section/claim, or `draft`."""

    to: str = Field(min_length=1, max_length=300, examples=["business_impact"])
    text: str = Field(min_length=1, max_length=5_000, examples=["The region list is not proven."])


class Accepted(Shape):
    """A turn that was put into the inbox and is worked on in the background. Its entries come as events."""

    run: str
    event: str = Field(description="the key of the turn: the same `Idempotency-Key` again gives the same")
    lineage: int = Field(description="entries in the lineage when it was accepted: listen from here")


class ChatLine(Shape):
    """A line of an answer."""

    text: str
    unverified: bool = Field(description="it leans on what it cites, and its words do not stand there")
    citations: list[CitationView]


class ChatTurn(Shape):
    """One thing that was said or done in the conversation, out of the lineage."""

    seq: int
    at: str
    by: str
    by_name: str
    by_type: Literal["agent", "person", "system"]
    kind: Literal[
        "said",
        "answered",
        "refused",
        "redirected",
        "objected",
        "edits_proposed",
        "edits_reviewed",
        "revised",
        "cancelled",
    ]
    text: str
    note: str
    mode: str | None
    confidence: int | None
    paused: bool
    lines: list[ChatLine]
    edits: list[str] = Field(description="edits that it proposed or decided")
    rejected: list[str]
    objection: str | None
    revision: str | None


class WorkLine(Shape):
    """What one agent did for a revision."""

    agent: str
    did: str
    found: str = Field(description="what it found, in counts; empty where there is nothing to count or to show")
    opens: list[str] = Field(description="items of registers that it opened")


class Work(Shape):
    """What the agents did for a revision, in the order in which they began."""

    lines: list[WorkLine]


class Chat(Shape):
    """The conversation, oldest first. `before` pages backwards."""

    turns: list[ChatTurn]
    before: int | None


class SearchHit(Shape):
    """A place where something stands."""

    where: Literal["evidence", "artifact", "register", "chat"]
    id: str
    locator: str
    title: str
    text: str


class SearchHits(Shape):
    """What was found."""

    q: str
    hits: list[SearchHit]
