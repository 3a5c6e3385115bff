"""The one place that every route passes: who asks, about which case, as whom, and whether he may (Cedar).

A case that the caller may not know of is answered like one that is not there. Nothing here looks at a request's body:
the actor of everything is who is signed in.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal, cast

import structlog
from fastapi import Depends, FastAPI, Request
from fastapi.routing import APIRoute, iter_route_contexts

from casefile.packet import Person
from casefile.scenario import Scenario
from lineage.entry import Actor
from runtime.store import account_rows
from runtime.store.account_rows import Account, Member
from server import service
from server.admin.acting import OnTenant
from server.api.actions import PUBLIC, SCOPES, Action
from server.casebook import OpenRun
from server.models.cases import View
from server.problems import Forbidden, NotSignedIn, Unknown
from server.security.policies import KNOW, KNOW_TENANT
from server.security.secrets import hashed
from server.service import Service

if TYPE_CHECKING:
    from server.signals.desk import SignalDesk

# What is the same for everybody: the description of the API, and the pages of the workspace.
UNGUARDED = frozenset({"/api/openapi.json", "/{path:path}"})
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


@dataclass(frozen=True, slots=True)
class OnRun:
    """A request about a run, let in. `now` is the run's clock."""

    service: Service
    opened: OpenRun
    standing: Standing
    now: datetime

    @property
    def actor(self) -> str:
        """The person's id on the roster. Raises Forbidden for who is not on it."""
        if self.standing.person is None:
            raise Forbidden("you are not on the roster of this case")
        return self.standing.person.id


@dataclass(frozen=True, slots=True)
class OnStream:
    """A request about a tenant's live signals, let in."""

    service: Service
    desk: SignalDesk
    tenant: str
    standing: Standing

    @property
    def actor(self) -> Actor:
        """Who asks, as the lineage names him."""
        member = self.standing.member
        roles = ", ".join(self.standing.roles)[:200] or None
        return Actor("person", member.person if member is not None else self.standing.caller.account.id, roles)


def signals_of(request: Request) -> SignalDesk:
    """What works on live signals here."""
    return cast("SignalDesk", request.app.state.signals)


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


def may(here: Service, standing: Standing, action: str, case: str) -> bool:
    """Whether the policies allow an action on a case."""
    caller = standing.caller
    context = {
        "signed_in": True,
        "way": caller.way,
        "scoped": action == KNOW or caller.reaches(Action(action)),
        "member": standing.member is not None,
        "on_roster": standing.person is not None,
        "roles": sorted(standing.roles),
        "gate_roles": sorted(standing.gate_roles),
    }
    return here.policies.allow(caller.account.id, caller.account.global_roles, action, ("Case", case), context)


def may_here(here: Service, caller: Caller | None, action: Action) -> bool:
    """Whether the policies allow an action that is about no case."""
    context = {
        "signed_in": caller is not None,
        "way": caller.way if caller else "session",
        "scoped": caller is not None and caller.reaches(action),
    }
    account, roles = (caller.account.id, caller.account.global_roles) if caller else ("", ())
    return here.policies.allow(account, roles, action, ("Installation", "casegate"), context)


def may_in_tenant(here: Service, caller: Caller, action: str, tenant: str) -> bool:
    """Whether the policies allow an action about a tenant's settings and people."""
    context = {
        "signed_in": True,
        "way": caller.way,
        "scoped": action == KNOW_TENANT or caller.reaches(Action(action)),
        "member": caller.member(tenant) is not None,
    }
    return here.policies.allow(caller.account.id, caller.account.global_roles, action, ("Tenant", tenant), context)


