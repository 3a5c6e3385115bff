"""The scenario catalogue."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from server.api.access import Allowed
from server.api.actions import Action
from server.api.answers import fails
from server.models.scenarios import ScenarioPage, Scenarios

router = APIRouter(tags=["scenarios"])


@router.get("/scenarios", dependencies=[Depends(Allowed(Action.READ_SCENARIOS))], responses=fails())
async def scenarios() -> Scenarios:
    """The catalogue."""
    raise NotImplementedError


@router.get("/scenarios/{slug}", dependencies=[Depends(Allowed(Action.READ_SCENARIOS))], responses=fails(404))
async def scenario(slug: str) -> ScenarioPage:
    """One scenario by slug or short name, with its graph."""
    raise NotImplementedError
