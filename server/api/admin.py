"""Settings of a tenant: prompts and tool scopes. By admins, and about no case."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request

from server.admin import prompts, tools
from server.admin import settings as setting_acts
from server.admin.evaluating import Evaluations
from server.api.access import Allowed, OnThisTenant
from server.api.actions import Action
from server.api.answers import fails
from server.models.admin import (
    Done,
    ProgressView,
    PromptIn,
    PromptPage,
    Prompts,
    Proposed,
    ReasonIn,
    ScopesIn,
    ToolMatrix,
)
from server.views import admin as views

router = APIRouter(prefix="/admin/{tenant}", tags=["admin"])
READ, CHANGE = [Depends(Allowed(Action.READ_SETTINGS))], [Depends(Allowed(Action.CHANGE_SETTINGS))]


def evaluations(request: Request) -> Evaluations:
    """The evaluations of prompts in this process."""
    return cast("Evaluations", request.app.state.evaluations)


OurEvaluations = Annotated[Evaluations, Depends(evaluations)]


@router.get("/prompts", dependencies=READ, responses=fails(404))
async def prompt_list(tenant: str, on: OnThisTenant) -> Prompts:
    """Every prompt, with the version in force."""
    return await views.prompts_view(on)


@router.get("/prompts/{name}", dependencies=READ, responses=fails(404))
async def prompt_page(tenant: str, name: str, on: OnThisTenant, ours: OurEvaluations) -> PromptPage:
    """One prompt: versions with text, evaluation and what became of their words; where it was used."""
    return await views.prompt_view(on, name, ours)


@router.post("/prompts/{name}/versions", status_code=201, dependencies=CHANGE, responses=fails(404))
async def propose_prompt(tenant: str, name: str, body: PromptIn, on: OnThisTenant) -> Proposed:
    """Propose a text."""
    return Proposed(version=await prompts.propose(on, name, body.text, body.reason))


@router.post(
    "/prompts/{name}/versions/{version}/evaluation", status_code=202, dependencies=CHANGE, responses=fails(404, 409)
)
async def evaluate_prompt(tenant: str, name: str, version: int, on: OnThisTenant, ours: OurEvaluations) -> ProgressView:
    """Start the evaluation of a version by the cases of every scenario that uses the prompt."""
    prompts.shipped(name)
    one = await ours.start(on, name, version)
    return ProgressView(version=version, cases=one.cases, done=one.done, failed=one.failed)


@router.post("/prompts/{name}/versions/{version}/activation", dependencies=CHANGE, responses=fails(404, 409))
async def activate_prompt(tenant: str, name: str, version: int, body: ReasonIn, on: OnThisTenant) -> Done:
    """Put an evaluated version in force that somebody else wrote, or go back to one that was (0: the shipped one)."""
    await prompts.activate(on, name, version, body.reason)
    return Done(active=(await setting_acts.look(on, "prompt", name)).history.active)


@router.get("/tools", dependencies=READ, responses=fails(404))
async def tool_matrix(tenant: str, on: OnThisTenant) -> ToolMatrix:
    """Which agent may use which tool in which scenario, and where tools were used and refused."""
    return await views.tools_view(on)


@router.post("/tools/{scenario}/versions", status_code=201, dependencies=CHANGE, responses=fails(404))
async def propose_scopes(tenant: str, scenario: str, body: ScopesIn, on: OnThisTenant) -> Proposed:
    """Propose a scenario's scopes as a whole."""
    return Proposed(version=await tools.propose(on, scenario, body.grants, body.reason))


@router.post("/tools/{scenario}/versions/{version}/activation", dependencies=CHANGE, responses=fails(404, 409))
async def activate_scopes(tenant: str, scenario: str, version: int, body: ReasonIn, on: OnThisTenant) -> Done:
    """Put scopes in force. What only takes away needs no second person."""
    await tools.activate(on, scenario, version, body.reason)
    return Done(active=(await setting_acts.look(on, "tools", scenario)).history.active)
