"""The lineage of a run's case, its verification, and the receipt."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from server.api.access import Allowed, OnThisRun
from server.api.actions import Action
from server.api.answers import fails
from server.models.lineage import LineagePage, Verification
from server.views import proof

router = APIRouter(prefix="/runs/{run}", tags=["lineage"])
RECEIPT: dict[int | str, dict[str, Any]] = {
    200: {"description": "receipt.json, byte for byte", "content": {"application/json": {}}},
    204: {"description": "the run has not reached an end, so there is no receipt yet"},
}


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


@router.get(
    "/receipt",
    dependencies=[Depends(Allowed(Action.READ_RECEIPT))],
    responses=fails(404) | RECEIPT,
    response_class=Response,
)
async def receipt(run: str, on: OnThisRun) -> Response:
    """The signed receipt of a run that reached an end."""
    body = await proof.receipt_bytes(on)
    if body is None:
        return Response(status_code=204)
    name = f'attachment; filename="receipt-{on.opened.context.store.run}.json"'
    return Response(body, media_type="application/json", headers={"Content-Disposition": name})
