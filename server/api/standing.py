"""Who asks, and as whom he stands in a case or in a tenant's stream: by the directory, the roster and the clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from casefile.packet import Person
from casefile.scenario import Scenario
from runtime.store.account_rows import Account, Member
from server.api.actions import SCOPES, Action
from server.models.cases import View

# People of the customer stand on some rosters as authors of evidence; nothing internal is theirs to see.
_OUTSIDER = re.compile(r"(?:\w+_)?customer(?:_\w+)?")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is signed in, and by what. `scopes` None reaches everything that the person may do."""

    account: Account
    members: tuple[Member, ...]
    way: Literal["session", "token"]
    secret: str
    scopes: tuple[str, ...] | None = None
    expires_at: int | None = None

    def member(self, tenant: str) -> Member | None:
        """Who the caller is in a tenant."""
        return next((member for member in self.members if member.tenant == tenant), None)

    def reaches(self, action: Action) -> bool:
        """Whether the token's scopes reach an action."""
        return self.scopes is None or any(action in SCOPES.get(scope, ()) for scope in self.scopes)


@dataclass(frozen=True, slots=True)
class Standing:
    """As whom the caller stands in a case. `person` is the roster's row, also where its roles are not valid now."""

    caller: Caller
    member: Member | None
    person: Person | None
    roles: tuple[str, ...]
    gate_roles: frozenset[str]

    @property
    def view(self) -> View:
        """Which view of the case: the annex for those who answer its gates, the queue for who is not on its roster."""
        if self.person is None:
            return "queue"
        return "annex" if self.gate_roles.intersection(self.roles) else "main"


def gate_roles(scenario: Scenario) -> frozenset[str]:
    """The roles that may answer a gate of this scenario."""
    return frozenset(role for gate in scenario.gates if gate.opens_when is not None for role in gate.roles)


def stands(caller: Caller, tenant: str, people: list[Person], scenario: Scenario, now: datetime) -> Standing:
    """As whom the caller stands in a case, by its roster and the directory."""
    member = caller.member(tenant)
    person = next((p for p in people if member is not None and p.id == member.person), None)
    roles: tuple[str, ...] = ()
    if member is not None and person is not None:
        granted = (role for role in person.roles if role in member.roles and not _OUTSIDER.fullmatch(role))
        roles = tuple(role for role in granted if person.holds_at([role], now))
    return Standing(caller, member, person, roles, gate_roles(scenario))


def stands_in(caller: Caller, tenant: str, scenario: Scenario) -> Standing:
    """As whom the caller stands in a tenant's stream: by the directory alone, for a stream has no roster."""
    member = caller.member(tenant)
    roles = tuple(role for role in member.roles if not _OUTSIDER.fullmatch(role)) if member is not None else ()
    return Standing(caller, member, None, roles, gate_roles(scenario))
