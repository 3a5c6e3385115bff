"""The lineage in the store: one chain for each case, that cannot fork, with a head and seals that fit."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection
from store_turns import AT, admitted, counts, entry, full_turn

from lineage import merkle
from lineage.chain import Verdict, verify
from lineage.entry import GENESIS, leaf
from runtime.store.chain import append, head_of, rows_of, seal, seals_of, tenants_of
from runtime.store.database import Database
from runtime.store.run_store import RunStore
from runtime.store.tables import lineage, lineage_content, lineage_heads
from runtime.store.turn import Turn


async def _verdict(database: Database, tenant: str = "tn-a", case: str = "CASE-1") -> Verdict:
    rows = [row async for row in rows_of(database, tenant, case)]
    return verify(rows, await head_of(database, tenant, case), await seals_of(database, tenant, case))


def _said(store: RunStore, key: str) -> Turn:
    return Turn(key=key, at=AT, entries=[entry(store, text=key), entry(store, "answered", text=key)])


async def test_two_writers_of_one_run_make_one_chain(url: str, database: Database) -> None:
    other = await Database.open(url)
    store = await admitted(database)
    stores = [store, RunStore(other, store.tenant, store.case, store.run)]
    await asyncio.gather(*(s.commit(_said(s, f"{w}:{n}")) for n in range(8) for w, s in enumerate(stores)))
    await other.close()
    verdict = await _verdict(database)
    assert verdict.intact, verdict.findings
    assert verdict.entries == 32


async def test_two_runs_of_one_case_make_one_chain(url: str, database: Database) -> None:
    """Also at the very first entry, where there is no head yet to wait for."""
    other = await Database.open(url)
    stores = [await admitted(database, run="run-1"), await admitted(other, run="run-2")]
    done = await asyncio.gather(*(s.commit(_said(s, f"{n}")) for n in range(8) for s in stores), return_exceptions=True)
    await other.close()
    assert done == [True] * 16
    verdict = await _verdict(database)
    assert verdict.intact, verdict.findings
    assert verdict.entries == 32


async def test_a_second_entry_after_the_same_one_is_refused_by_the_database(database: Database) -> None:
    store = await admitted(database)
    await store.commit(_said(store, "0"))
    rows = [row async for row in rows_of(database, "tn-a", "CASE-1")]
    fork = {"tenant": "tn-a", "case_id": "CASE-1", "seq": 9, "prev": rows[0].hash, "hash": GENESIS, "header": b"{}"}
    with pytest.raises(IntegrityError):
        await database.together(lambda connection: connection.execute(insert(lineage), fork))


async def test_chains_of_cases_and_tenants_are_apart(database: Database) -> None:
    for tenant, case in (("tn-a", "CASE-1"), ("tn-a", "CASE-2"), ("tn-b", "CASE-1")):
        store = await admitted(database, tenant=tenant, case=case, run=f"run-{case}")
        await store.commit(_said(store, "0"))
        assert (await _verdict(database, tenant, case)).entries == 2
    assert await tenants_of(database, "CASE-1") == ["tn-a", "tn-b"]


async def test_the_head_is_the_merkle_root_over_the_entries(database: Database) -> None:
    store = await admitted(database)
    for n in range(5):
        await store.commit(_said(store, str(n)))
        rows = [row async for row in rows_of(database, "tn-a", "CASE-1")]
        head = await head_of(database, "tn-a", "CASE-1")
        assert head is not None
        assert (head.size, head.hash) == (len(rows), rows[-1].hash)
        assert head.root == merkle.root(leaf(row.hash) for row in rows).hex()


async def test_a_seal_is_written_once_and_shows_a_tail_cut_off_with_its_head(database: Database) -> None:
    store = await admitted(database)
    await store.commit(_said(store, "0"))
    short = await head_of(database, "tn-a", "CASE-1")
    assert short is not None
    await store.commit(full_turn(store))

    await database.together(lambda connection: seal(connection, "tn-a", "CASE-1", "2026-04-19T00:00:00Z"))
    sealed = await seals_of(database, "tn-a", "CASE-1")
    assert [(one.size, one.at) for one in sealed] == [(4, "2026-04-18T09:30:00Z")]
    assert (await _verdict(database)).intact

    async def cut_off(connection: AsyncConnection) -> None:
        for table in (lineage, lineage_content):
            await connection.execute(delete(table).where(table.c.seq >= 2))
        await connection.execute(
            update(lineage_heads).values(size=2, hash=short.hash, root=short.root, peaks=short.peaks)
        )

    await database.together(cut_off)
    found = (await _verdict(database)).findings
    assert [(one.place, one.problem) for one in found] == [("entry 2", "missing: a seal counts 4 entries")]


async def test_content_is_erased_and_the_chain_still_proves(database: Database) -> None:
    store = await admitted(database)
    await store.commit(_said(store, "0"))
    erased = update(lineage_content).where(lineage_content.c.seq == 1).values(salt=None, value=None)
    await database.together(lambda connection: connection.execute(erased))
    verdict = await _verdict(database)
    assert verdict.intact
    assert verdict.erased == 1


async def test_a_chain_longer_than_a_page_is_read_whole(database: Database) -> None:
    store = await admitted(database)
    drafts = [entry(store, text=str(n)) for n in range(2001)]
    await database.together(lambda connection: append(connection, "tn-a", "CASE-1", drafts))
    verdict = await _verdict(database)
    assert verdict.intact
    assert verdict.entries == 2001


async def test_nothing_is_appended_for_a_turn_without_entries(database: Database) -> None:
    store = await admitted(database)
    await store.commit(Turn(key="0", at=AT))
    assert (await counts(database))["lineage_heads"] == 0
    assert await database.row(select(lineage.c.seq)) is None
