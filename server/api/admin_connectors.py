"""MCP servers that admins connect, and what each of their tools is."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from server.admin import connectors
from server.admin import settings as setting_acts
from server.admin.connectors import Class
from server.api.access import Allowed, OnThisTenant
from server.api.actions import Action
from server.api.answers import fails
from server.models.admin import Done, Proposed, ReasonIn
from server.models.connectors import ConnectedServers, ServerIn, ServerPage, ToolClassesIn
from server.views import connectors as views

router = APIRouter(prefix="/admin/{tenant}/connectors", tags=["admin"])
READ, CHANGE = [Depends(Allowed(Action.READ_SETTINGS))], [Depends(Allowed(Action.CHANGE_SETTINGS))]


@router.get("", dependencies=READ, responses=fails(404))
async def connector_list(tenant: str, on: OnThisTenant) -> ConnectedServers:
    """Every connector, and what a new one can be."""
    return await views.list_view(on)


@router.post("", status_code=201, dependencies=CHANGE, responses=fails(404))
async def add_connector(tenant: str, body: ServerIn, on: OnThisTenant) -> Proposed:
    """Propose a server. Nothing is connected by that."""
    return Proposed(version=await connectors.add(on, body.name, body.reach, body.system, body.reason))


@router.get("/{name}", dependencies=READ, responses=fails(404))
async def connector_page(tenant: str, name: str, on: OnThisTenant) -> ServerPage:
    """One connector: its tools as they were told last, what each is classed as, and its versions."""
    return await views.page_view(on, name)


@router.post("/{name}/look", dependencies=CHANGE, responses=fails(404))
async def look_at_connector(tenant: str, name: str, on: OnThisTenant) -> ServerPage:
    """Connect and ask for the tools. What changed since somebody looked is off from then on."""
    await connectors.look(on, name)
    return await views.page_view(on, name)


@router.post("/{name}/versions", status_code=201, dependencies=CHANGE, responses=fails(404, 409))
async def classify_tools(tenant: str, name: str, body: ToolClassesIn, on: OnThisTenant) -> Proposed:
    """Propose what the tools are, as a whole: what is not named is off."""
    classes = {tool: Class(one.kind, one.sha256) for tool, one in body.tools.items()}
    return Proposed(version=await connectors.classify(on, name, classes, body.reason))


@router.post("/{name}/versions/{version}/activation", dependencies=CHANGE, responses=fails(404, 409))
async def activate_connector(tenant: str, name: str, version: int, body: ReasonIn, on: OnThisTenant) -> Done:
    """Put a version in force; 0 removes the connector. What lets agents read no more needs no second person."""
    await connectors.activate(on, name, version, body.reason)
    return Done(active=(await setting_acts.look(on, "connector", name)).history.active)
