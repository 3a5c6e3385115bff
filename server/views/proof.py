"""Lineage pages, and the verification that happens in front of the reader."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime

from lineage.chain import Head, Row, Seal, Verdict
from lineage.chain import verify as verify_rows
from runtime.clock import instant
from runtime.store.chain import head_of, rows_after, seals_of
from runtime.store.database import Database
from server.api.access import OnRun
from server.models.lineage import Check, Finding, LineagePage, Verification
from server.views.lineage import entry_view, names_of
from server.views.mask import mask_for

PAGE = 1000


async def lineage_view(on: OnRun, after: int, limit: int, newest: bool) -> LineagePage:
    """A page of the case's entries, those of other runs of the case included: the chain is one."""
    context = on.opened.context
    store, mask = context.store, await mask_for(context, on.standing.view)
    head = await head_of(store.database, store.tenant, store.case)
    size = head.size if head is not None else 0
    if newest:
        after = max(-1, size - limit - 1)
    rows = await rows_after(store.database, store.tenant, store.case, after, limit)
    names = await names_of(context)
    entries = [entry_view(context.packet, row, names, mask) for row in rows]
    last = rows[-1].seq if rows else after
    following = last if rows and last < size - 1 else None
    return LineagePage(entries=entries, size=size, head=head.hash if head is not None else "", next=following)


async def verification(on: OnRun) -> Verification:
    """Read every byte of the case's chain again, and check it against the recorded head and the seals."""
    store = on.opened.context.store
    return await verified(store.database, store.tenant, store.case)


async def verified(database: Database, tenant: str, case: str) -> Verification:
    """The same for any chain of a tenant."""
    began = time.perf_counter()
    head = await head_of(database, tenant, case)
    seals = await seals_of(database, tenant, case)
    rows: list[Row] = []
    position, size = -1, head.size if head is not None else 0
    while page := await rows_after(database, tenant, case, position, PAGE):
        rows += [row for row in page if row.seq < size]  # what was appended since the head was read comes next time
        position = page[-1].seq
    verdict = await asyncio.to_thread(verify_rows, rows, head, seals)
    mine = verdict.tenant in (None, tenant) and verdict.case in (None, case)
    return _shown(verdict, head, seals, mine, time.perf_counter() - began)


def _shown(verdict: Verdict, head: Head | None, seals: list[Seal], mine: bool, seconds: float) -> Verification:
    findings = [Finding(place=one.place, problem=one.problem) for one in verdict.findings]
    if not mine:
        findings.append(Finding(place="the chain", problem="it is of another tenant or case"))
    intact = verdict.intact and mine
    checks = [
        Check(what="headers hashed, each to its own name", count=verdict.entries, good=intact),
        Check(what="links from each entry to the one before", count=max(0, verdict.entries - 1), good=intact),
        Check(what="contents opened against their commitments; erased ones are committed still",
              count=verdict.entries, good=intact),
        Check(what="the recorded head: size, last hash and tree root", count=1 if head else 0, good=intact),
        Check(what="seals: roots that were committed at an end", count=len(seals), good=intact),
    ]  # fmt: skip
    return Verification(
        intact=intact,
        at=instant(datetime.now(UTC)),
        entries=verdict.entries,
        erased=verdict.erased,
        head=verdict.head,
        root=verdict.root,
        seals=len(seals),
        seconds=round(seconds, 4),
        checks=checks,
        findings=findings,
        unlisted=verdict.unlisted,
    )
