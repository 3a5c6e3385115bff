"""Gates, decisions, and the inbox of approvals."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from server.models.artifact import BlockerView, ContradictionView, HoldView, ObjectionView, OpenQuestionView
from server.models.problem import RevisionName, Shape
from server.models.runs import ApprovalView

GateState = Literal["open", "waiting_for_other_gates", "not_due", "approved", "rejected", "outside", "barred", "ended"]


class CheckLine(Shape):
    """A line of the gate's `refuses_when`. `result`: whether it stands in the way now; `bound` ones are held off by
    what an answer binds, `at_answer` ones are checked of whoever answers, `not_tested` ones are for him to judge."""

    text: str
    result: Literal["clear", "refuses", "bound", "at_answer", "not_tested"]
    about: list[str] = Field(description="ids of the register items that make it true")


class Choice(Shape):
    """What may be chosen at this gate: sides of an open contradiction."""

    contradiction: str
    about: str
    values: list[str]


class OptionView(Shape):
    """An option that the gate offers. `barred` says why it may not be taken; null: it may."""

    id: str
    name: str
    barred: str | None
    recommended: bool


class GateView(Shape):
    """What an approval at this gate binds, exactly, with every check as it stands now."""

    run: str
    case: str
    scenario: str
    title: str
    tenant: str
    gate: str
    gate_title: str
    state: GateState
    approver: str
    roles: list[str]
    people: list[str]
    quorum: int
    given: list[ApprovalView] = Field(description="answers that count towards it now")
    binds: list[str] = Field(description="in the card's words")
    subject: str = Field(description="revision, configuration, sections, or another content that the scenario names")
    subject_sha256: str
    revision: RevisionName | None
    lane: str
    lane_text: str
    audience: list[str]
    evidence_digest: str
    policy_version: str
    opened_at: str | None
    expires_at: str | None = Field(description="until when the request stays open")
    valid_for_minutes: int | None = Field(description="how long a decision may wait for its effect")
    now: str
    checked_at: str
    checks: list[CheckLine]
    contradictions: list[ContradictionView]
    holds: list[HoldView]
    blockers: list[BlockerView]
    objections: list[ObjectionView]
    open_questions: list[OpenQuestionView]
    choices: list[Choice]
    options: list[OptionView] = Field(description="where an approval takes one of the offered options, by its id")
    open_edits: int
    diff_base: RevisionName | None = Field(description="the last approved revision, to compare with")
    if_approved: str
    if_rejected: str
    may_decide: bool
    why_not: str | None
    reason_required: bool
    verb: str = Field(description="for the button: “Approve r3 for …”")


class DecisionIn(Shape):
    """An answer to a gate. `revision` is a name or a content hash: what the person was shown, never `current`."""

    decision: Literal["approve", "reject", "return"]
    revision: str = Field(
        min_length=1,
        max_length=200,
        examples=["sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )
    reason: str | None = Field(default=None, max_length=5_000)
    choice: str | None = Field(default=None, max_length=1_000)
    target: str | None = Field(default=None, max_length=300)
    action: str | None = Field(default=None, max_length=300)
    accepts: list[str] = Field(default=[], max_length=200)

    @field_validator("revision")
    @classmethod
    def _named(cls, value: str) -> str:
        if value in ("current", "first"):
            raise ValueError("a revision's name or content hash was expected: what the person was shown")
        return value


class ToSign(Shape):
    """What a person signs with the key that he holds, for one answer to a gate: `sign`, exactly these bytes."""

    run: str
    gate: str
    request: str = Field(description="names the request; the decision will have this id")
    kid: str = Field(description="the key that has to sign")
    payload: str = Field(description="base64: the in-toto statement of the decision, as its envelope will hold it")
    sign: str = Field(description="base64: the pre-authentication encoding of DSSE over that payload")
    until: str = Field(description="sign before then, by the machine's clock")
    refusal: str | None = Field(description="why this answer would count for nothing as things stand; null: it counts")


class SignatureIn(Shape):
    """A signature over the bytes of `sign`, and the key that made it."""

    kid: str = Field(min_length=1, max_length=100)
    signature: str = Field(min_length=1, max_length=200, description="base64")


class DecisionMade(Shape):
    """A decision that counts. The run goes on in the background."""

    run: str
    event: str
    lineage: int
    decision: ApprovalView


class ApprovalRow(Shape):
    """A line of the inbox: a gate that waits, or one that the person answered."""

    run: str
    case: str
    scenario: str
    scenario_title: str
    tenant: str
    tenant_name: str
    gate: str
    gate_title: str
    revision: str | None
    artifact_sha256: str | None
    since: str
    now: str = Field(description="the clock of the case, by which it expires")
    expires_at: str | None
    can_act: bool
    why_not: str | None
    open_items: int = Field(description="open holds, blockers, objections and contradictions")
    decision: ApprovalView | None


class Approvals(Shape):
    """The inbox across cases."""

    rows: list[ApprovalRow]
    total: int
    next_cursor: str | None
