"""Choices of a tenant's scenarios: parameters and policy sets. Both are proposed, tried and put in force in one way."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from server.admin import choices
from server.admin import settings as setting_acts
from server.admin.acting import OnTenant
from server.admin.choices import Choices
from server.api.access import Allowed, OnThisTenant
from server.api.actions import Action
from server.api.answers import fails
from server.models.admin import (
    Done,
    ParameterList,
    ParameterPage,
    ParametersIn,
    PreviewRow,
    PreviewView,
    Proposed,
    ReasonIn,
    ValuesIn,
)
from server.views import admin as views

router = APIRouter(prefix="/admin/{tenant}", tags=["admin"])
READ, CHANGE = [Depends(Allowed(Action.READ_SETTINGS))], [Depends(Allowed(Action.CHANGE_SETTINGS))]


async def _preview(on: OnTenant, kind: Choices, scenario: str, body: ValuesIn) -> PreviewView:
    found = await choices.preview(on, kind, scenario, body.values)
    rows = [PreviewRow(run=one.run, case=one.case, changes=one.changes) for one in found.effects]
    return PreviewView(looked=found.looked, waiting=found.waiting, effects=rows)


async def _propose(on: OnTenant, kind: Choices, scenario: str, body: ParametersIn) -> Proposed:
    return Proposed(version=await choices.propose(on, kind, scenario, body.values, body.reason))


async def _activate(on: OnTenant, kind: Choices, scenario: str, version: int, body: ReasonIn) -> Done:
    await choices.activate(on, kind, scenario, version, body.reason)
    return Done(active=(await setting_acts.look(on, kind, scenario)).history.active)


@router.get("/parameters", dependencies=READ, responses=fails(404))
async def parameter_list(tenant: str, on: OnThisTenant) -> ParameterList:
    """Every scenario, with how many of its parameters are the tenant's own."""
    return await views.choices_view(on, "parameters")


@router.get("/parameters/{scenario}", dependencies=READ, responses=fails(404))
async def parameter_page(tenant: str, scenario: str, on: OnThisTenant) -> ParameterPage:
    """A scenario's parameters as a form, with ranges, and their versions."""
    return await views.choice_view(on, "parameters", scenario)


@router.post("/parameters/{scenario}/preview", dependencies=CHANGE, responses=fails(404))
async def preview_parameters(tenant: str, scenario: str, body: ValuesIn, on: OnThisTenant) -> PreviewView:
    """Which waiting runs would stand otherwise: each is looked at again on a copy. Writes nothing."""
    return await _preview(on, "parameters", scenario, body)


@router.post("/parameters/{scenario}/versions", status_code=201, dependencies=CHANGE, responses=fails(404))
async def propose_parameters(tenant: str, scenario: str, body: ParametersIn, on: OnThisTenant) -> Proposed:
    """Propose a scenario's parameters as a whole."""
    return await _propose(on, "parameters", scenario, body)


@router.post("/parameters/{scenario}/versions/{version}/activation", dependencies=CHANGE, responses=fails(404, 409))
async def activate_parameters(tenant: str, scenario: str, version: int, body: ReasonIn, on: OnThisTenant) -> Done:
    """Put parameters in force that somebody else proposed, for runs that start from now on."""
    return await _activate(on, "parameters", scenario, version, body)


@router.get("/policies", dependencies=READ, responses=fails(404))
async def policy_list(tenant: str, on: OnThisTenant) -> ParameterList:
    """Every scenario for which a tenant may keep a policy set of its own."""
    return await views.choices_view(on, "policies")


@router.get("/policies/{scenario}", dependencies=READ, responses=fails(404))
async def policy_page(tenant: str, scenario: str, on: OnThisTenant) -> ParameterPage:
    """A scenario's policy set as a form, with ranges, and its versions."""
    return await views.choice_view(on, "policies", scenario)


@router.post("/policies/{scenario}/preview", dependencies=CHANGE, responses=fails(404))
async def preview_policies(tenant: str, scenario: str, body: ValuesIn, on: OnThisTenant) -> PreviewView:
    """Which waiting runs would stand otherwise under this policy set. Writes nothing."""
    return await _preview(on, "policies", scenario, body)


@router.post("/policies/{scenario}/versions", status_code=201, dependencies=CHANGE, responses=fails(404))
async def propose_policies(tenant: str, scenario: str, body: ParametersIn, on: OnThisTenant) -> Proposed:
    """Propose a scenario's policy set as a whole."""
    return await _propose(on, "policies", scenario, body)


@router.post("/policies/{scenario}/versions/{version}/activation", dependencies=CHANGE, responses=fails(404, 409))
async def activate_policies(tenant: str, scenario: str, version: int, body: ReasonIn, on: OnThisTenant) -> Done:
    """Put a policy set in force that somebody else proposed, for cases that are opened from now on."""
    return await _activate(on, "policies", scenario, version, body)
