"""People of a tenant, and what admins did."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from server.models.admin import Reason, VersionRow
from server.models.lineage import ActorView
from server.models.problem import Shape

Id = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9][\w.@-]*$")]


class AdminToken(Shape):
    """An API token of somebody, without its secret."""

    id: str
    name: str
    scopes: list[str]
    expires_at: str | None
    last_used_at: str | None


class PersonVersion(VersionRow):
    """A proposal of a person's roles."""

    email: str
    name: str
    roles: list[str]


class PersonRow(Shape):
    """Somebody of the tenant. `out` says why he is out of use. `versions` are proposals, newest first."""

    person: str
    name: str
    email: str
    roles: list[str]
    lent: list[str]
    overseer: list[str]
    out: str | None
    withdrawn: list[str]
    me: bool
    member: bool
    tokens: list[AdminToken]
    versions: list[PersonVersion]


class DelegationRow(Shape):
    """A role that somebody lends."""

    id: str
    giver: str
    taker: str
    role: str
    valid_from: str
    valid_until: str
    reason: str
    ended_at: str | None
    in_force: bool


class People(Shape):
    """Everybody of a tenant."""

    people: list[PersonRow]
    delegations: list[DelegationRow]
    roles: list[str] = Field(description="the roles that scenarios know")


class PersonIn(Shape):
    """A person, or other roles of one that is there."""

    person: Id
    email: Annotated[str, StringConstraints(min_length=3, max_length=320, pattern=r"^[^\s@]+@[^\s@]+$")]
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    roles: list[Id] = Field(max_length=50)
    reason: Reason


class Deactivated(Shape):
    """How many runs are looked at again."""

    runs: int


class DelegationIn(Shape):
    """A role of one's own, lent for a time."""

    taker: Id
    role: Id
    valid_from: datetime
    valid_until: datetime
    reason: Reason


class DelegationMade(Shape):
    """The delegation's id."""

    id: str


class AuditEntry(Shape):
    """One act."""

    seq: int
    at: str
    kind: str
    actor: ActorView
    about: str
    act: dict[str, Any]
    hash: str


class AuditPage(Shape):
    """Acts in order. `next` is the `after` of the page that follows."""

    entries: list[AuditEntry]
    size: int
    head: str
    next: int | None
