"""The lineage in the store: appended inside a turn's transaction, read back as rows for verification."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import orjson
from sqlalchemy import bindparam, insert, literal_column, select, text, type_coerce, union, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import NullType

from lineage.chain import EMPTY_HEAD, Head, Row, Seal, peaks_text
from lineage.commitment import Opening
from lineage.entry import Entry, EntryDraft, commitments, leaf
from lineage.entry import seal as seal_entry
from lineage.merkle import Frontier
from runtime.store.database import Database
from runtime.store.prepared import Prepared
from runtime.store.tables import lineage, lineage_content, lineage_heads, lineage_seals

_PAGE = 2000

# Made once: what a statement costs here is mostly its making.
_H = lineage_heads.c
_HEAD = Prepared(
    select(_H.size, _H.hash, _H.peaks)
    .where(_H.tenant == bindparam("tenant"), _H.case_id == bindparam("case_id"))
    .with_for_update()
)
_FIRST_HEAD = text(
    "INSERT INTO lineage_heads (tenant, case_id, size, hash, peaks, root)"
    " VALUES (:tenant, :case_id, :size, :hash, :peaks, :root) ON CONFLICT DO NOTHING"
)
_EMPTY = {"size": EMPTY_HEAD.size, "hash": EMPTY_HEAD.hash, "peaks": "[]", "root": EMPTY_HEAD.root}
_MOVED = Prepared(
    update(lineage_heads)
    .where(_H.tenant == bindparam("of_tenant"), _H.case_id == bindparam("of_case"))
    .values({name: bindparam(name) for name in _EMPTY})
)
_ENTRIES, _CONTENTS = Prepared(insert(lineage)), Prepared(insert(lineage_content))

# As stored, whatever it is: verification says what is wrong with a value of another type.
_L, _K = lineage.c, lineage_content.c
_PAGE_OF = (
    select(_L.seq, _L.prev, _L.hash, type_coerce(_L.header, NullType()).label("header"))
    .where(_L.tenant == bindparam("tenant"), _L.case_id == bindparam("case_id"))
    .order_by(_L.seq)
    .limit(bindparam("most"))
    .offset(literal_column("0"))  # else SQLite's has a value of its own here
)
_FIRST_PAGE, _NEXT_PAGE = Prepared(_PAGE_OF), Prepared(_PAGE_OF.where(_L.seq > bindparam("position")))
_PARTS = Prepared(
    select(_K.seq, _K.name, _K.salt, type_coerce(_K.value, NullType()))
    .where(_K.tenant == bindparam("tenant"), _K.case_id == bindparam("case_id"))
    .where(_K.seq.between(bindparam("first"), bindparam("last")))
)


async def append(connection: AsyncConnection, tenant: str, case: str, drafts: Sequence[EntryDraft]) -> int:
    """Append entries to the case's chain and move its head, inside the caller's transaction. The first one's place.

    `UNIQUE(tenant, case, prev)` makes a fork impossible: a writer that did not see the head fails.
    """
    if not drafts:
        return -1
    scope = {"tenant": tenant, "case_id": case}
    found = await _HEAD.found(connection, scope)
    if not found:
        # Two may write a case's first entry at once: the row is there for both before one of them locks it.
        await connection.execute(_FIRST_HEAD, {**scope, **_EMPTY})
        found = await _HEAD.found(connection, scope)
    [(size, prev, peaks)] = found
    first = int(size)
    frontier = Frontier(size, orjson.loads(peaks))
    rows: list[dict[str, Any]] = []
    contents: list[dict[str, Any]] = []
    for draft in drafts:
        entry = seal_entry(draft, frontier.size, prev)
        frontier.append(leaf(entry.hash))
        prev, seq = entry.hash, entry.seq
        rows.append(
            {"tenant": tenant, "case_id": case, "seq": seq, "prev": entry.prev, "hash": prev, "header": entry.header}
        )
        for name, o in entry.openings.items():
            contents.append(
                {"tenant": tenant, "case_id": case, "seq": seq, "name": name, "salt": o.salt, "value": o.value}
            )
    await _ENTRIES.run(connection, rows)
    if contents:
        await _CONTENTS.run(connection, contents)
    moved = {"size": frontier.size, "hash": prev, "peaks": peaks_text(frontier), "root": frontier.root().hex()}
    await _MOVED.run(connection, [{"of_tenant": tenant, "of_case": case, **moved}])
    return first


async def seal(connection: AsyncConnection, tenant: str, case: str, at: str) -> None:
    """Commit size and root of the chain as it stands, so that a tail that is cut off later shows."""
    c = lineage_heads.c
    head = (await connection.execute(select(c.size, c.root).where(c.tenant == tenant, c.case_id == case))).one()
    s = lineage_seals.c
    there = select(s.size).where(s.tenant == tenant, s.case_id == case, s.size == head.size)
    if (await connection.execute(there)).first() is None:
        row = {"tenant": tenant, "case_id": case, "size": head.size, "root": head.root, "at": at}
        await connection.execute(insert(lineage_seals), row)


async def head_of(database: Database, tenant: str, case: str) -> Head:
    """Size, hash, root and frontier of the chain, as committed beside it. A case without a head row has an empty one:
    whatever entries there are then stand behind the end."""
    c = lineage_heads.c
    query = select(c.size, c.hash, c.root, c.peaks).where(c.tenant == tenant, c.case_id == case)
    found = await database.row(query)
    return Head(*found) if found else EMPTY_HEAD


async def seals_of(database: Database, tenant: str, case: str) -> list[Seal]:
    """The seals of the case, oldest first."""
    c = lineage_seals.c
    query = select(c.size, c.root, c.at).where(c.tenant == tenant, c.case_id == case).order_by(c.size)
    return [Seal(*row) for row in await database.rows(query)]


async def rows_of(database: Database, tenant: str, case: str) -> AsyncIterator[Row]:
    """The chain's rows in order, page by page."""
    last = None
    while page := await rows_after(database, tenant, case, last, _PAGE):
        for row in page:
            yield row
        last = page[-1].seq


