"""Connected MCP servers as their pages show them: what is told, what changed, and what nobody should overlook in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from casefile.connectors import Classed, Connector, HttpReach, Shape, StdioReach, tool_name
from casefile.evidence import Span
from guardrails import instructions
from runtime.store import connector_rows
from runtime.store.connector_rows import Change, Sighting, Standing
from server.admin import connectors, settings
from server.admin.acting import OnTenant
from server.admin.settings import Setting
from server.models.connectors import (
    ChangeView,
    ConnectedServer,
    ConnectedServers,
    ConnectedTool,
    HostRow,
    ServerPage,
    ServerVersion,
    TextPair,
    ToolState,
)
from server.views.admin import Names, members_of_row, names_of
from server.views.words import visible

_ORDER: tuple[ToolState, ...] = ("changed", "gone", "new", "looked_at")


async def list_view(on: OnTenant) -> ConnectedServers:
    """Every connector."""
    kept, hosts = await settings.look_all(on, "connector"), on.service.mcp.hosts_of(on.tenant)
    return ConnectedServers(
        connectors=[await _row(on, setting) for _, setting in sorted(kept.items())],
        commands=on.service.mcp.commands_of(on.tenant),
        hosts=[HostRow(origin=one.origin, token=one.authorization is not None) for one in hosts],
    )


async def _row(on: OnTenant, setting: Setting) -> ConnectedServer:
    standing = await connector_rows.standing(on.database, on.tenant, setting.name)
    seen = await connector_rows.sighting(on.database, on.tenant, setting.name)
    base, tools = connectors.base_of(setting), standing.connector.tools
    return ConnectedServer(
        name=setting.name,
        **_place(base),
        active=setting.history.active,
        drafts=sum(setting.history.state(one.version) == "draft" for one in setting.versions),
        read=sum(standing.readable(tool) is not None for tool in tools),
        effect=sum(one.kind == "effect" for one in tools.values()),
        changed=sum(standing.change(tool) is not None for tool in tools),
        looked_at=seen.at if seen is not None else None,
        problem=seen.problem if seen is not None else "",
    )


async def page_view(on: OnTenant, name: str) -> ServerPage:
    """One connector. Raises Unknown."""
    setting, names = await connectors.find(on, name), await names_of(on)
    standing = await connector_rows.standing(on.database, on.tenant, name)
    seen = await connector_rows.sighting(on.database, on.tenant, name)
    return ServerPage(
        name=name,
        **_place(connectors.base_of(setting)),
        active=setting.history.active,
        looked_at=seen.at if seen is not None else None,
        problem=seen.problem if seen is not None else "",
        tools=_tools(name, standing, seen),
        versions=_versions(on, setting, names),
    )


def _versions(on: OnTenant, setting: Setting, names: Names) -> list[ServerVersion]:
    bodies, rules = connectors.bodies(setting), connectors.rules(setting)
    return [
        ServerVersion(
            **members_of_row(on, setting, number, rules, names, "{}"),
            where=_place(bodies[number])["where"],
            tools={tool: one.kind for tool, one in bodies[number].tools.items()},
        )
        for number in sorted(bodies, reverse=True)
    ]


def _place(one: Connector) -> dict[str, Any]:
    match one.reach:
        case StdioReach(command=command):
            return {"where": command, "transport": "stdio", "system": one.system}
        case HttpReach(url=url):
            return {"where": url, "transport": "http", "system": one.system}
        case _:
            return {"where": "", "transport": "stdio", "system": ""}


def _tools(name: str, standing: Standing, seen: Sighting | None) -> list[ConnectedTool]:
    """What is told, and what was classed and is told no more. First what somebody has to look at."""
    told = {one.name: one for one in seen.tools} if seen is not None else {}
    classed = standing.connector.tools
    rows = [
        _tool(name, standing, told.get(tool) or classed[tool].shape, gone=seen is not None and tool not in told)
        for tool in sorted({*told, *classed})
    ]
    return sorted(rows, key=lambda one: _ORDER.index(one.state))


def _tool(name: str, standing: Standing, shape: Shape, *, gone: bool) -> ConnectedTool:
    classed = standing.connector.classed(shape.name)
    change = standing.change(shape.name)
    if change is not None:
        gone = gone or change.now is None
    return ConnectedTool(
        name=visible(shape.name),
        title=tool_name(name, visible(shape.name)),
        kind=classed.kind if classed is not None and change is None else "off",
        classed=classed.kind if classed is not None else None,
        state="new" if classed is None else "gone" if gone else "changed" if change is not None else "looked_at",
        sha256=shape.fingerprint,
        description=visible(shape.description),
        orders=_orders(shape),
        arguments=_schema(shape.input_schema),
        answer=_schema(shape.output_schema),
        why_not=visible(connectors.unusable(name, shape) or ""),
        change=_change(change, classed, shape) if change is not None and classed is not None else None,
    )


def _change(change: Change, was: Classed, shape: Shape) -> ChangeView:
    """What was looked at against what is told now: what was seen at the change, where it was changed back since."""
    back = shape.fingerprint == was.shape.fingerprint
    now = change.now if back or change.now is None else shape
    return ChangeView(
        at=change.at,
        description=TextPair(before=visible(was.shape.description), now=visible(now.description) if now else ""),
        arguments=TextPair(before=_schema(was.shape.input_schema), now=_schema(now.input_schema) if now else ""),
        answer=TextPair(before=_schema(was.shape.output_schema), now=_schema(now.output_schema) if now else ""),
    )


def _orders(shape: Shape) -> bool:
    """Whether a description, or a word of the schema, speaks to whoever reads it as if it could tell him what to do."""
    words = f"{shape.description}\n{json.dumps(shape.input_schema, ensure_ascii=False)}"
    spans = [Span(f"/{n}", line, "line") for n, line in enumerate(words.splitlines()) if line.strip()]
    return bool(instructions.mark(spans))


def _schema(schema: Mapping[str, Any] | None) -> str:
    return visible(json.dumps(schema, indent=2, ensure_ascii=False)) if schema is not None else ""
