"""What people do to a run through the API: each thing is a turn of its own, worked on in the background."""

from __future__ import annotations

import asyncio
import hashlib
import time
import uuid

from casefile.packet import Says, Step
from graphs.runner import Run
from runtime.store import run_list
from runtime.store.chain import head_of
from server.api.access import OnRun
from server.casebook import OpenRun
from server.models.runs import Accepted
from server.problems import Conflict, Forbidden, Unknown
from server.service import Service
from tools.packet_folder import PacketFile

WAIT_SECONDS = 30.0


class Desk(Run):
    """A run as something that takes events. It is driven by the worker and never here: to drive it is to wait."""

    def __init__(self, here: Service, opened: OpenRun) -> None:
        super().__init__(opened.context, None, lambda _node: None)
        self._here = here

    async def drive(self) -> None:
        """Wake the worker, and wait until the run rests. Raises Conflict where it is still at work then."""
        store = self.store
        self._here.committed(store.tenant, store.run)
        until = time.monotonic() + WAIT_SECONDS
        while await run_list.at_work(store.database, store.tenant, store.run):
            if time.monotonic() > until:
                raise Conflict("agents are at work on this case; look at what they change, and decide then")
            await asyncio.sleep(0.05)


def event_key(on: OnRun, kind: str, given: str | None) -> str:
    """The key of a turn: the caller's own idempotency key for this run and kind, or a fresh one."""
    if given is None:
        return f"{kind}:{uuid.uuid4().hex}"
    whole = "\n".join((on.standing.caller.account.id, kind, given))
    return f"{kind}:{hashlib.sha256(whole.encode()).hexdigest()[:32]}"


async def submit(on: OnRun, key: str, step: Step, file: PacketFile | None = None) -> Accepted:
    """Put a step into the inbox and wake the worker. The same key again changes nothing (R10).

    Raises Conflict where the run has ended: it stands on the record as refused.
    """
    store = on.opened.context.store
    head = await head_of(store.database, store.tenant, store.case)
    row = await store.row()
    known = await store.done(f"event:{key}")
    await desk(on).submit(key, step, file)
    on.service.committed(store.tenant, store.run)
    if row is not None and row.final and not known:
        raise Conflict(f"the run has ended: {row.outcome}; what was asked is on the record as refused")
    return Accepted(run=store.run, event=key, lineage=head.size if head is not None else 0)


async def cancelled(on: OnRun, key: str) -> Accepted:
    """Cancel a chat turn: its author, or who may answer gates of the case.

    Raises Unknown for an event that never came, Forbidden, and Conflict where it was answered already.
    """
    store = on.opened.context.store
    if not await store.done(f"event:{key}"):
        raise Unknown("there is no such turn in this conversation")
    head = await head_of(store.database, store.tenant, store.case)
    event = await store.open_event(key)
    if event is not None and event.kind == "says":
        author = Says.model_validate_json(event.body).by
        if author != on.actor and not on.standing.gate_roles.intersection(on.standing.roles):
            raise Forbidden("a turn is cancelled by its author, or by those who answer gates of this case")
    if not await desk(on).cancel(on.actor, on.now, key):
        raise Conflict("the turn is over: it was answered or cancelled, or it is no chat turn")
    on.service.committed(store.tenant, store.run)
    return Accepted(run=store.run, event=key, lineage=head.size if head is not None else 0)


def desk(on: OnRun) -> Desk:
    """The run of a request, as something that takes events."""
    return Desk(on.service, on.opened)