@dataclass(frozen=True, slots=True)
class Allowed:
    """A route's declaration of its action, and the check of it."""

    action: Action

    async def __call__(self, request: Request) -> None:
        here = service.of(request)
        caller = await caller_of(here, request)
        if caller is not None:
            structlog.contextvars.bind_contextvars(account=caller.account.id)
        run, tenant = request.path_params.get("run"), request.path_params.get("tenant")
        if self.action not in PUBLIC and caller is None:
            raise NotSignedIn("sign in, or send a token as `Authorization: Bearer …`")
        if run is not None:
            request.state.on_run = await self._on_run(here, cast("Caller", caller), str(run))
        elif tenant is not None and self.action.startswith(("admin:", "tenant:")):
            request.state.on_tenant = self._on_tenant(here, cast("Caller", caller), str(tenant))
        elif tenant is not None and self.action not in PUBLIC:
            request.state.on_stream = self._on_stream(request, here, cast("Caller", caller), str(tenant))
        elif not may_here(here, caller, self.action):
            raise Forbidden(f"{self.action} is not among what you may do")
        request.state.caller = caller

    def _on_tenant(self, here: Service, caller: Caller, tenant: str) -> OnTenant:
        member = caller.member(tenant)
        if member is None or not may_in_tenant(here, caller, KNOW_TENANT, tenant):
            raise Unknown
        if not may_in_tenant(here, caller, self.action, tenant):
            raise Forbidden(f"{self.action} is not among what you may do here")
        return OnTenant(here, caller, member)

    async def _on_run(self, here: Service, caller: Caller, run: str) -> OnRun:
        opened = await here.casebook.run(run)
        if opened is None:
            raise Unknown
        context = opened.context
        now = await opened.now()
        standing = stands(caller, context.store.tenant, context.packet.people, context.scenario, now)
        case = f"{context.store.tenant}/{run}"
        if not may(here, standing, KNOW, case):
            raise Unknown
        if not may(here, standing, self.action, case):
            raise Forbidden(_why_not(standing, self.action))
        return OnRun(here, opened, standing, now)

    def _on_stream(self, request: Request, here: Service, caller: Caller, tenant: str) -> OnStream:
        scenario = signals_of(request).scenarios.get(tenant)
        if scenario is None or caller.member(tenant) is None:
            raise Unknown
        on = OnStream(here, signals_of(request), tenant, stands_in(caller, tenant, scenario))
        if not may(here, on.standing, self.action, f"{tenant}/signals"):
            raise Forbidden(f"{self.action} is not among what you may do with the signals of this tenant")
        return on


def _why_not(standing: Standing, action: Action) -> str:
    if not standing.caller.reaches(action):
        return f"the token's scopes do not reach {action}"
    if standing.person is None:
        return "you are not on the roster of this case, and only those who are may do this"
    if not standing.roles:
        return "no role of yours on this case is valid now"
    return f"{action} is for {', '.join(sorted(standing.gate_roles)) or 'nobody'}; you are {', '.join(standing.roles)}"


async def caller_of(here: Service, request: Request) -> Caller | None:
    """Who is signed in: by a bearer token, or by the session cookie. A bad token is not excused by a good cookie."""
    at = int(time.time())
    given = request.headers.get("authorization")
    if given is not None:
        scheme, _, secret = given.partition(" ")
        found = await account_rows.token_account(here.database, hashed(secret), at)
        if scheme.lower() != "bearer" or found is None:
            raise NotSignedIn("the token is unknown, expired or revoked")
        account, token = found
        members = await account_rows.members_of(here.database, account.id)
        return Caller(account, members, "token", secret, token.scopes, token.expires_at)
    session = here.cookie.read(request.headers.get("cookie", ""))
    return None if session is None else await caller_of_session(here, session)


async def caller_of_session(here: Service, session: str) -> Caller | None:
    """Who is signed in by a session."""
    idle = here.settings.idle_minutes * 60
    living = await account_rows.session_account(here.database, hashed(session), int(time.time()), idle)
    if living is None:
        return None
    account, expires_at = living
    members = await account_rows.members_of(here.database, account.id)
    return Caller(account, members, "session", session, None, expires_at)


async def still_allowed(on: OnRun | OnStream, request: Request, action: Action) -> bool:
    """Whether an open stream may go on: the session or token lives, and the policies still allow it."""
    try:
        await Allowed(action)(request)
    except (NotSignedIn, Forbidden, Unknown):
        return False
    return True


def signed_in(request: Request) -> Caller:
    """The caller, after `Allowed` let him in."""
    caller: Caller | None = request.state.caller
    if caller is None:
        raise NotSignedIn
    return caller


def on_run(request: Request) -> OnRun:
    """The run that the request is about, after `Allowed` let the caller in."""
    return cast("OnRun", request.state.on_run)


def on_tenant(request: Request) -> OnTenant:
    """The tenant that the request is about, after `Allowed` let the caller in."""
    return cast("OnTenant", request.state.on_tenant)


OnThisTenant = Annotated[OnTenant, Depends(on_tenant)]


def on_stream(request: Request) -> OnStream:
    """The stream that the request is about, after `Allowed` let the caller in."""
    return cast("OnStream", request.state.on_stream)


Me = Annotated[Caller, Depends(signed_in)]
Here = Annotated[Service, Depends(service.of)]
OnThisRun = Annotated[OnRun, Depends(on_run)]
OnThisStream = Annotated[OnStream, Depends(on_stream)]


def declared(route: APIRoute) -> Action | None:
    """The action that a route declares: its first dependency, before anything else is looked at."""
    first = route.dependant.dependencies[0].call if route.dependant.dependencies else None
    return first.action if isinstance(first, Allowed) else None


def undeclared(app: FastAPI) -> Iterator[str]:
    """Routes that declare no action, whatever router they came by. A server with one does not start."""
    for one in iter_route_contexts(app.routes):
        route = one.original_route
        guarded = isinstance(route, APIRoute) and declared(route) is not None
        if not guarded and one.path not in UNGUARDED:
            yield f"{sorted(one.methods or ())} {one.path}"
