"""Signals with known truth through the live intake of a store: as events, by the door of the HTTP route."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import select

from agents.signal_cluster import Cluster, Merge, RawSignal
from agents.signal_live import LiveReader, restored
from evals import signal_burst
from runtime.clock import instant
from runtime.signal_settings import StreamSettings
from runtime.store.database import Database
from runtime.store.signal_tables import signal_clusters, signal_places, signals
from server.signals.envelope import Envelope
from server.signals.intake import Intake
from server.signals.rounds import Rounds

BATCH = 500
# The generator's feeds, as the sources of the burst's stream are called.
SOURCES = {"console": "console", "export": "exports", "dlp": "dlp", "notes": "notes", "desk": "desk"}


def event(one: RawSignal) -> dict[str, Any]:
    """A generated signal, as its ledger would send it."""
    told = {
        "operator_id": one.operator, "tenant_id": one.tenant, "session_id": one.session, "observation": one.text,
        "export_request_id": " ".join(sorted(one.exports)), "case_ref": " ".join(sorted(one.cases)),
        "ended_at": instant(one.until) if one.until is not None else "",
    }  # fmt: skip
    return signal_burst.event(
        one.id, SOURCES[one.feed], instant(one.at), {name: text for name, text in told.items() if text}
    )


class Live:
    """A stream of a tenant over a store, without a process of its own."""

    def __init__(self, database: Database, tenant: str, stream: StreamSettings, reader: LiveReader) -> None:
        self._envelope, self._rounds = Envelope(tenant, stream, reader), Rounds(database, tenant, stream)
        self._intake = Intake(database, lambda _tenants: None)

    async def take(self, events: Sequence[dict[str, Any]]) -> dict[str, int]:
        """Take events in and place them, a batch after the other. How many were stored, repeated and dead."""
        counts: dict[str, int] = {}
        self._intake.start()
        for n in range(0, len(events), BATCH):
            for fate in await self._intake.put([self._envelope.event(one, None) for one in events[n : n + BATCH]]):
                counts[fate] = counts.get(fate, 0) + 1
            while await self._rounds.advance():
                pass
        await self._intake.stop()
        return counts


async def clusters_of(database: Database, tenant: str) -> list[Cluster]:
    """The clusters that stand in the store, each with its signals in order of time."""
    p, s, c = signal_places.c, signals.c, signal_clusters.c
    joined = signal_places.join(signals, (p.tenant == s.tenant) & (p.seq == s.seq))
    members: dict[int, list[RawSignal]] = {}
    for number, parsed in await database.rows(select(p.number, s.parsed).select_from(joined).where(p.tenant == tenant)):
        members.setdefault(number, []).append(restored(parsed))
    rows = await database.rows(select(c.number, c.body).where(c.tenant == tenant, c.gone.is_(None)))
    merges = {row.number: tuple(Merge(*one) for one in orjson.loads(row.body)["merges"]) for row in rows}
    return [
        Cluster(tuple(sorted(found, key=lambda one: (one.at, one.ref))), merges[number])
        for number, found in members.items()
    ]
