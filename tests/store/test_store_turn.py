"""A turn is one transaction under one key: it happens once, or not at all."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.exc import IntegrityError
from store_turns import FILE_HASH, admitted, counts, decision, entry, everything, full_turn

from lineage.entry import EntryError
from runtime.store.database import Database
from runtime.store.run_store import RunStore
from runtime.store.turn import Turn


async def test_a_turn_writes_all_its_rows(database: Database) -> None:
    store = await admitted(database)
    assert await store.commit(full_turn(store)) is True
    seen = await everything(store)
    assert all(seen.values()), seen
    assert seen["row"].turn == 1
    assert seen["row"].outcome == "staged"
    assert await store.blob(FILE_HASH) == b"a frozen file"


async def test_the_same_key_again_changes_nothing(database: Database) -> None:
    store = await admitted(database)
    await store.commit(full_turn(store))
    before, seen = await counts(database), await everything(store)
    again = full_turn(store)
    again.run["outcome"] = "something else"
    assert await store.commit(again) is False
    assert await counts(database) == before
    assert await everything(store) == seen


async def test_an_admitted_run_is_admitted_once(database: Database) -> None:
    store = await admitted(database)
    await store.commit(full_turn(store))
    seen = await everything(store)
    assert await store.admit({**_row(), "status": "working", "turn": 0}) is False
    assert await everything(store) == seen


def _row() -> dict[str, object]:
    from store_turns import LEDGER_ROW

    return dict(LEDGER_ROW)


async def test_a_turn_that_breaks_at_its_last_statement_leaves_nothing(database: Database) -> None:
    store = await admitted(database)
    before = await counts(database)
    turn = full_turn(store)
    turn.entries.append(entry(store, kind=""))
    with pytest.raises(EntryError):
        await store.commit(turn)
    assert await counts(database) == before
    assert (await everything(store))["row"].turn == 0
    assert await store.commit(full_turn(store)) is True


async def test_a_run_that_was_never_admitted_takes_no_turn(database: Database) -> None:
    store = RunStore(database, "tn-a", "CASE-1", "run-unknown")
    with pytest.raises(Exception, match="No row"):
        await store.commit(full_turn(store))
    assert not any((await counts(database)).values())


async def test_one_slot_has_one_decision(database: Database) -> None:
    store = await admitted(database)
    assert await store.commit(_answer(store, "u-1"))
    before = await counts(database)
    with pytest.raises(IntegrityError):
        await store.commit(_answer(store, "u-2"))
    assert await counts(database) == before
    assert [one.by for one in await store.decisions()] == ["u-1"]


async def test_of_many_answers_at_once_one_wins(url: str, database: Database) -> None:
    await admitted(database)
    others = [await Database.open(url) for _ in range(3)]
    answers = [
        RunStore(one, "tn-a", "CASE-1", "run-1").commit(_answer(RunStore(one, "tn-a", "CASE-1", "run-1"), f"u-{n}"))
        for n, one in enumerate([database, *others])
    ]
    results = await asyncio.gather(*answers, return_exceptions=True)
    for one in others:
        await one.close()
    assert sorted(str(type(r).__name__) for r in results) == ["IntegrityError"] * 3 + ["bool"]
    stored = await (await admitted(database)).decisions()
    assert [f"u-{results.index(True)}"] == [one.by for one in stored]


def _answer(store: RunStore, by: str) -> Turn:
    turn = Turn(key=f"decision:{by}", at=decision().at)
    turn.decisions.append(decision(by))
    turn.entries.append(entry(store, "decided", by=by))
    return turn


async def test_a_decision_can_be_restated_and_nothing_else(database: Database) -> None:
    store = await admitted(database)
    await store.commit(full_turn(store))
    turn = Turn(key="1:settle", at=decision().at)
    turn.restated.append(decision().model_copy(update={"state": "void"}))
    await store.commit(turn)
    assert [one.state for one in await store.decisions()] == ["void"]
