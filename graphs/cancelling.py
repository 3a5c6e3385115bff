"""Cancelling a chat turn: what was asked stays on record, what the agents were doing for it counts for nothing."""

from __future__ import annotations

from datetime import datetime

from casefile.packet import Says
from graphs.context import RunContext
from runtime.store.turn import Turn


async def cancel(context: RunContext, by: str, at: datetime, key: str | None = None) -> bool:
    """Take the chat turn that is being worked on, or waits, off the agents. False where there is none any more.

    `key` names the event; without it the turn at hand is meant.

    It takes the key of the turn itself: either the answer is committed or its cancelling, never both, whichever
    process each of them comes from. Only chat can be cancelled: evidence, edits and decisions are facts.
    """
    event = await context.store.next_event() if key is None else await context.store.open_event(key)
    if event is None or event.kind != "says":
        return False
    said = Says.model_validate_json(event.body)
    turn = Turn(key=f"{event.seq}:converse", at=at)
    turn.entries.append(context.entry("said", turn, actor=context.person(said.by), content={"text": said.text}))
    turn.entries.append(context.entry("turn_cancelled", turn, actor=context.person(by), content={"turn": event.seq}))
    return await context.store.commit(turn)
