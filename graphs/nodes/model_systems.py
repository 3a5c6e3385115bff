"""Connected systems in a chat turn: the model says which to ask, by ids that the person wrote in that turn.

An id out of evidence is not enough: a customer's text could otherwise choose whose records come into the case (R8).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from agents.model_proposals import SystemAsk, SystemAsks
from graphs.asking import Asking
from graphs.context import RunContext
from graphs.tool_calls import scopes_of, use
from tools.agent_tool import AgentTool

AGENT = "systems"
MOST = 3


async def ask_systems(asking: Asking, text: str) -> bool:
    """Ask what the person asks about, where the agent may; the answers arrive as evidence. Whether any is new."""
    offered = await _offered(asking.context) if asking.possible else {}
    if not offered:
        return False
    listed = "\n".join(f"- {name}({', '.join(_ids(tool))}): {tool.tool.description}" for name, tool in offered.items())
    task = f"Which of these does the person ask about?\n{listed}\nThe person wrote:\n{text[:2000]}"
    plan = await asking.ask(AGENT, task, (), "", SystemAsks)
    before = len(asking.turn.events)
    for wanted in plan.asks[:MOST] if plan is not None else ():
        asking.notes.append(f"{AGENT}: {await _asked(asking, wanted, text)}")
    return len(asking.turn.events) > before


async def _offered(context: RunContext) -> Mapping[str, AgentTool]:
    """The tools that reach a system and that the agent may use now."""
    reaching = {name: tool for name, tool in context.tools.items() if tool.outside}
    if not reaching:
        return {}
    scopes = await scopes_of(context)
    return {name: tool for name, tool in reaching.items() if scopes.refusal(AGENT, name, tool.kind) is None}


def _ids(tool: AgentTool) -> list[str]:
    return list(tool.schema.get("properties", {}))


async def _asked(asking: Asking, wanted: SystemAsk, text: str) -> str:
    """Ask one question; what became of it, for the person."""
    ids = {one.name: one.value for one in wanted.ids}
    strange = next((value for value in ids.values() if not _stands_in(value, text)), None)
    if strange is not None:
        return f"{wanted.tool} was not asked: {strange[:80]!r} is no id that the person wrote"
    told = await use(asking.context, asking.turn, AGENT, wanted.tool, [ids])
    return told.refused or f"{wanted.tool} was asked; its answer is evidence of the case"


def _stands_in(value: str, text: str) -> bool:
    return bool(value) and re.search(rf"(?<![\w-]){re.escape(value)}(?![\w-])", text) is not None
