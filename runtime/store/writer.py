"""Writing a turn's rows: one statement a table, because each statement is a hop to the database's thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from casefile.effects import Effect
from casefile.evidence import Evidence
from runtime.store import tables as t


class Writer:
    """Writes rows of one run inside a transaction that is already open."""

    def __init__(self, connection: AsyncConnection, tenant: str, run: str, on_sqlite: bool) -> None:
        self._connection, self._tenant, self._run = connection, tenant, run
        self._upsert = sqlite.insert if on_sqlite else postgresql.insert

    async def append(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Rows that come after those that are there: each gets the next `seq`."""
        if rows:
            first = await self._count(table)
            numbered = [{"tenant": self._tenant, "run": self._run, "seq": first + n, **r} for n, r in enumerate(rows)]
            await self._connection.execute(insert(table), numbered)

    async def put(self, table: Table, key: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
        """Rows that replace those with the same key. All rows have the same members."""
        if not rows:
            return
        statement = self._upsert(table)
        changed = {name: statement.excluded[name] for name in rows[0] if name not in (*key, "seq")}
        statement = statement.on_conflict_do_update(index_elements=["tenant", "run", *key], set_=changed)
        scoped = [{"tenant": self._tenant, "run": self._run, **row} for row in rows]
        await self._connection.execute(statement, scoped)

    async def evidence(self, items: Sequence[Evidence]) -> None:
        """Ledger rows; one that is there keeps its place."""
        if items:
            first = await self._count(t.evidence)
            rows = [
                {"id": item.id, "seq": first + n, "sha256": item.sha256, "body": item.model_dump_json()}
                for n, item in enumerate(items)
            ]
            await self.put(t.evidence, ("id",), rows)

    async def effects(self, effects: Sequence[Effect]) -> None:
        """Effects by their key; one that is there keeps its place and takes its new state."""
        if effects:
            first = await self._count(t.effects)
            rows = [
                {
                    "idempotency_key": effect.idempotency_key,
                    "seq": first + n,
                    "state": effect.state,
                    "body": effect.model_dump_json(),
                }
                for n, effect in enumerate(effects)
            ]
            await self.put(t.effects, ("idempotency_key",), rows)

    async def blobs(self, blobs: Mapping[str, bytes]) -> None:
        """Frozen bytes, stored once for a tenant."""
        if blobs:
            statement = self._upsert(t.blobs).on_conflict_do_nothing(index_elements=["tenant", "sha256"])
            rows = [
                {"tenant": self._tenant, "sha256": sha256, "size": len(data), "data": data}
                for sha256, data in blobs.items()
            ]
            await self._connection.execute(statement, rows)

    async def _count(self, table: Table) -> int:
        query = select(func.count()).where(table.c.tenant == self._tenant, table.c.run == self._run)
        return int((await self._connection.execute(query)).scalar_one())
