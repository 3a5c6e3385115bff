"""Where signals stand: neighbours by typed key and time, clusters by number, and the writing of one round.

Every question goes to an index with the key and a range of time in it: what it costs follows from what is near, and not
from how much is stored. What is asked for only near a time stands under its day: the rows that a round adds lie close
together on the disk, however many days are stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.store.bulk import joined, put_rows
from runtime.store.signal_tables import signal_clusters, signal_keys, signal_places

EVER = 2**62
DAY = 24 * 3600 * 1_000_000
# A signal lasts a day at most (agents/signal_live.py): what began before that is over.
LONGEST = DAY


@dataclass(frozen=True, slots=True)
class Span:
    """What lies around a time under one key: it began by `until`, and was not over at `since`. Microseconds.

    Without a time: whatever is under the key.
    """

    key: str
    since: int = -EVER
    until: int = EVER

    @property
    def ever(self) -> bool:
        """Whether the time does not matter."""
        return self.since == -EVER


@dataclass(frozen=True, slots=True)
class Placed:
    """A signal with its place. A new one has none yet: its number is 0."""

    seq: int
    number: int
    part: int
    state: str
    parsed: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the clustering has come, and the splits in force."""

    placed: int
    version: int
    splits: Sequence[tuple[frozenset[str], str, str]]


@dataclass(slots=True)
class Written:
    """What a round writes: `keys` of new signals (as `under` names them, time, place, end), `places` of those that
    moved, `clusters` that changed. `gone` maps a number to the cluster that took it in.
    """

    placed: int
    keys: list[tuple[str, int, int, int]]
    places: list[tuple[int, int, int, str]]
    clusters: list[ClusterRow]
    gone: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class ClusterRow:
    """A cluster as it is stored."""

    number: int
    first_at: int
    last_at: int
    size: int
    weight: int
    body: str
    due: bool
    run: str | None


async def standing(connection: AsyncConnection, tenant: str) -> Standing:
    """How far a tenant's clustering has come."""
    mark = _mark(connection)
    query = f"SELECT placed, version FROM signal_rounds WHERE tenant = {mark}"  # noqa: S608  our own words
    found: Any = (await connection.exec_driver_sql(query, (tenant,))).first()
    query = f'SELECT members, "by", reason FROM signal_splits WHERE tenant = {mark} ORDER BY seq'  # noqa: S608
    splits: Any = (await connection.exec_driver_sql(query, (tenant,))).all()
    told = [(frozenset(orjson.loads(row[0])), str(row[1]), str(row[2])) for row in splits]
    return Standing(int(found[0]) if found else 0, int(found[1]) if found else 0, told)


async def fresh(connection: AsyncConnection, tenant: str, after: int, limit: int) -> list[Placed]:
    """The signals that have no place yet, in order of arrival."""
    mark = _mark(connection)
    query = f"SELECT seq, parsed FROM signals WHERE tenant = {mark} AND seq > {mark} ORDER BY seq LIMIT {limit}"  # noqa: S608
    found: Any = (await connection.exec_driver_sql(query, (tenant, after))).all()
    return [Placed(int(row[0]), 0, 0, "", row[1]) for row in found]


async def near(connection: AsyncConnection, tenant: str, spans: Iterable[Span]) -> dict[int, tuple[int, int, str]]:
    """The signals near under any of the keys: their cluster, part and state."""
    # In two steps: a planner without statistics would rather read every place than join by the few that were found.
    condition = "k.tenant = ? AND k.key = w.a AND k.at >= w.b AND k.at <= w.c AND k.ends >= w.d"
    rows = await joined(connection, ("k.seq", "signal_keys k", condition), _wide(spans), "tnnn", tenant)
    found = ("p.seq, p.number, p.part, p.state", "signal_places p", "p.tenant = ? AND p.seq = w.a")
    seqs = [[seq] for seq in sorted({int(row[0]) for row in rows})]
    placed = await joined(connection, found, seqs, "n", tenant)
    return {int(row[0]): (int(row[1]), int(row[2]), row[3]) for row in placed}


