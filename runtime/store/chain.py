"""The lineage in the store: appended inside a turn's transaction, read back as rows for verification."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import orjson
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from lineage.chain import Head, Row, Seal
from lineage.commitment import Opening
from lineage.entry import GENESIS, Entry, EntryDraft, commitments, leaf
from lineage.entry import seal as seal_entry
from lineage.merkle import Frontier
from runtime.store.database import Database
from runtime.store.tables import lineage, lineage_content, lineage_heads, lineage_seals

_PAGE = 2000


async def append(connection: AsyncConnection, tenant: str, case: str, drafts: Sequence[EntryDraft]) -> None:
    """Append entries to the case's chain and move its head, inside the caller's transaction.

    `UNIQUE(tenant, case, prev)` makes a fork impossible: a writer that did not see the head fails.
    """
    if not drafts:
        return
    c = lineage_heads.c
    mine = (c.tenant == tenant, c.case_id == case)
    found = (await connection.execute(select(c.size, c.hash, c.peaks).where(*mine).with_for_update())).first()
    size, prev, peaks = found if found else (0, GENESIS, "[]")
    frontier = Frontier(size, orjson.loads(peaks))
    rows: list[dict[str, Any]] = []
    contents: list[dict[str, Any]] = []
    for draft in drafts:
        entry = seal_entry(draft, frontier.size, prev)
        frontier.append(leaf(entry.hash))
        prev = entry.hash
        key = {"tenant": tenant, "case_id": case, "seq": entry.seq}
        rows.append({**key, "prev": entry.prev, "hash": entry.hash, "header": entry.header})
        contents.extend(
            {**key, "name": name, "salt": opening.salt, "value": opening.value}
            for name, opening in entry.openings.items()
        )
    await connection.execute(insert(lineage), rows)
    if contents:
        await connection.execute(insert(lineage_content), contents)
    head = {
        "size": frontier.size,
        "hash": prev,
        "peaks": orjson.dumps(frontier.peaks).decode(),
        "root": frontier.root().hex(),
    }
    if found:
        await connection.execute(update(lineage_heads).where(*mine).values(head))
    else:
        await connection.execute(insert(lineage_heads), {"tenant": tenant, "case_id": case, **head})


async def seal(connection: AsyncConnection, tenant: str, case: str, at: str) -> None:
    """Commit size and root of the chain as it stands, so that a tail that is cut off later shows."""
    c = lineage_heads.c
    head = (await connection.execute(select(c.size, c.root).where(c.tenant == tenant, c.case_id == case))).one()
    s = lineage_seals.c
    there = select(s.size).where(s.tenant == tenant, s.case_id == case, s.size == head.size)
    if (await connection.execute(there)).first() is None:
        row = {"tenant": tenant, "case_id": case, "size": head.size, "root": head.root, "at": at}
        await connection.execute(insert(lineage_seals), row)


async def head_of(database: Database, tenant: str, case: str) -> Head | None:
    """Size, hash and root of the chain, as committed beside it."""
    c = lineage_heads.c
    async with database.reading() as connection:
        found = (
            await connection.execute(select(c.size, c.hash, c.root).where(c.tenant == tenant, c.case_id == case))
        ).first()
    return Head(*found) if found else None


async def seals_of(database: Database, tenant: str, case: str) -> list[Seal]:
    """The seals of the case, oldest first."""
    c = lineage_seals.c
    query = select(c.size, c.root, c.at).where(c.tenant == tenant, c.case_id == case).order_by(c.size)
    async with database.reading() as connection:
        return [Seal(*row) for row in (await connection.execute(query)).all()]


async def rows_of(database: Database, tenant: str, case: str) -> AsyncIterator[Row]:
    """The chain's rows in order, page by page."""
    c = lineage.c
    last = None
    async with database.reading() as connection:
        while True:
            query = select(c.seq, c.prev, c.hash, c.header).where(c.tenant == tenant, c.case_id == case)
            query = query.order_by(c.seq).limit(_PAGE)
            page = (await connection.execute(query if last is None else query.where(c.seq > last))).all()
            if not page:
                return
            last = page[-1].seq
            contents = await _contents(connection, tenant, case, page[0].seq, last)
            for row in page:
                yield Row(row.seq, row.prev, row.hash, bytes(row.header), contents.get(row.seq, {}))


async def rows_after(
    database: Database, tenant: str, case: str, position: int, limit: int, *, contents: bool = True
) -> list[Row]:
    """A page of the chain: at most `limit` rows whose seq is higher than `position`."""
    c = lineage.c
    query = select(c.seq, c.prev, c.hash, c.header).where(c.tenant == tenant, c.case_id == case, c.seq > position)
    async with database.reading() as connection:
        page = (await connection.execute(query.order_by(c.seq).limit(limit))).all()
        found = await _contents(connection, tenant, case, page[0].seq, page[-1].seq) if page and contents else {}
    return [Row(row.seq, row.prev, row.hash, bytes(row.header), found.get(row.seq, {})) for row in page]


async def _contents(
    connection: AsyncConnection, tenant: str, case: str, first: int, last: int
) -> dict[int, dict[str, tuple[str | None, bytes | None]]]:
    k = lineage_content.c
    parts = select(k.seq, k.name, k.salt, k.value).where(k.tenant == tenant, k.case_id == case)
    found: dict[int, dict[str, tuple[str | None, bytes | None]]] = {}
    for seq, name, salt, value in (await connection.execute(parts.where(k.seq.between(first, last)))).all():
        found.setdefault(seq, {})[name] = (salt, None if value is None else bytes(value))
    return found


def entry_of(row: Row) -> Entry:
    """A row of ours as an entry, for `lineage.jsonl`."""
    committed = commitments(orjson.loads(row.header))
    openings = {name: Opening(salt, value, committed[name]) for name, (salt, value) in row.contents.items()}
    return Entry(row.seq, row.prev, row.hash, row.header, openings)


async def tenants_of(database: Database, case: str) -> list[str]:
    """The tenants that have a case of this name. For the operator's command line, which stands above tenants."""
    c = lineage.c
    async with database.reading() as connection:
        query = select(c.tenant).where(c.case_id == case).distinct().order_by(c.tenant)
        return [str(tenant) for (tenant,) in (await connection.execute(query)).all()]
