"""Requests about a tenant's live signals, and the check that lets them in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from lineage.entry import Actor
from server.api.access import Allowed, may
from server.api.standing import Caller, Standing, stands_in
from server.problems import Forbidden, Unknown
from server.service import Service
from server.signals.desk import SignalDesk


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


@dataclass(frozen=True, slots=True)
class AllowedOnStream(Allowed):
    """A route's declaration of its action on a stream, and the check of it."""

    def let_in(self, request: Request, here: Service, caller: Caller, tenant: str) -> None:
        """Let in a request about a stream, or none: a tenant without one is answered like a foreign one."""
        scenario = signals_of(request).scenarios.get(tenant)
        if scenario is None or caller.member(tenant) is None:
            raise Unknown
        on = OnStream(here, signals_of(request), tenant, stands_in(caller, tenant, scenario))
        if not may(here, on.standing, self.action, f"{tenant}/signals"):
            raise Forbidden(f"it needs the right {self.action}, which you do not have for the signals of this tenant")
        request.state.on_stream = on


def on_stream(request: Request) -> OnStream:
    """The stream that the request is about, after `Allowed` let the caller in."""
    return cast("OnStream", request.state.on_stream)


OnThisStream = Annotated[OnStream, Depends(on_stream)]
