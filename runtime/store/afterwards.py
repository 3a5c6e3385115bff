"""An entry of a chain that no turn makes: what is done about a case beside its run, also after the run has ended.

A sealed case is then sealed anew over the longer chain, and the new seal goes into the service log: the seal and the
receipt of the run stay as they are, and an entry that is cut off or rewritten later shows like anything else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from lineage.chain import Seal
from lineage.entry import EntryDraft
from lineage.keys import Signer
from runtime.clock import instant
from runtime.installation import Installation
from runtime.store import seal_rows
from runtime.store import tables as t
from runtime.store.chain import append, seal


@dataclass(frozen=True, slots=True)
class Log:
    """The service log that seals go into; `signer` is asked each time, because keys are rotated."""

    origin: str
    signer: Callable[[datetime], Signer]

    @staticmethod
    def of(home: Installation) -> Log:
        """The log of an installation."""
        return Log(home.log_origin, lambda now: home.signer("log", now))


async def enter(connection: AsyncConnection, draft: EntryDraft, now: datetime, log: Log) -> None:
    """Append the entry, and seal the case anew where it was sealed. `now` is by the machine's clock."""
    await append(connection, draft.tenant, draft.case, [draft])
    if await _was_sealed(connection, draft.tenant, draft.case):
        await seal(connection, draft.tenant, draft.case, instant(now))
        newest = await _newest(connection, draft.tenant, draft.case)
        await seal_rows.enter(connection, log.origin, draft.tenant, draft.case, newest, log.signer(now))


async def _was_sealed(connection: AsyncConnection, tenant: str, case: str) -> bool:
    s = t.lineage_seals.c
    query = select(s.size).where(s.tenant == tenant, s.case_id == case).limit(1)
    return (await connection.execute(query)).first() is not None


async def _newest(connection: AsyncConnection, tenant: str, case: str) -> Seal:
    s = t.lineage_seals.c
    query = select(s.size, s.root, s.at).where(s.tenant == tenant, s.case_id == case).order_by(s.size.desc()).limit(1)
    return Seal(*(await connection.execute(query)).one())
