"""Receipts in the store: issued once, and the same bytes ever after (R10), unless content in them is erased."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.store.database import Database
from runtime.store.tables import envelopes, receipts


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """A stored receipt file."""

    run: str
    kid: str
    issued_at: str
    body: bytes


async def stored(connection: AsyncConnection, tenant: str, run: str) -> bytes | None:
    """The receipt of a run, or None."""
    query = select(receipts.c.body).where(receipts.c.tenant == tenant, receipts.c.run == run)
    found = (await connection.execute(query)).scalar()
    return None if found is None else bytes(found)


async def put(connection: AsyncConnection, tenant: str, case: str, row: ReceiptRow) -> None:
    """Store a new receipt. Raises IntegrityError where the run has one."""
    values = {"run": row.run, "kid": row.kid, "issued_at": row.issued_at, "body": row.body}
    await connection.execute(insert(receipts), {"tenant": tenant, "case_id": case, **values})


async def replace(connection: AsyncConnection, tenant: str, run: str, body: bytes) -> None:
    """The receipt after an erasure."""
    mine = (receipts.c.tenant == tenant, receipts.c.run == run)
    await connection.execute(update(receipts).where(*mine).values(body=body))


async def of_case(connection: AsyncConnection, tenant: str, case: str) -> list[ReceiptRow]:
    """All receipts of a case."""
    c = receipts.c
    query = select(c.run, c.kid, c.issued_at, c.body).where(c.tenant == tenant, c.case_id == case).order_by(c.run)
    return [ReceiptRow(r.run, r.kid, r.issued_at, bytes(r.body)) for r in (await connection.execute(query)).all()]


async def signed_since(database: Database, kid: str, since: str) -> tuple[int, int]:
    """How many decisions and receipts that key signed from that time on: what a revocation takes away."""
    e, r = envelopes.c, receipts.c
    decisions = await database.rows(select(e.decision).where(e.kid == kid, e.signed_at >= since))
    issued = await database.rows(select(r.run).where(r.kid == kid, r.issued_at >= since))
    return len(decisions), len(issued)
