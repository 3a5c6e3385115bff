"""Streams of live signals in a store of a test's own, and what the clustering there is, as one value to compare."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import select

from agents.signal_cluster import Clustering, RawSignal, cluster
from agents.signal_live import micros, restored, stored
from runtime.signal_settings import StreamSettings
from runtime.store.database import Database
from runtime.store.signal_intake import Arrival, take_in
from runtime.store.signal_tables import signal_clusters, signal_places, signals
from server.signals.rounds import Rounds

NORTHQUAY = "tn-northquay"


def settings(gap: timedelta, skew: timedelta, **told: Any) -> StreamSettings:
    """A stream's settings with these times."""
    source = {"source": "/x", "name": "x", "kind": "console", "system": "support_console_audit_ledger"}
    minutes, seconds = int(gap.total_seconds() // 60), int(skew.total_seconds())
    given = {"scenario": "tenant-boundary", "gap_minutes": minutes, "skew_seconds": seconds, "sources": [source]}
    return StreamSettings.model_validate(given | told)


def arrival(one: RawSignal) -> Arrival:
    """A signal as it is stored."""
    line = stored(one)
    return Arrival(NORTHQUAY, one.feed, one.id, hashlib.sha256(line.encode()).hexdigest(), micros(one.at), line, "{}")


async def put(database: Database, rounds: Rounds, given: Sequence[RawSignal]) -> None:
    """Take signals in and cluster them."""
    await take_in(database, [arrival(one) for one in given], 1)
    while await rounds.advance():
        pass


async def clustered_at_once(database: Database, tenant: str) -> Clustering:
    """Everything in the store, clustered in one go with the times of the settings' defaults."""
    rows = await database.rows(select(signals.c.parsed).where(signals.c.tenant == tenant))
    gap, skew = timedelta(minutes=45), timedelta(seconds=120)
    return cluster([restored(row.parsed) for row in rows], gap=gap, skew=skew)


async def stands(database: Database, tenant: str = NORTHQUAY) -> dict[frozenset[str], frozenset[tuple[str, ...]]]:
    """Every cluster in the store: its signals, and its merges."""
    at = signal_places.c
    where = (signals.c.tenant == at.tenant) & (signals.c.seq == at.seq)
    query = select(at.number, signals.c.parsed).join(signals, where).where(at.tenant == tenant)
    found: dict[int, set[str]] = {}
    for number, parsed in await database.rows(query):
        found.setdefault(number, set()).add(restored(parsed).ref)
    c = signal_clusters.c
    rows = await database.rows(select(c.number, c.body, c.size).where(c.tenant == tenant, c.gone.is_(None)))
    assert {row.number for row in rows} == set(found)
    assert all(row.size == len(found[row.number]) for row in rows)
    merges = {row.number: orjson.loads(row.body)["merges"] for row in rows}
    return {frozenset(found[n]): frozenset(tuple(one) for one in merges[n]) for n in found}


def expected(clustering: Clustering) -> dict[frozenset[str], frozenset[tuple[str, ...]]]:
    """The same of a clustering that was made at once."""
    return {
        frozenset(one.ref for one in found.signals): frozenset(
            (merge.reason, merge.left, merge.right, merge.shared) for merge in found.merges
        )
        for found in clustering.clusters
    }
