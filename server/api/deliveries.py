"""What became of a run's lane entries, and having a dead letter tried again."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from server.api.access import Allowed, OnThisRun
from server.api.actions import Action
from server.api.answers import fails
from server.models.deliveries import Deliveries, RetryIn
from server.views import deliveries as views

router = APIRouter(prefix="/runs/{run}/deliveries", tags=["deliveries"])


@router.get("", dependencies=[Depends(Allowed(Action.READ_RUN))], responses=fails(404))
async def deliveries(run: str, on: OnThisRun) -> Deliveries:
    """Every entry that the run released, in order: waiting, delivered, or a dead letter with its reason."""
    return await views.deliveries_view(on)


@router.post(
    "/retry", status_code=202, dependencies=[Depends(Allowed(Action.RETRY_DELIVERY))], responses=fails(404, 409)
)
async def retry_delivery(run: str, body: RetryIn, on: OnThisRun) -> Deliveries:
    """Have a dead letter sent again: the same bytes, under the same key, into the same lane."""
    return await views.retried(on, body.key)
