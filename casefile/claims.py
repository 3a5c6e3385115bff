"""What an artifact states, and how each statement is carried by evidence."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import Field

from casefile.evidence import Frozen

Status = Literal["confirmed", "conflicting", "unverified", "missing", "held"]
Scalar: TypeAlias = str | int | bool | None
Value: TypeAlias = Scalar | list[str] | list[dict[str, Scalar]]


class Citation(Frozen):
    """A quote and where it stands: evidence id, locator in it, the quote letter for letter, hash of the evidence."""

    evidence: str
    locator: str
    quote: str
    sha256: str


class Normalization(Frozen):
    """One step from what a source says to what the artifact states, with the reference data that allowed it."""

    rule: str
    source: str = Field(alias="from")
    to: str
    lossy: bool = False
    reference: str | None = None

    model_config = {**Frozen.model_config, "populate_by_name": True}


class FieldValue(Frozen):
    """One field of the artifact. `confidence` is in hundredths, 0–100: content has no floats.

    `origin` tells extracted values from enriched (looked up in reference data) and defaulted ones.
    """

    title: str = ""
    value: Value = None
    raw: str | None = None
    status: Status
    confidence: int = Field(default=0, ge=0, le=100)
    origin: Literal["extracted", "enriched", "defaulted", "none"] = "extracted"
    citations: list[Citation] = []
    normalization: list[Normalization] = []
    note: str | None = None

    @property
    def lossy(self) -> bool:
        """Whether any step lost meaning."""
        return any(step.lossy for step in self.normalization)


class Claim(Frozen):
    """One sentence of a section, with its author: `agent:drafting` or `person:u-lead`.

    `approved_by` are the people who accepted exactly this wording as an edit.
    """

    id: str
    text: str
    status: Status
    author: str
    citations: list[Citation] = []
    approved_by: list[str] = []

    @property
    def mark(self) -> str:
        """Whose words they are, as a reader is told."""
        if self.author.startswith("person:"):
            return "human-written"
        return "human-approved" if self.approved_by else "agent-drafted"


class Section(Frozen):
    """A titled run of claims."""

    id: str
    title: str
    claims: list[Claim]
