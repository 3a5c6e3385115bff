"""That a restricted view of a case was opened is in its lineage: once for a person and a session, else never."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from house import Client, House, case_packet

from lineage.keys import KeySet
from lineage.receipt.verify import verify

TENANT = "tn-brightmoor"
OPENED = "restricted_view_opened"


@pytest.fixture
def desk(house: House) -> Client:
    """One of the roster who answers no gate."""
    return house.sign_in("u-mila", ("support_trust_team",), tenant=TENANT)


@pytest.fixture
def approver(house: House) -> Client:
    """Who signs the manifest."""
    return house.sign_in("u-odd", ("support_trust_approver",), tenant=TENANT)


@pytest.fixture
def auditor(house: House) -> Client:
    """Who sees the queue's view, and every entry."""
    return house.sign_in("x-audit", tenant=TENANT, global_roles=("auditor",))


@pytest.fixture
def dispatch(house: House, desk: Client, tmp_path: Path) -> str:
    """A case of a scenario with restricted views, at its gate."""
    return house.open(case_packet(tmp_path / "packet", "packet-dispatch", "approver-declines"), desk)


def entries(auditor: Client, run: str) -> list[dict[str, Any]]:
    answer = auditor.get(f"/api/runs/{run}/lineage?limit=1000")
    assert answer.status_code == 200, answer.text
    return [one for one in answer.json()["entries"] if one["kind"] == OPENED]


def openers(auditor: Client, run: str) -> list[str]:
    return [one["actor"]["id"] for one in entries(auditor, run)]


def look_around(client: Client, run: str) -> None:
    for page in (
        "",
        "/revisions",
        "/evidence",
        "/chat",
        "/gates/dispatch_manifest_signature",
        "/lineage",
        "/search?q=x",
    ):
        answer = client.get(f"/api/runs/{run}{page}")
        assert answer.status_code == 200, (page, answer.text)


def test_all_that_a_person_reads_in_a_session_is_one_opening(
    house: House, dispatch: str, desk: Client, approver: Client, auditor: Client
) -> None:
    assert openers(auditor, dispatch) == []
    for client in (approver, approver, desk):
        look_around(client, dispatch)
    assert openers(auditor, dispatch) == ["u-odd", "u-mila"]
    assert [one["actor"]["role"] for one in entries(auditor, dispatch)] == [
        "support_trust_approver",
        "support_trust_team",
    ]
    again = house.sign_in("u-odd", ("support_trust_approver",), tenant=TENANT)
    look_around(again, dispatch)
    assert openers(auditor, dispatch) == ["u-odd", "u-mila", "u-odd"], "another session is another opening"


def test_the_broad_view_and_lists_of_cases_open_nothing(dispatch: str, desk: Client, auditor: Client) -> None:
    look_around(auditor, dispatch)
    assert desk.get("/api/cases").status_code == 200
    assert desk.get("/api/approvals").status_code == 200
    stranger = desk.get(f"/api/runs/{dispatch[:-1]}")
    assert stranger.status_code == 404
    assert openers(auditor, dispatch) == []


def test_requests_at_once_and_a_restart_make_no_second_entry(
    house: House, dispatch: str, approver: Client, auditor: Client
) -> None:
    with ThreadPoolExecutor(4) as pool:
        pages = [f"/api/runs/{dispatch}{page}" for page in ("", "/revisions", "/evidence", "/chat") * 2]
        assert {answer.status_code for answer in pool.map(approver.get, pages)} == {200}
    assert openers(auditor, dispatch) == ["u-odd"]
    house.stop()
    house.start()
    approver.base_url = auditor.base_url = httpx.URL(house.base)
    look_around(approver, dispatch)
    assert openers(auditor, dispatch) == ["u-odd"], "the store knows, not the process"


def test_a_token_opens_once_a_day(house: House, dispatch: str, approver: Client, auditor: Client) -> None:
    made = approver.post("/api/tokens", json={"name": "t", "scopes": ["read"], "days": 1}).json()["token"]
    with httpx.Client(base_url=house.base, headers={"Authorization": f"Bearer {made}"}) as machine:
        for _ in range(3):
            assert machine.get(f"/api/runs/{dispatch}").status_code == 200
    assert openers(auditor, dispatch) == ["u-odd"]
    assert approver.get(f"/api/runs/{dispatch}").status_code == 200
    assert openers(auditor, dispatch) == ["u-odd", "u-odd"]


def test_a_case_that_has_ended_is_sealed_anew_and_its_receipt_stays(
    house: House, dispatch: str, desk: Client, approver: Client, auditor: Client
) -> None:
    said = approver.decide(dispatch, "dispatch_manifest_signature", "declines-it", decision="reject", reason="not mine")
    assert said.status_code == 201, said.text
    house.rest(TENANT, dispatch)
    whole = approver.get(f"/api/runs/{dispatch}/receipt").content
    before = auditor.post(f"/api/runs/{dispatch}/lineage/verify").json()
    look_around(desk, dispatch)
    assert openers(auditor, dispatch)[-1] == "u-mila"
    after = auditor.post(f"/api/runs/{dispatch}/lineage/verify").json()
    assert after["intact"], after
    assert after["seals"] == before["seals"] + 1
    assert approver.get(f"/api/runs/{dispatch}/receipt").content == whole
    assert verify(whole, KeySet.read(approver.get("/api/receipt-keys").content)).intact


def test_a_scenario_without_restricted_views_enters_nothing(
    house: House, run: str, duty: Client, intake: Client
) -> None:
    for client in (duty, intake):
        assert client.get(f"/api/runs/{run}").status_code == 200
    kinds = [one["kind"] for one in duty.get(f"/api/runs/{run}/lineage?limit=1000").json()["entries"]]
    assert OPENED not in kinds
