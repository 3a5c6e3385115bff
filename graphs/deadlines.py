"""When time alone may change where a run rests: what a clock has to wake it for (R9: silence decides nothing)."""

from __future__ import annotations

from datetime import datetime

import orjson

from casefile.rest import where
from graphs.context import RunContext
from graphs.governed_pass import DEADLINES
from graphs.position import load, position_of
from runtime.clock import from_instant, instant


async def next_deadline(context: RunContext) -> datetime | None:
    """The first deadline that the run has not been told of; None where it has ended or only people can move it."""
    row = await context.store.row()
    if row is None or row.final:
        return None
    for due in await deadlines(context, from_instant(row.clock)):
        if not await context.store.done(f"event:{event_key(due)}"):
            return due
    return None


def event_key(due: datetime) -> str:
    """The key of the event that tells a run of a deadline: given once, whoever gives it."""
    return f"timer:{instant(due)}"


async def deadlines(context: RunContext, at: datetime) -> list[datetime]:
    """The instants after which the run has to look at the clock, in order, as it stood at `at`.

    They are: until when requests stay open and decisions hold, until when people on the roster hold their roles while
    a gate is open, and when what was found begins or ends by itself (a change window, an age).
    """
    loaded = await load(context, at)
    position = position_of(context, loaded)
    now = where(context.scenario, position)
    open_gates = [gate for gate in context.scenario.gates if gate.name in now.answerable]
    found = [position.open_until(gate) for gate in open_gates]
    found += [one.expires_at for one in loaded.decisions if one.state == "valid"]
    found += [person.valid_until for person in context.packet.people if open_gates]
    kept = await context.store.work(DEADLINES)
    later = [one for one in found if one is not None and one > at]
    later += [from_instant(one) for one in orjson.loads(kept.get(DEADLINES, "[]"))]
    return sorted(set(later))
