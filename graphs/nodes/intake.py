"""Shared nodes at the beginning of every graph: take the next event, freeze evidence, read it, index it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import orjson
from langgraph.runtime import Runtime

from casefile.evidence import Evidence, Reading
from casefile.packet import Decides, SourceItem
from graphs.boundary import boundary_of
from graphs.context import RunContext, State
from guardrails import instructions, personal_data, secrets
from guardrails.finding import Finding
from lineage.canonical import Json
from runtime.clock import from_instant
from runtime.store.turn import Event
from tools.readers import line_spans

# Where each kind of event goes first.
ROUTES = {
    "open": "freeze",
    "arrives": "freeze",
    "withdraws": "freeze",
    "passes": "reconcile",
    "says": "converse",
    "objects": "object",
    "edits": "review_edits",
    "decides": "settle",
    "acted": "reconcile",
}
_SCANNED_LINES = 200_000


async def receive(state: State, runtime: Runtime[RunContext]) -> State:
    """Take the oldest event that no turn has handled. What is open is what the inbox says, not the checkpoint."""
    return await _receive(runtime.context, frozenset())


def receiver(always_weigh: frozenset[str]) -> Callable[..., Awaitable[State]]:
    """The receiving node of a pattern whose pass follows every event of these kinds."""

    async def receive_weighing(state: State, runtime: Runtime[RunContext]) -> State:
        return await _receive(runtime.context, always_weigh)

    return receive_weighing


async def _receive(context: RunContext, always_weigh: frozenset[str]) -> State:
    event = await context.store.next_event()
    if event is None:
        return {"next": "settle"}
    route = ROUTES[event.kind]
    # Choosing a side of a contradiction changes the content: it is weighed again before anything else happens.
    if event.kind in always_weigh or (
        event.kind == "decides" and Decides.model_validate_json(event.body).choice is not None
    ):
        route = "reconcile"
    return {"event": event.seq, "at": event.at, "next": route}


async def freeze(state: State, runtime: Runtime[RunContext]) -> State:
    """Enter new items in the evidence ledger. Their bytes were stored when they came, and never change."""
    context = runtime.context
    standing = await context.store.standing()
    event = standing.event
    if event is None or event.seq != state["event"]:
        return {}
    turn = context.turn(state, "freeze")
    known = {item.id: item for item in standing.record.evidence}
    for source, problem in _absent(event):
        turn.work[f"absent:{source}"] = problem
        content: dict[str, Json] = {"item": source, "problem": problem}
        turn.entries.append(context.entry("evidence_absent", turn, content={"absent": content}))
    for item in _items(event, known):
        turn.evidence.append(item)
        content = {"item": {"id": item.id, "file": item.file, "system": item.system, "size": item.size}}
        kind = "evidence_withdrawn" if item.withdrawn else "evidence_frozen"
        turn.entries.append(context.entry(kind, turn, citations=(item.sha256,), content=content))
    await context.store.commit(turn)
    return {}


def _absent(event: Event) -> list[tuple[str, str]]:
    """Items that the packet names and that did not come, with the reason."""
    if event.kind == "withdraws":
        return []
    entries = orjson.loads(event.body)["items"]
    return [(entry["source"]["id"], entry["problem"]) for entry in entries if entry["sha256"] is None]


def _items(event: Event, known: dict[str, Evidence]) -> list[Evidence]:
    """The ledger rows of an event. `body` of `open` and `arrives` carries, per item, hash and size as stored."""
    body = orjson.loads(event.body)
    if event.kind == "withdraws":
        old = known.get(body["id"])
        return [old.model_copy(update={"withdrawn": True})] if old is not None else []
    at = from_instant(event.at)
    rows = []
    for entry in body["items"]:
        if entry["sha256"] is None:
            continue
        source = SourceItem.model_validate(entry["source"])
        replaced = known.get(source.replaces or "")
        rows.append(
            Evidence(
                id=source.id,
                file=source.file,
                system=source.system or (replaced.system if replaced else ""),
                sha256=entry["sha256"],
                size=entry["size"],
                captured_at=source.captured_at,
                arrived_at=at,
                replaces=source.replaces,
                prior=entry.get("prior", False),
            )
        )
    return rows


async def read(state: State, runtime: Runtime[RunContext]) -> State:
    """Read what this event brought; check every span for secrets, personal data and instructions (R8)."""
    context = runtime.context
    turn = context.turn(state, "read")
    record = (await context.store.standing()).record
    done, evidence = record.named("checked:*"), record.evidence
    readings = await context.read_all(evidence)
    for item in evidence:
        if item.withdrawn or f"checked:{item.id}" in done:
            continue
        reading = readings[item.id]
        checked = await asyncio.to_thread(_check, item, reading, context)
        turn.work[f"checked:{item.id}"] = orjson.dumps(checked).decode()
        content = {"read": {"item": item.id, "kind": reading.kind, "spans": len(reading.spans) + len(reading.lines)}}
        turn.entries.append(
            context.by_agent("evidence_read", "reader", turn, citations=(item.sha256,), content=content)
        )
    await context.store.commit(turn)
    return {}


def _check(item: Evidence, reading: Reading, context: RunContext) -> dict[str, list[dict[str, str]]]:
    """Findings of the checks on one item, masked: `problems`, `secrets`, `personal`, `instructions`."""
    boundary = boundary_of(context.scenario, context.packet)
    spans = [*reading.spans, *(line_spans(reading, range(1, min(len(reading.lines), _SCANNED_LINES) + 1)))]
    return {
        "problems": [{"text": problem} for problem in reading.problems],
        "secrets": [_plain(f) for f in secrets.find_secrets(spans, item.id)],
        "personal": [_plain(f) for f in personal_data.find_personal_data(spans, item.id)],
        "instructions": [_plain(f) for f in instructions.mark(spans, item.id, boundary)],
    }


def _plain(finding: Finding) -> dict[str, str]:
    return {"place": finding.place, "text": finding.text, "rule": finding.rule, **finding.detail}


async def add_to_index(context: RunContext, item: Evidence) -> int:
    """Add one item's spans; how many there are. Adding the same again changes nothing (R10)."""
    from agents.retrieval import indexed_spans, open_index

    if context.index is None:
        context.index = await asyncio.to_thread(
            open_index, context.index_directory, context.store.tenant, context.store.run
        )
    reading = (await context.read_all([item]))[item.id]
    spans = indexed_spans(item, reading, context.packet.tenant_ids())
    await asyncio.to_thread(context.index.add, spans)
    return len(spans)


async def index(state: State, runtime: Runtime[RunContext]) -> State:
    """Make the new spans findable, in the case's own collection (R12)."""
    context = runtime.context
    turn = context.turn(state, "index")
    record = (await context.store.standing()).record
    done = record.named("indexed:*")
    evidence = [i for i in record.evidence if not i.withdrawn and f"indexed:{i.id}" not in done]
    count = 0
    for item in evidence:
        spans = await add_to_index(context, item)
        turn.work[f"indexed:{item.id}"] = str(spans)
        count += spans
    turn.entries.append(context.by_agent("evidence_indexed", "retrieval", turn, content={"spans": count}))
    await context.store.commit(turn)
    return {}
