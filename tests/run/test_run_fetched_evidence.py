"""What a connected system answers becomes evidence of the run: frozen, placed, aged; the same answer adds nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from langchain_core.tools import StructuredTool
from packets import TENANT, minimal_packet, without_timeline
from test_run_tool_scopes import put_in_force

from casefile.evidence import Evidence
from graphs.context import RunContext
from graphs.fetched_evidence import FETCHED, arrive
from graphs.runner import Run, admit, checkpointer
from graphs.tool_calls import use
from lineage.canonical import digest_bytes
from lineage.entry import Actor
from runtime.model.offline import Offline
from runtime.store.chain import rows_of
from runtime.store.database import Database
from runtime.store.turn import Turn
from tools.agent_tool import AgentTool
from tools.connectors.fetched import ConnectorError, Fetched
from tools.packet_folder import load

AT = datetime(2026, 5, 4, 10, 30, tzinfo=UTC)
IRIS = Actor("person", "u-intake", "support_intake_specialist")
ANSWER = Fetched(b'{"number": "QF-1001"}', "tickets-QF-1001.json", "desk", "ticketing", "/tickets/QF-1001", AT)


@pytest.fixture
async def run(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Run]:
    """A run that waits at its gate."""
    minimal_packet(tmp_path / "whole", exception=True)
    folder = load(without_timeline(tmp_path / "whole", tmp_path / "packet"))
    database = await Database.open(sqlite_url)
    async with checkpointer(sqlite_url) as saver:
        made = await admit(database, saver, folder, Offline())
        await made.open(folder)
        await made.drive()
        yield made
        if made.context.index is not None:
            made.context.index.close()
    await database.close()


async def fetched(run: Run, answer: Fetched, minutes: int = 0, by: Actor = IRIS) -> list[Evidence]:
    """The ledger after an answer has arrived that many minutes later."""
    turn = Turn(key=f"fetch:{minutes}", at=AT + timedelta(minutes=minutes))
    await arrive(run.context, turn, answer, by)
    assert await run.store.commit(turn)
    await run.drive()
    return [item for item in await run.store.evidence() if item.file == answer.name]


async def entries(context: RunContext, kind: str) -> list[dict[str, object]]:
    rows = [orjson.loads(row.header) async for row in rows_of(context.store.database, TENANT, context.store.case)]
    return [header for header in rows if header["kind"] == kind]


async def test_an_answer_is_frozen_with_hash_time_and_place(run: Run) -> None:
    (item,) = await fetched(run, ANSWER)
    assert (item.system, item.sha256, item.captured_at) == ("ticketing", digest_bytes(ANSWER.data), AT)
    assert await run.store.blob(item.sha256) == ANSWER.data
    assert f"checked:{item.id}" in await run.store.work("checked:*")
    (entry,) = await entries(run.context, FETCHED)
    assert entry["citations"] == [item.sha256]
    assert entry["actor"] == {"type": "person", "id": "u-intake", "role": "support_intake_specialist"}


async def test_a_changed_answer_takes_the_place_of_the_former_and_the_same_adds_nothing(run: Run) -> None:
    (first,) = await fetched(run, ANSWER)
    assert await fetched(run, ANSWER, 1) == [first]
    _, second = await fetched(run, replace(ANSWER, data=b'{"number": "QF-1002"}'), 2)
    assert second.replaces == first.id
    # Back to what it said at first: that is a third answer, and no item stands twice.
    _, _, third = await fetched(run, ANSWER, 3)
    assert third.replaces == second.id
    assert len({first.id, second.id, third.id}) == 3
    assert len(await entries(run.context, FETCHED)) == 4


async def test_an_older_answer_out_of_a_cache_does_not_take_the_place_of_a_newer_one(run: Run) -> None:
    (first,) = await fetched(run, ANSWER)
    turn = Turn(key="older", at=AT + timedelta(minutes=5))
    older = await arrive(run.context, turn, replace(ANSWER, data=b"{}", age=timedelta(hours=2)), IRIS)
    assert (older.is_, older.source.id, older.sha256, older.stale) == ("older", first.id, first.sha256, False)
    assert not turn.blobs
    assert not turn.events
    told = replace(ANSWER, data=b"{}", age=timedelta(hours=2), fresh_for=timedelta(hours=1))
    assert (await arrive(run.context, turn, told, IRIS)).stale


async def test_another_question_is_another_item_even_with_the_same_answer(run: Run) -> None:
    await fetched(run, ANSWER)
    both = await fetched(run, replace(ANSWER, place="/tickets/QF-1001?view=full"), 1)
    assert [item.replaces for item in both] == [None, None]
    assert len({item.id for item in both}) == 2


async def test_an_old_answer_has_its_true_age_and_none_is_from_the_future(run: Run) -> None:
    hour = timedelta(hours=1)
    for n, (answer, captured) in enumerate([
        (replace(ANSWER, place="/a", age=hour), AT - hour),
        (replace(ANSWER, place="/b", as_of=AT - 3 * hour, age=hour), AT - 3 * hour),
        (replace(ANSWER, place="/c", as_of=AT + 9 * hour), AT + timedelta(minutes=2)),
    ]):  # fmt: skip
        item = (await fetched(run, answer, n))[-1]
        assert item.captured_at == (captured + timedelta(minutes=n) if n == 0 else captured)


async def test_the_same_answer_renews_an_item_that_is_not_fresh_any_more(run: Run) -> None:
    answer = replace(ANSWER, fresh_for=timedelta(minutes=10))
    (first,) = await fetched(run, answer)
    assert await fetched(run, answer, 10) == [first]
    _, second = await fetched(run, answer, 11)
    assert (second.replaces, second.captured_at) == (first.id, AT + timedelta(minutes=11))


async def test_two_answers_of_one_turn_replace_each_other_in_order(run: Run) -> None:
    turn = Turn(key="both", at=AT)
    one = await arrive(run.context, turn, ANSWER, IRIS)
    two = await arrive(run.context, turn, replace(ANSWER, data=b"{}"), IRIS)
    again = await arrive(run.context, turn, replace(ANSWER, data=b"{}"), IRIS)
    assert two.source.replaces == one.source.id
    assert (again.is_, again.source) == ("same", two.source)
    assert await run.store.commit(turn)
    await run.drive()
    assert {one.source.id, two.source.id} <= {item.id for item in await run.store.evidence()}


async def look_up(ticket: str) -> Fetched:
    """Reads a ticket."""
    if ticket == "gone":
        raise ConnectorError("desk: 404 for /tickets/gone")
    return replace(ANSWER, place=f"/tickets/{ticket}")


async def test_what_an_agent_asks_goes_the_same_way(run: Run) -> None:
    tool = StructuredTool.from_function(coroutine=look_up, name="desk.ticket", description="A ticket.")
    run.context.tools = {**run.context.tools, "desk.ticket": AgentTool.of(tool, "read", outside=True)}
    turn = Turn(key="agent", at=AT)
    asked = [{"ticket": "QF-1001"}]
    refused = await use(run.context, turn, "retrieval", "desk.ticket", asked)
    assert refused.refused == "desk.ticket is not among the tools of retrieval in this scenario"
    assert not turn.blobs
    await put_in_force(run.context.store.database, {"retrieval": ["desk.ticket"]})
    gone = await use(run.context, turn, "retrieval", "desk.ticket", [{"ticket": "gone"}])
    assert gone.refused == "desk.ticket: desk: 404 for /tickets/gone"
    await use(run.context, turn, "retrieval", "desk.ticket", asked)
    assert await run.store.commit(turn)
    await run.drive()
    (item,) = [item for item in await run.store.evidence() if item.file == ANSWER.name]
    assert item.system == "ticketing"
    (entry,) = await entries(run.context, FETCHED)
    assert entry["actor"] == {"type": "agent", "id": "retrieval", "role": None}
