"""One of several agents that share the weighing of a case: it does its part, and the lineage names it for that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from agents.case_view import CaseView, Part
from graphs.context import RunContext
from lineage.canonical import Json, digest
from runtime.store.turn import Turn


@dataclass(frozen=True, slots=True)
class AgentStep:
    """An agent that does a part of what is weighed; `kind` is that of its lineage entries."""

    agent: str
    kind: str
    work: Callable[[CaseView], Part]


def work(one: AgentStep, context: RunContext, turn: Turn, view: CaseView, before: str | None) -> tuple[object, str]:
    """What the agent found, and what it told of which evidence, by hash. It is entered under the agent's name unless
    it told the same before."""
    part = one.work(view)
    hashes = {item.id: item.sha256 for item in view.evidence}
    cited = tuple(dict.fromkeys(hashes[item] for item in part.items if item in hashes))
    told = digest({"told": dict(part.told), "items": list[Json](cited)})
    if told != before:
        content: dict[str, Json] = {"found": dict(part.told)}
        turn.entries.append(context.by_agent(one.kind, one.agent, turn, citations=cited, content=content))
    return part.found, told
