"""What a round costs follows from what is near: no statement of it reads all that a tenant has stored."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import AsyncConnection
from streams import NORTHQUAY, put, settings
from test_signal_rounds import small

from evals.signal_stream import GAP, SKEW
from runtime.store import signal_rows
from runtime.store.database import Database
from server.signals.rounds import Rounds

# Tables that grow with the stream. Of the others there is a row a tenant, a source or a split.
GROWING = re.compile(r"\b(signals|signal_keys|signal_places|signal_clusters)\b")
# A whole table, or everything of the tenant.
READS_ALL = re.compile(r"SCAN (?!json_each)|\(tenant=\?\)$")


async def test_every_statement_finds_its_rows_by_more_than_the_tenant(tmp_path: Path) -> None:
    asked: dict[str, Any] = {}

    def heard(_c: Any, _cursor: Any, text: str, values: Any, _context: Any, many: bool) -> None:
        if GROWING.search(text) and not text.startswith("INSERT") and not many:
            asked.setdefault(text, values)

    database = await Database.open(f"sqlite:///{tmp_path / 's.db'}")
    event.listen(Engine, "before_cursor_execute", heard)
    try:
        rounds = Rounds(database, NORTHQUAY, settings(GAP, SKEW))
        chance = Random(5)
        signals = small(chance, 150)
        for n in range(0, len(signals), 50):
            await put(database, rounds, signals[n : n + 50])
        await signal_rows.members_of(database, NORTHQUAY, 1, 50)
    finally:
        event.remove(Engine, "before_cursor_execute", heard)
    assert any("p.state, s.parsed" in text for text in asked), "the members of clusters were not asked for"
    for text, values in asked.items():
        plan = await _plan(database, text, values)
        assert not [step for step in plan if READS_ALL.search(step)], f"{text}\n" + "\n".join(plan)
    await database.close()


async def _plan(database: Database, text: str, values: Any) -> list[str]:
    async def look(connection: AsyncConnection) -> list[str]:
        return [str(row[3]) for row in (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)).all()]

    return await database.looked(look)
