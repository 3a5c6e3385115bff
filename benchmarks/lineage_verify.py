"""How fast a chain is verified: `python -m benchmarks.lineage_verify`.

Beside it, in the same run, the floor: SHA-256 and one `orjson.loads` over the same bytes, no check.
"""

import asyncio
import hashlib
import os
import tempfile
from collections.abc import Callable
from time import perf_counter

import orjson

from benchmarks.report import Figure, show
from lineage import merkle
from lineage.chain import Head, Row, verify, verify_lines, verify_stream
from lineage.entry import GENESIS, Actor, Agent, Entry, EntryDraft, leaf, seal
from runtime.store.chain import append, head_of, rows_of
from runtime.store.database import Database

ENTRIES = 50_000
MILLION_SECONDS = 30
ROUNDS = 3


def _draft(number: int) -> EntryDraft:
    digest = f"sha256:{number:064x}"
    return EntryDraft(
        tenant="tenant-north",
        case="case-2024-000117",
        run="run-0001",
        kind="edit_proposed",
        at="2024-05-01T10:00:00Z",
        actor=Actor(type="agent", id="drafting", role="author"),
        agent=Agent("drafting", "compose", "3", digest, "model-large"),
        base_revision=digest,
        citations=(digest,),
        policy_version="7",
        content={"proposal": {"text": "The supplier confirmed delivery on 4 May. " * 4, "span": number}},
    )


def _chain() -> tuple[list[Entry], Head]:
    entries: list[Entry] = []
    tree = merkle.Frontier()
    prev = GENESIS
    for number in range(ENTRIES):
        entry = seal(_draft(number), number, prev)
        tree.append(leaf(entry.hash))
        entries.append(entry)
        prev = entry.hash
    return entries, Head(ENTRIES, prev, tree.root().hex())


def _floor(rows: list[Row]) -> None:
    for row in rows:
        hashlib.sha256(row.header).digest()
        orjson.loads(row.header)
        for _, value in row.contents.values():
            hashlib.sha256(value or b"").digest()
            orjson.loads(value or b"null")


async def _in_a_store(folder: str) -> float:
    """Entries a second as `casegate lineage verify` reads them: from SQLite, row by row, against the head."""
    database = await Database.open(f"sqlite:///{folder}/casegate.db")
    draft = _draft(0)
    for first in range(0, ENTRIES, 1000):
        drafts = [_draft(number) for number in range(first, first + 1000)]
        # Awaited before the next round: the drafts are those of this one.
        await database.together(lambda connection: append(connection, draft.tenant, draft.case, drafts))  # noqa: B023
    best = 0.0
    for _ in range(ROUNDS):
        start = perf_counter()
        head = await head_of(database, draft.tenant, draft.case)
        assert (await verify_stream(rows_of(database, draft.tenant, draft.case), head)).intact
        best = max(best, ENTRIES / (perf_counter() - start))
    await database.close()
    return best


def _rate(name: str, work: Callable[[], object]) -> None:
    seconds = []
    for _ in range(ROUNDS):
        start = perf_counter()
        work()
        seconds.append(perf_counter() - start)
    print(f"{name:<28}{ENTRIES / min(seconds):>12,.0f} entries/s (best of {ROUNDS})")


def main() -> None:
    start = perf_counter()
    entries, head = _chain()
    print(f"{'seal and append':<28}{ENTRIES / (perf_counter() - start):>12,.0f} entries/s")
    rows = [Row.of(entry) for entry in entries]
    assert verify(rows, head).intact
    print(f"header {len(rows[-1].header)} bytes, content {len(rows[-1].contents['proposal'][1] or b'')} bytes")
    _rate("verify", lambda: verify(rows, head))
    _rate("floor: sha256, orjson.loads", lambda: _floor(rows))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "lineage.jsonl")
        with open(path, "wb") as lines:
            lines.writelines(entry.line() for entry in entries)
        assert verify_lines(path, head).intact
        _rate("verify_lines", lambda: verify_lines(path, head))
        rate = asyncio.run(_in_a_store(folder))
        print(f"{'verify, from a store':<28}{rate:>12,.0f} entries/s (best of {ROUNDS})\n")
        show([Figure("a million entries from a store, s", 1_000_000 / rate, limit=MILLION_SECONDS)])


if __name__ == "__main__":
    main()
