"""Gates and decisions, and the inbox of approvals."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Query

from casefile.scenario import Gate
from server import countersigning, deciding
from server.api.access import Allowed, Here, Me, OnRun, OnThisRun
from server.api.actions import Action
from server.api.answers import fails
from server.models.gates import Approvals, DecisionIn, DecisionMade, GateView, SignatureIn, ToSign
from server.problems import Unknown
from server.views import approvals as inbox
from server.views.gates import gate_view
from server.views.search import plain_text

router = APIRouter(tags=["approvals"])
NeededKey = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=200)]


@router.get("/runs/{run}/gates/{gate}", dependencies=[Depends(Allowed(Action.READ_GATE))], responses=fails(404))
async def gate_page(run: str, gate: str, on: OnThisRun) -> GateView:
    """What an approval here binds, exactly, and every check as it stands now."""
    return await gate_view(on, _gate(on, gate))


@router.post(
    "/runs/{run}/gates/{gate}/decisions",
    status_code=201,
    dependencies=[Depends(Allowed(Action.DECIDE))],
    responses=fails(404, 409, 410),
)
async def decide(run: str, gate: str, body: DecisionIn, key: NeededKey, on: OnThisRun) -> DecisionMade:
    """Answer a gate. The actor is who is signed in; the same key again gives the first answer."""
    return await deciding.answer(on, _gate(on, gate), body, key)


@router.post(
    "/runs/{run}/gates/{gate}/signing-requests",
    status_code=201,
    dependencies=[Depends(Allowed(Action.DECIDE))],
    responses=fails(404, 409, 410),
)
async def ask_to_sign(run: str, gate: str, body: DecisionIn, key: NeededKey, on: OnThisRun) -> ToSign:
    """The first of two steps for who holds his key: the bytes to be signed for this answer. It decides nothing."""
    return await countersigning.asked(on, _gate(on, gate), body, key)


@router.post(
    "/runs/{run}/gates/{gate}/signing-requests/{request}/signature",
    status_code=201,
    dependencies=[Depends(Allowed(Action.DECIDE))],
    responses=fails(404, 409, 410),
)
async def sign_decision(run: str, gate: str, request: str, body: SignatureIn, on: OnThisRun) -> DecisionMade:
    """The second step: the signature. The answer is judged as things stand now; the same again gives the first one."""
    return await countersigning.signed(on, _gate(on, gate), request, body)


@router.get("/approvals", dependencies=[Depends(Allowed(Action.LIST_APPROVALS))], responses=fails())
async def approvals(
    me: Me,
    here: Here,
    state: Literal["waiting", "history"] = "waiting",
    mine: Annotated[bool, Query(description="waiting: only what my roles can answer")] = False,
    q: Annotated[str | None, Query(max_length=200, description="waiting: in case, tenant and scenario")] = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Approvals:
    """The inbox across cases: what waits, or what I answered."""
    if state == "history":
        return await inbox.history(here, me, cursor, limit)
    return await inbox.waiting(here, me, cursor, limit, mine=mine, text=plain_text(q))


def _gate(on: OnRun, name: str) -> Gate:
    gate = on.opened.context.scenario.gate(name)
    if gate is None:
        raise Unknown(f"there is no gate {name!r} in this scenario")
    return gate
