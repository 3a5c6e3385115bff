"""Erasing content: what people wrote goes, the headers stay, and the erasure is itself an entry of the chain."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from lineage.canonical import Json
from lineage.entry import Actor, EntryDraft
from lineage.keys import Signer
from lineage.receipt.erasure import erase as erase_receipt
from runtime.clock import instant
from runtime.store import receipt_rows
from runtime.store import tables as t
from runtime.store.chain import append


async def erase(
    connection: AsyncConnection,
    tenant: str,
    case: str,
    headers: dict[int, dict[str, Any]],
    person: str | None,
    draft: EntryDraft,
    signer: Signer,
) -> int:
    """Erase the content of these entries, wherever the store has it, in the caller's transaction; how many receipts
    changed. `draft` is the entry that says so.

    The envelope of a decision holds what the person wrote, so it goes too; its hash stays in the header.
    """
    seqs = sorted(headers)
    c = t.lineage_content.c
    mine = (c.tenant == tenant, c.case_id == case, c.seq.in_(seqs))
    await connection.execute(update(t.lineage_content).where(*mine).values(salt=None, value=None))
    await _decisions(connection, tenant, [h["envelope"] for h in headers.values() if h["envelope"]])
    runs = {h["run"] for h in headers.values()}
    if person is not None:
        await _said_by(connection, tenant, runs, person)
    # What a worker remembers of these runs no longer stands: it reads them anew where their number has grown.
    r = t.runs.c
    await connection.execute(update(t.runs).where(r.tenant == tenant, r.run.in_(runs)).values(turn=r.turn + 1))
    await append(connection, tenant, case, [draft])
    changed = 0
    for row in await receipt_rows.of_case(connection, tenant, case):
        body = erase_receipt(row.body, seqs, person, signer, draft.at)
        if body is not None:
            await receipt_rows.replace(connection, tenant, row.run, body)
            changed += 1
    return changed


def drafted(
    tenant: str, case: str, headers: dict[int, dict[str, Any]], by: str, reason: str, now: datetime
) -> EntryDraft:
    """The entry that records an erasure."""
    entries: list[Json] = [*sorted(headers)]
    return EntryDraft(
        tenant=tenant,
        case=case,
        run=headers[max(headers)]["run"],
        kind="content_erased",
        at=instant(now),
        actor=Actor("person", by),
        content={"erased": {"entries": entries, "reason": reason}},
    )


async def _decisions(connection: AsyncConnection, tenant: str, hashes: Collection[str]) -> None:
    e, d = t.envelopes.c, t.decisions.c
    found = await connection.execute(select(e.run, e.decision).where(e.tenant == tenant, e.sha256.in_(hashes)))
    for run, decision in found.all():
        await connection.execute(
            update(t.envelopes).where(e.tenant == tenant, e.run == run, e.decision == decision).values(body=b"")
        )
        rows = await connection.execute(select(d.seq, d.body).where(d.tenant == tenant, d.run == run))
        for seq, body in rows.all():
            said = orjson.loads(body)
            if said["id"] == decision and said["reason"] is not None:
                text = orjson.dumps({**said, "reason": None}).decode()
                place = (d.tenant == tenant, d.run == run, d.seq == seq)
                await connection.execute(update(t.decisions).where(*place).values(body=text))


async def _said_by(connection: AsyncConnection, tenant: str, runs: set[str], person: str) -> None:
    """What the person sent to the inbox, what he was refused, and what he was about to sign."""
    s = t.signing_requests.c
    await connection.execute(delete(t.signing_requests).where(s.tenant == tenant, s.run.in_(runs), s.owner == person))
    for table, by in ((t.inbox, "by"), (t.refusals, "asked_by")):
        c = table.c
        rows = await connection.execute(select(c.run, c.seq, c.body).where(c.tenant == tenant, c.run.in_(runs)))
        for run, seq, body in rows.all():
            said = orjson.loads(body)
            if said.get(by) == person:
                texts = {name: "" for name in ("text", "reason", "action") if said.get(name)}
                place = (c.tenant == tenant, c.run == run, c.seq == seq)
                await connection.execute(update(table).where(*place).values(body=orjson.dumps(said | texts).decode()))
