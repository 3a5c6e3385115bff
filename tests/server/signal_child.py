"""A process that takes signals in and clusters them as the server does, to be killed at any moment.

It reads a batch of events a line on its standard input, and writes what it acknowledged.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from agents.signal_live import LiveReader
from evals.signal_burst import TENANT
from graphs import catalogue
from runtime.signal_settings import load_signals
from runtime.store.database import Database
from server.signals.envelope import Envelope
from server.signals.intake import Intake
from server.signals.rounds import Rounds


async def main(url: str, file: str) -> None:
    """Work until the input ends, then until everything has its place."""
    database = await Database.open(url)
    stream = load_signals(Path(file)).tenants[TENANT]
    words = catalogue.find(stream.scenario, file).data["words"]
    envelope, rounds = Envelope(TENANT, stream, LiveReader(words)), Rounds(database, TENANT, stream)
    grown = asyncio.Event()
    intake = Intake(database, lambda _tenants: grown.set())
    intake.start()
    placing = asyncio.create_task(_place(rounds, grown))
    print("ready", flush=True)
    waiting: set[asyncio.Task[None]] = set()
    while line := await asyncio.to_thread(sys.stdin.buffer.readline):
        waiting.add(asyncio.create_task(_take(intake, envelope, orjson.loads(line))))
    await asyncio.gather(*waiting)
    placing.cancel()
    while await rounds.advance():
        pass
    await intake.stop()
    await database.close()


async def _place(rounds: Rounds, grown: asyncio.Event) -> None:
    while True:
        await grown.wait()
        grown.clear()
        while await rounds.advance():
            pass


async def _take(intake: Intake, envelope: Envelope, events: Sequence[Any]) -> None:
    fates = await intake.put([envelope.event(one, None) for one in events])
    assert "dead" not in fates
    print(" ".join(one["id"] for one in events), flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
