"""What a run would do if it were looked at now: really done, on a copy, and only to the edge of an effect."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from casefile.packet import Passes, Step
from casefile.registers import RegisterName
from graphs import catalogue
from graphs.context import RunContext
from graphs.runner import Run
from graphs.skeleton import LOOKS
from runtime.model.offline import Offline
from runtime.store.database import Database
from runtime.store.scratch import copied

# Steps that look and settle. Whatever else a pattern has may have an effect, and is where a rehearsal stops.
_LOOKING = frozenset(
    {"receive", "freeze", "read", "index", "extract", "reconcile", "compose", "challenge", "check", "converse"}
    | {"object", "review_edits", "settle", "gate", "rest"}
)
_COUNTED: tuple[RegisterName, ...] = ("holds", "blockers", "contradictions", "exceptions")


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a run would stand: waiting at a gate, resting at an outcome, or about to act (`release` and the like)."""

    at: str
    revision: str
    valid: tuple[str, ...]
    open_items: tuple[str, ...]


async def rehearse(context: RunContext, space: Database, at: datetime) -> Stand:
    """Look at a copy of the run at a time, with the parameters and the scenario of `context`."""
    from langgraph.checkpoint.memory import InMemorySaver

    store = await copied(context.store, space)
    copy = replace(context, store=store, model=Offline(), mode="offline", index=None, scratch=None, systems={})
    graph = catalogue.pattern(context.scenario.pattern)()
    looks = {name for name, node in graph.nodes.items() if (node.metadata or {}).get(LOOKS)}
    edges = [name for name in graph.nodes if name not in _LOOKING | looks]
    run = Run(copy, graph.compile(checkpointer=InMemorySaver(), interrupt_before=edges), lambda _node: None)
    await run.submit("rehearsal", Step(at=at, passes=Passes()))
    config = {"configurable": {"thread_id": "rehearsal"}, "recursion_limit": 100}
    await run.graph.ainvoke({"run": store.run}, config, context=copy)
    waiting = (await run.graph.aget_state(config)).next
    return await _stand(copy, next((name for name in waiting if name in edges), None))


async def _stand(context: RunContext, edge: str | None) -> Stand:
    store = context.store
    row = await store.row()
    if row is None:
        raise KeyError(store.run)
    gate = (row.gate or "").partition("@")[0]
    at = f"about to {edge}" if edge else f"waiting: {gate}" if gate else f"resting: {row.outcome or row.status}"
    revisions = await store.revisions()
    registers = await store.registers()
    items = [f"{name}: {one.id}" for name in _COUNTED for one in registers[name] if one.state == "open"]
    valid = [f"{one.gate} by {one.by}" for one in await store.decisions() if one.counts()]
    return Stand(at, revisions[-1].sha256 if revisions else "", tuple(sorted(valid)), tuple(sorted(items)))


def differences(before: Stand, after: Stand) -> list[str]:
    """What would be otherwise, in words."""
    found = []
    if before.at != after.at:
        found.append(f"{before.at} → {after.at}")
    if before.revision != after.revision:
        found.append("another content of the document")
    found += [f"no longer counts: {one}" for one in before.valid if one not in after.valid]
    found += [f"opens {one}" for one in after.open_items if one not in before.open_items]
    found += [f"closes {one}" for one in before.open_items if one not in after.open_items]
    return found
