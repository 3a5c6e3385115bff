"""What people do to a run through the API: each thing is a turn of its own, worked on in the background."""

from __future__ import annotations

import hashlib
import uuid

from casefile.packet import Step
from graphs.runner import Run
from runtime.store.chain import head_of
from server.api.access import OnRun
from server.models.runs import Accepted
from server.problems import Conflict
from tools.packet_folder import PacketFile


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


def desk(on: OnRun) -> Run:
    """The run as something that takes events. It is never driven here: the worker does that."""
    return Run(on.opened.context, None, lambda _node: None)
