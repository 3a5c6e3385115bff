"""The same signals in many orders through the live intake: the same clusters, and the same packet, every time.

    python -m benchmarks.signal_orders --orders 50

A fifth of the signals comes twice, one in twenty only after a case was made of the rest. The packet is that of the
burst's cluster, written as the server writes it and run to its gate.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import orjson

from agents.signal_cluster import Cluster
from benchmarks.live_stream import Live, clusters_of, event
from evals import signal_burst
from evals.signal_burst import TENANT
from evals.signal_stream import generate
from graphs.runner import admit, checkpointer
from runtime.model.offline import Offline
from runtime.signal_settings import SignalSettings, load_signals
from runtime.store import signal_rows
from runtime.store.database import Database
from server.signals.cases import case_of, files_of, ground_of, reader_of, write_packet
from tools.packet_folder import load

AT = datetime(2026, 3, 3, 16, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one order came to."""

    clusters: str
    packet: str
    gate: str


def events_of(count: int) -> list[dict[str, Any]]:
    """The burst, and generated signals around it up to that many."""
    mine = signal_burst.events()
    return [*mine, *(event(one) for one in generate(count, 11).signals[: count - len(mine)])]


def delivered(events: Sequence[dict[str, Any]], seed: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The events in an order of the seed's: those that come at first, some twice, and those that come late."""
    chance = Random(seed)
    mixed = [*events, *(one for one in events if chance.random() < 0.2)]
    chance.shuffle(mixed)
    late = round(len(mixed) * 0.05)
    return mixed[late:], mixed[:late]


async def outcome(settings: SignalSettings, events: Sequence[dict[str, Any]], seed: int, folder: Path) -> Outcome:
    """Take the events in over a store of its own, in the order of the seed."""
    stream, url = settings.tenants[TENANT], f"sqlite:///{folder / f'{seed}.db'}"
    database = await Database.open(url)
    live = Live(database, TENANT, stream, reader_of(settings, TENANT))
    first, late = delivered(events, seed)
    counts = await live.take([*first, *signal_burst.watermarks()])
    counts_late = await live.take(late)
    if counts.get("dead") or counts_late.get("dead"):
        raise SystemExit("a signal could not be read")
    whole = await clusters_of(database, TENANT)
    row = (await signal_rows.heaviest(database, TENANT, None, 1))[0]
    packet = folder / f"packet-{seed}"
    files = await files_of(database, TENANT, stream, row)
    write_packet(ground_of(settings, TENANT), stream, case_of(row.number), files, packet, AT)
    made = load(packet)
    async with checkpointer(url) as saver:
        run = await admit(database, saver, made, Offline())
        await run.open(made)
        await run.drive()
    stood, revisions = await run.store.row(), await run.store.revisions()
    if run.context.index is not None:
        run.context.index.close()
    await database.close()
    gate = (stood.gate or "").partition("@")[0] if stood is not None else ""
    return Outcome(_digest(whole), revisions[-1].sha256, gate)


def _digest(clusters: Sequence[Cluster]) -> str:
    told = sorted(
        [[one.ref for one in found.signals], sorted([m.reason, m.left, m.right, m.shared] for m in found.merges)]
        for found in clusters
    )
    return hashlib.sha256(orjson.dumps(told)).hexdigest()


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what was found; 1 where two orders differ or the packet does not come to its gate."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.signal_orders", description="Orders of arrival.")
    parser.add_argument("--orders", type=int, default=50)
    parser.add_argument("--signals", type=int, default=5_000)
    given = parser.parse_args(arguments)
    events, began = events_of(given.signals), time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = load_signals(signal_burst.stream(folder / "signals"))
        seen = [asyncio.run(outcome(settings, events, seed, folder)) for seed in range(given.orders)]
    shown = {
        "orders": given.orders,
        "signals": len(events),
        "different clusters": len({one.clusters for one in seen}),
        "different packets": len({one.packet for one in seen}),
        "gates": sorted({one.gate for one in seen}),
        "seconds": round(time.perf_counter() - began, 1),
        "load": [round(one, 1) for one in os.getloadavg()],
    }
    sys.stdout.write(json.dumps(shown, indent=1) + "\n")
    return 0 if len(set(seen)) == 1 and seen[0].gate == "routing_confirmation" else 1


if __name__ == "__main__":
    raise SystemExit(main())
