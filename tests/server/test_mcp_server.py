"""Other assistants read over MCP what the owner of a token may see, and nothing that they can call changes a case."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
from house import PATIENCE, House, case_packet, live_packet
from house import Client as Browser
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from packets import read_packet, write_packet
from pydantic import SecretStr

from runtime.clock import wall
from runtime.store import account_rows
from runtime.store.account_rows import Token
from runtime.store.database import Database
from server.mcp.asking import Api
from server.mcp.fitting import MOST
from server.mcp.results import DATA
from server.mcp.tools import server_of
from server.security.secrets import hashed

ROOT = Path(__file__).parents[2]
TOOLS = [
    "list_cases", "list_evidence", "read_artifact", "read_evidence", "read_lineage", "read_registers", "read_run",
    "search_run",
]  # fmt: skip
SECRET = "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYXNlIn0.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"
IBAN = "DE89 3704 0044 0532 0130 00"
UNKNOWN = "There is no such thing: there is no such thing, or you may not know of it"
NO_TOKEN = "Nobody is signed in: the token is unknown, expired or revoked"
MODES = ("auto", "legacy")


def token(browser: Browser, *scopes: str) -> str:
    """A token of the person's own; with the scope `read` alone unless others are named."""
    made = browser.post("/api/tokens", json={"name": "assistant", "scopes": list(scopes or ("read",)), "days": 1})
    assert made.status_code == 201, made.text
    return str(made.json()["token"])


def in_process(house: House, secret: str, transport: httpx.AsyncBaseTransport | None = None) -> Client:
    """The real client and server of the protocol, without a process between them."""
    given = SecretStr(secret)
    return Client(server_of(Api(house.base, transport), lambda _: given))


def over_stdio(url: str, secret: str, *arguments: str) -> StdioServerParameters:
    """The command as another assistant starts it."""
    return StdioServerParameters(
        command=sys.executable,
        args=["-m", "server.cli", "mcp", "--url", url, *arguments],
        env={"CASEGATE_TOKEN": secret} if secret else {},
        cwd=ROOT,
    )


@asynccontextmanager
async def over_http(address: str, secret: str, mode: str = "auto", **headers: str) -> AsyncIterator[Client]:
    """A caller of the HTTP transport, with his own token."""
    sent = {"Authorization": f"Bearer {secret}", **headers}
    async with (
        httpx2.AsyncClient(headers=sent, timeout=PATIENCE, trust_env=False) as http,
        Client(streamable_http_client(address, http_client=http), mode=mode) as client,  # type: ignore[arg-type]
    ):
        yield client


