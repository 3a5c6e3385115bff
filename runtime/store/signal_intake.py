"""Taking signals in: many in one transaction, each once by tenant, source and id. What is answered is committed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.store.bulk import joined, put_rows
from runtime.store.database import Database
from runtime.store.signal_tables import signal_dead, signals

Fate = Literal["stored", "repeated", "dead"]
KEPT_OF_DEAD = 65_536
HOUR = 3600 * 1_000_000


@dataclass(frozen=True, slots=True)
class Arrival:
    """A signal as it came. Times are microseconds. `sha256` is of what it says, `parsed` what the clustering reads.

    With `complete_through` it is no signal but a source's word on how far it has come.
    """

    tenant: str
    source: str
    id: str
    sha256: str
    at: int
    parsed: str
    body: str
    complete_through: int = 0


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """What could not be read: where, and what was expected. The reason repeats nothing of the content."""

    tenant: str
    source: str
    id: str
    place: str
    reason: str
    body: str


async def take_in(database: Database, arrivals: Sequence[Arrival | DeadLetter], now: int) -> list[Fate]:
    """Store them, durably and in one transaction; what became of each, in their order.

    The same signal again changes nothing. The same id with other content is a dead letter: the first stands.
    """

    async def work(connection: AsyncConnection) -> list[Fate]:
        fates: list[Fate] = ["stored"] * len(arrivals)
        places: dict[str, list[int]] = defaultdict(list)
        for n, one in enumerate(arrivals):
            places[one.tenant].append(n)
        for tenant in sorted(places):
            await _Stream(connection, tenant, now).take([(n, arrivals[n]) for n in places[tenant]], fates)
        return fates

    return await database.together(work)


@dataclass(slots=True)
class _Stream:
    connection: AsyncConnection
    tenant: str
    now: int

    async def take(self, given: Sequence[tuple[int, Arrival | DeadLetter]], fates: list[Fate]) -> None:
        size, dead = await self._lock()
        known = await self._known([one for _, one in given if isinstance(one, Arrival) and not one.complete_through])
        rows: list[tuple[object, ...]] = []
        letters: list[DeadLetter] = []
        for n, one in given:
            if isinstance(one, DeadLetter):
                letters.append(one)
                fates[n] = "dead"
            elif one.complete_through:
                continue
            elif (one.source, one.id) not in known:
                known[one.source, one.id] = one.sha256
                size += 1
                rows.append((self.tenant, size, one.source, one.id, one.sha256, one.at, self.now, one.parsed, one.body))
            elif known[one.source, one.id] == one.sha256:
                fates[n] = "repeated"
            else:
                why = "the first one stands: this id of this source came before with other content"
                letters.append(DeadLetter(self.tenant, one.source, one.id, "id", why, one.body))
                fates[n] = "dead"
        await put_rows(self.connection, signals, rows)
        await put_rows(
            self.connection,
            signal_dead,
            [
                (self.tenant, dead + n, one.source[:200], one.id[:300], self.now, one.place[:200], one.reason[:500],
                 one.body[:KEPT_OF_DEAD].replace("\x00", "\ufffd"))
                for n, one in enumerate(letters, 1)
            ],
        )  # fmt: skip
        await self._move(size, dead + len(letters))
        await self._sources(given, fates)
        through = max((one.complete_through for _, one in given if isinstance(one, Arrival)), default=0)
        if through:
            await self._heard(through)

    async def _heard(self, through: int) -> None:
        """A source said how far it has come: the cases that may wait for it look again."""
        mark, yes = ("%s", "true") if self._postgres else ("?", "1")
        waiting = f"tenant = {mark} AND run IS NOT NULL AND gone IS NULL AND last_at > {mark}"
        there = f"SELECT 1 FROM signal_clusters WHERE {waiting} LIMIT 1"  # noqa: S608  our own words
        given = (self.tenant, through - 25 * HOUR)
        if (await self.connection.exec_driver_sql(there, given)).first() is None:
            return
        # A new version: who looks at these clusters now does not take them for done.
        step = f"UPDATE signal_rounds SET version = version + 1 WHERE tenant = {mark} RETURNING version"  # noqa: S608
        version = (await self.connection.exec_driver_sql(step, (self.tenant,))).scalar_one()
        due = f"UPDATE signal_clusters SET due = {yes}, version = {mark} WHERE {waiting}"  # noqa: S608  our own words
        await self.connection.exec_driver_sql(due, (version, *given))

    async def _lock(self) -> tuple[int, int]:
        """The stream's row, locked: places are given in the order of commits."""
        mark, lock = ("%s", " FOR UPDATE") if self._postgres else ("?", "")
        begin = f"INSERT INTO signal_streams (tenant, size, dead) VALUES ({mark}, 0, 0) ON CONFLICT DO NOTHING"  # noqa: S608
        await self.connection.exec_driver_sql(begin, (self.tenant,))
        query = f"SELECT size, dead FROM signal_streams WHERE tenant = {mark}{lock}"  # noqa: S608  our own words
        found: Any = (await self.connection.exec_driver_sql(query, (self.tenant,))).one()
        return int(found[0]), int(found[1])

    async def _move(self, size: int, dead: int) -> None:
        mark = "%s" if self._postgres else "?"
        query = f"UPDATE signal_streams SET size = {mark}, dead = {mark} WHERE tenant = {mark}"  # noqa: S608  our words
        await self.connection.exec_driver_sql(query, (size, dead, self.tenant))

    async def _known(self, given: Sequence[Arrival]) -> dict[tuple[str, str], str]:
        found = await joined(
            self.connection,
            ("s.source, s.id, s.sha256", "signals s", "s.tenant = ? AND s.source = w.a AND s.id = w.b"),
            sorted({(one.source, one.id) for one in given}),
            "tt",
            self.tenant,
        )
        return {(row[0], row[1]): row[2] for row in found}

    async def _sources(self, given: Sequence[tuple[int, Arrival | DeadLetter]], fates: Sequence[Fate]) -> None:
        """How each source fares: what came, what came again, what was dead, and how far it has come."""
        told: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
        for n, one in given:
            counts = told[one.source[:200]]
            if isinstance(one, DeadLetter):
                counts[2] += 1
            elif one.complete_through:
                counts[4] = max(counts[4], one.complete_through)
            else:
                counts[("stored", "repeated", "dead").index(fates[n])] += 1
                counts[3] = max(counts[3], one.at)
        largest = "GREATEST" if self._postgres else "max"
        marks = ", ".join("%s" if self._postgres else "?" for _ in range(8))
        query = (
            "INSERT INTO signal_sources AS o"  # noqa: S608  our own names
            " (tenant, source, stored, repeated, dead, last_at, last_received, complete_through)"
            f" VALUES ({marks}) ON CONFLICT (tenant, source) DO UPDATE SET stored = o.stored + excluded.stored,"
            " repeated = o.repeated + excluded.repeated, dead = o.dead + excluded.dead,"
            f" last_at = {largest}(o.last_at, excluded.last_at), last_received = excluded.last_received,"
            f" complete_through = {largest}(o.complete_through, excluded.complete_through)"
        )
        for source, (stored, repeated, dead, last, through) in sorted(told.items()):
            values = (self.tenant, source, stored, repeated, dead, last, self.now, through)
            await self.connection.exec_driver_sql(query, values)

    @property
    def _postgres(self) -> bool:
        return self.connection.dialect.name == "postgresql"
