"""The one place that every tool call of an agent passes: looked up by name, allowed by scope, typed, bounded, on record.

Whether a tool may be used is asked of the store at every call, not when the run started: a scope that is withdrawn is
gone at once. What is refused is on record like what was used, with the reason, and the agent goes on without it.
"""  # noqa: E501

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from langchain_core.runnables import RunnableConfig
from pydantic import ValidationError

from casefile.tool_scopes import SHIPPED, ToolScopes
from graphs.connected_tools import connected_tool
from graphs.context import RunContext
from graphs.fetched_evidence import arrive
from guardrails.secrets import mask_all
from lineage.canonical import Json, digest_bytes
from lineage.entry import Actor, Agent, ToolCall
from runtime.search import Hit
from runtime.store import setting_rows
from runtime.store.turn import Origin, Turn
from tools.agent_tool import AgentTool, address_among
from tools.connectors.fetched import ConnectorError, Fetched
from tools.search_evidence import CASE, LONGEST, NAME, CaseEvidence

USED: Final = "tool_used"
REFUSED: Final = "tool_refused"
MOST_CALLS = 50
"""Calls of one tool that one question may make."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the calls gave, one result a call, or why there is none: `refused` is for the person to read."""

    results: list[Any] = field(default_factory=list)
    refused: str | None = None


async def scopes_of(context: RunContext) -> ToolScopes:
    """The scopes of this tenant and scenario that are in force now."""
    scenario = context.scenario
    found = await setting_rows.in_force(context.store.database, context.store.tenant, "tools", scenario.short)
    if found is None:
        return ToolScopes(version=SHIPPED, grants=scenario.tools)
    return ToolScopes(version=found.version, grants=orjson.loads(found.body))


async def offered(context: RunContext, agent: str) -> list[AgentTool]:
    """The tools that reach out of this process and that the agent may use now."""
    scopes = await scopes_of(context)
    found = [await _tool(context, name) for name in scopes.grants.get(agent, ())]
    return [one for one in found if one is not None and one.outside and one.kind == "read"]


async def _tool(context: RunContext, name: str) -> AgentTool | None:
    return context.tools.get(name) or await connected_tool(context, name)


async def use(
    context: RunContext,
    turn: Turn,
    agent: str,
    name: str,
    calls: Sequence[Mapping[str, Any]],
    gone: Sequence[str] = (),
    words: Origin | None = None,
) -> Told:
    """Use a tool for an agent, once for each of `calls`, and enter it in the turn. Evidence in `gone` is not found;
    `words` is the prompt that a model worded the calls by.

    What a connected system answers arrives as evidence: it is frozen and checked before any agent reads it (R8).
    Never raises for what a tool does: what went wrong is the reason of a refusal.
    """
    if not calls:
        return Told()
    scopes = await scopes_of(context)
    tool = await _tool(context, name)
    refused = _refusal(scopes, agent, name, tool, calls)
    results: list[Any] = []
    if refused is None and tool is not None:
        results, refused = await _called(context, tool, calls, gone)
    _enter(context, turn, context.agent(agent, words), name, scopes.version, calls, results, refused)
    for one in results:
        for part in one if isinstance(one, list) else [one]:
            if isinstance(part, Fetched):
                await arrive(context, turn, part, Actor("agent", agent))
    return Told([] if refused else results, refused)


async def search(
    context: RunContext,
    turn: Turn,
    agent: str,
    queries: Sequence[str],
    gone: Sequence[str],
    most: int = 8,
    words: Origin | None = None,
) -> tuple[list[list[Hit]], str | None]:
    """The spans that an agent finds for each query, and why it found none where it may not look."""
    calls = [{"query": one[:LONGEST], "most": most} for one in queries]
    told = await use(context, turn, agent, NAME, calls, gone, words)
    return (told.results if told.refused is None else [[] for _ in queries]), told.refused


def _refusal(
    scopes: ToolScopes, agent: str, name: str, tool: AgentTool | None, calls: Sequence[Mapping[str, Any]]
) -> str | None:
    if tool is not None and tool.name != name:
        return f"{name} is another name of {tool.name}; a tool is used by its own"
    reason = scopes.refusal(agent, name, tool.kind if tool is not None else None)
    if reason is not None or tool is None:
        return reason
    if len(calls) > MOST_CALLS:
        return f"{len(calls)} calls of {name} at once; at most {MOST_CALLS} are made"
    if tool.outside and (found := address_among([dict(one) for one in calls])) is not None:
        return f"{found[:80]!r} looks like an address; a tool is given ids of what the case declares"
    return None


async def _called(
    context: RunContext, tool: AgentTool, calls: Sequence[Mapping[str, Any]], gone: Sequence[str]
) -> tuple[list[Any], str | None]:
    config: RunnableConfig = {"configurable": {CASE: CaseEvidence(context.index, gone)}, "callbacks": []}
    results = []
    for arguments in calls:
        unknown = sorted(set(arguments) - set(tool.schema.get("properties", {})))
        if unknown:
            return [], f"{tool.name} has no argument {', '.join(unknown)}"
        try:
            async with asyncio.timeout(tool.seconds):
                results.append(await tool.tool.ainvoke(dict(arguments), config))
        except TimeoutError:
            return [], f"{tool.name} gave no answer within {tool.seconds:g} s"
        except ValidationError as error:
            first = error.errors()[0]
            return [], f"{tool.name}: {'.'.join(map(str, first['loc']))}: {first['msg']}"
        except ConnectorError as error:
            return [], f"{tool.name}: {error}"
        except Exception as error:  # noqa: BLE001  whatever a tool does, the run goes on and says so
            return [], f"{tool.name} failed: {type(error).__name__}"
    return results, None


def _enter(
    context: RunContext,
    turn: Turn,
    agent: Agent,
    name: str,
    version: int,
    calls: Sequence[Mapping[str, Any]],
    results: Sequence[Any],
    refused: str | None,
) -> None:
    """One entry for the calls of one question. The header names the tool; arguments and results are content."""
    made: list[ToolCall] = []
    for n, arguments in enumerate(calls[:MOST_CALLS]):
        told: Json = _plain(results[n]) if n < len(results) else {"refused": refused}
        hidden = mask_all({"args": _plain(dict(arguments)), "result": told})
        made.append(ToolCall(name[:200], hidden["args"], hidden["result"]))
    content: dict[str, Json] = {"tool": name[:200], "calls": len(calls), "scope": f"{context.scenario.short}/{version}"}
    if refused is not None:
        content["reason"] = refused
    entry = context.entry(
        REFUSED if refused is not None else USED,
        turn,
        actor=Actor("agent", agent.name),
        agent=agent,
        tool_calls=tuple(made),
        content={"tool": content},
    )
    turn.entries.append(entry)


def _plain(value: Any) -> Json:
    """What the lineage keeps of arguments and results. Of what was read its place: the words stand in evidence."""
    match value:
        case Hit():
            return {"evidence": value.evidence, "locator": value.locator}
        case Fetched():
            return {"connector": value.connector, "place": value.place, "sha256": digest_bytes(value.data)}
        case dict():
            return {str(name): _plain(part) for name, part in value.items()}
        case list() | tuple():
            return [_plain(part) for part in value]
        case None | bool() | int() | str():
            return value
        case _:
            return str(value)[:2_000]
