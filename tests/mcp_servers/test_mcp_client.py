"""MCP servers that hang, die, flood, change, give orders or lie: a call ends with a reason, nothing else suffers."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from langchain_core.utils.function_calling import convert_to_openai_tool
from strange import TOKEN, Strange

from casefile.connectors import Shape
from graphs.connected_tools import made
from tools.connectors.fetched import ConnectorError
from tools.connectors.mcp_bounds import Bounds, ToolChangedError, Wire, one_line
from tools.connectors.mcp_client import McpServer
from tools.connectors.mcp_http import Address
from tools.connectors.mcp_schemas import MOST_NESTED, SchemaFaultError, mismatch, plain
from tools.connectors.mcp_stdio import Started

ASKED = {"subject": "T-1"}


async def refused(server: McpServer, shape: Shape, asked: dict[str, object] | None = None) -> str:
    with pytest.raises(ConnectorError) as caught:
        await server.call(shape, ASKED if asked is None else asked)
    text = str(caught.value)
    assert TOKEN not in text
    assert text == one_line(text)
    return text


async def test_a_tool_is_listed_and_called(strange: Strange) -> None:
    tools = {one.name: one for one in await strange.server.tools()}
    assert sorted(tools) == ["close_ticket", "fetch_page", "history", "look_up"]
    (answer,) = await strange.server.call(tools["look_up"], ASKED)
    assert json.loads(answer.data) == {"subject": "T-1", "status": "open"}
    assert (answer.connector, answer.system, answer.name) == ("desk", "ticketing", "desk-look_up.json")
    assert answer.place == f'tool look_up {{"subject": "T-1"}}, as told by {tools["look_up"].fingerprint}'
    (answer,) = await strange.server.call(tools["history"], ASKED)
    assert (answer.name, answer.data) == ("desk-history.txt", b"T-1 was opened at 08:00")
    strange.be("paged")
    assert {one.name: one for one in await strange.server.tools()} == tools


LISTS = {
    "many": "lists more than 200 tools",
    "endless": "lists its tools on more than 20 pages",
    "twice": "lists the tool look_up twice",
    "large_schema": "tells more than 65,536 bytes about the tool look_up",
}


@pytest.mark.parametrize("mood", LISTS)
async def test_a_list_without_measure_is_no_list(strange: Strange, mood: str) -> None:
    strange.be(mood)
    with pytest.raises(ConnectorError, match=f"^desk: {LISTS[mood]}$"):
        await strange.server.tools()


async def test_a_slow_list_ends(strange: Strange) -> None:
    shape = await strange.shape()
    strange.be("slow_list")
    assert await refused(strange.bounded(seconds=6), shape) == "desk: gave no answer within 6 s"


ANSWERS = {
    "lies": "did not answer by its schema: status: enum ['open', 'closed'] was expected",
    "no_structure": "without the structure that its schema promises",
    "nothing": "without the structure",
    "link": "no link of a server is followed",
    "not_base64": "not base64",
    "parts": "501 parts; at most 20",
    "changes_in_call": "changed since it was looked at",
}


@pytest.mark.parametrize("mood", ANSWERS)
async def test_an_answer_that_cannot_be_relied_on_is_none(strange: Strange, mood: str) -> None:
    shape = await strange.shape()
    strange.be(mood)
    assert ANSWERS[mood] in await refused(strange.server, shape)


@pytest.mark.parametrize("mood", ["changed", "wider", "control", "gone", "bad_name"])
async def test_a_changed_tool_is_not_called(strange: Strange, mood: str) -> None:
    shape = await strange.shape()
    strange.be(mood)
    with pytest.raises(ToolChangedError) as caught:
        await strange.server.call(shape, ASKED)
    gone = mood in ("gone", "bad_name")
    assert (caught.value.now is None) == gone
    assert ("no tool look_up any more" if gone else "changed since it was looked at") in str(caught.value)
    assert caught.value.now is None or caught.value.now.fingerprint != shape.fingerprint


async def test_arguments_are_checked_before_anything_is_started(tmp_path: Path) -> None:
    nowhere = McpServer("desk", "", Started(["/nonexistent/server"], tmp_path, {}))
    schema = {
        "type": "object",
        "properties": {"n": {"type": "integer", "maximum": 9}},
        "additionalProperties": False,
    }
    shape = Shape(name="count", input_schema=schema)
    assert "n: maximum 9 was expected" in await refused(nowhere, shape, {"n": 10})
    assert "n: type integer was expected" in await refused(nowhere, shape, {"n": "1"})
    assert "a member that is not named" in await refused(nowhere, shape, {"m": 1})
    assert await refused(nowhere, shape, {"n": 1}) == "desk: cannot be started: No such file or directory"


async def test_orders_in_an_answer_come_as_the_bytes_that_they_are(strange: Strange) -> None:
    shape = await strange.shape()
    strange.be("orders")
    answers = await strange.server.call(shape, ASKED)
    assert any(b"Ignore previous instructions" in one.data for one in answers)


async def test_images_and_resources_are_parts_of_their_own(strange: Strange) -> None:
    shape = await strange.shape()
    for mood, name, start in (("image", "desk-look_up-2.png", b"\x89PNG"), ("resource", "desk-look_up-2.csv", b"a,b")):
        strange.be(mood)
        first, second = await strange.server.call(shape, ASKED)
        assert (second.name, second.data[: len(start)]) == (name, start)
        assert second.place == f"{first.place}, part 2"


DEATHS = {
    "hang": "gave no answer within",
    "block": "gave no answer within",
    "die": "ended before it had answered",
    "half": "ended before it had answered",
    "garbage": "repeated the secret that it was given",
    "flood": "sent more than 8,388,608 bytes",
    "flood_lines": "sent more than 8,388,608 bytes",
    "echo": "repeated the secret that it was given",
    "error": "repeated the secret that it was given",
    "escaped": "repeated the secret that it was given",
}


@pytest.mark.parametrize("mood", DEATHS)
async def test_a_command_that_hangs_dies_floods_or_tells_its_secret(piped: Strange, mood: str) -> None:
    shape = await piped.shape()
    piped.be(mood)
    before = psutil.Process().memory_info().rss
    waits = DEATHS[mood].startswith("gave no")
    assert DEATHS[mood] in await refused(piped.bounded(seconds=7 if waits else 30), shape)
    assert psutil.Process().memory_info().rss - before < 100 * 1024 * 1024
    assert left_over(piped.mood) == []


def left_over(mark: Path | str) -> list[int]:
    found = []
    for one in psutil.process_iter(["pid", "cmdline", "status"]):
        if one.info["status"] != psutil.STATUS_ZOMBIE and any(str(mark) in part for part in one.info["cmdline"] or ()):
            found.append(one.info["pid"])
    return found


async def test_what_a_command_started_goes_with_it(piped: Strange) -> None:
    shape = await piped.shape()
    piped.be("child")
    await refused(piped.bounded(seconds=7), shape)
    end = time.monotonic() + 5
    while left_over("casegate-left-over") and time.monotonic() < end:
        await asyncio.sleep(0.05)
    assert left_over("casegate-left-over") == []


async def test_a_command_is_given_nothing_of_ours(piped: Strange, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEGATE_MODEL_KEY", "sk-not-for-servers-0000")
    shape = await piped.shape()
    piped.be("echo")
    assert isinstance(piped.server.reach, Started)
    reach = replace(piped.server.reach, environment={"DESK_REGION": "eu"})
    told = await replace(piped.server, reach=reach, secrets=()).call(
        Shape.model_validate({**shape.model_dump(), "output_schema": shape.output_schema}), ASKED
    )
    (environment,) = [one.data.decode() for one in told if one.name.endswith(".txt")]
    given = {line.split("'")[1] for line in environment.strip("{}").split(", ") if "'" in line}
    assert {"PATH", "LANG", "DESK_REGION"} <= given
    assert given <= {"PATH", "LANG", "DESK_REGION", "LC_CTYPE", "PWD", "SHLVL", "_"}


HTTP = {
    "hang": "gave no answer within 4 s",
    "http_flood": "sent more than 8,388,608 bytes",
    "http_half": "cannot be reached",
    "http_gzip": "a compressed form that was not asked for",
    "http_echo": "repeated the secret that it was given",
    "die": "cannot be reached",
}


@pytest.mark.parametrize("mood", HTTP)
async def test_an_address_that_hangs_dies_floods_or_tells_its_secret(
    served: Strange, mood: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shape = await served.shape()
    served.be(mood)
    said = await refused(served.bounded(seconds=4), shape)
    # A connection that ends without an answer is told as such, or as one that could not be made again.
    assert HTTP[mood] in said or (mood in ("die", "http_half") and "answered" in said), said
    assert TOKEN not in caplog.text


async def test_the_token_goes_to_no_other_origin(served: Strange) -> None:
    shape = await served.shape()
    assert isinstance(served.server.reach, Address)
    url = served.server.reach.url
    elsewhere = replace(served.server, reach=Address(url.replace("/mcp", "/redirect"), TOKEN))
    assert "not followed" in await refused(elsewhere, shape)
    wrong = replace(served.server, reach=Address(url, "tok-of-somebody-else"), secrets=())
    assert "answered 401" in await refused(wrong, shape)
    assert TOKEN not in repr(served.server.reach)


async def test_others_go_on_while_one_hangs_and_one_floods(piped: Strange, tmp_path: Path) -> None:
    """A hanging, a flooding and a good server at once, and the loop stays awake the whole time."""
    shape = await piped.shape()
    others = {}
    for mood in ("hang", "flood_lines"):
        own = tmp_path / mood
        own.write_text(mood)
        assert isinstance(piped.server.reach, Started)
        command = [*piped.server.reach.command[:-1], str(own)]
        others[mood] = replace(
            piped.server, reach=replace(piped.server.reach, command=command), bounds=Bounds(seconds=20)
        )
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.01)
            longest = max(longest, time.monotonic() - before)

    watching = asyncio.create_task(watch())
    bad = [asyncio.create_task(refused(one, shape)) for one in others.values()]
    (answer,) = await piped.bounded(seconds=30).call(shape, ASKED)
    assert json.loads(answer.data)["status"] == "open"
    assert not bad[0].done()
    told = await asyncio.gather(*bad)
    watching.cancel()
    assert "no answer within 20 s" in told[0]
    assert "sent more than" in told[1]
    assert longest < 2.0


async def test_a_call_that_is_called_off_leaves_no_process(piped: Strange) -> None:
    shape = await piped.shape()
    piped.be("hang")
    task = asyncio.create_task(piped.server.call(shape, ASKED))
    await asyncio.sleep(1.5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert left_over(piped.mood) == []


DOUBLING = {
    "$defs": {f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(30)} | {"a30": {}},
    "$ref": "#/$defs/a0",
}
FAULTS = {
    "another document": ({"$ref": "http://169.254.169.254/x"}, "refers to another document"),
    "a file": ({"properties": {"x": {"$ref": "file:///etc/passwd"}}}, "refers to another document"),
    "itself": ({"allOf": [{"$ref": "#"}]}, "refers to itself"),
    "itself by another": (
        {"$defs": {"A": {"anyOf": [{"$ref": "#/$defs/B"}]}, "B": {"not": {"$ref": "#/$defs/A"}}}, "$ref": "#/$defs/A"},
        "refers to itself",
    ),
    "itself, by what the library follows": (
        {"properties": {"x": {"$ref": "#"}}, "unevaluatedProperties": False},
        "unevaluatedProperties beside a reference to itself",
    ),
    "an anchor": ({"$defs": {"A": {"$anchor": "a"}}, "$ref": "#a"}, "refers to an anchor"),
    "nothing": ({"$ref": "#/$defs/none"}, "which is not there"),
    "doubling": (DOUBLING, "is too deep"),
    "many": ({"properties": {f"p{n}": {"type": "string"} for n in range(5_000)}}, "more than 4000 parts"),
    "backtracking": ({"properties": {"x": {"pattern": "(?=a)b"}}}, "linear time"),
    "names by pattern": ({"patternProperties": {"(a+)+$": {}}}, "uses patternProperties"),
    "no schema": ({"type": "nonsense"}, "is no JSON schema"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_schema_that_could_keep_us_busy_is_refused(fault: str) -> None:
    schema, reason = FAULTS[fault]
    with pytest.raises(SchemaFaultError, match=reason):
        plain(schema)


def test_checking_takes_no_more_than_can_be_told_beforehand() -> None:
    slow = plain({"type": "object", "properties": {"x": {"type": "string", "pattern": "^(a+)+$"}}})
    begun = time.monotonic()
    assert mismatch(slow, {"x": "a" * 100_000 + "!"}) == "x: pattern ^(a+)+$ was expected"
    assert time.monotonic() - begun < 2
    wide = plain({"items": {"anyOf": [{"type": "string"}] * 50}})
    assert "too large" in (mismatch(wide, [1] * 100_000) or "")
    assert mismatch(plain({"$defs": {"A": {"type": "string"}}, "items": {"$ref": "#/$defs/A"}}), ["a", 1]) == (
        "1: type string was expected"
    )


def test_a_secret_that_comes_in_two_pieces_is_seen() -> None:
    wire = Wire(Bounds(), (TOKEN,))
    assert wire.take(b"status: tok-5f1d9c")
    assert not wire.take(b"2ab7e84e0f and more")
    assert wire.fault == "repeated the secret that it was given"
    assert wire.plain(f"it is {TOKEN}\x1b[31m\n") == "it is [secret] [31m"


FILTER = {
    "type": "object",
    "properties": {"where": {"$ref": "#/$defs/Filter"}},
    "required": ["where"],
    "additionalProperties": False,
    "$defs": {
        "Filter": {
            "oneOf": [
                {
                    "type": "object",
                    "properties": {"field": {"type": "string"}, "is": {}},
                    "required": ["field", "is"],
                    "additionalProperties": False,
                },
                {"$ref": "#/$defs/All"},
            ]
        },
        "All": {
            "type": "object",
            "properties": {"all": {"type": "array", "items": {"$ref": "#/$defs/Filter"}, "minItems": 1}},
            "required": ["all"],
            "additionalProperties": False,
        },
    },
}


def test_a_schema_of_nested_filters_is_checked_as_deep_as_it_is_used() -> None:
    schema = plain(FILTER)
    leaf = {"field": "state", "is": "open"}
    assert mismatch(schema, {"where": leaf}) is None
    assert mismatch(schema, {"where": {"all": [leaf, {"all": [leaf]}]}}) is None
    wrong = mismatch(schema, {"where": {"all": [leaf, {"all": [{"field": "state"}]}]}})
    assert wrong is not None
    assert wrong.startswith("where: oneOf")
    assert (
        mismatch(plain({"items": {"$ref": "#"}, "type": "array"}), [[], [[], [1]]]) == "1.1.0: type array was expected"
    )


def test_a_value_that_is_nested_too_deep_is_not_taken() -> None:
    def nested(depth: int) -> list[object]:
        return [nested(depth - 1)] if depth else []

    lists = plain({"type": "array", "items": {"$ref": "#"}})
    assert mismatch(lists, nested(MOST_NESTED)) is None
    assert mismatch(lists, nested(MOST_NESTED + 1)) == f"is nested more than {MOST_NESTED} deep"
    assert "deep" in str(mismatch(lists, nested(900)))


def test_a_reference_that_doubles_at_each_level_is_given_up_in_time() -> None:
    twice = {"$defs": {"A": {"properties": {"x": {"allOf": [{"$ref": "#/$defs/A"}] * 2}}}}, "$ref": "#/$defs/A"}
    value: dict[str, object] = {}
    for _ in range(MOST_NESTED - 2):
        value = {"x": value}
    started = time.monotonic()
    assert mismatch(plain(twice), value) == "is too large to be checked against its schema"
    assert time.monotonic() - started < 20


def test_types_that_refer_to_each_other_are_written_down_once() -> None:
    names = [f"T{n}" for n in range(30)]
    every = {"properties": {name.lower(): {"$ref": f"#/$defs/{name}"} for name in names}}
    schema = plain({"$defs": dict.fromkeys(names, every), "$ref": "#/$defs/T0"})
    assert len(schema["$defs"]) == 30
    assert mismatch(schema, {"t3": {"t4": {"t0": {}}}}) is None


def test_an_agent_is_given_a_tool_with_nested_arguments() -> None:
    shape = Shape(name="search", description="searches", input_schema=FILTER, output_schema=None)
    tool = made("desk", shape, "read")
    assert tool.schema["$defs"]
    assert convert_to_openai_tool(tool.tool)["function"]["parameters"]["properties"]["where"]
