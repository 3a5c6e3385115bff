"""Opening a restricted view is an entry of the lineage, before anything of it is shown (R6): the one way of it.

Of a case the scenario says which views are restricted; one entry stands for all that a person reads of it in a session,
or by a token in a day. A cluster of live signals is opened with a reason, and each time is an opening of its own. The
broad view makes no entries.
"""

from __future__ import annotations

import uuid
from collections import OrderedDict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from lineage.canonical import Json
from lineage.entry import Actor, EntryDraft
from runtime.clock import instant
from runtime.store import view_rows
from runtime.store.afterwards import Log
from runtime.store.view_rows import OPENED, Opening
from server.api.actions import Action
from server.security.secrets import hashed

if TYPE_CHECKING:
    from server.api.access import OnRun
    from server.service import Service

# What serves the values of a case. Who decides, writes or uploads has read before.
_SHOWS: Final = frozenset(
    {
        Action.READ_RUN,
        Action.READ_EVIDENCE,
        Action.READ_RAW,
        Action.READ_LINEAGE,
        Action.READ_RECEIPT,
        Action.SEARCH_RUN,
        Action.READ_GATE,
    }
)
_KEPT: Final = 10_000


class Entered:
    """The openings that this process knows to be entered: each request of a page need not ask the store again."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, ...], None] = OrderedDict()

    def __contains__(self, key: tuple[str, ...]) -> bool:
        return key in self._known

    def add(self, key: tuple[str, ...]) -> None:
        """Remember it; the oldest are forgotten."""
        self._known[key] = None
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)


async def of_case(on: OnRun, action: Action) -> None:
    """Enter that the caller opens a restricted view of the case, where this request shows one and it is the first of
    its session."""
    context, standing = on.opened.context, on.standing
    if action not in _SHOWS or standing.view not in context.scenario.restricted_views:
        return
    store, caller = context.store, standing.caller
    now = datetime.now(UTC)
    # A token lives for months: what is read by it on one day is one opening.
    session = hashed(caller.secret if caller.way == "session" else f"{caller.secret} {now:%Y-%m-%d}")
    key = (store.tenant, store.run, standing.view, session)
    if key in on.service.entered:
        return
    person = standing.person.id if standing.person is not None else caller.account.id
    entry = EntryDraft(
        tenant=store.tenant,
        case=store.case,
        run=store.run,
        kind=OPENED,
        at=instant(on.now),
        actor=context.person(person),
        policy_version=context.policy_version,
        content={"opened": {"view": standing.view, "by": caller.way}},
    )
    opening = Opening(f"{store.run}:{standing.view}", session, entry)
    if await view_rows.put(on.service.database, opening, now, Log.of(on.service.keys)):
        on.service.feeds.look()
    on.service.entered.add(key)


async def of_chain(here: Service, tenant: str, chain: str, actor: Actor, about: str, content: dict[str, Json]) -> None:
    """Enter that somebody opens, once and for a reason, what a chain of the tenant is about."""
    now = datetime.now(UTC)
    entry = EntryDraft(tenant=tenant, case=chain, run=chain, kind=OPENED, at=instant(now), actor=actor, content=content)
    await view_rows.put(here.database, Opening(about, uuid.uuid4().hex, entry), now, Log.of(here.keys))
