"""What became of a delivery, as an entry of its case's chain, in the transaction that records it.

A delivery comes after the release, and often after the end of its run (`runtime.store.afterwards`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from lineage.canonical import Json, digest_bytes
from lineage.entry import Actor, EntryDraft
from runtime.clock import instant
from runtime.store import tables as t
from runtime.store.afterwards import Log, enter

Kind = Literal["delivered", "delivery_dead", "delivery_revived"]
WORKER = Actor("system", "delivery")


@dataclass(frozen=True, slots=True)
class Delivered:
    """Which outbox row, what became of it, and who did it."""

    tenant: str
    key: str
    kind: Kind
    said: dict[str, Json]
    actor: Actor = WORKER


async def record(connection: AsyncConnection, one: Delivered, now: int, log: Log) -> None:
    """Append the entry, and seal the case anew where it was sealed. `now` in seconds, by the machine's clock."""
    o, r = t.outbox.c, t.runs.c
    query = select(o.run, o.lane, o.body, r.case_id).join(t.runs, (r.tenant == o.tenant) & (r.run == o.run))
    row = (await connection.execute(query.where(o.tenant == one.tenant, o.idempotency_key == one.key))).one()
    at = datetime.fromtimestamp(now, UTC)
    body = bytes(row.body)
    draft = EntryDraft(
        tenant=one.tenant,
        case=row.case_id,
        run=row.run,
        kind=one.kind,
        at=instant(at),
        actor=one.actor,
        # The content that was released, and the hash of the very bytes that went out.
        base_revision=orjson.loads(body).get("artifact_sha256"),
        citations=(digest_bytes(body),),
        content={"delivery": {"lane": row.lane, "key": one.key, **one.said}},
    )
    await enter(connection, draft, at, log)
