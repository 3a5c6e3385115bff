"""An admin at work in one tenant, and the one way in which an act is written: entry and change together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from lineage.canonical import Json
from runtime.clock import instant
from runtime.store.account_rows import Member
from runtime.store.admin_chain import Act, record
from runtime.store.database import Database
from server.api.standing import Caller
from server.problems import Conflict
from server.service import Service

T = TypeVar("T")
Work = Callable[[AsyncConnection], Awaitable[T]]


@dataclass(frozen=True, slots=True)
class OnTenant:
    """A request about a tenant's settings, let in by `access`."""

    service: Service
    caller: Caller
    member: Member

    @property
    def tenant(self) -> str:
        """The tenant."""
        return self.member.tenant

    @property
    def database(self) -> Database:
        """The store."""
        return self.service.database

    @property
    def account(self) -> str:
        """Whose act it is: four eyes are two accounts."""
        return self.caller.account.id

    async def write(self, kind: str, about: str, content: Mapping[str, Json], work: Work[T], role: str = "admin") -> T:
        """Change something and enter the act in the tenant's chain, in one transaction.

        `work` raises a problem where it must not be; then nothing is entered. Raises Conflict where another act came
        between the look and the change.
        """

        async def both(connection: AsyncConnection) -> T:
            # The entry first: its chain's head is the lock, so acts of a tenant come one after the other.
            await record(connection, Act(self.tenant, self.member.person, kind, about, now(), content, role))
            return await work(connection)

        try:
            return await self.database.together(both)
        except IntegrityError as error:
            raise Conflict("somebody else changed this a moment ago; look again") from error


def now() -> str:
    """The wall clock."""
    return instant(datetime.now(UTC))
