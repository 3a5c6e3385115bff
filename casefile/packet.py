"""A packet as others write it (contract §3): `packet.yaml`, checked strictly, still without its files."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, field_validator, model_validator

from casefile.evidence import Frozen

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]


def _with_zone(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a time with its zone was expected, for example 2026-04-18T09:30:00Z")
    return value


Instant = Annotated[datetime, AfterValidator(_with_zone)]


class Tenant(Frozen):
    """A tenant that the case lists."""

    id: Name
    name: str = ""


class Person(Frozen):
    """A row of the roster: who may do what, until when."""

    id: Name
    name: str = ""
    roles: list[str] = []
    valid_from: Instant | None = None
    valid_until: Instant | None = None

    def holds_at(self, roles: list[str], at: datetime) -> bool:
        """Whether the person has one of the roles at that time."""
        if self.valid_from is not None and at < self.valid_from:
            return False
        if self.valid_until is not None and at >= self.valid_until:
            return False
        return any(role in roles for role in self.roles)


class SourceItem(Frozen):
    """One source file of the packet."""

    id: Name
    file: Name
    system: str = ""
    captured_at: Instant | None = None
    replaces: str | None = None


class PriorRevision(Frozen):
    """An artifact revision made before this run."""

    revision: Name
    file: Name


class System(Frozen):
    """A system that the case declares: one of the installation, a stub that the runner starts in its place on loopback,
    or a calendar of the installation.

    A system or calendar is named as the settings name it; a packet gives no address and no credentials.
    """

    id: Name
    kind: Literal["http", "http-stub", "caldav"]
    script: str = ""
    calendar: str = ""

    @model_validator(mode="after")
    def _of_its_kind(self) -> System:
        if self.kind == "http-stub" and not self.script:
            raise ValueError("script: the file of the stub system's script was expected")
        if self.kind == "caldav" and self.script:
            raise ValueError("script: a calendar has none; the name of a calendar was expected in calendar")
        if self.kind == "http" and self.script:
            raise ValueError("script: a system of the installation has none; kind http-stub was expected with it")
        return self


class Says(Frozen):
    """A person writes in the chat."""

    by: Name
    text: str


class Edits(Frozen):
    """A person accepts or rejects proposed edits."""

    by: Name
    accept: list[str] | Literal["all"] = []
    reject: list[str] | Literal["all"] = []
    reason: str = ""


class Objects(Frozen):
    """A person objects to a statement."""

    by: Name
    to: str
    text: str


class Decides(Frozen):
    """A person answers a gate. `revision` is `current`, `first`, a revision's name or a content hash."""

    gate: Name
    by: Name
    decision: Literal["approve", "reject", "return"]
    revision: str = "current"
    action: str | None = None
    target: str | None = None
    choice: str | None = None
    accepts: list[str] = []
    reason: str | None = None


class Withdraws(Frozen):
    """A source becomes unreadable; it stays in the ledger by its hash."""

    id: Name


class Passes(Frozen):
    """Only time passes."""


class Step(Frozen):
    """One timeline step. Exactly one thing happens at `at`."""

    at: Instant
    before_effect: bool = False
    says: Says | None = None
    arrives: SourceItem | None = None
    withdraws: Withdraws | None = None
    edits: Edits | None = None
    objects: Objects | None = None
    decides: Decides | None = None
    passes: Passes | None = None

    @field_validator("passes", mode="before")
    @classmethod
    def _bare_passes(cls, value: Any) -> Any:
        return {} if value is None else value

    @property
    def kind(self) -> str:
        """Which of the things it is."""
        return next(name for name in STEP_KINDS if getattr(self, name) is not None)

    @model_validator(mode="after")
    def _one_thing(self) -> Step:
        if sum(getattr(self, name) is not None for name in STEP_KINDS) != 1:
            raise ValueError(f"exactly one of {', '.join(STEP_KINDS)} was expected")
        return self


STEP_KINDS = ("says", "arrives", "withdraws", "edits", "objects", "decides", "passes")


class Packet(Frozen):
    """`packet.yaml`. Unknown members are refused: a misspelt one must not be read as absent."""

    scenario: Name
    case: Name
    tenant: Tenant
    tenants: list[Tenant] = []
    as_of: Instant
    requested_by: Name
    people: list[Person] = []
    parameters: dict[str, Any] = {}
    sources: list[SourceItem] = []
    prior_revisions: list[PriorRevision] = []
    instructions: str = ""
    systems: list[System] = []
    timeline: list[Step] = Field(default_factory=list)

    @model_validator(mode="after")
    def _unique_ids(self) -> Packet:
        for what, ids in (
            ("sources", [s.id for s in self.sources]),
            ("people", [p.id for p in self.people]),
            ("systems", [s.id for s in self.systems]),
        ):
            seen: set[str] = set()
            for one in ids:
                if one in seen:
                    raise ValueError(f"{what}: the id {one!r} stands twice; each id once was expected")
                seen.add(one)
        return self

    def person(self, person_id: str) -> Person | None:
        """The roster's row, or None."""
        return next((person for person in self.people if person.id == person_id), None)

    def tenant_ids(self) -> frozenset[str]:
        """Every tenant that the case lists."""
        return frozenset([self.tenant.id, *(tenant.id for tenant in self.tenants)])
