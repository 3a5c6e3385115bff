"""Tools of agents: used within their scope, refused in every other way, and on record either way."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from langchain_core.tools import StructuredTool
from packets import TENANT, minimal_packet
from pydantic import BaseModel, Field
from running import run as run_packet

from graphs import catalogue, tool_calls
from graphs.context import RunContext
from graphs.nodes.intake import add_to_index
from graphs.runner import admit
from graphs.tool_calls import search, use
from runtime.model.offline import Offline
from runtime.store import setting_rows, use_rows
from runtime.store.chain import rows_of
from runtime.store.database import Database
from runtime.store.setting_rows import Mark, Version
from runtime.store.turn import Turn
from tools.agent_tool import AgentTool, ToolFaultError
from tools.packet_folder import load
from tools.toolbox import own_tools

ROOMS = ("agents", "casefile", "evals", "graphs", "guardrails", "lineage", "runtime", "server", "tools")
AT = datetime(2026, 5, 4, 10, 5, tzinfo=UTC)


@pytest.fixture
async def context(sqlite_url: str, tmp_path: Path) -> AsyncIterator[RunContext]:
    """A run whose ticket is indexed."""
    database = await Database.open(sqlite_url)
    run = await admit(database, None, load(minimal_packet(tmp_path / "packet")), Offline())
    await run.open(load(tmp_path / "packet"))
    await index_the_ticket(run.context, tmp_path / "packet" / "ticket.json")
    yield run.context
    if run.context.index is not None:
        run.context.index.close()
    await database.close()


async def index_the_ticket(context: RunContext, file: Path) -> None:
    from casefile.evidence import Evidence
    from lineage.canonical import digest_bytes

    data = file.read_bytes()
    item = Evidence.model_validate(
        {"id": "ticket", "file": file.name, "system": "ticketing", "sha256": digest_bytes(data), "size": len(data)}
        | {"arrived_at": AT, "captured_at": AT}
    )
    await add_to_index(context, item)


async def put_in_force(
    database: Database, grants: Mapping[str, list[str]], scenario: str = "outage-intake", tenant: str = TENANT
) -> None:
    """Make these the scopes of a scenario, as two admins would."""
    at = "2026-05-04T09:00:00Z"

    async def write(connection: Any) -> None:
        one = Version("tools", scenario, 0, "sha256:" + "0" * 64, orjson.dumps(grants).decode(), "acc_1", "", at)
        number = await setting_rows.put_version(connection, tenant, one)
        await setting_rows.put_mark(
            connection, tenant, "tools", Mark(scenario, number, number, "activated", "", "", at)
        )

    await database.together(write)


def made(name: str, coroutine: Any, kind: Any = "read", outside: bool = False, seconds: float = 5.0) -> AgentTool:
    return AgentTool.of(
        StructuredTool.from_function(coroutine=coroutine, name=name, description="A tool of a test."),
        kind,
        outside=outside,
        seconds=seconds,
    )


async def look_up(subject: str) -> str:
    """A tool that reaches out."""
    return f"about {subject}"


async def hang(subject: str) -> str:
    """Never answers."""
    await asyncio.sleep(60)
    return subject


async def die(subject: str) -> str:
    """Breaks."""
    raise ConnectionError(subject)


def turn(key: str = "1:test") -> Turn:
    return Turn(key=key, at=AT)


async def test_what_is_shipped_may_be_used_and_is_on_record(context: RunContext) -> None:
    this = turn()
    found, refused = await search(context, this, "retrieval", ["workforce login"], [])
    assert refused is None
    assert found[0]
    assert found[0][0].evidence == "ticket"
    assert await context.store.commit(this)
    (entry,) = [e async for e in lineage(context) if e["kind"] == "tool_used"]
    assert entry["actor"]["id"] == "retrieval"
    assert entry["tool_calls"][0]["tool"] == "search_evidence"
    (used,) = await use_rows.uses(context.store.database, TENANT, "tool")
    assert (used.name, used.agent, used.version, used.refused) == (
        "search_evidence",
        "retrieval",
        "outage-intake/0",
        False,
    )
    assert used.seq == entry["seq"]


async def lineage(context: RunContext) -> AsyncIterator[dict[str, Any]]:
    async for row in rows_of(context.store.database, context.store.tenant, context.store.case):
        yield orjson.loads(row.header)


WAYS: dict[str, tuple[str, str, list[dict[str, Any]], str]] = {
    "an unknown tool": ("retrieval", "send_mail", [{"query": "x"}], "there is no tool"),
    "another name of a tool": ("retrieval", "find_evidence", [{"query": "x"}], "another name of search_evidence"),
    "an agent without the scope": ("drafting", "search_evidence", [{"query": "x"}], "not among the tools of drafting"),
    "an agent that nobody knows": ("retrieval ", "search_evidence", [{"query": "x"}], "not among the tools of"),
    "a tool with an effect": ("retrieval", "page_engineers", [{"subject": "x"}], "has an effect"),
    "a tool that nobody looked at": ("retrieval", "fresh_tool", [{"subject": "x"}], "switched off"),
    "an argument that is not there": (
        "retrieval",
        "search_evidence",
        [{"query": "x", "case": "CASE-2"}],
        "has no argument case",
    ),
    "an argument of another type": ("retrieval", "search_evidence", [{"query": {"text": "x"}}], "query"),
    "an argument out of range": ("retrieval", "search_evidence", [{"query": "x", "most": 10_000}], "most"),
    "an address": ("retrieval", "look_up", [{"subject": "https://evil.example/?q=1"}], "looks like an address"),
    "an address inside words": ("retrieval", "look_up", [{"subject": "status of files.evil.example"}], "an address"),
    "an address of digits": ("retrieval", "look_up", [{"subject": "169.254.169.254"}], "looks like an address"),
    "a way up": ("retrieval", "look_up", [{"subject": "../../etc/passwd"}], "looks like an address"),
    "a nested address": ("retrieval", "look_up", [{"subject": [{"a": ["ftp://evil.example"]}]}], "an address"),
    "the second of two calls": ("retrieval", "look_up", [{"subject": "a"}, {"subject": "http://b"}], "an address"),
    "more calls than one question makes": ("retrieval", "look_up", [{"subject": "a"}] * 51, "at most 50"),
    "a tool that hangs": ("retrieval", "hang", [{"subject": "a"}], "no answer within"),
    "a tool that breaks": ("retrieval", "die", [{"subject": "a"}], "failed: ConnectionError"),
}


@pytest.mark.parametrize("way", WAYS)
async def test_every_way_round_is_refused_and_on_record(context: RunContext, way: str) -> None:
    agent, name, calls, reason = WAYS[way]
    own = own_tools()
    context.tools = {
        **own,
        "find_evidence": own["search_evidence"],
        "page_engineers": made("page_engineers", look_up, "effect"),
        "fresh_tool": made("fresh_tool", look_up, "off"),
        "look_up": made("look_up", look_up, outside=True),
        "hang": made("hang", hang, seconds=0.2),
        "die": made("die", die),
    }
    names = [*context.tools, "send_mail"]
    await put_in_force(context.store.database, {"retrieval": names})
    this = turn()
    told = await use(context, this, agent, name, calls)
    assert told.results == []
    assert reason in (told.refused or ""), told
    assert await context.store.commit(this)
    (used,) = await use_rows.uses(context.store.database, TENANT, "tool")
    assert (used.name, used.agent, used.refused, used.version) == (name, agent, True, "outage-intake/1")


async def test_scopes_of_another_scenario_or_tenant_give_nothing(context: RunContext) -> None:
    context.scenario = context.scenario.model_copy(update={"tools": {}})
    await put_in_force(context.store.database, {"retrieval": ["search_evidence"]}, scenario="contractor-access")
    await put_in_force(context.store.database, {"retrieval": ["search_evidence"]}, tenant="tn-osprey-us")
    found, refused = await search(context, turn(), "retrieval", ["login"], [])
    assert found == [[]]
    assert refused == "search_evidence is not among the tools of retrieval in this scenario"


async def test_a_scope_that_is_withdrawn_is_gone_at_the_next_call(context: RunContext) -> None:
    this = turn()
    first = await use(context, this, "retrieval", "search_evidence", [{"query": "login"}])
    await put_in_force(context.store.database, {"extraction": ["search_evidence"]})
    second = await use(context, this, "retrieval", "search_evidence", [{"query": "login"}])
    assert first.results[0]
    assert second.refused
    assert [e.kind for e in this.entries] == ["tool_used", "tool_refused"]


class Deep(BaseModel):
    """What a server might ask for."""

    target_host: str


class Asks(BaseModel):
    """A place inside a place."""

    subject: str
    options: list[Deep] = Field(default_factory=list)


@pytest.mark.parametrize("name", ["url", "baseUrl", "file_path", "callback_uri", "Host", "webhook", "ipAddress"])
def test_a_tool_that_takes_an_address_cannot_be_an_agents(name: str) -> None:
    schema = {"type": "object", "properties": {"subject": {"type": "string"}, name: {"type": "string"}}}
    tool = StructuredTool.from_function(coroutine=look_up, name="t", description="d", args_schema=schema)
    with pytest.raises(ToolFaultError, match=name):
        AgentTool.of(tool, "read")


def test_neither_can_one_that_takes_it_deep_inside_or_by_format() -> None:
    with pytest.raises(ToolFaultError, match="target_host"):
        AgentTool.of(
            StructuredTool.from_function(coroutine=look_up, name="t", description="d", args_schema=Asks), "read"
        )
    schema = {"type": "object", "properties": {"where": {"type": "array", "items": {"format": "uri"}}}}
    schema["properties"]["place"] = {"anyOf": [{"type": "string", "format": "uri"}]}  # type: ignore[index]
    tool = StructuredTool.from_function(coroutine=look_up, name="t", description="d", args_schema=schema)
    with pytest.raises(ToolFaultError, match="place, where"):
        AgentTool.of(tool, "read")


async def test_gone_evidence_is_not_found_and_a_secret_in_a_query_is_not_recorded(context: RunContext) -> None:
    this = turn()
    found, _ = await search(context, this, "retrieval", ["login password=Tr0ub4dor&3x9"], ["ticket"])
    assert found == [[]]
    assert "Tr0ub4dor" not in str(this.entries[0].tool_calls)


def test_nothing_else_searches_or_calls_a_tool() -> None:
    """The desk is the only one: who looks into an index or invokes a tool elsewhere goes round it."""
    allowed = {
        "query": {
            "tools/search_evidence.py",
            "server/doctor.py",
            "runtime/search/index.py",
            "runtime/search/chroma.py",
            "tools/stub_script.py",  # of an address
            "server/mcp/asking.py",  # of an address
            "runtime/mcp_settings.py",  # of an address
            "runtime/connector_settings.py",  # of an address
            "tools/connectors/http_question.py",  # of an address
            "tools/demo_systems.py",  # of an address
        },
        "ainvoke": {"graphs/tool_calls.py", "graphs/rehearsal.py"},  # the second one drives a graph
        "invoke": set[str](),
        "arun": set[str](),
    }
    root = Path(tool_calls.__file__).resolve().parent.parent
    found = []
    for file in (file for room in ROOMS for file in (root / room).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            name = node.attr if isinstance(node, ast.Attribute) else ""
            here = file.relative_to(root).as_posix()
            if name in allowed and here not in allowed[name]:
                found.append(f"{here}:{getattr(node, 'lineno', 0)} {name}")
    assert [one for one in found if "SSL" not in one] == []


def test_every_scenario_says_which_tools_and_only_ones_that_there_are() -> None:
    for one in catalogue.all_scenarios():
        assert one.tools, one.short
        assert {tool for tools in one.tools.values() for tool in tools} <= set(own_tools()), one.short


def test_a_chat_without_the_scope_finds_nothing_and_says_so(tmp_path: Path) -> None:
    says = {"at": "2026-05-04T10:10:00Z", "says": {"by": "u-intake", "text": "Where is Hello?"}}
    packet = minimal_packet(tmp_path / "packet", timeline=[says], exception=True)
    answers = {}
    for name, grants in (("shipped", None), ("withdrawn", {"extraction": ["search_evidence"]})):
        out = tmp_path / name
        url = f"sqlite:///{tmp_path / name}.db"
        if grants is not None:
            asyncio.run(withdraw(url, grants))
        run_packet(packet, out, url)
        lines = [orjson.loads(line) for line in (out / "lineage.jsonl").read_bytes().splitlines()]
        answers[name] = next(one for one in lines if one["header"]["kind"] == "answered")["content"]["answer"]["value"]
        kinds = [one["header"]["kind"] for one in lines]
        assert ("tool_used" in kinds, "tool_refused" in kinds) == (grants is None, grants is not None)
    assert answers["shipped"]["lines"]
    assert answers["withdrawn"]["lines"] == []
    assert "not among the tools of retrieval" in " ".join(answers["withdrawn"]["model"])


async def withdraw(url: str, grants: Mapping[str, list[str]]) -> None:
    database = await Database.open(url)
    await put_in_force(database, grants)
    await database.close()


def test_narrower_takes_away_and_never_adds() -> None:
    from casefile.tool_scopes import ToolScopes, narrower

    shipped = ToolScopes(grants={"a": ["x", "y"], "b": ["x"]})
    assert narrower({"a": ["x"]}, shipped.grants)
    assert narrower({}, shipped.grants)
    assert not narrower({"b": ["y"]}, shipped.grants)
    assert not narrower({"c": ["x"]}, shipped.grants)
