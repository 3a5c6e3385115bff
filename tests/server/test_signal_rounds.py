"""Live clustering is that of everything at once, in whatever order and batches the signals came."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from streams import NORTHQUAY, expected, put, settings, stands

from agents.signal_cluster import RawSignal, cluster
from evals.signal_stream import GAP, SKEW, delivered, generate
from runtime.store.database import Database
from server.signals.rounds import Rounds

AT = datetime(2026, 3, 3, 9, tzinfo=UTC)


def small(chance: Random, count: int, start: datetime = AT, minutes: int = 400, lasts: int = 30) -> list[RawSignal]:
    """A dense little world: few operators, tenants and minutes, so that everything touches everything."""
    found = []
    for n in range(count):
        operator = chance.choice(["", "", "op-1", "op-2", "relay-7"])
        at = start + timedelta(minutes=chance.randint(0, minutes))
        found.append(
            RawSignal(
                chance.choice(["console", "export", "desk"]), f"S-{n}", chance.choice(["console", "customer"]), at,
                at + timedelta(minutes=chance.randint(0, lasts)) if chance.random() < 0.4 else None,
                operator=operator, alias=operator == "relay-7", tenant=chance.choice(["tn-a", "tn-b", ""]),
                session=chance.choice(["", "", "", f"cs-{chance.randint(1, 9)}"]),
                exports=frozenset({f"DX-{chance.randint(1, 5)}"} if chance.random() < 0.15 else ()),
                cases=frozenset({"RC-1"} if chance.random() < 0.2 else ()),
                text=chance.choice(["", "odd entries at nine", "odd entries at nine o'clock", "a bill is wrong"]),
            )
        )  # fmt: skip
    return found


# The second: around midnights, with signals that last up to the longest that one may.
@pytest.mark.parametrize("world", [(AT, 400, 30), (AT.replace(hour=22), 3 * 1440, 1440)], ids=["a day", "some days"])
@pytest.mark.parametrize("seed", range(12))
async def test_whatever_the_order_and_the_batches(tmp_path: Path, seed: int, world: tuple[datetime, int, int]) -> None:
    chance = Random(seed)
    signals = small(chance, 70, *world)
    database = await Database.open(f"sqlite:///{tmp_path / 's.db'}")
    gap, skew = timedelta(minutes=20), timedelta(seconds=120)
    rounds = Rounds(database, NORTHQUAY, settings(gap, skew))
    arrivals = [*signals, *(replace(one) for one in signals if chance.random() < 0.2)]
    chance.shuffle(arrivals)
    so_far = []
    while arrivals:
        batch, arrivals = arrivals[: (size := chance.randint(1, 12))], arrivals[size:]
        await put(database, rounds, batch)
        so_far += batch
        assert await stands(database) == expected(cluster(so_far, gap=gap, skew=skew))
    await database.close()


async def test_on_both_databases_a_stream_is_clustered_as_at_once(database: Database) -> None:
    stream = generate(1_500, seed=3)
    known = expected(cluster(stream.signals, gap=GAP, skew=SKEW))
    arrivals = delivered(stream, 3)
    rounds = Rounds(database, NORTHQUAY, settings(GAP, SKEW))
    for n in range(0, len(arrivals), 400):
        await put(database, rounds, arrivals[n : n + 400])
    assert await stands(database) == known
