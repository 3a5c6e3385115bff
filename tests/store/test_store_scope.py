"""R12: a run sees its own tenant's rows, by construction."""

from __future__ import annotations

import pytest
from store_turns import FILE, FILE_HASH, admitted, counts, everything, full_turn

from runtime.store.database import Database
from runtime.store.run_store import RunStore


async def test_another_tenants_store_of_the_same_run_sees_nothing(database: Database) -> None:
    store = await admitted(database, tenant="tn-a")
    await store.commit(full_turn(store))
    other = RunStore(database, "tn-b", store.case, store.run)
    seen = await everything(other)
    assert not any(seen.values()), seen
    with pytest.raises(KeyError):
        await other.blob(FILE_HASH)


async def test_another_run_of_the_tenant_sees_nothing_of_this_one(database: Database) -> None:
    store = await admitted(database)
    await store.commit(full_turn(store))
    other = RunStore(database, store.tenant, store.case, "run-2")
    seen = await everything(other)
    assert not any(seen.values()), seen


async def test_two_tenants_with_one_run_id_do_not_touch_each_other(database: Database) -> None:
    first = await admitted(database, tenant="tn-a")
    await first.commit(full_turn(first))
    seen = await everything(first)
    second = await admitted(database, tenant="tn-b")
    assert await second.commit(full_turn(second)) is True
    turn = full_turn(second, key="1:more")
    turn.run = {"status": "failed", "outcome": None}
    turn.decisions, turn.revisions, turn.outbox = [], [], []
    turn.handled = [0]
    await second.commit(turn)
    assert await everything(first) == seen


async def test_bytes_are_stored_once_for_a_tenant(database: Database) -> None:
    for run in ("run-1", "run-2"):
        store = await admitted(database, run=run)
        await store.commit(full_turn(store))
    assert (await counts(database))["blobs"] == 1
    other = await admitted(database, tenant="tn-b")
    await other.commit(full_turn(other))
    assert (await counts(database))["blobs"] == 2
    assert await other.blob(FILE_HASH) == FILE


async def test_a_name_with_wildcards_stands_for_itself(database: Database) -> None:
    store = await admitted(database)
    turn = full_turn(store)
    turn.work = {"checked:a_b": "1", "checked:axb": "2", "100%:x": "3", "100:y": "4"}
    await store.commit(turn)
    assert await store.work("checked:a_*") == {"checked:a_b": "1"}
    assert await store.work("100%*") == {"100%:x": "3"}
