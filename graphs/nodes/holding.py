"""The acting node of a pattern that holds people on a calendar: it looks before it holds, and before it confirms.

What it reads is evidence like any other: frozen with its hash, checked, cited; the same calendars give no new item.
"""

from __future__ import annotations

from typing import Any

import orjson
from langgraph.runtime import Runtime

from agents.bridge_reads import ASK, READ, last_read
from casefile.packet import SourceItem
from graphs.context import RunContext, State
from graphs.governed_pass import KEPT
from graphs.nodes import execution
from graphs.position import load
from lineage.canonical import Json, digest_bytes
from runtime.clock import from_instant, instant
from runtime.faults import fault_point
from runtime.store.turn import Event, Turn
from tools.calendars.reading import Look, Seen, look
from tools.calendars.server import CalendarServer

UNREAD = "calendar_unread"


async def act(state: State, runtime: Runtime[RunContext]) -> State:
    """Read the calendars where the pass asked for it; else perform the action that is due."""
    if not await _look(state, runtime.context):
        return await execution.act(state, runtime)
    return {}


async def _look(state: State, context: RunContext) -> bool:
    """Look at the calendars, once for each reason. False where something else comes first."""
    effects = await context.store.effects()
    row = await context.store.row()
    if row is None or any(one.state == "sent" for one in effects) or await context.store.next_event() is not None:
        return False
    at = from_instant(state.get("at", row.clock))
    loaded = await load(context, at)
    server = next((s.backend for s in context.systems.values() if isinstance(s.backend, CalendarServer)), None)
    if server is None or loaded.due is not None or not any(one.name == UNREAD for one in loaded.signals):
        return False
    kept = await context.store.work(KEPT + ASK, KEPT + READ)
    ask = orjson.loads(kept[KEPT + ASK])
    since, until = from_instant(ask["since"]), from_instant(ask["until"])
    seen = await look(server, Look(ask["people"], since, until, frozenset(ask["own"]), frozenset(ask["kinds"])), at)
    fault_point("calendar.read")
    await context.store.commit(_turn(context, seen, kept.get(KEPT + READ, ""), ask, row.clock, state))
    return True


def _turn(context: RunContext, seen: Seen, kept: str, ask: dict[str, Any], clock: str, state: State) -> Turn:
    """What a look changes: the new item where the calendars changed, and what is remembered of it."""
    at = from_instant(state.get("at", clock))
    before = last_read({READ: kept})
    number = before.number + 1 if before is not None else 1
    turn = Turn(key=f"calendar:{number}", at=at)
    sha256 = digest_bytes(seen.text) if seen.text else ""
    item = before.item if before is not None else ""
    if sha256 and (before is None or before.sha256 != sha256):
        item = _freeze(context, turn, seen, number, item)
    else:
        turn.events.append(Event(turn.key, "acted", instant(at), "{}"))
    told: dict[str, Any] = {
        "at": instant(at),
        "number": number,
        "item": item,
        "sha256": sha256 or (before.sha256 if before is not None else ""),
        "problems": seen.problems,
        "because": ask["because"],
    }
    turn.work[KEPT + READ] = orjson.dumps(told).decode()
    content: dict[str, Json] = {
        "people": list[Json](ask["people"]),
        "not_read": dict[str, Json](seen.problems),
        "sha256": sha256,
        "expired_holds_removed": list[Json](seen.expired),
    }
    turn.entries.append(context.by_agent("calendars_read", "scheduling", turn, content={"calendars": content}))
    return turn


def _freeze(context: RunContext, turn: Turn, seen: Seen, number: int, before: str) -> str:
    """Put what was read into the inbox as an arrival; it takes the place of the last look."""
    name = f"calendar-{number}"
    turn.blobs[digest_bytes(seen.text)] = seen.text
    source = SourceItem(
        id=name,
        file=f"{name}.ics",
        system=str(context.scenario.data["systems"]["calendars"][0]),
        captured_at=turn.at,
        replaces=before or None,
    )
    arrived = {
        "source": source.model_dump(mode="json"),
        "sha256": digest_bytes(seen.text),
        "size": len(seen.text),
        "problem": "",
        "prior": False,
    }
    turn.events.append(Event(turn.key, "arrives", instant(turn.at), orjson.dumps({"items": [arrived]}).decode()))
    return name
