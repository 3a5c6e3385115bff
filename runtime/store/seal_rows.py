"""The service log in the store: each sealed case one leaf, each leaf one signed checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from lineage.canonical import Json
from lineage.chain import Seal
from lineage.encoding import to_base64url
from lineage.keys import Signer
from lineage.log import note, sealed
from lineage.merkle import Frontier, consistency_proof, inclusion_proof
from runtime.store.database import Database
from runtime.store.tables import log_checkpoints, seal_log

_LOG_LOCK = 718232


@dataclass(frozen=True, slots=True)
class LogRow:
    """A leaf of the log, with what it commits to."""

    place: int
    tenant: str
    case: str
    seal: Seal
    leaf: str


async def enter(
    connection: AsyncConnection, origin: str, tenant: str, case: str, seal: Seal, signer: Signer
) -> dict[str, Json]:
    """Put a seal into the log, inside the caller's transaction, and give its proof as receipts carry it.

    A seal that is there already is proved against the newest checkpoint (R10).
    """
    if connection.dialect.name == "postgresql":
        # One writer at a time; on SQLite the write lock is held already.
        await connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOG_LOCK})"))
    c = seal_log.c
    mine = select(c.place).where(c.tenant == tenant, c.case_id == case, c.size == seal.size)
    place = (await connection.execute(mine)).scalar()
    if place is None:
        place = await _append(connection, origin, tenant, case, seal, signer)
    k = log_checkpoints.c
    size, kid, signed = (await connection.execute(select(k.size, k.kid, k.note).order_by(k.size.desc()).limit(1))).one()
    proof = inclusion_proof(await _leaves(connection, size), place)
    return {"index": place, "kid": kid, "checkpoint": signed, "proof": [to_base64url(one) for one in proof]}


async def _append(connection: AsyncConnection, origin: str, tenant: str, case: str, seal: Seal, signer: Signer) -> int:
    c = seal_log.c
    last = (await connection.execute(select(c.place, c.peaks).order_by(c.place.desc()).limit(1))).first()
    place = 0 if last is None else int(last.place) + 1
    frontier = Frontier(place, orjson.loads(last.peaks) if last else [])
    leaf = sealed.leaf(tenant, case, seal.size, seal.root, seal.at)
    frontier.append(leaf)
    row = {"place": place, "tenant": tenant, "case_id": case, "size": seal.size, "root": seal.root, "at": seal.at}
    peaks = orjson.dumps(frontier.peaks).decode()
    await connection.execute(insert(seal_log), {**row, "leaf": leaf.hex(), "peaks": peaks})
    checkpoint = note.Checkpoint(origin, frontier.size, frontier.root())
    signed = note.sign(checkpoint, signer)
    await connection.execute(insert(log_checkpoints), {"size": frontier.size, "kid": signer.kid, "note": signed})
    return place


async def _leaves(connection: AsyncConnection, size: int) -> list[bytes]:
    query = select(seal_log.c.leaf).where(seal_log.c.place < size).order_by(seal_log.c.place)
    return [bytes.fromhex(leaf) for (leaf,) in (await connection.execute(query)).all()]


async def newest_checkpoint(database: Database) -> tuple[str, str] | None:
    """Key id and signed note of the newest checkpoint, or None where nothing was sealed yet."""
    k = log_checkpoints.c
    found = await database.row(select(k.kid, k.note).order_by(k.size.desc()).limit(1))
    return (found.kid, found.note) if found else None


async def rows_from(database: Database, first: int, size: int) -> list[LogRow]:
    """The leaves from `first` up to the log's `size`."""
    c = seal_log.c
    query = select(c.place, c.tenant, c.case_id, c.size, c.root, c.at, c.leaf).order_by(c.place)
    found = await database.rows(query.where(c.place >= first, c.place < size))
    return [LogRow(r.place, r.tenant, r.case_id, Seal(r.size, r.root, r.at), r.leaf) for r in found]


async def consistency(database: Database, old: int, size: int) -> Sequence[bytes]:
    """The proof that the log of `old` leaves is a prefix of that of `size`. Raises ValueError for other sizes."""
    return consistency_proof(await database.looked(lambda connection: _leaves(connection, size)), old)
