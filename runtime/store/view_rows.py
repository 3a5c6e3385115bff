"""That a restricted view was opened: an entry of the chain it is about, once for each opening."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from lineage.entry import EntryDraft
from runtime.clock import instant
from runtime.store.afterwards import Log, enter
from runtime.store.database import Database
from runtime.store.tables import view_openings

OPENED: Final = "restricted_view_opened"


@dataclass(frozen=True, slots=True)
class Opening:
    """`about` says which view of what was opened, `opening` is the same for what counts as one opening. `entry` says so
    in the lineage; its actor is who opened it."""

    about: str
    opening: str
    entry: EntryDraft


async def put(database: Database, one: Opening, now: datetime, log: Log) -> bool:
    """Enter it. False, and nothing changed, where that opening is entered already. `now` by the machine's clock."""
    key = {
        "tenant": one.entry.tenant,
        "case_id": one.entry.case,
        "about": one.about,
        "person": one.entry.actor.id,
        "opening": one.opening,
    }

    async def work(connection: AsyncConnection) -> bool:
        there = select(view_openings.c.at).where(*(view_openings.c[name] == value for name, value in key.items()))
        if (await connection.execute(there)).first() is not None:
            return False
        await connection.execute(insert(view_openings), {**key, "at": instant(now)})
        await enter(connection, one.entry, now, log)
        return True

    try:
        return await database.together(work)
    except IntegrityError:
        # Another process entered it at the same moment.
        return False
