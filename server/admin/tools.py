"""Tool scopes of a tenant: the matrix of scenario, agent and tool. Only reading can be granted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson

from casefile.scenario import Scenario
from casefile.tool_scopes import ToolScopes, narrower
from graphs import catalogue
from runtime.prompts import names
from server.admin import connectors, settings
from server.admin.acting import OnTenant
from server.admin.settings import Rules, Setting
from server.models.problem import Fault
from server.problems import Unknown, Unusable
from tools.toolbox import tools_of

Grants = Mapping[str, Sequence[str]]


def scenario_of(short: str) -> Scenario:
    """A scenario by its short name. Raises Unknown."""
    if short not in catalogue.folders():
        raise Unknown
    return catalogue.scenario(short)


def agents_of(scenario: Scenario) -> list[str]:
    """The agents that a scope may name: those that have a prompt or a shipped scope."""
    return sorted({*names(), *scenario.tools})


def in_force(scenario: Scenario, setting: Setting | None) -> ToolScopes:
    """The scopes that a run is held to now."""
    active = setting.active if setting is not None else None
    if active is None:
        return ToolScopes(grants=scenario.tools)
    return ToolScopes(version=active.version, grants=orjson.loads(active.body))


async def propose(on: OnTenant, short: str, grants: Grants, reason: str) -> int:
    """Propose a scenario's scopes as a whole. Raises Unusable for an agent or tool that there is not."""
    scenario = scenario_of(short)
    connected = await connectors.readable(on)
    known, there = agents_of(scenario), tools_of(on.service.connectors, on.tenant)
    faults = [Fault(place=f"body.grants.{agent}", expected="an agent") for agent in grants if agent not in known]
    for agent, tools in grants.items():
        for tool in tools:
            made = there.get(tool)
            if tool not in connected and (made is None or made.kind != "read"):
                faults.append(Fault(place=f"body.grants.{agent}", expected=f"tools that read; {tool} is none"))
    if faults:
        raise Unusable(f"{faults[0].place}: {faults[0].expected}", faults)
    wanted = ToolScopes(grants=grants)
    body = orjson.dumps({agent: list(tools) for agent, tools in wanted.grants.items()}).decode()
    return await settings.propose(on, "tools", short, body, reason, {"grants": orjson.loads(body)})


async def activate(on: OnTenant, short: str, number: int, reason: str) -> None:
    """Put scopes in force. What only takes away needs one person, anything else a second one."""
    scenario = scenario_of(short)
    setting = await settings.look(on, "tools", short)
    now = in_force(scenario, setting).grants
    bodies = {0: dict(scenario.tools), **{one.version: orjson.loads(one.body) for one in setting.versions}}
    narrowing = frozenset(n for n, grants in bodies.items() if narrower(grants, now))
    await settings.activate(on, "tools", short, number, reason, Rules(narrows=narrowing))
