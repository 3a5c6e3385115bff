"""Revisions in a list, one of them, and the difference of two."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson

from casefile.artifact import Revision
from casefile.evidence import Evidence
from casefile.registers import REGISTERS
from graphs.context import RunContext
from lineage.chain import Row
from runtime.clock import instant
from runtime.store.chain import rows_after
from server.api.access import OnRun
from server.models.runs import Diff, RevisionRow, Revisions, RevisionView
from server.problems import Unknown
from server.views.artifact import artifact_view, diff_view, registers_view
from server.views.mask import mask_for
from server.views.words import actor_name

PAGE = 1000


async def revisions_view(on: OnRun) -> Revisions:
    """Every revision."""
    rows = await rows_by_name(on.opened.context)
    own = [name for name, row in rows.items() if not row.prior]
    return Revisions(revisions=list(rows.values()), current=own[-1] if own else None)


async def revision_view(on: OnRun, name: str) -> RevisionView:
    """One revision with the registers that are its content."""
    context = on.opened.context
    mask = await mask_for(context, on.standing.view)
    revision = await named(context, name)
    content: dict[str, list[dict[str, Any]]] = {register: [] for register in REGISTERS}
    content |= revision.artifact.registers
    return RevisionView(
        row=(await rows_by_name(context))[revision.revision],
        artifact=await asyncio.to_thread(artifact_view, revision, mask),
        registers=registers_view(content, context.packet, mask),
    )


async def diff_of(on: OnRun, a: str, b: str) -> Diff:
    """What differs."""
    context = on.opened.context
    before, after = await named(context, a), await named(context, b)
    rows = await rows_by_name(context)
    both = (rows[before.revision], rows[after.revision])
    return await asyncio.to_thread(diff_view, before, after, both, await mask_for(context, on.standing.view))


async def _chain(context: RunContext) -> list[Row]:
    """Every entry of the case, without contents."""
    store, rows = context.store, list[Row]()
    while page := await rows_after(
        store.database, store.tenant, store.case, rows[-1].seq if rows else -1, PAGE, contents=False
    ):
        rows += page
    return rows


async def named(context: RunContext, name: str) -> Revision:
    """The revision of that name or content hash. Raises Unknown."""
    for revision in await context.store.revisions():
        if name in (revision.revision, revision.sha256):
            return revision
    raise Unknown(f"there is no revision {name!r}")


async def rows_by_name(context: RunContext) -> dict[str, RevisionRow]:
    """Revision name → its row: who made it and when, out of the lineage; whether it is approved."""
    revisions = await context.store.revisions()
    decisions = await context.store.decisions()
    approved = {one.artifact_sha256 for one in decisions if one.counts()}
    made: dict[str, tuple[str, str]] = {}
    for row in await _chain(context):
        header = orjson.loads(row.header)
        if header["new_revision"] and header["run"] == context.store.run:
            actor = header["actor"]
            name = actor_name(context.packet, actor["type"], actor["id"])
            made.setdefault(header["new_revision"], (header["at"], name))
    rows = {item.id: _prior(item) for item in await context.store.evidence() if item.prior}
    for one in revisions:
        at, by = made.get(one.sha256, ("", ""))
        rows[one.revision] = RevisionRow(
            revision=one.revision,
            sha256=one.sha256,
            supersedes=one.supersedes,
            prior=False,
            made_at=at or None,
            made_by=by,
            approved=one.sha256 in approved,
        )
    return rows


def _prior(item: Evidence) -> RevisionRow:
    return RevisionRow(
        revision=item.id,
        sha256=item.sha256,
        supersedes=[],
        prior=True,
        made_at=instant(item.captured_at) if item.captured_at is not None else None,
        made_by="before this run",
        approved=False,
    )
