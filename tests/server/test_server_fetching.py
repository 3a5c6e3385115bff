"""A person fetches an answer of a connected system into a case: refused in every wrong way, and frozen like a file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from connected import script, written
from house import Client, House, live_packet
from packets import TENANT, minimal_packet, read_packet, write_packet

from lineage.canonical import digest_bytes
from tools.demo_systems import DemoSystems

FOREIGN = "tn-osprey-us"
TICKET = {"connector": "desk", "resource": "ticket", "ids": {"ticket": "QF-1001"}}
PATH = "/desk/tickets/QF-1001"


@pytest.fixture
def systems() -> Iterator[DemoSystems]:
    """Systems whose ticket fails once, whose account is stale, and whose events repeat the key once."""
    faults: dict[str, list[dict[str, Any]]] = {
        PATH: [{"kind": "status"}],
        "/crm/accounts/ACC-7": [{"kind": "stale", "seconds": 7200, "times": 99}],
        "/identity/users/usr-1/events": [{"kind": "echo"}],
    }
    with DemoSystems(script(faults)) as made:
        yield made


@pytest.fixture
def house(sqlite_url: str, tmp_path: Path, systems: DemoSystems) -> Iterator[House]:
    """A server whose tenant has connectors."""
    file = written(tmp_path / "settings", systems)
    started = House(sqlite_url, tmp_path / "data", {"connectors": file}).start()
    yield started
    started.stop()


def fetch(client: Client, run: str, key: str | None = None, **changes: Any) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(f"/api/runs/{run}/evidence/fetch", json={**TICKET, **changes}, headers=headers)


def items(client: Client, run: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"/api/runs/{run}/evidence").json()["items"]
    return found


BAD: dict[str, tuple[dict[str, Any], int, str]] = {
    "no such system": ({"connector": "none"}, 404, "there is no such thing"),
    "no such question": ({"resource": "none"}, 404, "there is no such thing"),
    "an address for a system": ({"connector": "https://evil.example"}, 404, "there is no such thing"),
    "no id": ({"ids": {}}, 422, "body.ids.ticket: an id of the form"),
    "an address for an id": ({"ids": {"ticket": "https://evil.example/QF-1"}}, 422, "body.ids.ticket"),
    "a way up": ({"ids": {"ticket": "../accounts"}}, 422, "body.ids.ticket"),
    "another id": ({"ids": {"ticket": "QF-1001", "host": "evil"}}, 422, "body.ids.host: only ticket"),
    "an id that is no text": ({"ids": {"ticket": 7}}, 422, "body.ids.ticket"),
    "another member": ({"base": "https://evil.example"}, 422, "body.base"),
    "an item that is not there": ({"replaces": "none"}, 422, "body.replaces: the id of an item"),
    "a ticket that is not there": ({"ids": {"ticket": "QF-9"}}, 502, "desk: it answered 404: there is no such thing"),
}


@pytest.mark.parametrize("bad", BAD)
def test_what_cannot_be_fetched_says_why_and_changes_nothing(
    house: House, intake: Client, run: str, systems: DemoSystems, bad: str
) -> None:
    changes, status, expected = BAD[bad]
    before = items(intake, run)
    answer = fetch(intake, run, **changes)
    assert answer.status_code == status, answer.text
    told = answer.json()
    assert expected in " ".join(
        [told["detail"], *(f"{one['place']}: {one['expected']}" for one in told.get("faults", []))]
    )
    assert items(intake, run) == before
    assert [one for one in systems.seen if "QF-9" not in one] == []


def test_an_answer_is_frozen_with_hash_time_and_place_and_looked_at(house: House, intake: Client, run: str) -> None:
    answer = fetch(intake, run)
    assert answer.status_code == 202, answer.text
    told = answer.json()
    assert (told["file"], told["system"], told["place"]) == ("ticket-QF-1001.json", "ticketing", "/tickets/QF-1001")
    assert (told["outcome"], told["stale"], told["replaces"]) == ("new", False, None)
    house.rest(TENANT, run)
    (item,) = [one for one in items(intake, run) if one["id"] == told["id"]]
    assert (item["source"], item["rank"], item["usable"]) == ("Support ticket export", 1, True)
    assert item["sha256"] == told["sha256"]
    assert (item["fetched"]["connector"], item["fetched"]["place"]) == ("desk", "/tickets/QF-1001")
    raw = intake.get(f"/api/runs/{run}/evidence/{item['id']}/raw").content
    assert digest_bytes(raw) == item["sha256"]
    assert orjson.loads(raw)["ticket"]["number"] == "QF-1001"
    lineage = intake.get(f"/api/runs/{run}/lineage", params={"limit": 1000}).json()
    kinds = [one["kind"] for one in lineage["entries"]]
    assert kinds.index("evidence_fetched") < len(kinds) - 1 - kinds[::-1].index("evidence_frozen")


def test_the_same_key_asks_nothing_and_a_changed_answer_replaces(
    house: House, intake: Client, run: str, systems: DemoSystems
) -> None:
    first = fetch(intake, run, "fetch-it-once").json()
    asked = len(systems.seen)
    assert fetch(intake, run, "fetch-it-once").json() == first
    assert len(systems.seen) == asked
    house.rest(TENANT, run)
    quiet = {"connector": "directory", "resource": "events", "ids": {"user": "usr-quiet"}}
    one, two = fetch(intake, run, **quiet).json(), fetch(intake, run, **quiet).json()
    assert (one["outcome"], two["outcome"]) == ("new", "same")
    assert (two["id"], two["replaces"]) == (one["id"], None)
    house.rest(TENANT, run)
    systems.script = script(users={"usr-quiet": {"events": [{"type": "user.login"}]}})
    three = fetch(intake, run, **quiet).json()
    assert (three["outcome"], three["replaces"]) == ("new", one["id"])
    house.rest(TENANT, run)
    ids = [item["id"] for item in items(intake, run) if item["file"] == "events-usr-quiet.json"]
    assert ids == [one["id"], three["id"]]


def test_an_answer_takes_the_place_of_an_item_that_is_named(house: House, intake: Client, run: str) -> None:
    told = fetch(intake, run, replaces="ticket").json()
    assert told["replaces"] == "ticket"
    house.rest(TENANT, run)
    former = next(one for one in items(intake, run) if one["id"] == "ticket")
    assert (former["replaced_by"], former["current"]) == (told["id"], False)


def test_a_stale_answer_is_as_old_as_it_is(house: House, intake: Client, run: str, systems: DemoSystems) -> None:
    told = fetch(intake, run, connector="crm", resource="account", ids={"account": "ACC-7"}).json()
    house.rest(TENANT, run)
    (item,) = [one for one in items(intake, run) if one["id"] == told["id"]]
    # Two hours before the clock of the case, which is no clock of the wall.
    assert "2026-05-04T07:5" <= item["captured_at"] <= "2026-05-04T08:1"
    assert item["captured_at"] == told["captured_at"]


def test_what_may_be_fetched_is_the_tenants_own(house: House, intake: Client, run: str, tmp_path: Path) -> None:
    listed = intake.get(f"/api/runs/{run}/connectors").json()["connectors"]
    assert [one["id"] for one in listed] == ["desk", "crm", "directory"]
    ticket = listed[0]["resources"][0]
    assert (ticket["source"], ticket["rank"]) == ("Support ticket export", 1)
    assert ticket["ids"] == [
        {"name": "ticket", "title": "Ticket number", "pattern": "[A-Z]{2}-[0-9]{1,9}", "example": "QF-1001"}
    ]
    minimal_packet(tmp_path / "foreign", exception=True)
    packet = read_packet(tmp_path / "foreign")
    foreign = {**packet, "timeline": [], "case": "CASE-90002", "tenant": {"id": FOREIGN, "name": "Osprey"}}
    write_packet(tmp_path / "foreign", foreign)
    other = house.sign_in("u-intake", ("support_intake_specialist",), tenant=FOREIGN)
    theirs = house.open(tmp_path / "foreign", other)
    assert other.get(f"/api/runs/{theirs}/connectors").json() == {"connectors": []}
    known, absent = fetch(other, theirs), fetch(other, theirs, connector="none")
    assert known.status_code == absent.status_code == 404
    shape = [{k: v for k, v in one.json().items() if k != "request_id"} for one in (known, absent)]
    assert shape[0] == shape[1]


def test_an_ended_case_is_asked_for_nothing(house: House, intake: Client, tmp_path: Path, systems: DemoSystems) -> None:
    run = house.open(minimal_packet(tmp_path / "packet"), intake)
    answer = fetch(intake, run)
    assert answer.status_code == 409
    assert "the run has ended" in answer.json()["detail"]
    assert systems.seen == []
    kinds = [one["kind"] for one in intake.get(f"/api/runs/{run}/lineage?limit=1000").json()["entries"]]
    assert "refused" in kinds


def test_the_matrix_of_scopes_has_the_tenants_tools(house: House) -> None:
    admin = house.sign_in("x-admin", global_roles=("admin",))
    address = f"/api/admin/{TENANT}/tools"
    named = {one["name"]: one for one in admin.get(address).json()["tools"]}
    assert set(named) == {
        "search_evidence", "desk.ticket", "desk.comments", "crm.account", "crm.contracts", "directory.user",
        "directory.events",
    }  # fmt: skip
    assert named["desk.ticket"]["arguments"] == ["ticket"]
    grants = {"retrieval": ["search_evidence", "desk.ticket"]}
    wanted = {"grants": grants, "reason": "the copilot reads tickets"}
    assert admin.post(f"{address}/outage-intake/versions", json=wanted).status_code in (200, 201)
    wanted["grants"] = {"retrieval": ["desk.none"]}
    assert admin.post(f"{address}/outage-intake/versions", json=wanted).status_code == 422
    foreign = house.sign_in("x-admin", tenant=FOREIGN, global_roles=("admin",))
    address = f"/api/admin/{FOREIGN}/tools"
    assert [one["name"] for one in foreign.get(address).json()["tools"]] == ["search_evidence"]
    wanted["grants"] = grants
    assert foreign.post(f"{address}/outage-intake/versions", json=wanted).status_code == 422


def test_no_secret_is_anywhere(
    house: House, intake: Client, run: str, systems: DemoSystems, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    """Store, exports, answers, logs: after good answers, faults, and a system that repeats what it was sent."""
    logs: Any = pytestconfig.pluginmanager.getplugin("capturemanager")
    told = [fetch(intake, run).text]
    told.append(fetch(intake, run, connector="crm", resource="account", ids={"account": "ACC-7"}).text)
    repeated = fetch(intake, run, connector="directory", resource="events", ids={"user": "usr-1"})
    assert repeated.status_code == 502
    assert "the answer repeats the credential" in repeated.text
    house.rest(TENANT, run)
    told += [repeated.text, intake.get(f"/api/runs/{run}/connectors").text]
    told += [intake.get(f"/api/runs/{run}{part}").text for part in ("", "/lineage?limit=1000", "/evidence", "/chat")]
    house.stop()
    logged = logs.read_global_capture().err
    assert "a connected system gave no answer" in logged
    with sqlite3.connect(house.url.removeprefix("sqlite:///")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = b"".join(
        path.read_bytes()
        for root in (tmp_path / "store", tmp_path / "data")
        for path in root.rglob("*")
        if path.is_file()
    )
    assert b"QF-1001" in kept
    for secret in systems.secrets.values():
        assert secret not in "".join(told) + logged
        assert secret.encode() not in kept


def test_a_live_packet_is_untouched_where_nothing_is_configured(sqlite_url: str, tmp_path: Path) -> None:
    bare = House(sqlite_url, tmp_path / "data").start()
    try:
        intake = bare.sign_in("u-intake", ("support_intake_specialist",))
        run = bare.open(live_packet(tmp_path / "packet"), intake)
        assert intake.get(f"/api/runs/{run}/connectors").json() == {"connectors": []}
        assert fetch(intake, run).status_code == 404
    finally:
        bare.stop()
