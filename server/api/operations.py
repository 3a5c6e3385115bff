"""Health and metrics."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from server import telemetry
from server.api.access import Allowed, Here
from server.api.actions import Action
from server.api.answers import fails
from server.api.streams import signals_of
from server.models.lineage import Health

router = APIRouter(tags=["operations"])


@router.get("/health", dependencies=[Depends(Allowed(Action.SEE_HEALTH))])
async def health(here: Here, request: Request, response: Response) -> Health:
    """Whether this process can serve. Public, and says nothing about cases."""
    try:
        await here.database.row(text("SELECT 1"))
        database = True
    except SQLAlchemyError:
        database = False
    good = database and here.worker.alive
    response.status_code = 200 if good else 503
    signals = signals_of(request).standing
    return Health(
        status="ok" if good and here.worker.lanes == signals == "ok" else "degraded",
        version=version("casegate"),
        database="ok" if database else "down",
        worker="ok" if here.worker.alive else "down",
        lanes=here.worker.lanes,
        signals=signals,
        model=here.model.mode,
    )


@router.get("/metrics", dependencies=[Depends(Allowed(Action.SEE_METRICS))], responses=fails(), response_class=Response)
async def metrics() -> Response:
    """Prometheus metrics."""
    return Response(generate_latest(telemetry.REGISTRY), media_type=CONTENT_TYPE_LATEST)
