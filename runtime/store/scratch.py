"""A copy of one run in a store of its own, to try on it what must not happen to the run itself.

The copy can be driven like a run. Nothing that it does reaches the store it came from, and no worker looks at it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Table, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.store import tables as t
from runtime.store.database import Database
from runtime.store.run_store import RunStore
from runtime.store.setting_tables import suspensions

# Of the outbox and the effects too: a copy knows what was done, so that nothing looks due that is done.
_OF_RUN = (
    t.runs, t.turns, t.inbox, t.evidence, t.work, t.revisions, t.edits, t.edit_verdicts, t.items, t.decisions,
    t.envelopes, t.refusals, t.outbox, t.effects,
)  # fmt: skip


class ScratchStore(RunStore):
    """The copy. Frozen bytes are read where they are: they never change."""

    def __init__(self, database: Database, original: RunStore) -> None:
        super().__init__(database, original.tenant, original.case, original.run)
        self._original = original

    async def blob(self, sha256: str) -> bytes:
        """Frozen bytes by their hash, also those that only the copy was given. Raises KeyError where there are none."""
        try:
            return await self._original.blob(sha256)
        except KeyError:
            return await super().blob(sha256)


@asynccontextmanager
async def scratch_space() -> AsyncIterator[Database]:
    """An empty store that is gone afterwards."""
    with TemporaryDirectory(prefix="casegate-scratch-") as folder:
        database = await Database.open(f"sqlite:///{Path(folder) / 'scratch.db'}")
        try:
            yield database
        finally:
            await database.close()


async def copied(original: RunStore, into: Database) -> ScratchStore:
    """Copy a run, with the head of its chain and who is out of use in its tenant. A copy that is there is replaced."""
    source, tenant, run = original.database, original.tenant, original.run
    parts: list[tuple[Table, Any, list[Any]]] = []
    for table in _OF_RUN:
        mine = (table.c.tenant == tenant, table.c.run == run)
        parts.append((table, mine, await source.rows(select(table).where(*mine))))
    head = (t.lineage_heads.c.tenant == tenant, t.lineage_heads.c.case_id == original.case)
    parts.append((t.lineage_heads, head, await source.rows(select(t.lineage_heads).where(*head))))
    out = (suspensions.c.tenant == tenant,)
    parts.append((suspensions, out, await source.rows(select(suspensions).where(*out))))

    async def write(connection: AsyncConnection) -> None:
        await connection.execute(t.lineage.delete().where(t.lineage.c.tenant == tenant))
        await connection.execute(t.lineage_content.delete().where(t.lineage_content.c.tenant == tenant))
        for table, mine, rows in parts:
            await connection.execute(table.delete().where(*mine))
            if rows:
                await connection.execute(insert(table), [dict(row._mapping) for row in rows])
        released = t.runs.update().where(t.runs.c.tenant == tenant, t.runs.c.run == run)
        await connection.execute(released.values(lease_owner=None, lease_until=None))

    await into.together(write)
    return ScratchStore(into, original)
