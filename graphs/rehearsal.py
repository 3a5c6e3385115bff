"""What a run would do if it were looked at now: really done, on a copy, and only to the edge of an effect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from casefile.artifact import Artifact
from casefile.packet import Passes, Step, Withdraws
from casefile.registers import RegisterName
from graphs import catalogue
from graphs.context import RunContext
from graphs.runner import Run
from graphs.skeleton import LOOKS
from lineage.canonical import digest_bytes
from runtime.model.offline import Offline
from runtime.store.database import Database
from runtime.store.scratch import copied
from tools.packet_folder import PacketFile

# Steps that look and settle. Whatever else a pattern has may have an effect, and is where a rehearsal stops.
_LOOKING = frozenset(
    {"receive", "freeze", "read", "index", "extract", "reconcile", "compose", "challenge", "check", "converse"}
    | {"object", "review_edits", "settle", "gate", "rest"}
)
MOST_TITLES = 6
"""Titles of changed parts that are named; of more it is said how many."""
_COUNTED: tuple[RegisterName, ...] = ("holds", "blockers", "contradictions", "exceptions")


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a run would stand: waiting at a gate, resting at an outcome, or about to act (`release` and the like).

    `parts` are the parts of the document by their title, each by its hash.
    """

    at: str
    revision: str
    parts: Mapping[str, str]
    valid: tuple[str, ...]
    open_items: tuple[str, ...]


async def rehearse(
    context: RunContext,
    space: Database,
    at: datetime,
    arrives: PacketFile | None = None,
    withdraws: Sequence[str] = (),
) -> Stand:
    """Look at a copy of the run at a time, with the parameters and the scenario of `context`.

    What `arrives` or is withdrawn does so in the copy, before the look.
    """
    from langgraph.checkpoint.memory import InMemorySaver

    store = await copied(context.store, space)
    # What the case may act on is looked at, and cannot be reached: no address, no credential, no protocol.
    told = {name: replace(one, address="", access=None) for name, one in context.systems.items() if one.backend is None}
    copy = replace(context, store=store, model=Offline(), mode="offline", index=None, scratch=None, systems=told)
    graph = catalogue.pattern(context.scenario.pattern)()
    looks = {name for name, node in graph.nodes.items() if (node.metadata or {}).get(LOOKS)}
    edges = [name for name in graph.nodes if name not in _LOOKING | looks]
    run = Run(copy, graph.compile(checkpointer=InMemorySaver(), interrupt_before=edges), lambda _node: None)
    for one in withdraws:
        await run.submit(f"rehearsal-without-{one}", Step(at=at, withdraws=Withdraws(id=one)))
    if arrives is not None:
        await run.submit("rehearsal-with", Step(at=at, arrives=arrives.source), arrives)
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
    return Stand(
        at=at,
        revision=revisions[-1].sha256 if revisions else "",
        parts=_parts(revisions[-1].artifact) if revisions else {},
        valid=tuple(sorted(valid)),
        open_items=tuple(sorted(items)),
    )


def _parts(artifact: Artifact) -> dict[str, str]:
    fields = [(one.title or name, one.model_dump(mode="json")) for name, one in artifact.fields.items()]
    sections = [(one.title, one.model_dump(mode="json")) for one in artifact.sections]
    return {title: digest_bytes(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)) for title, said in fields + sections}


def differences(before: Stand, after: Stand) -> list[str]:
    """What would be otherwise, in words."""
    found = []
    if before.at != after.at:
        found.append(f"{before.at} → {after.at}")
    if before.revision != after.revision:
        titles = [one for one in {**before.parts, **after.parts} if before.parts.get(one) != after.parts.get(one)]
        more = f" and {len(titles) - MOST_TITLES} more" if len(titles) > MOST_TITLES else ""
        where = f": {', '.join(titles[:MOST_TITLES])}{more}" if titles else ""
        found.append(f"another content of the document{where}")
    found += [f"no longer counts: {one}" for one in before.valid if one not in after.valid]
    found += [f"opens {one}" for one in after.open_items if one not in before.open_items]
    found += [f"closes {one}" for one in before.open_items if one not in after.open_items]
    return found
