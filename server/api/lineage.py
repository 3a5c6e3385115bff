"""The lineage of a run's case, and its verification."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from server.api.access import Allowed, OnThisRun
from server.api.actions import Action
from server.api.answers import fails
from server.models.lineage import LineagePage, Verification
from server.views import proof

router = APIRouter(prefix="/runs/{run}", tags=["lineage"])


@router.get("/lineage", dependencies=[Depends(Allowed(Action.READ_LINEAGE))], responses=fails(404))
async def lineage(
    run: str,
    on: OnThisRun,
    after: Annotated[int, Query(ge=-1, le=2**53)] = -1,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    newest: Annotated[bool, Query(description="the last page instead")] = False,
) -> LineagePage:
    """Entries in order."""
    return await proof.lineage_view(on, after, limit, newest)


@router.post("/lineage/verify", dependencies=[Depends(Allowed(Action.VERIFY_LINEAGE))], responses=fails(404))
async def verify(run: str, on: OnThisRun) -> Verification:
    """Verify the case's chain now, from its bytes, and say what was checked."""
    return await proof.verification(on)
