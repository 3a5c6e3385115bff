"""What people are given to sign with keys of their own, and the signatures that came back.

Times are `YYYY-MM-DDTHH:MM:SSZ` by the machine's clock, except `decided_at`, which is by the run's.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.store.database import Database
from runtime.store.tables import signing_requests

_C = signing_requests.c


@dataclass(frozen=True, slots=True)
class SigningRequest:
    """The statement of one answer, as canonical JSON in `body`. `decision` is the id that the decision will have."""

    decision: str
    owner: str
    kid: str
    answer: str
    body: bytes
    decided_at: str
    signed_at: str
    until: str
    signature: bytes | None = None


async def put(database: Database, tenant: str, run: str, request: SigningRequest) -> SigningRequest:
    """Store it; give what stands then: the first of that decision that is not over (R10). Those that are over go."""

    async def work(connection: AsyncConnection) -> None:
        await connection.execute(delete(signing_requests).where(_C.until <= request.signed_at))
        await connection.execute(insert(signing_requests), {"tenant": tenant, "run": run, **asdict(request)})

    try:
        await database.together(work)
    except IntegrityError:
        found = await find(database, tenant, run, request.decision)
        return found or request
    return request


async def find(database: Database, tenant: str, run: str, decision: str) -> SigningRequest | None:
    """The request for that decision, or None."""
    names = (_C.decision, _C.owner, _C.kid, _C.answer, _C.body, _C.decided_at, _C.signed_at, _C.until, _C.signature)
    mine = (_C.tenant == tenant, _C.run == run, _C.decision == decision)
    row = await database.row(select(*names).where(*mine))
    if row is None:
        return None
    return SigningRequest(
        row.decision, row.owner, row.kid, row.answer, bytes(row.body), row.decided_at, row.signed_at, row.until,
        None if row.signature is None else bytes(row.signature),
    )  # fmt: skip


async def sign(database: Database, tenant: str, run: str, decision: str, signature: bytes) -> None:
    """Keep the signature that came, for the step that stores the decision."""
    mine = (_C.tenant == tenant, _C.run == run, _C.decision == decision)
    signed = update(signing_requests).where(*mine).values(signature=signature)
    await database.together(lambda connection: connection.execute(signed))


async def drop(database: Database, tenant: str, run: str, decision: str) -> None:
    """The decision is stored: its envelope holds all of it."""
    mine = (_C.tenant == tenant, _C.run == run, _C.decision == decision)
    gone = delete(signing_requests).where(*mine)
    await database.together(lambda connection: connection.execute(gone))
