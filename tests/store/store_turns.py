"""Runs and turns for the tests of the store: the smallest that say something in every table."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select

from casefile.artifact import Revision, compose, next_revision
from casefile.decisions import Decision
from casefile.evidence import Evidence
from casefile.registers import Hold
from lineage.entry import Actor, EntryDraft
from runtime.store.database import Database
from runtime.store.run_store import RunStore
from runtime.store.tables import metadata
from runtime.store.turn import Event, OutboxRow, Refused, Turn

AT = datetime(2026, 4, 18, 9, 30, tzinfo=UTC)
INSTANT = "2026-04-18T09:30:00Z"
CASE = "CASE-1"
FILE = b"a frozen file"
FILE_HASH = "sha256:" + hashlib.sha256(FILE).hexdigest()
LEDGER_ROW: dict[str, Any] = {
    "scenario": "outage-intake",
    "packet_sha256": FILE_HASH,
    "packet": "{}",
    "status": "working",
    "final": False,
    "clock": INSTANT,
    "turn": 0,
}


async def admitted(database: Database, tenant: str = "tn-a", run: str = "run-1", case: str = CASE) -> RunStore:
    """A run of the ledger, without turns."""
    store = RunStore(database, tenant, case, run)
    await store.admit(LEDGER_ROW)
    return store


def entry(store: RunStore, kind: str = "said", **content: Any) -> EntryDraft:
    """A draft of an entry of this run."""
    return EntryDraft(
        tenant=store.tenant,
        case=store.case,
        run=store.run,
        kind=kind,
        at=INSTANT,
        actor=Actor("person", "u-1"),
        content=content,
    )


def decision(by: str = "u-1", slot: str = "review:sha256:0:0", **changes: Any) -> Decision:
    """A decision that takes a slot."""
    members: dict[str, Any] = {
        "id": f"d-{by}",
        "slot": slot,
        "gate": "review",
        "by": by,
        "decision": "approve",
        "subject_sha256": FILE_HASH,
        "artifact_sha256": FILE_HASH,
        "revision": "r1",
        "evidence_digest": FILE_HASH,
        "policy_version": "1",
        "lane": "staging",
        "audience": ["support_leadership"],
        "at": AT,
        "state": "valid",
    }
    return Decision(**members | changes)


def full_turn(store: RunStore, key: str = "0:all") -> Turn:
    """A turn that writes to every table a turn can write to."""
    revision = next_revision(compose("Record", {}, [], {}), [])
    assert isinstance(revision, Revision)
    return Turn(
        key=key,
        at=AT,
        entries=[entry(store, text="hello"), entry(store, "answered", text="yes")],
        events=[Event(f"event-{key}", "passes", INSTANT, "{}")],
        blobs={FILE_HASH: FILE},
        evidence=[Evidence(id="memo", file="memo.txt", system="x", sha256=FILE_HASH, size=13, arrived_at=AT)],
        work={"checked:memo": "{}"},
        revisions=[revision],
        registers={"holds": [Hold(key="k", id="h1", kind="age", trigger="t", effect="e", about="memo")]},
        decisions=[decision()],
        refusals=[Refused("page", "u-1", "outside the boundary", 1, INSTANT)],
        outbox=[OutboxRow(f"{store.run}:staging:{FILE_HASH}", "staging", b"{}")],
        run={"status": "finished", "outcome": "staged"},
        seal=True,
    )


async def counts(database: Database) -> dict[str, int]:
    """How many rows each table has."""
    return {
        table.name: int((await database.row(select(func.count()).select_from(table)))[0])
        for table in metadata.sorted_tables
    }


async def everything(store: RunStore) -> dict[str, Any]:
    """All that a run's store can read."""
    registers = await store.registers()
    return {
        "row": await store.row(),
        "next_event": await store.next_event(),
        "evidence": await store.evidence(),
        "work": await store.work("*"),
        "revisions": await store.revisions(),
        "registers": [item for items in registers.values() for item in items],
        "decisions": await store.decisions(),
        "refusals": await store.refusals(),
        "outbox": await store.outbox(),
        "done": await store.done("0:all"),
    }
