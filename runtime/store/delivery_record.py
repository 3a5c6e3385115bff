"""What became of a delivery, as an entry of its case's chain, in the transaction that records it.

A delivery comes after the release, and often after the end of its run. A sealed case is then sealed anew over the
longer chain, and the new seal goes into the service log: the seal and the receipt of the run stay as they are, and a
delivery or a dead letter that is cut off or rewritten later shows like anything else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from lineage.canonical import Json, digest_bytes
from lineage.chain import Seal
from lineage.entry import Actor, EntryDraft
from lineage.keys import PrivateKey
from runtime.clock import instant
from runtime.installation import Installation
from runtime.store import seal_rows
from runtime.store import tables as t
from runtime.store.chain import append, seal

Kind = Literal["delivered", "delivery_dead", "delivery_revived"]
WORKER = Actor("system", "delivery")


@dataclass(frozen=True, slots=True)
class Log:
    """The service log that seals go into; `signer` is asked each time, because keys are rotated."""

    origin: str
    signer: Callable[[datetime], PrivateKey]

    @staticmethod
    def of(home: Installation) -> Log:
        """The log of an installation."""
        return Log(home.log_origin, lambda now: home.signer("log", now))


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
    await append(connection, one.tenant, row.case_id, [draft])
    if await _was_sealed(connection, one.tenant, row.case_id):
        await seal(connection, one.tenant, row.case_id, instant(at))
        newest = await _newest(connection, one.tenant, row.case_id)
        await seal_rows.enter(connection, log.origin, one.tenant, row.case_id, newest, log.signer(at))


async def _was_sealed(connection: AsyncConnection, tenant: str, case: str) -> bool:
    s = t.lineage_seals.c
    query = select(s.size).where(s.tenant == tenant, s.case_id == case).limit(1)
    return (await connection.execute(query)).first() is not None


async def _newest(connection: AsyncConnection, tenant: str, case: str) -> Seal:
    s = t.lineage_seals.c
    query = select(s.size, s.root, s.at).where(s.tenant == tenant, s.case_id == case).order_by(s.size.desc()).limit(1)
    return Seal(*(await connection.execute(query)).one())
