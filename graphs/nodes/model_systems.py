"""Connected systems in a chat turn: the model says which to ask, by ids that the person wrote in that turn.

An id out of evidence is not enough: a customer's text could otherwise choose whose records come into the case (R8).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from agents.model_proposals import SystemAsk, SystemAsks
from graphs.asking import Asking
from graphs.tool_calls import offered, use
from tools.agent_tool import AgentTool

AGENT = "systems"
MOST = 3
_SHOWN = 2_000


async def ask_systems(asking: Asking, text: str) -> bool:
    """Ask what the person asks about, where the agent may; the answers arrive as evidence. Whether any is new."""
    tools = {tool.name: tool for tool in await offered(asking.context, AGENT)} if asking.possible else {}
    if not tools:
        return False
    listed, spans = _listed(tools.values())
    task = f"Which of these does the person ask about?\n{listed}\nThe person wrote:\n{text[:2000]}"
    plan = await asking.ask(AGENT, task, spans, "", SystemAsks)
    before = len(asking.turn.events)
    for wanted in plan.asks[:MOST] if plan is not None else ():
        asking.notes.append(f"{AGENT}: {await _asked(asking, wanted, tools.get(wanted.tool), text)}")
    return len(asking.turn.events) > before


def _listed(tools: Iterable[AgentTool]) -> tuple[str, tuple[tuple[int, str], ...]]:
    """The questions. What an MCP server says of its tools is a stranger's text: it goes between the fences."""
    lines: list[str] = []
    spans: list[tuple[int, str]] = []
    for tool in tools:
        ids = ", ".join(tool.schema.get("properties", {}))
        if "/" in tool.name:
            spans.append((len(spans) + 1, f"{tool.name}({ids}): {tool.tool.description[:_SHOWN]}"))
            lines.append(f"- {tool.name}: span {len(spans)} is what its server says of it")
        else:
            lines.append(f"- {tool.name}({ids}): {tool.tool.description}")
    return "\n".join(lines), tuple(spans)


async def _asked(asking: Asking, wanted: SystemAsk, tool: AgentTool | None, text: str) -> str:
    """Ask one question; what became of it, for the person."""
    ids = {one.name: one.value for one in wanted.ids}
    strange = next((value for value in ids.values() if not _stands_in(value, text)), None)
    if strange is not None:
        return f"{wanted.tool} was not asked: {strange[:80]!r} is no id that the person wrote"
    shapes = tool.schema.get("properties", {}) if tool is not None else {}
    typed = {name: _typed(shapes.get(name), value) for name, value in ids.items()}
    told = await use(asking.context, asking.turn, AGENT, wanted.tool, [typed], words=asking.take(AGENT))
    return told.refused or f"{wanted.tool} was asked; its answer is evidence of the case"


def _typed(shape: Any, value: str) -> str | int:
    """An id as the number that it is, where the tool takes one."""
    return int(value) if isinstance(shape, Mapping) and shape.get("type") == "integer" and value.isdecimal() else value


def _stands_in(value: str, text: str) -> bool:
    return bool(value) and re.search(rf"(?<![\w-]){re.escape(value)}(?![\w-])", text) is not None
