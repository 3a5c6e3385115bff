"""Health and metrics."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response

from server.api.access import Allowed
from server.api.actions import Action
from server.api.answers import fails
from server.models.lineage import Health

router = APIRouter(tags=["operations"])


@router.get("/health", dependencies=[Depends(Allowed(Action.SEE_HEALTH))])
async def health() -> Health:
    """Whether this process can serve. Public, and says nothing about cases."""
    raise NotImplementedError


@router.get("/metrics", dependencies=[Depends(Allowed(Action.SEE_METRICS))], responses=fails(), response_class=Response)
async def metrics() -> Response:
    """Prometheus metrics."""
    raise NotImplementedError
