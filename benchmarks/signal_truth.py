"""The stream with known truth (evals/signal_stream.py) through the live intake: what is found, and what is wrongly.

    python -m benchmarks.signal_truth --signals 100000 --seed 7

It comes as `evals.signal_stream` delivers it: a fifth twice, one in twenty late. The clusters are those of the store.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

from agents.signal_cluster import Cluster, Clustering
from agents.signal_live import LiveReader
from benchmarks.live_stream import SOURCES, Live, clusters_of, event
from evals import signal_burst
from evals.signal_burst import TENANT
from evals.signal_stream import Score, Stream, delivered, generate, judge, passes
from graphs import catalogue
from runtime.signal_settings import load_signals
from runtime.store.database import Database


async def measure(stream: Stream, seed: int, folder: Path) -> tuple[Score, dict[str, int]]:
    """Take the whole stream in, and judge the clusters of the store; also what became of the signals."""
    settings = load_signals(signal_burst.stream(folder / "signals", ground=None)).tenants[TENANT]
    words: dict[str, Any] = catalogue.find(settings.scenario, "").data["words"]
    database = await Database.open(f"sqlite:///{folder / 'stream.db'}")
    began = perf_counter()
    counts = await Live(database, TENANT, settings, LiveReader(words)).take(
        [event(one) for one in delivered(stream, seed)]
    )
    clusters = [_as_generated(one) for one in await clusters_of(database, TENANT)]
    seconds = perf_counter() - began
    await database.close()
    return judge(stream, Clustering(tuple(clusters), {}, {}), seconds), counts


def _as_generated(found: Cluster) -> Cluster:
    """The cluster with its signals under the names of the generator's feeds."""
    feeds = {f"/ledgers/{name}": feed for feed, name in SOURCES.items()}
    return replace(found, signals=tuple(replace(one, feed=feeds[one.feed]) for one in found.signals))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what was measured; 1 where the aims are missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.signal_truth", description="Known truth, live.")
    parser.add_argument("--signals", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args(arguments)
    stream = generate(given.signals, given.seed)
    with tempfile.TemporaryDirectory() as name:
        score, counts = asyncio.run(measure(stream, given.seed, Path(name)))
    shown = {name: getattr(score, name) for name in Score.__slots__} | counts
    sys.stdout.write(json.dumps(shown | {"load": [round(one, 1) for one in os.getloadavg()]}, indent=1) + "\n")
    return 0 if passes(stream, score) and counts.get("stored") == len(stream.signals) else 1


if __name__ == "__main__":
    raise SystemExit(main())
