"""What admins do, in a chain of its own for each tenant: the chain that a case has, under a name that no case can have.

It is verified like any other: `casegate lineage verify '~admin'`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection

from lineage.canonical import Json
from lineage.entry import Actor, EntryDraft
from runtime.store.chain import append

CHAIN = "~admin"
RUN = "admin"


@dataclass(frozen=True, slots=True)
class Act:
    """One act. `by` is the person in the tenant (or the actor), `about` names what it changed, `content` says how."""

    tenant: str
    by: str | Actor
    kind: str
    about: str
    at: str
    content: Mapping[str, Json] = field(default_factory=dict)
    role: str = "admin"


async def record(connection: AsyncConnection, act: Act) -> int:
    """Append an act to its tenant's chain, inside the transaction of what it changes (R6). Its place.

    Content holds no secret: prompts and settings are texts that agents and admins read, tokens are named by id.
    """
    draft = EntryDraft(
        tenant=act.tenant,
        case=CHAIN,
        run=RUN,
        kind=act.kind,
        at=act.at,
        actor=act.by if isinstance(act.by, Actor) else Actor("person", act.by, act.role),
        content={"about": act.about[:500], "act": dict(act.content)},
    )
    return await append(connection, act.tenant, CHAIN, [draft])
