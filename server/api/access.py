"""The one place that every route passes: who asks, about which case, as whom, and whether he may (Cedar).

A case that the caller may not know of is answered like one that is not there. Nothing here looks at a request's body:
the actor of everything is who is signed in.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, cast

import structlog
from fastapi import Depends, FastAPI, Request
from fastapi.routing import APIRoute, iter_route_contexts

from runtime.store import account_rows
from server import opened_views, service
from server.admin.acting import OnTenant
from server.api.actions import PUBLIC, Action
from server.api.standing import Caller, Standing, stands
from server.casebook import OpenRun
from server.problems import Forbidden, NotSignedIn, Unknown
from server.security.policies import KNOW, KNOW_TENANT
from server.security.secrets import hashed
from server.service import Service

# What is the same for everybody: the description of the API, and the pages of the workspace.
UNGUARDED = frozenset({"/api/openapi.json", "/{path:path}"})


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
            self.let_in(request, here, cast("Caller", caller), str(tenant))
        elif not may_here(here, caller, self.action):
            raise Forbidden(f"it needs the right {self.action}, which you do not have")
        request.state.caller = caller

    def let_in(self, request: Request, here: Service, caller: Caller, tenant: str) -> None:
        """Let in a request about something else of a tenant. Nothing is, unless a route's own check says what."""
        raise Unknown

    def _on_tenant(self, here: Service, caller: Caller, tenant: str) -> OnTenant:
        member = caller.member(tenant)
        if member is None or not may_in_tenant(here, caller, KNOW_TENANT, tenant):
            raise Unknown
        if not may_in_tenant(here, caller, self.action, tenant):
            raise Forbidden(f"it needs the right {self.action}, which you do not have in this tenant")
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
        on = OnRun(here, opened, standing, now)
        await opened_views.of_case(on, self.action)
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


async def still_allowed(check: Allowed, request: Request) -> bool:
    """Whether an open stream may go on: the session or token lives, and the policies still allow it."""
    try:
        await check(request)
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


Me = Annotated[Caller, Depends(signed_in)]
Here = Annotated[Service, Depends(service.of)]
OnThisRun = Annotated[OnRun, Depends(on_run)]


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
