"""The machine loses power: the store stands as committed, and LangGraph's checkpoints may be older, or gone.

The store is waited for until it is on the disk, the checkpoints are not. So states that a commit leaves are taken up
again with no checkpoints at all, and with those of a much earlier moment: the run ends as the undisturbed one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from graphs.runner import admit, checkpointer, play
from runtime import faults
from runtime.model.offline import Offline
from runtime.store.chain import rows_of
from runtime.store.database import Database
from tools.packet_folder import load

ROOT = Path(__file__).resolve().parents[2]
PACKETS = [
    "outage-intake/cases/proof-goes-stale-between-two-gates",
    "contractor-access/cases/edits-accepted-and-rejected",
    "packet-dispatch/cases/references-age-while-the-packet-waits",
    "credit-options/cases/fact-changes-after-the-acceptance",
]
APART = 3
"""Of the states that commits leave, every third is taken up again; which ones differs between the packets."""


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


@contextmanager
def kept_at_each_commit(store: Path, folder: Path) -> Iterator[list[tuple[Path, Path]]]:
    """Copies of the store after each commit, and of the checkpoints that stood then."""
    kept: list[tuple[Path, Path]] = []

    def strike(point: str) -> None:
        if point == "transaction.after":
            copies = folder / f"{len(kept)}.db", folder / f"{len(kept)}.db.checkpoints"
            for copy in copies:
                _copy(Path(f"{store}{'.checkpoints' if copy.suffix == '.checkpoints' else ''}"), copy)
            kept.append(copies)

    faults.arm(strike)
    try:
        yield kept
    finally:
        faults.arm(None)


async def played(packet: Path, store: Path) -> dict[str, Any]:
    """What stands in the store when the packet was played over it to the end."""
    url, folder = f"sqlite:///{store}", load(packet)
    database = await Database.open(url)
    try:
        async with checkpointer(url) as saver:
            run = await admit(database, saver, folder, Offline())
            await play(run, folder)
            if run.context.index is not None:
                run.context.index.close()
        row = await run.store.row()
        assert row is not None
        return {
            "row": (row.status, row.outcome, row.gate, row.final),
            "revisions": [revision.sha256 for revision in await run.store.revisions()],
            "lane": [entry.idempotency_key for entry in await run.store.outbox()],
            "decisions": [(one.gate, one.state) for one in await run.store.decisions()],
            "lineage": [
                orjson.loads(one.header)["kind"] async for one in rows_of(database, run.store.tenant, run.store.case)
            ],
        }
    finally:
        await database.close()


@pytest.mark.parametrize("name", PACKETS)
@pytest.mark.timeout(240)
async def test_a_run_goes_on_from_older_checkpoints_and_from_none(name: str, tmp_path: Path) -> None:
    packet, store = ROOT / "scenarios" / name, tmp_path / "store.db"
    with kept_at_each_commit(store, tmp_path) as kept:
        whole = await played(packet, store)
    assert len(kept) > 12
    early = kept[len(kept) // 4][1]
    for n in range(PACKETS.index(name) % APART, len(kept), APART):
        for checkpoints in (None, early) if n > len(kept) // 4 else (None,):
            again = tmp_path / f"again-{n}-{'none' if checkpoints is None else 'older'}.db"
            _copy(kept[n][0], again)
            if checkpoints is not None:
                _copy(checkpoints, Path(f"{again}.checkpoints"))
            assert await played(packet, again) == whole, again.name
