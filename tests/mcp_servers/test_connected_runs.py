"""Runs that ask MCP servers: classed tools only, answers as evidence, and a bad server costs its own call alone."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from model_turns import agent_of, honest, talk
from packets import TENANT, minimal_packet, without_timeline
from strange import SCRIPT, TOKEN
from test_run_tool_scopes import put_in_force

from casefile.connectors import Classed, Connector, Shape, StdioReach
from casefile.tool_scopes import ToolClass
from graphs.context import RunContext
from graphs.runner import Run, admit, checkpointer
from graphs.tool_calls import Told, offered, search, use
from lineage.canonical import digest_bytes
from runtime.mcp_settings import McpSettings
from runtime.model.chat_server import ChatServer, Reply
from runtime.model.offline import Offline
from runtime.model.openai_chat import OpenAIChat
from runtime.store import connector_rows, setting_rows
from runtime.store.admin_chain import CHAIN
from runtime.store.chain import entry_of, rows_of
from runtime.store.database import Database
from runtime.store.setting_rows import Mark, Version
from runtime.store.turn import Turn
from tools.connectors.mcp_opening import opened
from tools.packet_folder import load

AT = datetime(2026, 5, 4, 10, 30, tzinfo=UTC)
TOOLS = ["search_evidence", "desk/look_up", "desk/history", "desk/close_ticket", "desk/fetch_page"]
CONNECTOR = Connector(reach=StdioReach(command="ticket_desk"), system="ticketing")


def offers(mood: Path) -> McpSettings:
    command = {
        "command": [sys.executable, str(SCRIPT), str(mood)],
        "folder": mood.parent,
        "secrets": {"DESK_TOKEN": "env:DESK_TOKEN"},
        "tenants": ["*"],
    }
    return McpSettings.model_validate({"commands": {"ticket_desk": command}})


@pytest.fixture
def mood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DESK_TOKEN", TOKEN)
    file = tmp_path / "mood"
    file.write_text("fine")
    return file


async def shapes_of(mood: Path, tenant: str = TENANT) -> Sequence[Shape]:
    return await opened(offers(mood), tenant, "desk", CONNECTOR).tools()


async def classed(database: Database, shapes: Sequence[Shape], look: str = "look_1", tenant: str = TENANT) -> None:
    """Put in force what two admins would: two tools read, one has an effect, one nobody classed."""
    kinds: dict[str, ToolClass] = {"look_up": "read", "history": "read", "close_ticket": "effect"}
    tools = {one.name: Classed(kind=kinds[one.name], look=look, shape=one) for one in shapes if one.name in kinds}
    body = CONNECTOR.model_copy(update={"tools": tools}).model_dump_json()
    at = "2026-05-04T09:00:00Z"

    async def write(connection: Any) -> None:
        one = Version("connector", "desk", 0, digest_bytes(body.encode()), body, "acc_1", "", at)
        number = await setting_rows.put_version(connection, tenant, one)
        mark = Mark("desk", number, number, "activated", "acc_2", "", at)
        await setting_rows.put_mark(connection, tenant, "connector", mark)

    await database.together(write)


@pytest.fixture
async def run(sqlite_url: str, tmp_path: Path, mood: Path) -> AsyncIterator[Run]:
    """A run that waits at its gate, in a tenant whose retrieval may read with every tool there is."""
    minimal_packet(tmp_path / "whole", exception=True)
    folder = load(without_timeline(tmp_path / "whole", tmp_path / "packet"))
    database = await Database.open(sqlite_url)
    await put_in_force(database, {"retrieval": TOOLS})
    await classed(database, await shapes_of(mood))
    async with checkpointer(sqlite_url) as saver:
        made = await admit(database, saver, folder, Offline())
        made.context.mcp = offers(mood)
        await made.open(folder)
        await made.drive()
        yield made
        if made.context.index is not None:
            made.context.index.close()
    await database.close()


async def ask(context: RunContext, tool: str = "desk/look_up", key: str = "1", **arguments: Any) -> Told:
    """One call by retrieval, committed."""
    turn = Turn(key=f"ask:{key}", at=AT)
    told = await use(context, turn, "retrieval", tool, [arguments or {"subject": "T-1"}])
    assert await context.store.commit(turn)
    return told


async def lines(database: Database, case: str, tenant: str = TENANT) -> list[dict[str, Any]]:
    return [orjson.loads(entry_of(row).line()) async for row in rows_of(database, tenant, case)]


async def entries(run: Run, kind: str) -> list[dict[str, Any]]:
    found = await lines(run.store.database, run.store.case)
    return [one for one in found if one["header"]["kind"] == kind]


async def test_an_answer_is_evidence_with_hash_time_and_locator(run: Run, mood: Path) -> None:
    told = await ask(run.context)
    assert told.refused is None
    await run.drive()
    data = b'{\n "subject": "T-1",\n "status": "open"\n}'
    (item,) = [one for one in await run.store.evidence() if one.file == "desk-look_up.json"]
    assert (item.sha256, item.system, item.captured_at) == (digest_bytes(data), "ticketing", AT)
    assert await run.store.blob(item.sha256) == data
    fingerprint = next(one.fingerprint for one in await shapes_of(mood) if one.name == "look_up")
    (used,) = [
        one for one in await entries(run, "tool_used") if one["header"]["tool_calls"][0]["tool"] == "desk/look_up"
    ]
    (fetched,) = await entries(run, "evidence_fetched")
    about = fetched["content"]["fetched"]["value"]
    assert about["connector"] == "desk"
    assert about["place"] == f'tool look_up {{"subject": "T-1"}}, as told by {fingerprint}'
    assert fingerprint in json.dumps(used)
    assert fetched["header"]["citations"] == [item.sha256]
    assert TOKEN not in json.dumps([used, fetched])


async def test_an_order_in_an_answer_is_marked_like_in_any_file_and_does_nothing(run: Run, mood: Path) -> None:
    shape = next(one for one in await shapes_of(mood) if one.name == "look_up")
    assert shape.output_schema is not None
    mood.write_text("orders")
    told = await ask(run.context)
    assert told.refused is None
    before = await run.store.row()
    await run.drive()
    blocked = (await run.store.registers())["blocked_requests"]
    assert any("desk-look_up" in json.dumps(one.model_dump(mode="json")) for one in blocked)
    after = await run.store.row()
    assert before is not None
    assert after is not None
    assert (after.status, after.final) == ("waiting", False)
    assert await run.store.decisions() == []


BAD = {
    "hang": "gave no answer within",
    "die": "ended before it had answered",
    "flood": "sent more than 8,388,608 bytes",
    "lies": "did not answer by its schema",
    "error": "repeated the secret that it was given",
    "garbage": "repeated the secret that it was given",
    "many": "lists more than 200 tools",
}


@pytest.mark.parametrize("bad", BAD)
async def test_a_bad_server_is_a_refusal_with_its_reason_and_the_run_goes_on(run: Run, mood: Path, bad: str) -> None:
    mood.write_text(bad)
    first, second = await asyncio.gather(
        use(run.context, asked := Turn(key="bad", at=AT), "retrieval", "desk/look_up", [{"subject": "T-1"}]),
        search(run.context, meanwhile := Turn(key="good", at=AT), "retrieval", ["login"], []),
    )
    assert first.results == []
    assert BAD[bad] in (first.refused or ""), first
    assert second[1] is None
    assert await run.store.commit(asked)
    assert await run.store.commit(meanwhile)
    (refused,) = await entries(run, "tool_refused")
    assert BAD[bad] in refused["content"]["tool"]["value"]["reason"]
    assert TOKEN not in json.dumps(await lines(run.store.database, run.store.case))
    mood.write_text("fine")
    assert (await ask(run.context, key="again")).refused is None
    await run.drive()
    row = await run.store.row()
    assert row is not None
    assert row.status == "waiting"


@pytest.mark.parametrize("how", ["changed", "changes_in_call", "wider", "gone"])
async def test_a_changed_tool_is_off_for_every_run_until_looked_at_again(run: Run, mood: Path, how: str) -> None:
    mood.write_text(how)
    told = await ask(run.context)
    assert ("any more" if how == "gone" else "changed since it was looked at") in (told.refused or "")
    mood.write_text("fine")
    again = await ask(run.context, key="2")
    assert again.refused == "desk/look_up is switched off until somebody has looked at it"
    assert (await ask(run.context, "desk/history", key="3")).refused is None
    chain = await lines(run.store.database, CHAIN)
    (entry,) = [one for one in chain if one["header"]["kind"] == "connector_tool_changed"]
    assert entry["header"]["actor"] == {"type": "system", "id": "casegate", "role": None}
    assert entry["content"]["about"]["value"] == "connector desk tool look_up"
    assert entry["content"]["act"]["value"]["before"] != entry["content"]["act"]["value"]["now"]
    await classed(run.store.database, await shapes_of(mood), "look_2")
    assert (await ask(run.context, key="4")).refused is None


async def test_two_that_see_the_same_change_enter_it_once(run: Run, mood: Path) -> None:
    mood.write_text("changed")
    calls = [
        use(run.context, Turn(key=f"t{n}", at=AT), "retrieval", "desk/look_up", [{"subject": "T-1"}]) for n in range(3)
    ]
    for told in await asyncio.gather(*calls):
        assert told.refused
    chain = await lines(run.store.database, CHAIN)
    assert len([one for one in chain if one["header"]["kind"] == "connector_tool_changed"]) == 1
    assert len(await connector_rows.changes_of(run.store.database, TENANT, "desk")) == 1


async def test_only_classed_and_granted_reading_tools_reach_an_agent(run: Run, mood: Path) -> None:
    names = [one.name for one in await offered(run.context, "retrieval")]
    assert names == ["desk/history", "desk/look_up"]
    assert await offered(run.context, "drafting") == []
    ways = {
        "desk/close_ticket": "has an effect, and no agent has one",
        "desk/fetch_page": "there is no tool desk/fetch_page",
        "desk/none": "there is no tool",
        "none/look_up": "there is no tool",
        "/look_up": "there is no tool",
    }
    for n, (tool, reason) in enumerate(ways.items()):
        assert reason in ((await ask(run.context, tool, key=f"way{n}")).refused or ""), tool
    wrong = await ask(run.context, key="address", subject="https://evil.example/?q=1")
    assert "looks like an address" in (wrong.refused or "")
    assert "has no argument host" in ((await ask(run.context, key="host", subject="x", host="y")).refused or "")
    assert "subject: type string was expected" in ((await ask(run.context, key="type", subject=7)).refused or "")
    await put_in_force(run.store.database, {"retrieval": ["search_evidence"]})
    assert "not among the tools" in ((await ask(run.context, key="scope")).refused or "")


async def test_what_the_operator_takes_back_is_gone_at_the_next_call(run: Run, monkeypatch: Any) -> None:
    monkeypatch.delenv("DESK_TOKEN")
    told = await ask(run.context)
    assert told.refused == "desk/look_up: desk: commands.ticket_desk.secrets.DESK_TOKEN: env:DESK_TOKEN names nothing"
    run.context.mcp = McpSettings()
    told = await ask(run.context, key="2")
    assert told.refused == "desk/look_up: desk: 'ticket_desk' is no command that this installation offers here"


async def test_nothing_that_is_stored_or_written_has_the_secret(run: Run, mood: Path, tmp_path: Path) -> None:
    for n, one in enumerate(("fine", "error", "garbage", "echo", "changed")):
        mood.write_text(one)
        await ask(run.context, key=f"m{n}")
    await run.drive()
    kept = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert any(file.suffix == ".db" for file in kept)
    assert [file for file in kept if TOKEN.encode() in file.read_bytes()] == []


async def test_a_model_words_the_question_and_sees_descriptions_as_data(
    sqlite_url: str, mood: Path, tmp_path: Path
) -> None:
    """In a chat: the model names a tool, the desk asks it, and the next turn has the answer as evidence."""
    asked: list[dict[str, Any]] = []

    def answer(body: dict[str, Any]) -> Reply:
        if agent_of(body) != "systems":
            return honest(agent_of(body))
        asked.append(body)
        wanted = [("desk/look_up", "T-1"), ("desk/close_ticket", "T-1"), ("desk/history", "T-2")]
        asks = [{"tool": tool, "ids": [{"name": "subject", "value": value}]} for tool, value in wanted]
        return Reply((json.dumps({"asks": asks}),))

    async with ChatServer(answer) as server, talk(OpenAIChat(server.url, "m-1"), sqlite_url) as chat:
        context = chat.run.context
        tenant = context.store.tenant
        context.mcp = offers(mood)
        await classed(context.store.database, await shapes_of(mood, tenant), tenant=tenant)
        await put_in_force(context.store.database, {"systems": TOOLS}, context.scenario.short, tenant)
        await chat.run.drive()
        await chat.says("What does the desk say of T-1 now?")
        news = await chat.news()
    (body,) = asked
    system, user = (json.dumps(one) for one in body["messages"][:2])
    assert "Look up the status of a ticket." not in system
    assert "- desk/look_up: span" in user
    task, _, fenced = user.partition("The person wrote:")
    assert "Look up the status of a ticket." not in task
    assert "Look up the status of a ticket." in fenced
    assert "Close a ticket." not in user
    assert "evidence_fetched" in [one["kind"] for one in news]
    notes = next(one for one in news if one["kind"] == "answered")["content"]["answer"]["model"]
    assert "systems: desk/look_up was asked; its answer is evidence of the case" in notes
    assert "systems: desk/close_ticket has an effect, and no agent has one" in notes
    assert "systems: desk/history was not asked: 'T-2' is no id that the person wrote" in notes
    frozen = [one for one in news if one["kind"] == "evidence_frozen"]
    assert any("desk-look_up" in json.dumps(one) for one in frozen)
