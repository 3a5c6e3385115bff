"""The model's part in asking connected systems: it words a question, the desk asks, and the answer arrives as evidence.

What a server says of its tools is a stranger's text: the model is shown it between the fences, like any evidence.
"""

from __future__ import annotations

from typing import Any

import orjson

from agents.model_proposals import Lookups
from graphs.asking import Asking
from graphs.tool_calls import offered, use
from tools.agent_tool import AgentTool

AGENT = "retrieval"
_SHOWN = 2_000


async def look_elsewhere(asking: Asking, text: str) -> None:
    """Ask the tools that the model names, where the agent has any. What came of it stands in the notes."""
    tools = {tool.name: tool for tool in await offered(asking.context, AGENT)} if asking.possible else {}
    if not tools:
        return
    task = "Each span is a tool that can be asked. Which of them, if any, must be asked to answer this?"
    shown = tuple((n, _described(tool)) for n, tool in enumerate(tools.values(), 1))
    plan = await asking.ask(AGENT, f"{task}\n{text[:2000]}", shown, "", Lookups)
    for call in plan.calls if plan is not None else ():
        arguments = _object(call.arguments)
        if arguments is None:
            asking.notes.append(f"{AGENT}: the arguments for {call.tool[:100]} are no JSON object")
            continue
        told = await use(asking.context, asking.turn, AGENT, call.tool, [arguments], words=asking.take(AGENT))
        asking.notes.append(f"{AGENT}: {told.refused or f'{call.tool} answered; its answer arrives as evidence'}")


def _described(tool: AgentTool) -> str:
    schema = orjson.dumps(dict(tool.schema)).decode()
    return f"{tool.name}, which takes {schema[:_SHOWN]} and of which its server says: {tool.tool.description[:_SHOWN]}"


def _object(text: str) -> dict[str, Any] | None:
    try:
        given = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return given if isinstance(given, dict) else None
