"""What a step knows of its run: what the store says, whether it was read again or remembered under the lease."""

from __future__ import annotations

from store_turns import admitted, full_turn

from runtime.store.database import Database
from runtime.store.run_store import RunStore


async def test_what_is_remembered_after_a_turn_is_what_the_store_has(database: Database) -> None:
    store = await admitted(database)
    await store.take_lease()
    empty = await store.standing()
    assert empty.row is not None
    assert empty.row.turn == 0
    await store.commit(full_turn(store))
    seen = await store.standing()
    again = await RunStore(database, store.tenant, store.case, store.run).standing()
    assert seen == again
    assert seen.record.evidence
    assert seen.record.decisions
    assert any(seen.record.registers.values())


async def test_a_turn_of_another_process_is_seen_at_the_next_step(database: Database) -> None:
    store = await admitted(database)
    await store.take_lease()
    assert not (await store.standing()).record.evidence
    other = RunStore(database, store.tenant, store.case, store.run)
    await other.commit(full_turn(other))
    assert await store.standing() == await other.standing()
    await store.give_lease()


async def test_what_a_step_changes_in_its_copy_is_not_what_the_next_one_gets(database: Database) -> None:
    store = await admitted(database)
    await store.take_lease()
    await store.commit(full_turn(store))
    first = await store.standing()
    first.record.evidence.clear()
    first.record.work.clear()
    for items in first.record.registers.values():
        items.clear()
    second = await store.standing()
    assert second == await RunStore(database, store.tenant, store.case, store.run).standing()
