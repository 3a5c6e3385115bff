"""What a connected system answered becomes evidence of a run: frozen by its hash, an arrival like any file.

A changed answer to the same question takes the place of the former one; the same answer again adds nothing (R10).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import orjson

from casefile.packet import SourceItem
from graphs.context import RunContext
from lineage.canonical import Json, digest, digest_bytes
from lineage.entry import Actor
from runtime.clock import from_instant, instant
from runtime.store.turn import Event, Turn
from tools.connectors.fetched import Fetched

FETCHED: Final = "evidence_fetched"
_ANSWERED: Final = "fetched:"


@dataclass(frozen=True, slots=True)
class Arrival:
    """The item that holds an answer now. `new`: it arrives with this turn, in place of `replaces` where one stood."""

    source: SourceItem
    sha256: str
    new: bool


async def arrive(context: RunContext, turn: Turn, fetched: Fetched, by: Actor, key: str | None = None) -> Arrival:
    """Put an answer into the turn: its bytes, its arrival in the inbox (under `key`), and the question on record.

    `captured_at` is the true age of what was answered, told on the clock of the run.
    """
    question = _ANSWERED + digest({"connector": fetched.connector, "place": fetched.place})[7:39]
    before = turn.work.get(question) or (await context.store.work(question)).get(question)
    arrival = _arrival(turn.at, fetched, question, before)
    if arrival.new:
        turn.blobs[arrival.sha256] = fetched.data
        turn.work[question] = orjson.dumps({
            "source": arrival.source.model_dump(mode="json"), "sha256": arrival.sha256
        }).decode()  # fmt: skip
        turn.events.append(_event(key or f"{turn.key}:{arrival.source.id}", turn.at, arrival, len(fetched.data)))
    content: dict[str, Json] = {
        "connector": fetched.connector,
        "place": fetched.place,
        "item": arrival.source.id,
        "file": arrival.source.file,
        "system": fetched.system,
        "size": len(fetched.data),
        "answered_at": instant(fetched.at),
        "captured_at": instant(_captured(turn.at, fetched)),
        "new": arrival.new,
        "replaces": arrival.source.replaces if arrival.new else None,
    }
    turn.entries.append(
        context.entry(FETCHED, turn, actor=by, citations=(arrival.sha256,), content={"fetched": content})
    )
    return arrival


def _arrival(at: datetime, fetched: Fetched, question: str, before: str | None) -> Arrival:
    """The item that is known already where the answer is the same and the item still fresh, else a new one."""
    sha256 = digest_bytes(fetched.data)
    captured = _captured(at, fetched)
    former: str | None = None
    if before is not None:
        kept = orjson.loads(before)
        known = SourceItem.model_validate(kept["source"])
        lapsed = fetched.fresh_for is not None and captured - (known.captured_at or at) > fetched.fresh_for
        if kept["sha256"] == sha256 and not lapsed:
            return Arrival(known, sha256, new=False)
        former = known.id
    told: dict[str, Json] = {"question": question, "sha256": sha256, "former": former, "captured": instant(captured)}
    source = SourceItem(
        id=f"{Path(fetched.name).stem[:100]}-{digest(told)[7:15]}",
        file=fetched.name,
        system=fetched.system,
        captured_at=from_instant(instant(captured)),
        replaces=former,
    )
    return Arrival(source, sha256, new=True)


def _captured(at: datetime, fetched: Fetched) -> datetime:
    """When what was answered was so. No answer is from the future, whatever it says."""
    return min(at, fetched.as_of or at - fetched.age)


def _event(key: str, at: datetime, arrival: Arrival, size: int) -> Event:
    item = {
        "source": arrival.source.model_dump(mode="json"),
        "sha256": arrival.sha256,
        "size": size,
        "problem": "",
        "prior": False,
    }
    return Event(key, "arrives", instant(at), orjson.dumps({"items": [item]}).decode())
