"""Connected systems of a case: what may be fetched, and fetching it as evidence."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from server import fetching
from server.api.access import Allowed, OnThisRun
from server.api.actions import Action
from server.api.answers import fails
from server.api.runs import Key
from server.models.fetching import ConnectorList, EvidenceFetched, FetchIn

router = APIRouter(prefix="/runs/{run}", tags=["evidence"])


@router.get("/connectors", dependencies=[Depends(Allowed(Action.ADD_EVIDENCE))], responses=fails(404))
async def fetchable(run: str, on: OnThisRun) -> ConnectorList:
    """What may be fetched here: the connected systems of the case's tenant."""
    return fetching.fetchable(on)


@router.post(
    "/evidence/fetch",
    status_code=202,
    dependencies=[Depends(Allowed(Action.ADD_EVIDENCE))],
    responses=fails(404, 409, 502),
)
async def fetch(run: str, body: FetchIn, on: OnThisRun, key: Key = None) -> EvidenceFetched:
    """Ask a connected system. Its answer is frozen, and the case is looked at again in the background."""
    return await fetching.fetched(on, body, key)