async def members(connection: AsyncConnection, tenant: str, numbers: Iterable[int]) -> list[Placed]:
    """The signals of some clusters."""
    # Through the index alone first: SQLite would rather read all places of a tenant than look each one up from there.
    found = ("p.seq, p.number, p.part, p.state, s.parsed",
             "signal_places m CROSS JOIN signal_places p CROSS JOIN signals s",
             "m.tenant = ? AND m.number = w.a AND p.tenant = ? AND p.seq = m.seq"
             " AND s.tenant = ? AND s.seq = m.seq")  # fmt: skip
    rows = await joined(connection, found, [[n] for n in sorted(numbers)], "n", tenant, tenant, tenant)
    return [Placed(int(row[0]), int(row[1]), int(row[2]), row[3], row[4]) for row in rows]


async def parsed_of(connection: AsyncConnection, tenant: str, seqs: Iterable[int]) -> dict[int, str]:
    """What some signals say."""
    found = ("s.seq, s.parsed", "signals s", "s.tenant = ? AND s.seq = w.a")
    rows = await joined(connection, found, [[n] for n in sorted(seqs)], "n", tenant)
    return {int(row[0]): row[1] for row in rows}


async def runs_of(connection: AsyncConnection, tenant: str, numbers: Iterable[int]) -> dict[int, str]:
    """The runs of the clusters that have one."""
    found = ("c.number, c.run", "signal_clusters c", "c.tenant = ? AND c.number = w.a AND c.run IS NOT NULL")
    rows = await joined(connection, found, [[n] for n in sorted(numbers)], "n", tenant)
    return {int(row[0]): row[1] for row in rows}


async def write(connection: AsyncConnection, tenant: str, seen: Standing, made: Written) -> bool:
    """Write a round. False where another one was written since `seen`: then nothing is, and the round is made anew."""
    mark = _mark(connection)
    begin = f"INSERT INTO signal_rounds (tenant, placed, version) VALUES ({mark}, 0, 0) ON CONFLICT DO NOTHING"  # noqa: S608
    await connection.exec_driver_sql(begin, (tenant,))
    step = (
        f"UPDATE signal_rounds SET placed = {mark}, version = version + 1"  # noqa: S608  our own words
        f" WHERE tenant = {mark} AND version = {mark}"
    )
    moved = await connection.exec_driver_sql(step, (made.placed, tenant, seen.version))
    if moved.rowcount != 1:
        return False
    version = seen.version + 1
    await put_rows(connection, signal_keys, [(tenant, key, at, seq, ends) for key, at, seq, ends in sorted(made.keys)])
    await put_rows(connection, signal_places, [(tenant, *one) for one in sorted(made.places)], replaces=True)
    rows = [
        (tenant, c.number, version, None, c.first_at, c.last_at, c.size, c.weight, c.body, c.due, c.run, 0)
        for c in sorted(made.clusters, key=lambda c: c.number)
    ]
    await put_rows(connection, signal_clusters, rows, replaces=True)
    no = "false" if mark == "%s" else "0"
    query = (
        f"UPDATE signal_clusters SET gone = {mark}, version = {mark}, due = {no}, weight = 0"  # noqa: S608  our words
        f" WHERE tenant = {mark} AND number = {mark}"
    )
    for number, into in sorted(made.gone.items()):
        await connection.exec_driver_sql(query, (into, version, tenant, number))
    return True


def under(key: str, at: int) -> str:
    """The name of a key in the index, where it is asked for only near a time: the key in the day of that time."""
    return f"{at // DAY} {key}"


def _wide(spans: Iterable[Span]) -> list[tuple[str, int, int, int]]:
    """Overlapping spans of one key as one, in each of their days. The list is sorted, so that the index is walked and
    not jumped about in."""
    by_key: dict[str, list[tuple[int, int]]] = defaultdict(list)
    always: set[str] = set()
    for span in spans:
        if span.ever:
            always.add(span.key)
        else:
            by_key[span.key].append((span.since, span.until))
    found = [(key, -EVER, EVER, -EVER) for key in always]
    for key, told in by_key.items():
        told.sort()
        since, until = told[0]
        for first, last in told[1:]:
            if first > until:
                found += _days(key, since, until)
                since = first
            until = max(until, last)
        found += _days(key, since, until)
    return sorted(found)


def _days(key: str, since: int, until: int) -> Iterator[tuple[str, int, int, int]]:
    for day in range((since - LONGEST) // DAY, until // DAY + 1):
        yield f"{day} {key}", since - LONGEST, until, since


def _mark(connection: AsyncConnection) -> str:
    return "%s" if connection.dialect.name == "postgresql" else "?"
