"""Appending to the lineage through the store against plain sqlite3: same rows, same durability, one transaction a turn.

A turn of a run has several entries (a pass has about twenty); the figure is for turns of eight.
"""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from pathlib import Path

from benchmarks.report import Figure, show
from lineage.entry import GENESIS, Actor, EntryDraft, seal
from runtime.store.chain import append
from runtime.store.database import Database

TURNS, ENTRIES, ROUNDS = 150, 8, 7
WRITERS, EACH = 20, 60
TENANT, CASE = "tn-bench", "CASE-1"


def _draft(n: int) -> EntryDraft:
    return EntryDraft(
        tenant=TENANT,
        case=CASE,
        run="run_0123456789abcdef",
        kind="extracted",
        at="2026-04-18T09:30:00Z",
        actor=Actor("agent", "extraction"),
        content={"extracted": {"item": f"mail{n}", "statements": n, "text": "x" * 120}},
    )


async def _ours(where: Path) -> float:
    database = await Database.open(f"sqlite:///{where / 'ours.db'}")
    turns = [[_draft(turn * ENTRIES + n) for n in range(ENTRIES)] for turn in range(TURNS)]
    try:
        await database.together(lambda connection: append(connection, TENANT, "CASE-0", turns[0]))  # connects
        began = time.perf_counter()
        for drafts in turns:
            await database.together(lambda connection, drafts=drafts: append(connection, TENANT, CASE, drafts))
        return TURNS * ENTRIES / (time.perf_counter() - began)
    finally:
        await database.close()


async def _beside_others(where: Path) -> tuple[float, float]:
    """Milliseconds of a turn while others write to other cases of the store: 99th percentile, and worst."""
    database = await Database.open(f"sqlite:///{where / 'busy.db'}")
    took = []

    async def writer(case: str) -> None:
        for turn in range(EACH):
            drafts = [_draft(turn * ENTRIES + n) for n in range(ENTRIES)]
            began = time.perf_counter()
            await database.together(lambda connection, drafts=drafts: append(connection, TENANT, case, drafts))
            took.append(time.perf_counter() - began)

    try:
        await asyncio.gather(*(writer(f"CASE-{n}") for n in range(WRITERS)))
    finally:
        await database.close()
    took.sort()
    return took[len(took) * 99 // 100] * 1000, took[-1] * 1000


def _plain(where: Path) -> float:
    """The same rows, sealed beforehand, written by the standard library's driver."""
    prev, turns = GENESIS, []
    for turn in range(TURNS):
        rows, contents = [], []
        for n in range(ENTRIES):
            entry = seal(_draft(turn * ENTRIES + n), turn * ENTRIES + n, prev)
            prev = entry.hash
            rows.append((TENANT, CASE, entry.seq, entry.prev, entry.hash, entry.header))
            contents += [(TENANT, CASE, entry.seq, name, o.salt, o.value) for name, o in entry.openings.items()]
        turns.append((rows, contents, prev))
    connection = sqlite3.connect(where / "plain.db", isolation_level=None)
    connection.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "CREATE TABLE lineage (tenant, case_id, seq, prev, hash, header, PRIMARY KEY (tenant, case_id, seq),"
        " UNIQUE (tenant, case_id, prev));"
        "CREATE TABLE content (tenant, case_id, seq, name, salt, value, PRIMARY KEY (tenant, case_id, seq, name));"
        "CREATE TABLE heads (tenant, case_id, hash, PRIMARY KEY (tenant, case_id));"
    )
    began = time.perf_counter()
    for rows, contents, head in turns:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO lineage VALUES (?, ?, ?, ?, ?, ?)", rows)
        connection.executemany("INSERT INTO content VALUES (?, ?, ?, ?, ?, ?)", contents)
        connection.execute("INSERT OR REPLACE INTO heads VALUES (?, ?, ?)", (TENANT, CASE, head))
        connection.execute("COMMIT")
    rate = TURNS * ENTRIES / (time.perf_counter() - began)
    connection.close()
    return rate


async def measure() -> list[Figure]:
    """The better of some rounds for both: the disk of a shared machine is the noise."""
    ours, plain = 0.0, 0.0
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as scratch:
            ours, plain = max(ours, await _ours(Path(scratch))), max(plain, _plain(Path(scratch)))
    with tempfile.TemporaryDirectory() as scratch:
        nearly, worst = await _beside_others(Path(scratch))
    return [
        Figure("lineage append, entries/s", ours, plain, "plain sqlite3, entries/s", least=0.5),
        Figure(f"a turn beside {WRITERS - 1} other writers, p99 ms", nearly),
        Figure(f"a turn beside {WRITERS - 1} other writers, worst ms", worst),
    ]


if __name__ == "__main__":
    show(asyncio.run(measure()))
