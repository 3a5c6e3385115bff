"""A person's own key: shown to be his, registered, published. From then on the service signs nothing in his name."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from lineage.canonical import Json, canonical, digest_bytes
from lineage.dsse import pae, statement
from lineage.encoding import from_base64, to_base64
from lineage.header import MAX_IDENTIFIER
from lineage.keys import KeyFault, PublicKey, raw_of
from runtime.clock import instant
from runtime.installation import Installation, wall_time
from runtime.store import person_keys
from server.admin.acting import OnTenant
from server.models.keys import HeldKeyIn, KeyProof, PublicJwk, SigningKey
from server.models.problem import Fault
from server.problems import Conflict, Unusable

PREDICATE = "urn:casegate:held-key:1"


def to_prove(on: OnTenant, jwk: PublicJwk) -> KeyProof:
    """What the key has to sign. Raises Unusable where it is no key."""
    key = _key(on, jwk)
    body = _statement(key)
    return KeyProof(kid=key.kid, payload=to_base64(body), sign=to_base64(pae(body)))


async def hold(on: OnTenant, body: HeldKeyIn) -> SigningKey:
    """Register the key. The newest that is registered already changes nothing (R10).

    Raises Unusable where it is no key or its signature is missing, Conflict where it was registered before.
    """
    key = _key(on, body.key)
    try:
        signature = from_base64(body.signature)
    except ValueError as error:
        raise _unusable("body.signature", str(error)) from error
    if not key.signed(pae(_statement(key)), signature):
        raise _unusable("body.signature", "the key's own signature over exactly the bytes of `sign`")
    before = await person_keys.held(on.database, on.tenant, on.member.person)
    if before is not None and before.kid == key.kid:
        return await mine(on)
    if await person_keys.known(on.database, key.kid):
        raise Conflict("this key was registered before; a key signs for one person, and never again once it is over")
    now = wall_time()

    async def register(connection: AsyncConnection) -> list[PublicKey]:
        return await person_keys.register(connection, key, now)

    content: dict[str, Json] = {"kid": key.kid, "valid_until": key.valid_until}
    published = Installation.open(on.service.settings.data)
    roles = [*on.member.roles, *sorted(on.caller.account.global_roles)]
    role = ", ".join(roles)[:MAX_IDENTIFIER] or "no role"
    for one in await on.write("signing_key_held", on.member.person, content, register, role):
        published.publish(one)
    return await mine(on)


async def mine(on: OnTenant) -> SigningKey:
    """With what the caller signs now."""
    key = await person_keys.held(on.database, on.tenant, on.member.person)
    return SigningKey(
        person=on.member.person,
        held=key is not None,
        kid=key.kid if key else None,
        valid_from=key.valid_from if key else None,
        valid_until=key.valid_until if key else None,
        over=key.fault_at(instant(wall_time())) if key else None,
    )


def _key(on: OnTenant, jwk: PublicJwk) -> PublicKey:
    try:
        raw = raw_of(jwk.model_dump(exclude_none=True), "body.key")
    except KeyFault as error:
        raise _unusable("body.key", str(error)) from error
    return person_keys.offered(raw, on.tenant, on.member.person, wall_time())


def _statement(key: PublicKey) -> bytes:
    """It names whose the key is, so that shown to be one person's it cannot be registered as another's."""
    predicate: dict[str, Json] = {"tenant": key.tenant, "owner": key.owner, "kid": key.kid}
    return canonical(statement({"key": digest_bytes(key.raw)}, PREDICATE, predicate))


def _unusable(place: str, expected: str) -> Unusable:
    return Unusable(f"{place}: {expected}", [Fault(place=place, expected=expected)])
