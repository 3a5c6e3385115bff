"""Errors as RFC 9457 problem details, with the members that our answers add."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Shape(BaseModel):
    """Base of everything that goes over the wire: immutable, no unknown members."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Fault(Shape):
    """One member of a request that cannot be used."""

    place: str = Field(description="where, for example `body.decision` or `packet.yaml: sources[2].file`")
    expected: str


class Winner(Shape):
    """Whose answer counts, where a gate was already decided."""

    by: str
    name: str
    decision: str
    at: str
    revision: str | None


class RevisionName(Shape):
    """A revision by name and content hash."""

    revision: str
    sha256: str


class Problem(Shape):
    """RFC 9457 problem details. `type` is a path that the documentation explains; `title` is the same for each type."""

    type: str = Field(examples=["/problems/already-decided"])
    title: str = Field(examples=["The gate is already decided"])
    status: int = Field(examples=[409])
    detail: str = Field(default="", examples=["already decided by u-duty"])
    instance: str = Field(default="", description="the request's path")
    request_id: str = ""
    faults: list[Fault] = []
    winner: Winner | None = Field(default=None, description="409: whose answer counts")
    current: RevisionName | None = Field(default=None, description="409: the revision that is current now")
    retry_after: int | None = Field(default=None, description="429: seconds")
