"""Who is out of use in a tenant, and who stands in for whom. Neither adds to what a roster gives.

A suspension without a role is of the whole person. It is in force while nobody has lifted it: what it voided stays so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.store.database import Database
from runtime.store.setting_tables import delegations, suspensions

_S, _D = suspensions.c, delegations.c


@dataclass(frozen=True, slots=True)
class Suspension:
    """Why a person, or one role of his, does not count now."""

    person: str
    role: str
    since: str
    by: str
    reason: str
    lifted: str | None = None

    def words(self) -> str:
        """For the page of a run that holds because of it."""
        what = f"the role {self.role} of {self.person} was withdrawn" if self.role else f"{self.person} was deactivated"
        return f"{what} at {self.since}: {self.reason}" if self.reason else f"{what} at {self.since}"


@dataclass(frozen=True, slots=True)
class Delegation:
    """A role that `giver` lends to `taker` between the times, as the directory counts it."""

    id: str
    giver: str
    taker: str
    role: str
    valid_from: str
    valid_until: str
    reason: str
    made_at: str
    ended_at: str | None = None


_SUSPENSION = (_S.person, _S.role, _S.since, _S.by, _S.reason, _S.lifted)
_DELEGATION = (
    _D.id, _D.giver, _D.taker, _D.role, _D.valid_from, _D.valid_until, _D.reason, _D.made_at, _D.ended_at,
)  # fmt: skip


async def suspended(database: Database, tenant: str) -> list[Suspension]:
    """Who is out of use in a tenant now."""
    return await database.looked(lambda connection: suspensions_in(connection, tenant))


async def suspensions_in(connection: AsyncConnection, tenant: str) -> list[Suspension]:
    """`suspended`, beside other looks."""
    query = select(*_SUSPENSION).where(_S.tenant == tenant, _S.lifted.is_(None)).order_by(_S.since, _S.role)
    return [Suspension(*row) for row in await connection.execute(query)]


async def suspended_tenants(database: Database, pairs: Mapping[str, str]) -> set[str]:
    """Of these tenant → person, the tenants in which the person as a whole is out of use."""
    if not pairs:
        return set()
    test = or_(*(((_S.tenant == tenant) & (_S.person == person)) for tenant, person in pairs.items()))
    query = select(_S.tenant).where(test, _S.role == "", _S.lifted.is_(None))
    return {str(tenant) for (tenant,) in await database.rows(query)}


async def suspend(connection: AsyncConnection, tenant: str, one: Suspension) -> bool:
    """Take a person, or a role of his, out of use. False where that is so already."""
    mine = (_S.tenant == tenant, _S.person == one.person, _S.role == one.role, _S.lifted.is_(None))
    if (await connection.execute(select(_S.since).where(*mine))).first() is not None:
        return False
    row = {"tenant": tenant, "person": one.person, "role": one.role, "since": one.since}
    await connection.execute(insert(suspensions).values(**row, lifted=None, by=one.by, reason=one.reason))
    return True


async def lift(connection: AsyncConnection, tenant: str, person: str, role: str, at: str) -> bool:
    """Bring a person, or a role of his, back into use. False where nothing was out of use."""
    mine = (_S.tenant == tenant, _S.person == person, _S.role == role, _S.lifted.is_(None))
    return bool((await connection.execute(update(suspensions).where(*mine).values(lifted=at))).rowcount)


async def delegations_of(database: Database, tenant: str) -> list[Delegation]:
    """Every delegation of a tenant, newest first."""
    return await database.looked(lambda connection: delegations_in(connection, tenant))


async def delegations_in(connection: AsyncConnection, tenant: str) -> list[Delegation]:
    """`delegations_of`, beside other looks."""
    query = select(*_DELEGATION).where(_D.tenant == tenant).order_by(_D.made_at.desc(), _D.id)
    return [Delegation(*row) for row in await connection.execute(query)]


async def put_delegation(connection: AsyncConnection, tenant: str, one: Delegation) -> None:
    """Store a delegation."""
    row = {"tenant": tenant, "id": one.id, "giver": one.giver, "taker": one.taker, "role": one.role}
    row |= {"valid_from": one.valid_from, "valid_until": one.valid_until, "reason": one.reason, "made_at": one.made_at}
    await connection.execute(insert(delegations).values(**row, ended_at=None))


async def end_delegation(connection: AsyncConnection, tenant: str, name: str, at: str) -> bool:
    """End a delegation. False where there is none that could be ended."""
    mine = (_D.tenant == tenant, _D.id == name, _D.ended_at.is_(None))
    return bool((await connection.execute(update(delegations).where(*mine).values(ended_at=at))).rowcount)
