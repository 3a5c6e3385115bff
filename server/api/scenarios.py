"""The scenario catalogue."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from graphs import catalogue
from server.api.access import Allowed
from server.api.actions import Action
from server.api.answers import fails
from server.models.scenarios import ScenarioPage, Scenarios
from server.problems import Unknown
from server.views import scenarios as pages

router = APIRouter(tags=["scenarios"])


@router.get("/scenarios", dependencies=[Depends(Allowed(Action.READ_SCENARIOS))], responses=fails())
async def scenarios() -> Scenarios:
    """The catalogue."""
    return Scenarios(scenarios=[pages.row(one) for one in catalogue.all_scenarios()])


@router.get("/scenarios/{slug}", dependencies=[Depends(Allowed(Action.READ_SCENARIOS))], responses=fails(404))
async def scenario(slug: str) -> ScenarioPage:
    """One scenario by slug or short name, with its graph."""
    found = next((one for one in catalogue.all_scenarios() if slug in (one.slug, one.short)), None)
    if found is None:
        raise Unknown(f"there is no scenario {slug!r}")
    return pages.page(found.short)
