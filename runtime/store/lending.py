"""Roles that are lent: what they give while they count, and what goes with them when they are over.

A lent role counts as long as its giver has it: it ends with its time, with a word of the giver or an admin, and with
the giver's own right. Answers given by it that nothing has come of yet are void then, as with a role taken away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.clock import instant
from runtime.store.account_tables import memberships
from runtime.store.database import Database
from runtime.store.people_rows import Delegation, Suspension, delegations_in, suspensions_in

_M = memberships.c


@dataclass(frozen=True, slots=True)
class Lending:
    """A tenant's delegations at one look, newest first. `own` has the roles that givers and takers have themselves."""

    at: str
    delegations: tuple[Delegation, ...]
    suspensions: tuple[Suspension, ...]
    own: Mapping[str, frozenset[str]]

    def over(self, one: Delegation) -> str | None:
        """Why a delegation that had begun counts no more, or None."""
        what = f"the role {one.role} that {one.giver} lent to {one.taker}"
        if one.ended_at is not None and one.ended_at <= self.at:
            return f"{what} was taken back at {one.ended_at}"
        if one.valid_until <= self.at:
            return f"{what} lapsed at {one.valid_until}"
        out = next((s for s in self.suspensions if s.person == one.giver and s.role in ("", one.role)), None)
        if out is not None:
            return f"{what} is over: {out.words()}"
        if one.role not in self.own.get(one.giver, ()):
            return f"{what} is over: {one.giver} has it no more"
        return None

    def counts(self, one: Delegation) -> bool:
        """Whether a delegation counts now."""
        return one.valid_from <= self.at and self.over(one) is None

    def lent(self) -> dict[str, tuple[str, ...]]:
        """Person → roles that are lent to him now."""
        found: dict[str, tuple[str, ...]] = {}
        for one in self.delegations:
            if self.counts(one):
                found[one.taker] = (*found.get(one.taker, ()), one.role)
        return found

    def out_of_use(self) -> dict[str, dict[str, str]]:
        """Why people, or roles of theirs, do not count now: by person and role, the whole person under no role."""
        found: dict[str, dict[str, str]] = {}
        for out in self.suspensions:
            found.setdefault(out.person, {})[out.role] = out.words()
        lent = self.lent()
        for one in self.delegations:
            has = one.role in self.own.get(one.taker, ()) or one.role in lent.get(one.taker, ())
            if one.valid_from <= self.at and not has and (reason := self.over(one)) is not None:
                found.setdefault(one.taker, {}).setdefault(one.role, reason)
        return found


async def lending(database: Database, tenant: str) -> Lending:
    """How it stands now in a tenant."""
    at = instant(datetime.now(UTC))

    async def look(connection: AsyncConnection) -> Lending:
        delegations = await delegations_in(connection, tenant)
        suspensions = await suspensions_in(connection, tenant)
        people = {person for one in delegations for person in (one.giver, one.taker)}
        own: dict[str, frozenset[str]] = {}
        if people:
            query = select(_M.person, _M.roles).where(_M.tenant == tenant, _M.person.in_(people))
            own = {person: frozenset(orjson.loads(roles)) for person, roles in await connection.execute(query)}
        return Lending(at, tuple(delegations), tuple(suspensions), own)

    return await database.looked(look)
