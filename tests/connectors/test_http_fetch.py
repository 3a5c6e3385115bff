"""Reading systems over real HTTP: pages of three styles, credentials of three kinds, and everything that goes wrong."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import logging
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from connected import script, written
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from packets import TENANT

from runtime.connector_settings import load_connectors
from tools.connectors.fetched import ConnectorError, Fetched
from tools.connectors.http_fetch import fetch
from tools.connectors.http_question import IdError
from tools.demo_systems import DemoSystems

TICKET, COMMENTS = "/desk/tickets/QF-1001", "/desk/tickets/QF-1001/comments"
CONTRACTS, EVENTS = "/crm/accounts/ACC-7/contracts", "/identity/users/usr-1/events"
QUESTIONS: dict[str, tuple[str, str, dict[str, str]]] = {
    TICKET: ("desk", "ticket", {"ticket": "QF-1001"}),
    COMMENTS: ("desk", "comments", {"ticket": "QF-1001"}),
    CONTRACTS: ("crm", "contracts", {"account": "ACC-7"}),
    EVENTS: ("directory", "events", {"user": "usr-1"}),
    "/identity/users/usr-1": ("directory", "user", {"user": "usr-1"}),
}


@pytest.fixture
def elsewhere() -> Iterator[DemoSystems]:
    """Another origin, where nothing may ever be asked."""
    with DemoSystems(script()) as other:
        yield other
        assert other.seen == []


async def asked(
    folder: Path, path: str, faults: dict[str, list[dict[str, Any]]] | None = None, **changes: dict[str, Any]
) -> tuple[Fetched | str, list[str]]:
    """The answer to the question at a path, or why there is none; and what the systems were asked."""
    with DemoSystems(script(faults)) as systems:
        connectors = load_connectors(written(folder, systems, **changes))
        connector, resource, ids = QUESTIONS[path]
        try:
            return await fetch(connectors, TENANT, connector, resource, ids), systems.seen
        except ConnectorError as error:
            told = str(error)
            shown = told + repr(error.__context__)
        assert not any(secret in shown for secret in systems.secrets.values())
        return told, systems.seen


FAULTS: dict[str, tuple[str, dict[str, Any], str, int]] = {
    "an error that stays": (TICKET, {"kind": "status", "times": 9}, "it answered 500", 3),
    "no credential": (TICKET, {"kind": "status", "status": 401}, "401: it does not take the credential", 1),
    "no right": (TICKET, {"kind": "status", "status": 403}, "403: the credential may not read this", 1),
    "nothing there": (TICKET, {"kind": "status", "status": 404}, "404: there is no such thing", 1),
    "an empty success": (TICKET, {"kind": "status", "status": 204}, "it answered 204", 1),
    "a redirect without a place": (TICKET, {"kind": "status", "status": 302}, "it answered 302", 1),
    "a limit that lasts": (
        TICKET, {"kind": "status", "status": 429, "seconds": 3600}, "fewer questions, and to wait 3600 s", 1
    ),
    "a connection that is always cut": (TICKET, {"kind": "cut", "times": 9}, "cannot be read (RemoteProtocolError)", 3),
    "an answer without end": (TICKET, {"kind": "huge"}, "at most 4194304 bytes were expected", 1),
    "a sign-in page": (TICKET, {"kind": "type"}, "the type application/json was expected", 1),
    "half a document": (TICKET, {"kind": "broken"}, "JSON was expected", 1),
    "a packed answer": (TICKET, {"kind": "packed"}, "an answer that is not compressed", 1),
    "the bearer repeated": (TICKET, {"kind": "echo"}, "the answer repeats the credential", 1),
    "the password repeated": (CONTRACTS, {"kind": "echo"}, "the answer repeats the credential", 1),
    "the key repeated": (EVENTS, {"kind": "echo"}, "the answer repeats the credential", 1),
    "redirects without end": (TICKET, {"kind": "redirect", "times": 9, "to": TICKET}, "more than 3 redirects", 4),
    "a redirect to no address": (
        TICKET, {"kind": "redirect", "times": 9, "to": "http://[::bad"}, "cannot be read (RemoteProtocolError)", 3
    ),
    "pages in a circle": (EVENTS, {"kind": "circle"}, "its pages go round in a circle", 1),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
async def test_what_is_no_answer_says_why_and_is_asked_no_more_than_that(tmp_path: Path, fault: str) -> None:
    path, what, expected, times = FAULTS[fault]
    told, seen = await asked(tmp_path, path, {path: [what]})
    assert isinstance(told, str), told
    assert expected in told, told
    assert told.startswith(QUESTIONS[path][0])
    assert len(seen) == times


async def test_a_slow_system_is_not_waited_for(tmp_path: Path) -> None:
    begun = time.monotonic()
    told, _ = await asked(tmp_path, TICKET, {TICKET: [{"kind": "slow", "seconds": 20}]}, desk={"seconds": 0.5})
    assert told == "desk: no whole answer within 0.5 s for /tickets/QF-1001"
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("path", [TICKET, COMMENTS, CONTRACTS, EVENTS])
async def test_nothing_is_sent_to_another_origin(tmp_path: Path, path: str, elsewhere: DemoSystems) -> None:
    other = f"{elsewhere.base}{path}"
    told, _ = await asked(tmp_path, path, {path: [{"kind": "redirect", "to": other}]})
    assert "it redirects to another origin; nothing was sent there" in str(told)
    told, _ = await asked(tmp_path, path, {path: [{"kind": "redirect", "to": other.replace("127.0.0.1", "localhost")}]})
    assert "another origin" in str(told)


async def test_a_link_to_the_next_page_is_not_followed_elsewhere(tmp_path: Path, elsewhere: DemoSystems) -> None:
    for target in (
        f"{elsewhere.base}{EVENTS}?after=5",
        "/crm/accounts/ACC-7",
        "../../../crm/accounts/ACC-7",
        "http://[",
    ):
        told, seen = await asked(tmp_path, EVENTS, {EVENTS: [{"kind": "circle", "to": target}]})
        assert "its next page" in str(told), told
        assert len(seen) == 1


async def test_more_pages_or_bytes_than_the_limit_are_no_answer(tmp_path: Path) -> None:
    def desk(**members: Any) -> dict[str, Any]:
        with DemoSystems(script()) as systems:
            from connected import settings

            resources: dict[str, Any] = settings(systems.base)["desk"]["resources"]
        return {"resources": {**resources, "comments": {**resources["comments"], **members}}}

    told, _ = await asked(tmp_path, COMMENTS, None, desk=desk(pages=2))
    assert "more than 2 pages; a narrower question is needed" in str(told)
    whole, _ = await asked(tmp_path, COMMENTS, None, desk=desk(pages=3))
    assert isinstance(whole, Fetched)
    told, _ = await asked(tmp_path, COMMENTS, None, desk={"bytes": 700})
    assert "at most 700 bytes were expected" in str(told)


@pytest.mark.parametrize("what", [{"kind": "status"}, {"kind": "cut"}, {"kind": "status", "status": 503, "seconds": 1}])
async def test_what_passes_is_asked_again(tmp_path: Path, what: dict[str, Any]) -> None:
    begun = time.monotonic()
    answer, seen = await asked(tmp_path, COMMENTS, {COMMENTS: [what]})
    assert isinstance(answer, Fetched), answer
    assert len(json.loads(answer.data)["comments"]) == 12
    assert len(seen) == 5
    assert time.monotonic() - begun >= what.get("seconds", 0)


async def test_a_limit_of_calls_is_waited_for_as_the_system_asks(tmp_path: Path) -> None:
    with DemoSystems(script(calls=2, seconds=2)) as systems:
        connectors = load_connectors(written(tmp_path, systems, desk={"seconds": 30}))
        answer = await fetch(connectors, TENANT, "desk", "comments", {"ticket": "QF-1001"})
    assert len(json.loads(answer.data)["comments"]) == 12
    assert 5 <= len(systems.seen) <= 7


async def test_pages_of_three_styles_become_one_document(tmp_path: Path) -> None:
    comments, seen = await asked(tmp_path, COMMENTS)
    assert isinstance(comments, Fetched)
    # It gives five where fifty were asked for: a short page is not taken for the last one.
    assert seen == [f"GET {COMMENTS}?page={n}&per_page=50" for n in (1, 2, 3, 4)]
    told = json.loads(comments.data)
    assert [one["id"] for one in told["comments"]] == list(range(1, 13))
    assert told["total"] == 12
    contracts, seen = await asked(tmp_path, CONTRACTS)
    assert isinstance(contracts, Fetched)
    assert len(seen) == 3
    told = json.loads(contracts.data)
    assert [one["id"] for one in told["data"]] == [f"K-{n}" for n in range(11)]
    assert set(told["meta"]) <= {"next_cursor", "as_of"}
    assert told["meta"].get("next_cursor") is None
    events, seen = await asked(tmp_path, EVENTS)
    assert isinstance(events, Fetched)
    assert json.loads(events.data) == [{"type": f"event-{n}"} for n in range(10)]
    assert len(seen) == 2


async def test_one_document_is_kept_byte_for_byte_and_says_where_it_came_from(tmp_path: Path) -> None:
    answer, _ = await asked(tmp_path, "/identity/users/usr-1")
    assert isinstance(answer, Fetched)
    assert json.loads(answer.data)["user"] == {"id": "usr-1", "status": "DEACTIVATED"}
    assert b": " not in answer.data.replace(b'":', b"")
    assert (answer.name, answer.connector, answer.system) == ("user-usr-1.json", "directory", "identity_provider")
    assert answer.place == "/users/usr-1"
    assert abs(datetime.now(UTC) - answer.at) < timedelta(seconds=10)


async def test_a_redirect_within_the_origin_is_followed(tmp_path: Path) -> None:
    moved = {"kind": "redirect", "to": f"{TICKET}?moved=1"}
    answer, seen = await asked(tmp_path, TICKET, {TICKET: [moved]})
    assert isinstance(answer, Fetched), answer
    assert seen == [f"GET {TICKET}", f"GET {TICKET}?moved=1"]


async def test_a_stale_answer_says_its_true_age(tmp_path: Path) -> None:
    stale = {"kind": "stale", "seconds": 7200, "times": 9}
    answer, _ = await asked(tmp_path, COMMENTS, {COMMENTS: [stale]})
    assert isinstance(answer, Fetched)
    assert answer.as_of is not None
    assert timedelta(hours=2) <= answer.at - answer.as_of < timedelta(hours=2, minutes=1)
    # Without a time of its own, what the cache says counts. The oldest page is the age of all.
    answer, _ = await asked(tmp_path, EVENTS, {EVENTS: [{**stale, "times": 1}]})
    assert isinstance(answer, Fetched)
    assert answer.as_of is None
    assert timedelta(hours=2) <= answer.age < timedelta(hours=2, minutes=1)


@pytest.mark.parametrize(
    "value",
    ["", "..", "QF-1/..", "QF-1001/../../x", "QF-1001%2f..%2fx", "https://evil.example/QF-1", "QF-1001?x=1",
     "QF-1001#x", "QF-1001\n", " QF-1001", "qf-1001", "QF-1001; drop", "a" * 5000, 1001, None, ["QF-1001"]],
)  # fmt: skip
async def test_an_id_of_another_form_is_never_asked_for(tmp_path: Path, value: object) -> None:
    with DemoSystems(script()) as systems:
        connectors = load_connectors(written(tmp_path, systems))
        with pytest.raises(IdError, match=r"ticket: an id of the form .* was expected, for example QF-1001"):
            await fetch(connectors, TENANT, "desk", "ticket", {"ticket": value})
        with pytest.raises(IdError, match="ticket: an id"):
            await fetch(connectors, TENANT, "desk", "ticket", {})
        with pytest.raises(IdError, match="host: only ticket was expected"):
            await fetch(connectors, TENANT, "desk", "ticket", {"ticket": "QF-1001", "host": "evil"})
        assert systems.seen == []


async def test_a_wide_pattern_still_lets_no_address_through(tmp_path: Path) -> None:
    with DemoSystems(script()) as systems:
        file = written(tmp_path, systems)
        file.write_text(file.read_text("utf-8").replace("ACC-[0-9]+", "(?s).*"), encoding="utf-8")
        connectors = load_connectors(file)
        for value in ("..", ".", "../x", "..%2fx", "a/b", "a\\b", "a?b", "a#b", "a b", "a\x00", "%2e%2e"):
            with pytest.raises(IdError):
                await fetch(connectors, TENANT, "crm", "account", {"account": value})
        assert systems.seen == []
        with pytest.raises(ConnectorError, match="404"):
            await fetch(connectors, TENANT, "crm", "account", {"account": "ada@quillfeather.example"})
        assert systems.seen == ["GET /crm/accounts/ada@quillfeather.example"]


async def test_another_tenants_system_is_as_absent_as_none(tmp_path: Path) -> None:
    with DemoSystems(script()) as systems:
        connectors = load_connectors(written(tmp_path, systems))
        for tenant, name, resource in (
            ("tn-osprey-us", "desk", "ticket"),
            (TENANT, "none", "ticket"),
            (TENANT, "desk", "x"),
        ):
            with pytest.raises(ConnectorError, match=f"there is no {name}.{resource}"):
                await fetch(connectors, tenant, name, resource, {"ticket": "QF-1001"})
        assert systems.seen == []


async def test_a_secret_that_cannot_be_sent_or_is_gone_is_not_shown(tmp_path: Path) -> None:
    with DemoSystems(script()) as systems:
        connectors = load_connectors(written(tmp_path, systems))
        (tmp_path / "desk.key").write_text("sécret-of-seventeen", encoding="utf-8")
        with pytest.raises(ConnectorError, match="desk: its credential cannot stand in a header") as caught:
            await fetch(connectors, TENANT, "desk", "ticket", {"ticket": "QF-1001"})
        assert "seventeen" not in repr(caught.value.__context__)
        (tmp_path / "desk.key").unlink()
        with pytest.raises(ConnectorError, match="desk: its credential cannot be read: a readable file"):
            await fetch(connectors, TENANT, "desk", "ticket", {"ticket": "QF-1001"})
        assert systems.seen == []


async def test_nothing_that_is_logged_has_a_secret(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with DemoSystems(script({TICKET: [{"kind": "status"}]})) as systems:
        connectors = load_connectors(written(tmp_path, systems))
        for connector, resource, ids in QUESTIONS.values():
            await fetch(connectors, TENANT, connector, resource, ids)
    assert "QF-1001" in caplog.text
    assert not any(secret in caplog.text for secret in systems.secrets.values())


async def test_a_system_that_is_not_there(tmp_path: Path) -> None:
    with DemoSystems(script()) as systems:
        file = written(tmp_path, systems, desk={"retries": 0})
    with pytest.raises(ConnectorError, match=r"desk: it cannot be read \(ConnectError\): /tickets/QF-1001"):
        await fetch(load_connectors(file), TENANT, "desk", "ticket", {"ticket": "QF-1001"})


def certified(folder: Path) -> ssl.SSLContext:
    """A server's context, and its self-signed certificate for 127.0.0.1 in `ca.pem`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "systems.test")])
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(1))
    signed = made.add_extension(alternative, critical=False).sign(key, SHA256())
    (folder / "ca.pem").write_bytes(signed.public_bytes(Encoding.PEM))
    (folder / "tls.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "ca.pem", folder / "tls.key")
    return context


async def test_a_certificate_is_looked_at_and_an_own_authority_can_be_named(tmp_path: Path) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}")
        await writer.drain()
        writer.close()

    heard: list[bytes] = []
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=certified(tmp_path))
    base = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    with DemoSystems(script()) as systems:
        untrusted = load_connectors(written(tmp_path, systems, crm={"base": base}))
        trusted = load_connectors(written(tmp_path, systems, crm={"base": base, "ca_file": "ca.pem"}))
        broken = load_connectors(written(tmp_path, systems, crm={"base": base, "ca_file": "crm.key"}))
    async with server:
        with pytest.raises(ConnectorError, match="crm: its certificate is not trusted"):
            await fetch(untrusted, TENANT, "crm", "account", {"account": "ACC-7"})
        assert heard == []
        with pytest.raises(ConnectorError, match="ca_file: certificates in PEM form were expected"):
            await fetch(broken, TENANT, "crm", "account", {"account": "ACC-7"})
        assert (await fetch(trusted, TENANT, "crm", "account", {"account": "ACC-7"})).data == b"{}"
    assert len(heard) == 1