def _stored(value: Any) -> Any:
    """Bytes as bytes, whatever the driver wraps them in."""
    return bytes(value) if isinstance(value, memoryview) else value


async def rows_after(
    database: Database, tenant: str, case: str, position: int | None, limit: int, *, contents: bool = True
) -> list[Row]:
    """A page of the chain: at most `limit` rows whose seq is higher than `position`; None is before any."""
    values: dict[str, Any] = {"tenant": tenant, "case_id": case, "most": limit}
    if position is not None:
        values["position"] = position
    query = _FIRST_PAGE if position is None else _NEXT_PAGE

    async def look(connection: AsyncConnection) -> list[Row]:
        page = await query.found(connection, values)
        found = await _contents(connection, tenant, case, page[0][0], page[-1][0]) if page and contents else {}
        return [Row(seq, prev, hash_, _stored(header), found.get(seq, {})) for seq, prev, hash_, header in page]

    return await database.looked(look)


async def _contents(
    connection: AsyncConnection, tenant: str, case: str, first: int, last: int
) -> dict[int, dict[str, tuple[str | None, bytes | None]]]:
    found: dict[int, dict[str, tuple[str | None, bytes | None]]] = {}
    values = {"tenant": tenant, "case_id": case, "first": first, "last": last}
    for seq, name, salt, value in await _PARTS.found(connection, values):
        found.setdefault(seq, {})[name] = (salt, _stored(value))
    return found


def entry_of(row: Row) -> Entry:
    """A row of ours as an entry, for `lineage.jsonl`."""
    committed = commitments(orjson.loads(row.header))
    openings = {name: Opening(salt, value, committed[name]) for name, (salt, value) in row.contents.items()}
    return Entry(row.seq, row.prev, row.hash, row.header, openings)


async def tenants_of(database: Database, case: str) -> list[str]:
    """The tenants that have a case of this name, also where only its head or a seal is left.

    For the operator's command line, which stands above tenants.
    """
    tables = (lineage, lineage_heads, lineage_seals)
    query = union(*(select(table.c.tenant).where(table.c.case_id == case) for table in tables))
    return sorted(str(tenant) for (tenant,) in await database.rows(query))
