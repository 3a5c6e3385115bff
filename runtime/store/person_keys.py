"""The keys of people, published in the installation: made at first use and sealed in the store, or held by the person.

Who signs is asked through `signer`. From the moment at which a person registers a key that he holds, the service signs
nothing in his name any more, also when that key is over or revoked: he registers the next one, or whoever runs the
installation gives him a sealed one (`casegate keys rotate`).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from lineage.keys import PublicKey, SignedElsewhere, Signer
from runtime.clock import instant
from runtime.errors import SigningError
from runtime.installation import KEY_BYTES, VALIDITY, Installation, ended, new_key
from runtime.store.database import Database
from runtime.store.tables import person_keys

_C = person_keys.c
_PUBLIC = (_C.public, _C.tenant, _C.owner, _C.valid_from, _C.valid_until, _C.revoked_at, _C.revocation)
# A decision that is being signed with the sealed key while its person registers one of his own still counts.
HANDOVER: Final = timedelta(minutes=1)


async def signer(
    database: Database,
    installation: Installation,
    tenant: str,
    owner: str,
    now: datetime,
    signature: bytes | None = None,
) -> Signer:
    """What signs for that person now: the newest key. A sealed one that is over is followed by a new one.

    `signature` was made elsewhere, by the key that the person holds. Raises SigningError where he holds one and there
    is none or the key is over, and where there is one and he holds none.
    """
    query = select(_C.kid, _C.sealed, *_PUBLIC).where(_C.tenant == tenant, _C.owner == owner)
    found = await database.row(query.order_by(_C.generation.desc()).limit(1))
    if found is not None and found.sealed is None:
        return _elsewhere(_key(found[2:]), signature, now)
    if signature is not None:
        raise SigningError(f"{owner} has registered no key of his own to sign with")
    if found is not None and found.revoked_at is None and instant(now) < found.valid_until:
        return installation.unseal(bytes(found.sealed), found.kid)
    await make(database, installation, tenant, owner, now)
    return await signer(database, installation, tenant, owner, now)


def _elsewhere(key: PublicKey, signature: bytes | None, now: datetime) -> Signer:
    if fault := key.fault_at(instant(now)):
        raise SigningError(f"the key that {key.owner} holds is over: {fault}; another one has to be registered")
    if signature is None:
        raise SigningError(f"{key.owner} signs with key {key.kid}, and the service does not have it")
    return SignedElsewhere(key, signature)


async def held(database: Database, tenant: str, owner: str) -> PublicKey | None:
    """The key with which that person signs himself, also where it is over; None where the service signs for him."""
    query = select(_C.sealed, *_PUBLIC).where(_C.tenant == tenant, _C.owner == owner)
    found = await database.row(query.order_by(_C.generation.desc()).limit(1))
    return None if found is None or found.sealed is not None else _key(found[1:])


async def known(database: Database, kid: str) -> bool:
    """Whether anybody has or had a key of that id."""
    return await database.row(select(_C.kid).where(_C.kid == kid)) is not None


def offered(raw: bytes, tenant: str, owner: str, now: datetime) -> PublicKey:
    """A public key as that person would hold it, valid from now on."""
    return PublicKey(raw, "decision", tenant, owner, instant(now), instant(now + VALIDITY))


async def register(connection: AsyncConnection, key: PublicKey, now: datetime) -> list[PublicKey]:
    """That person signs with a key of his own from now on. The keys that end by it, and the new one, to be published.

    Raises IntegrityError where the key is registered already, whosever it is.
    """
    rows = (await connection.execute(select(*_PUBLIC).where(_C.tenant == key.tenant, _C.owner == key.owner))).all()
    over = [ended(one, now, HANDOVER) for one in map(_key, rows) if one.fault_at(instant(now)) is None]
    for one in over:
        await connection.execute(update(person_keys).where(_C.kid == one.kid).values(valid_until=one.valid_until))
    await _insert(connection, key, None)
    return [*over, key]


async def make(database: Database, installation: Installation, tenant: str, owner: str, now: datetime) -> None:
    """A new key for that person. Where another process makes one at the same moment, that one stands."""
    seed = secrets.token_bytes(KEY_BYTES)
    key = new_key(seed, "decision", tenant, owner, now)
    # Published first: a key that nothing is signed with does no harm, a signature by an unknown key would.
    installation.publish(key)
    try:
        sealed = installation.seal(seed, key.kid)
        await database.together(lambda connection: _insert(connection, key, sealed))
    except IntegrityError:
        return


async def _insert(connection: AsyncConnection, key: PublicKey, sealed: bytes | None) -> None:
    last = select(func.max(_C.generation)).where(_C.tenant == key.tenant, _C.owner == key.owner)
    generation = (await connection.execute(last)).scalar()
    row: Mapping[str, Any] = {
        "tenant": key.tenant,
        "owner": key.owner,
        "generation": 0 if generation is None else generation + 1,
        "kid": key.kid,
        "public": key.raw,
        "sealed": sealed,
        "valid_from": key.valid_from,
        "valid_until": key.valid_until,
    }
    await connection.execute(insert(person_keys), row)


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
    query: Select[Any] = select(*_PUBLIC).order_by(_C.tenant, _C.owner, _C.generation)
    rows = await database.rows(query if tenant is None else query.where(_C.tenant == tenant))
    return [_key(row) for row in rows]


def _key(row: Any) -> PublicKey:
    return PublicKey(bytes(row[0]), "decision", *row[1:])


async def _store(database: Database, installation: Installation, key: PublicKey) -> None:
    values = {"valid_until": key.valid_until, "revoked_at": key.revoked_at, "revocation": key.revocation}
    await database.together(
        lambda connection: connection.execute(update(person_keys).where(_C.kid == key.kid).values(values))
    )
    installation.publish(key)
