"""Writing a turn's rows: one statement a table, each made once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Table, bindparam, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from casefile.effects import Effect
from casefile.evidence import Evidence
from runtime.store import tables as t
from runtime.store.prepared import Prepared


class Writer:
    """Writes rows of one run inside a transaction that is already open."""

    def __init__(self, connection: AsyncConnection, tenant: str, run: str, on_sqlite: bool) -> None:
        self._connection, self._scope = connection, {"tenant": tenant, "run": run}
        self._on_sqlite = on_sqlite

    async def append(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Rows that come after those that are there: each gets the next `seq`."""
        if rows:
            first = await self._next(table)
            numbered = [{**self._scope, "seq": first + n, **r} for n, r in enumerate(rows)]
            await _inserting(table, tuple(numbered[0])).run(self._connection, numbered)

    async def put(self, table: Table, key: tuple[str, ...], rows: Sequence[Mapping[str, Any]]) -> None:
        """Rows that replace those with the same key. All rows have the same members."""
        if rows:
            scoped = [{**self._scope, **row} for row in rows]
            statement = _putting(table, ("tenant", "run", *key), tuple(scoped[0]), self._on_sqlite)
            await statement.run(self._connection, scoped)

    async def evidence(self, items: Sequence[Evidence]) -> None:
        """Ledger rows; one that is there keeps its place."""
        if items:
            first = await self._next(t.evidence)
            rows = [
                {"id": item.id, "seq": first + n, "sha256": item.sha256, "body": item.model_dump_json()}
                for n, item in enumerate(items)
            ]
            await self.put(t.evidence, ("id",), rows)

    async def effects(self, effects: Sequence[Effect]) -> None:
        """Effects by their key; one that is there keeps its place and takes its new state."""
        if effects:
            first = await self._next(t.effects)
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
            tenant = self._scope["tenant"]
            rows = [
                {"tenant": tenant, "sha256": sha256, "size": len(data), "data": data} for sha256, data in blobs.items()
            ]
            await _putting(t.blobs, ("tenant", "sha256"), tuple(rows[0]), self._on_sqlite).run(self._connection, rows)

    async def _next(self, table: Table) -> int:
        [(highest,)] = await _highest(table).found(self._connection, self._scope)
        return 0 if highest is None else int(highest) + 1


@cache
def _highest(table: Table) -> Prepared:
    c = table.c
    mine = (c.tenant == bindparam("tenant"), c.run == bindparam("run"))
    return Prepared(select(func.max(c.seq)).where(*mine))


@cache
def _inserting(table: Table, columns: tuple[str, ...]) -> Prepared:
    return Prepared(insert(table), columns)


@cache
def _putting(table: Table, key: tuple[str, ...], columns: tuple[str, ...], on_sqlite: bool) -> Prepared:
    statement = (sqlite.insert if on_sqlite else postgresql.insert)(table)
    # What stands keeps its place: `seq` is given once. Content under its own hash never changes.
    changed = {name: statement.excluded[name] for name in columns if name not in (*key, "seq")}
    if table is t.blobs:
        return Prepared(statement.on_conflict_do_nothing(index_elements=key), columns)
    return Prepared(statement.on_conflict_do_update(index_elements=key, set_=changed), columns)
