"""What a connected system answered becomes evidence of a run: frozen by its hash, an arrival like any file.

A changed answer to the same question takes the place of the former one; the same answer again adds nothing (R10), and
neither does one that is older than what the case has, out of some cache.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

import orjson

from casefile.packet import SourceItem
from graphs.context import RunContext
from lineage.canonical import Json, digest, digest_bytes
from lineage.entry import Actor
from runtime.clock import instant
from runtime.store.turn import Event, Turn
from tools.connectors.fetched import Fetched

FETCHED: Final = "evidence_fetched"
ORIGIN: Final = "origin:"
"""Before an item's id: where it was fetched from, as work that is done."""
_ANSWERED: Final = "fetched:"


@dataclass(frozen=True, slots=True)
class Arrival:
    """The item that holds the answer to a question now. `is_` new: it arrives with this turn; else it was there before,
    because the answer is the same, or older than the one that was there.

    `captured_at` is when what was answered was so, told on the clock of the run; `stale`: that is too long ago.
    """

    source: SourceItem
    sha256: str
    captured_at: datetime
    stale: bool
    is_: Literal["new", "same", "older"]


async def arrive(
    context: RunContext,
    turn: Turn,
    fetched: Fetched,
    by: Actor,
    *,
    key: str | None = None,
    replaces: str | None = None,
) -> Arrival:
    """Put an answer into the turn: its bytes, its arrival in the inbox under `key`, and the question on record.

    `replaces` is the item that a first answer takes the place of.
    """
    question = _ANSWERED + digest({"connector": fetched.connector, "place": fetched.place})[7:39]
    before = turn.work.get(question) or (await context.store.work(question)).get(question)
    arrival = _arrival(turn.at, fetched, question, before, replaces)
    if arrival.is_ == "new":
        turn.blobs[arrival.sha256] = fetched.data
        turn.work[question] = _written(source=arrival.source.model_dump(mode="json"), sha256=arrival.sha256)
        turn.events.append(_event(key or f"{turn.key}:{arrival.source.id}", turn.at, arrival, len(fetched.data)))
        told = {"connector": fetched.connector, "place": fetched.place, "at": instant(fetched.at)}
        turn.work[ORIGIN + arrival.source.id] = _written(**told)
    content: dict[str, Json] = {
        "connector": fetched.connector,
        "place": fetched.place,
        "item": arrival.source.id,
        "file": arrival.source.file,
        "system": fetched.system,
        "size": len(fetched.data),
        "answered_at": instant(fetched.at),
        "captured_at": instant(arrival.captured_at),
        "stale": arrival.stale,
        "is": arrival.is_,
        "replaces": arrival.source.replaces if arrival.is_ == "new" else None,
    }
    turn.entries.append(
        context.entry(FETCHED, turn, actor=by, citations=(arrival.sha256,), content={"fetched": content})
    )
    return arrival


def _arrival(at: datetime, fetched: Fetched, question: str, before: str | None, replaces: str | None) -> Arrival:
    """The item that is known already where the answer is the same and the item still fresh, else a new one."""
    sha256, captured = digest_bytes(fetched.data), _captured(at, fetched)
    stale = _lapsed(fetched, captured, at)
    if before is not None:
        kept = orjson.loads(before)
        known = SourceItem.model_validate(kept["source"])
        before_at = known.captured_at or at
        if kept["sha256"] == sha256 and not _lapsed(fetched, before_at, captured):
            return Arrival(known, sha256, captured, stale, "same")
        if captured < before_at:
            return Arrival(known, kept["sha256"], captured, stale, "older")
        replaces = known.id
    told: dict[str, Json] = {"question": question, "sha256": sha256, "former": replaces, "captured": instant(captured)}
    source = SourceItem(
        id=f"{Path(fetched.name).stem[:100]}-{digest(told)[7:15]}",
        file=fetched.name,
        system=fetched.system,
        captured_at=captured,
        replaces=replaces,
    )
    return Arrival(source, sha256, captured, stale, "new")


def _lapsed(fetched: Fetched, captured: datetime, at: datetime) -> bool:
    return fetched.fresh_for is not None and at - captured > fetched.fresh_for


def _captured(at: datetime, fetched: Fetched) -> datetime:
    """When what was answered was so. No answer is from the future, whatever it says."""
    return min(at, fetched.as_of or at - fetched.age).replace(microsecond=0)


def _written(**members: Json) -> str:
    return orjson.dumps(members).decode()


def _event(key: str, at: datetime, arrival: Arrival, size: int) -> Event:
    item: dict[str, Json] = {
        "source": arrival.source.model_dump(mode="json"),
        "sha256": arrival.sha256,
        "size": size,
        "problem": "",
        "prior": False,
    }
    return Event(key, "arrives", instant(at), _written(items=[item]))
