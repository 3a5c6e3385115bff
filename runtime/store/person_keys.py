"""The keys of people: made at first use, sealed in the store, published in the installation.

Who signs is asked through `signer`, so that a key which the person holds (a passkey) can take the place of one that
the service keeps for him.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from lineage.keys import PublicKey, Signer
from runtime.clock import instant
from runtime.installation import KEY_BYTES, Installation, ended, new_key
from runtime.store.database import Database
from runtime.store.tables import person_keys

_C = person_keys.c


async def signer(database: Database, installation: Installation, tenant: str, owner: str, now: datetime) -> Signer:
    """What signs for that person now: the newest key, followed by a new one where it is over. None comes back."""
    at = instant(now)
    query = select(_C.kid, _C.sealed, _C.valid_until, _C.revoked_at).where(_C.tenant == tenant, _C.owner == owner)
    found = await database.row(query.order_by(_C.generation.desc()).limit(1))
    if found is not None and found.revoked_at is None and at < found.valid_until:
        return installation.unseal(bytes(found.sealed), found.kid)
    await make(database, installation, tenant, owner, now)
    return await signer(database, installation, tenant, owner, now)


async def make(database: Database, installation: Installation, tenant: str, owner: str, now: datetime) -> None:
    """A new key for that person. Where another process makes one at the same moment, that one stands."""
    seed = secrets.token_bytes(KEY_BYTES)
    key = new_key(seed, "decision", tenant, owner, now)
    # Published first: a key that nothing is signed with does no harm, a signature by an unknown key would.
    installation.publish(key)
    try:

        async def work(connection: AsyncConnection) -> None:
            last = select(func.max(_C.generation)).where(_C.tenant == tenant, _C.owner == owner)
            generation = (await connection.execute(last)).scalar()
            row = {
                "tenant": tenant,
                "owner": owner,
                "generation": 0 if generation is None else generation + 1,
                "kid": key.kid,
                "public": key.raw,
                "sealed": installation.seal(seed, key.kid),
                "valid_from": key.valid_from,
                "valid_until": key.valid_until,
            }
            await connection.execute(insert(person_keys), row)

        await database.together(work)
    except IntegrityError:
        return


async def rotate(database: Database, installation: Installation, tenant: str, owner: str, now: datetime) -> None:
    """A new key for that person; those that are valid end after the overlap."""
    for key in await every(database, tenant):
        if key.owner == owner and key.fault_at(instant(now)) is None:
            await _store(database, installation, ended(key, now))
    await make(database, installation, tenant, owner, now)


async def revoke(database: Database, installation: Installation, key: PublicKey, now: datetime, reason: str) -> None:
    """From now on nothing that the key signs counts."""
    await _store(database, installation, installation.revoke(key, now, reason))


async def every(database: Database, tenant: str | None = None) -> list[PublicKey]:
    """The public keys of people, those of one tenant where it is given."""
    query: Select[Any] = select(
        _C.public, _C.tenant, _C.owner, _C.valid_from, _C.valid_until, _C.revoked_at, _C.revocation
    ).order_by(_C.tenant, _C.owner, _C.generation)
    rows = await database.rows(query if tenant is None else query.where(_C.tenant == tenant))
    return [PublicKey(bytes(row[0]), "decision", *row[1:]) for row in rows]


async def _store(database: Database, installation: Installation, key: PublicKey) -> None:
    values = {"valid_until": key.valid_until, "revoked_at": key.revoked_at, "revocation": key.revocation}
    await database.together(
        lambda connection: connection.execute(update(person_keys).where(_C.kid == key.kid).values(values))
    )
    installation.publish(key)