@pytest.fixture
def listening(house: House) -> Iterator[str]:
    """`casegate mcp --listen` in a process of its own. Its own environment's token must count for nobody."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    owner = token(house.sign_in("u-intake", ("support_intake_specialist",)))
    process = subprocess.Popen(
        [sys.executable, "-m", "server.cli", "mcp", "--url", house.base, "--listen", f"127.0.0.1:{port}"],
        cwd=ROOT,
        env={**os.environ, "CASEGATE_TOKEN": owner},
    )
    until = time.monotonic() + PATIENCE
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        assert process.poll() is None, "the server ended while it started"
        assert time.monotonic() < until, "the server does not listen"
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}/mcp"
    process.terminate()
    process.wait(PATIENCE)


@pytest.fixture
def foreign(house: House) -> Browser:
    """A person of the same name and role in another tenant."""
    return house.sign_in("u-intake", ("support_intake_specialist",), tenant="tn-osprey-us")


async def called(client: Client, name: str, **arguments: Any) -> dict[str, Any]:
    """What a tool answers. What a model reads as text is the same, bounded and marked."""
    result = await client.call_tool(name, arguments)
    assert not result.is_error, result.content
    shown: dict[str, Any] = result.structured_content or {}
    text = result.content[0].text  # type: ignore[union-attr]
    assert len(text) <= MOST
    assert json.loads(text) == shown
    assert shown["about"] == DATA
    return shown


async def refused(client: Client, name: str, **arguments: Any) -> str:
    """The one line that a tool answers when it cannot."""
    result = await client.call_tool(name, arguments)
    assert result.is_error
    text = str(result.content[0].text)  # type: ignore[union-attr]
    assert "\n" not in text
    assert "Traceback" not in text
    return text.removeprefix(f"Error executing tool {name}: ")


def packet_with(folder: Path, name: str, text: str) -> Path:
    """The packet with one more file."""
    live_packet(folder)
    packet = read_packet(folder)
    (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    packet["sources"].append({"id": name, "file": f"{name}.txt", "system": "attachment_store"})
    write_packet(folder, packet)
    return folder


async def test_a_lead_reads_his_case_over_stdio(house: House, run: str, intake: Browser, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(token(intake) + "\n", encoding="utf-8")
    async with Client(over_stdio(house.base, "", "--token-file", str(file))) as client:
        tools = (await client.list_tools()).tools
        assert sorted(tool.name for tool in tools) == TOOLS
        for tool in tools:
            assert tool.annotations is not None
            assert tool.annotations.read_only_hint is True
            assert tool.output_schema is not None
            assert "context" not in tool.input_schema["properties"]
        cases = await called(client, "list_cases")
        assert [row["run"] for row in cases["rows"]] == [run]
        now = await called(client, "read_run", run=run)
        assert [gate["gate"] for gate in now["waiting_on"]] == ["exception_release"]
        assert now["waiting_on"][0]["people"]
        assert now["stopped_by"]
        assert now["revision"] == "r1"


async def test_each_tool_says_what_the_api_says(house: House, run: str, intake: Browser) -> None:
    secret = token(intake)
    api = httpx.Client(base_url=house.base, headers={"Authorization": f"Bearer {secret}"}, timeout=PATIENCE)
    page = api.get(f"/api/runs/{run}").json()
    async with in_process(house, secret) as client:
        document = await called(client, "read_artifact", run=run)
        fields = {one["place"]: one for one in document["statements"]}
        for name, field in page["artifact"]["fields"].items():
            assert (fields[name]["status"], fields[name]["citations"]) == (field["status"], field["citations"])
        assert await called(client, "read_artifact", run=run, revision="r1") == document
        registers = await called(client, "read_registers", run=run)
        assert registers["registers"] == page["registers"]
        evidence = await called(client, "list_evidence", run=run)
        assert evidence["items"] == api.get(f"/api/runs/{run}/evidence").json()["items"]
        cited = next(c for one in document["statements"] for c in one["citations"])
        part = await called(client, "read_evidence", run=run, evidence=cited["evidence"], locator=cited["locator"])
        assert cited["quote"] in part["target"]["text"]
        hits = await called(client, "search_run", run=run, q="environment")
        assert hits["hits"] == api.get(f"/api/runs/{run}/search?q=environment").json()["hits"]
        entries: list[Any] = []
        after: int | None = -1
        while after is not None:
            lineage = await called(client, "read_lineage", run=run, after=after, limit=7)
            entries, after = [*entries, *lineage["entries"]], lineage["next"]
        assert entries == api.get(f"/api/runs/{run}/lineage?limit=1000").json()["entries"]


async def test_evidence_of_every_kind_is_read_to_its_end(house: House, tmp_path: Path) -> None:
    packet = case_packet(tmp_path / "case", "outage-intake", "html-mail-and-pdf-note-all-agree")
    person, tenant = read_packet(packet)["people"][0], read_packet(packet)["tenant"]["id"]
    browser = house.sign_in(person["id"], tuple(person["roles"]), tenant=tenant)
    run = house.open(packet, browser)
    kinds = set()
    async with in_process(house, token(browser)) as client:
        for item in (await called(client, "list_evidence", run=run))["items"]:
            lines: list[Any] = []
            onward: dict[str, Any] | None = {}
            while onward is not None:
                part = await called(client, "read_evidence", run=run, evidence=item["id"], **onward)
                lines, onward = [*lines, *part["lines"]], part["next"]
            kinds.add(part["kind"])
            assert lines, item["file"]
            assert part["why_nothing"] is None
            middle = lines[len(lines) // 2]["locator"]
            around = await called(client, "read_evidence", run=run, evidence=item["id"], locator=middle)
            assert middle in [line["locator"] for line in around["lines"]], item["file"]
        for statement in (await called(client, "read_artifact", run=run))["statements"]:
            for cited in statement["citations"]:
                place = {"evidence": cited["evidence"], "locator": cited["locator"]}
                at = await called(client, "read_evidence", run=run, **place)
                assert at["target"]["text"], place
    assert kinds >= {"mail", "table", "tree", "page", "image"}


async def test_no_tool_does_more_than_get(house: House, run: str, intake: Browser) -> None:
    class Recording(httpx.AsyncHTTPTransport):
        sent: list[str] = []

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            self.sent.append(request.method)
            assert "cookie" not in request.headers
            return await super().handle_async_request(request)

    before = intake.get(f"/api/runs/{run}/lineage").json()["head"]
    given = {"run": run, "q": "test", "evidence": "update"}
    async with in_process(house, token(intake, "read", "work", "decide", "open"), Recording()) as client:
        for tool in (await client.list_tools()).tools:
            wanted = {name: given[name] for name in tool.input_schema.get("required", [])}
            await called(client, tool.name, **wanted)
    assert set(Recording.sent) == {"GET"}
    assert len(Recording.sent) >= len(TOOLS)
    assert intake.get(f"/api/runs/{run}/lineage").json()["head"] == before


@pytest.mark.parametrize("mode", MODES)
async def test_two_callers_of_one_server_see_their_own(
    house: House, listening: str, run: str, intake: Browser, foreign: Browser, mode: str
) -> None:
    mine, theirs = token(intake), token(foreign)
    async with over_http(listening, mine, mode) as lead, over_http(listening, theirs, mode) as other:
        assert sorted(tool.name for tool in (await other.list_tools()).tools) == TOOLS
        for _ in range(2):
            assert (await called(lead, "list_cases"))["total"] == 1
            assert (await called(other, "list_cases"))["total"] == 0
        for name, more in (("read_run", {}), ("read_evidence", {"evidence": "update"}), ("search_run", {"q": "a"})):
            no_right = await refused(other, name, run=run, **more)
            assert no_right == await refused(other, name, run="run-that-is-not", **more) == UNKNOWN
            await called(lead, name, run=run, **more)


async def test_a_session_id_gives_no_rights(listening: str, run: str, intake: Browser, foreign: Browser) -> None:
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "list_cases", "arguments": {}}}
    kinds = {"Accept": "application/json, text/event-stream", "Mcp-Session-Id": "session-of-the-lead"}
    totals = []
    for caller in (intake, foreign, intake):
        answer = httpx.post(listening, json=call, headers={**kinds, "Authorization": f"Bearer {token(caller)}"})
        assert answer.status_code == 200, answer.text
        assert "mcp-session-id" not in answer.headers
        assert "set-cookie" not in answer.headers
        totals.append(answer.json()["result"]["structuredContent"]["total"])
    assert totals == [1, 0, 1]


def test_without_a_single_token_http_answers_401(listening: str, intake: Browser) -> None:
    good = f"Bearer {token(intake)}"
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    cookie = {"Cookie": f"casegate={intake.cookies['casegate']}"}
    for sent in ([], [good, good], ["Basic dTpw"], ["Bearer"], ["Bearer a b"], [cookie["Cookie"]]):
        headers = [("Authorization", one) for one in sent] + list(cookie.items())
        answer = httpx.post(listening, json=call, headers=headers)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert answer.json()["title"] == "Nobody is signed in"
    assert httpx.get(listening, headers={"Authorization": good}).status_code == 405
    assert httpx.delete(listening, headers={"Authorization": good}).status_code == 405
    elsewhere = {"Authorization": good, "Host": "evil.example"}
    assert httpx.post(listening, json=call, headers=elsewhere).status_code == 421


async def test_tokens_that_do_not_count_are_refused_in_the_words_of_the_api(
    house: House, run: str, intake: Browser
) -> None:
    account = intake.get("/api/me").json()["account"]

    async def lapse(database: Database) -> None:
        old = Token("tok_lapsed", "old", ("read",), wall() - 7200, wall() - 3600, None)
        await account_rows.put_token(database, account, old, hashed("cg_lapsed_long_ago"))

    house.store(lapse)
    for secret in ("cg_never_made_by_us", "cg_lapsed_long_ago"):
        async with in_process(house, secret) as client:
            assert await refused(client, "list_cases") == NO_TOKEN
            assert await refused(client, "read_run", run=run) == NO_TOKEN
    async with in_process(house, token(intake, "open")) as client:
        said = await refused(client, "read_run", run=run)
        assert said == "Your role does not allow this: the token's scopes do not reach run:read"


async def test_what_is_masked_stays_masked(house: House, intake: Browser, duty: Browser, tmp_path: Path) -> None:
    run = house.open(packet_with(tmp_path / "p", "notes", f"the token: {SECRET}\nthe account: {IBAN}\nend\n"), intake)
    for person, may_see in ((intake, False), (duty, True)):
        async with in_process(house, token(person)) as client:
            part = await called(client, "read_evidence", run=run, evidence="notes")
            hits = await called(client, "search_run", run=run, q="account")
            at = await called(client, "read_evidence", run=run, evidence="notes", locator="line=2")
            assert [line["locator"] for line in part["lines"]] == ["line=1", "line=2", "line=3"]
            for shown in (part, hits, at):
                assert "eyJzdWIiOiJjYXNlIn0" not in json.dumps(shown)
                assert (IBAN in json.dumps(shown)) == may_see
            table = await called(client, "read_evidence", run=run, evidence="registry")
            assert "osprey" not in json.dumps(table).lower()


async def test_a_huge_item_comes_in_parts(house: House, intake: Browser, tmp_path: Path) -> None:
    lines = [f"line {n} " + "x" * 90 for n in range(1500)]
    lines[3] = '"' * 3990
    run = house.open(packet_with(tmp_path / "p", "huge", "\n".join(lines) + "\n"), intake)
    async with in_process(house, token(intake)) as client:
        read: dict[str, str] = {}
        onward: dict[str, Any] | None = {}
        parts = 0
        while onward is not None:
            part = await called(client, "read_evidence", run=run, evidence="huge", **onward)
            for line in part["lines"]:
                read[line["locator"]] = read.get(line["locator"], "") + line["text"]
            onward, parts = part["next"], parts + 1
        assert list(read.values()) == lines
        assert parts > 3
        around = await called(client, "read_evidence", run=run, evidence="huge", locator="line=900")
        assert around["target"]["text"] == lines[899]
        assert lines[899] in [line["text"] for line in around["lines"]]
        assert len(around["lines"]) < 100


async def test_a_name_never_leads_to_another_address(house: House, run: str, intake: Browser) -> None:
    async with in_process(house, token(intake, "read", "export")) as client:
        for name in (f"{run}/chat", "..", "../me", f"{run}\\..", f"{run}?x=1", f"{run}#x", "%2e%2e"):
            assert await refused(client, "read_run", run=name) == UNKNOWN, name
        assert await refused(client, "read_evidence", run=run, evidence="update/raw") == UNKNOWN


async def test_a_server_that_is_down_gives_one_line(house: House, run: str, intake: Browser) -> None:
    secret = token(intake)
    async with Client(over_stdio(house.base, secret)) as client:
        await called(client, "read_run", run=run)
        house.stop()
        said = await refused(client, "read_run", run=run)
        assert said == f"the Casegate server at {house.base} cannot be reached: is it running?"
        assert secret not in said


async def test_a_server_that_never_ends_or_is_another_one_gives_one_line() -> None:
    async def drops() -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0.05)
            yield b" "

    class Odd(httpx.AsyncBaseTransport):
        def __init__(self, answer: httpx.Response | None) -> None:
            self.answer = answer

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            return self.answer or httpx.Response(200, content=drops())

    away = httpx.Response(307, headers={"Location": "https://evil.example/api/cases"})
    for answer, expected in (
        (None, "did not answer in 0.5 seconds"),
        (httpx.Response(200, text="<html>hello</html>"), "does not answer as this version of Casegate expects"),
        (away, "does not answer as this version of Casegate expects"),
        (httpx.Response(502, text="<html>bad gateway</html>"), "the server answered 502"),
        (httpx.Response(200, content=b" " * (17 * 1024 * 1024)), "too large to be passed on"),
    ):
        api = Api("http://127.0.0.1:1", Odd(answer), seconds=0.5)
        async with Client(server_of(api, lambda _: SecretStr("cg_whatever_it_is"))) as client:
            assert expected in await refused(client, "list_cases")
