"""The recheck at release: everything that a decision binds, against the store, and the embedded packet by its hash.

A dispatch run stands approved, with its event still to be settled; the recheck is what the release step does before
it writes the outbox row.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.report import Figure, show
from casefile.release import authority
from casefile.rest import restated, where
from graphs.decisions import decide
from graphs.nodes.gate import attachments
from graphs.position import load, position_of
from graphs.runner import admit, checkpointer
from runtime.clock import from_instant
from runtime.model.offline import Offline
from runtime.store.database import Database
from tools.packet_folder import load as load_packet

CASE = Path(__file__).resolve().parent.parent / "scenarios/packet-dispatch/cases/orders-in-chat-and-in-the-packet"
ROUNDS = 200
LIMIT_MS = 10


async def measure() -> list[Figure]:
    """Milliseconds of one recheck: median, and the slowest of twenty."""
    folder = load_packet(CASE)
    signature = next(step for step in folder.packet.timeline if step.decides is not None)
    with tempfile.TemporaryDirectory() as scratch:
        url = f"sqlite:///{Path(scratch) / 'store.db'}"
        database = await Database.open(url)
        async with checkpointer(url) as saver:
            run = await admit(database, saver, folder, Offline())
            await run.open(folder)
            await run.drive()
            if signature.decides is None:
                raise AssertionError("the case has no signature")
            await decide(run.context, "bench", signature.decides, signature.at)
            row = await run.store.row()
            at = from_instant(row.clock) if row is not None else signature.at
            taken = []
            for _ in range(ROUNDS):
                began = time.perf_counter()
                loaded = await load(run.context, at)
                position = position_of(run.context, loaded)
                stands = (
                    where(run.context.scenario, position).step == "release"
                    and not restated(run.context.scenario, position)
                    and authority(run.context.scenario, position, loaded.configuration) is not None
                    and await attachments(run.context, loaded) is not None
                )
                taken.append((time.perf_counter() - began) * 1000)
                if not stands:
                    raise AssertionError("the approved run would not be released")
        await database.close()
    taken.sort()
    return [
        Figure("recheck at release, median ms", statistics.median(taken), limit=LIMIT_MS),
        Figure("recheck at release, 95th percentile ms", taken[int(len(taken) * 0.95)], limit=LIMIT_MS),
    ]


if __name__ == "__main__":
    show(asyncio.run(measure()))
