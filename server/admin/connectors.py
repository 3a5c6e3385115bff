"""Connected MCP servers of a tenant: propose, look at, class, put in force. What a server may be, its operator says."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from casefile.connectors import CONNECTOR, TOOL, Classed, Connector, Reach, Shape, tool_name
from casefile.tool_scopes import ToolClass
from graphs.connected_tools import BY, made
from guardrails.secrets import mask
from runtime.store import connector_rows, setting_rows
from runtime.store.connector_rows import Change, Sighting, Standing
from server.admin import settings
from server.admin.acting import OnTenant, now
from server.admin.settings import Rules, Setting
from server.models.problem import Fault
from server.problems import Conflict, Unknown, Unusable
from tools.agent_tool import ToolFaultError
from tools.connectors.fetched import ConnectorError
from tools.connectors.mcp_opening import opened, refusal


@dataclass(frozen=True, slots=True)
class Class:
    """What an admin says of a tool: its class, and the fingerprint of what he saw."""

    kind: ToolClass
    sha256: str


async def find(on: OnTenant, name: str) -> Setting:
    """A connector that has a version. Raises Unknown."""
    setting = await settings.look(on, "connector", name)
    if not setting.versions:
        raise Unknown
    return setting


def bodies(setting: Setting) -> dict[int, Connector]:
    """Every version; 0 is none at all."""
    return {0: Connector()} | {one.version: Connector.model_validate_json(one.body) for one in setting.versions}


def rules(setting: Setting) -> Rules:
    """Who may put which version in force: what lets agents read no more needs one person."""
    versions = bodies(setting)
    here = versions[setting.history.active]
    return Rules(narrows=frozenset(number for number, one in versions.items() if one.narrower(here)))


async def add(on: OnTenant, name: str, reach: Reach, system: str, reason: str) -> int:
    """Propose a server, or another place for one. Its tools are looked at anew. Raises Unusable."""
    if not re.fullmatch(CONNECTOR, name):
        raise _unusable("name", "a small letter, then small letters, digits and _, at most 40")
    why = refusal(on.service.mcp, on.tenant, reach)
    if why is not None:
        raise _unusable("reach", why)
    return await _propose(on, name, Connector(reach=reach, system=system), reason)


async def classify(on: OnTenant, name: str, classes: Mapping[str, Class], reason: str) -> int:
    """Propose what the tools are, as a whole: what is not named is off. Raises Unusable, Conflict.

    A tool that is classed as it is in force, and did not change, keeps the look at it.
    """
    setting = await find(on, name)
    base = base_of(setting)
    standing = await connector_rows.standing(on.database, on.tenant, name)
    seen = await connector_rows.sighting(on.database, on.tenant, name)
    shapes = {one.name: one for one in seen.tools} if seen is not None else {}
    tools: dict[str, Classed] = {}
    for tool, said in classes.items():
        kept = standing.connector.classed(tool) if standing.connector.reach == base.reach else None
        if kept is not None and standing.change(tool) is None and kept.shape.fingerprint == said.sha256:
            same = kept.kind == said.kind
            tools[tool] = kept if same else _classed(name, tool, said.kind, kept.shape)
        elif tool in shapes and shapes[tool].fingerprint == said.sha256:
            tools[tool] = _classed(name, tool, said.kind, shapes[tool])
        else:
            raise Conflict(f"{tool} is not what you saw any more; look again")
    return await _propose(on, name, Connector(reach=base.reach, system=base.system, tools=tools), reason)


def _classed(connector: str, tool: str, kind: ToolClass, shape: Shape) -> Classed:
    if kind == "read" and (why := unusable(connector, shape)) is not None:
        raise _unusable(f"tools.{tool}", f"a tool that an agent can be given: {why}")
    return Classed(kind=kind, look=f"look_{secrets.token_hex(8)}", shape=shape)


def unusable(connector: str, shape: Shape) -> str | None:
    """Why no agent can be given the tool, whatever it does; or None."""
    if not re.fullmatch(TOOL, shape.name):
        return "its name has other characters than letters, digits, dot, - and _"
    try:
        made(connector, shape, "read")
    except ToolFaultError as error:
        return str(error)
    return None


def base_of(setting: Setting) -> Connector:
    """What the next version builds on: the one in force, else the newest."""
    versions = bodies(setting)
    here = versions[setting.history.active]
    return here if here.reach is not None else versions[max(versions)]


async def _propose(on: OnTenant, name: str, one: Connector, reason: str) -> int:
    told = {tool: f"{classed.kind} {classed.shape.fingerprint}" for tool, classed in one.tools.items()}
    where = one.reach.model_dump(mode="json") if one.reach is not None else None
    return await settings.propose(
        on, "connector", name, one.model_dump_json(), reason, {"reach": where, "tools": dict(told)}
    )


async def activate(on: OnTenant, name: str, number: int, reason: str) -> None:
    """Put a version in force; 0 removes the connector. What lets agents read more needs a second admin."""
    await settings.activate(on, "connector", name, number, reason, rules(await find(on, name)))


async def look(on: OnTenant, name: str) -> Sighting:
    """Connect, keep what the server tells, and switch off what changed. A failure is kept as what was seen."""
    setting = await find(on, name)
    base = base_of(setting)
    try:
        tools = await opened(on.service.mcp, on.tenant, name, base).tools()
        one = Sighting(now(), "", tools)
    except ConnectorError as error:
        before = await connector_rows.sighting(on.database, on.tenant, name)
        one = Sighting(now(), mask(str(error)), before.tools if before is not None else ())
    else:
        await _compare(on, await connector_rows.standing(on.database, on.tenant, name), base, tools)
    await connector_rows.put_sighting(on.database, on.tenant, name, one)
    return one


async def _compare(on: OnTenant, standing: Standing, base: Connector, tools: list[Shape]) -> None:
    """Whatever is not what was looked at is off from now on."""
    if standing.connector.reach is None or standing.connector.reach != base.reach:
        return
    told = {one.name: one for one in tools}
    for name, classed in standing.connector.tools.items():
        live = told.get(name)
        same = live is not None and live.fingerprint == classed.shape.fingerprint
        if not same and standing.change(name) is None:
            change = Change(name, classed.look, now(), live)
            await connector_rows.changed(on.database, on.tenant, standing.name, change, classed, BY)


async def readable(on: OnTenant) -> dict[str, Shape]:
    """The tools of every connector that agents may be given now, by the name that scopes speak of."""
    found: dict[str, Shape] = {}
    for one in await setting_rows.names(on.database, on.tenant, "connector"):
        standing = await connector_rows.standing(on.database, on.tenant, one)
        for tool in standing.connector.tools:
            if (classed := standing.readable(tool)) is not None:
                found[tool_name(one, tool)] = classed.shape
    return found


def _unusable(place: str, expected: str) -> Unusable:
    return Unusable(f"{place}: {expected}", [Fault(place=f"body.{place}", expected=expected[:500])])
