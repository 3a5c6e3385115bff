"""Gates and decisions, and the inbox of approvals."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Query

from server.api.access import Allowed
from server.api.actions import Action
from server.api.answers import fails
from server.models.gates import Approvals, DecisionIn, DecisionMade, GateView

router = APIRouter(tags=["approvals"])
NeededKey = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=200)]


@router.get("/runs/{run}/gates/{gate}", dependencies=[Depends(Allowed(Action.READ_GATE))], responses=fails(404))
async def gate_page(run: str, gate: str) -> GateView:
    """What an approval here binds, exactly, and every check as it stands now."""
    raise NotImplementedError


@router.post(
    "/runs/{run}/gates/{gate}/decisions",
    status_code=201,
    dependencies=[Depends(Allowed(Action.DECIDE))],
    responses=fails(404, 409, 410),
)
async def decide(run: str, gate: str, body: DecisionIn, key: NeededKey) -> DecisionMade:
    """Answer a gate. The actor is who is signed in; the same key again gives the first answer."""
    raise NotImplementedError


@router.get("/approvals", dependencies=[Depends(Allowed(Action.LIST_APPROVALS))], responses=fails())
async def approvals(
    state: Literal["waiting", "history"] = "waiting",
    mine: Annotated[bool, Query(description="waiting: only what I can answer")] = False,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Approvals:
    """The inbox across cases: what waits, or what I answered."""
    raise NotImplementedError
