"""A decision: what a person answered at a gate, and what the answer binds."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from casefile.evidence import Frozen

DecisionState = Literal["valid", "void", "expired", "refused", "rejected"]


class Decision(Frozen):
    """What a person answered, and what it binds. Stored once; only `state` may later become void or expired.

    `subject_sha256` is what it binds: the revision's content, or the configuration. `slot` is the place that the
    answer takes: the n-th counting answer of a gate for one content. Two answers cannot take the same one.
    `bound` are the contents that it names by value: the gate's bound fields, and the state of the holds.
    """

    id: str
    slot: str
    gate: str
    by: str
    decision: Literal["approve", "reject", "return"]
    subject_sha256: str
    artifact_sha256: str | None
    revision: str | None
    evidence_digest: str
    policy_version: str
    lane: str
    audience: list[str]
    at: datetime
    expires_at: datetime | None = None
    action: str | None = None
    target: str | None = None
    choice: str | None = None
    accepts: list[str] = []
    bound: dict[str, str] = {}
    state: DecisionState
    reason: str | None = None

    def counts(self) -> bool:
        """Whether it stands as an approval."""
        return self.state == "valid" and self.decision == "approve"
