"""Receipts through the API: issued once, sealed where a view masks, verified and disclosed without a case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from house import Client, House, live_packet
from packets import TENANT

from lineage.keys import KeySet
from lineage.receipt.verify import verify
from runtime.store.database import Database
from runtime.store.tables import receipts

GATE = "exception_release"
PERSONAL = "checked with bram.aalders@quillfeather.example, DE89 3704 0044 0532 0130 00"


@pytest.fixture
def ended(house: House, run: str, duty: Client) -> str:
    """A run that was approved, with a reason that names somebody."""
    answer = duty.decide(run, GATE, "approve-with-reason", reason=PERSONAL)
    assert answer.status_code == 201, answer.text
    house.rest(TENANT, run)
    return run


def trusted(client: Client) -> KeySet:
    answer = client.get("/api/receipt-keys")
    assert answer.status_code == 200, answer.text
    return KeySet.read(answer.content)


def test_there_is_none_before_the_end(run: str, duty: Client) -> None:
    assert duty.get(f"/api/runs/{run}/receipt").status_code == 204
    early = duty.post(f"/api/runs/{run}/receipt/disclose", json={"only": ["approvals"]})
    assert early.status_code == 409


def test_who_answers_the_gates_has_the_whole_and_it_verifies_offline(ended: str, duty: Client) -> None:
    first, again = (duty.get(f"/api/runs/{ended}/receipt") for _ in range(2))
    assert first.headers["Casegate-Receipt"] == "whole"
    assert first.content == again.content
    report = verify(first.content, trusted(duty))
    assert report.intact, report.problems
    assert report.count is not None
    assert report.count.missing == 0


def test_a_crash_before_the_receipt_heals_when_it_is_asked_for(house: House, ended: str, duty: Client) -> None:
    async def lose(database: Database) -> None:
        await database.together(lambda connection: connection.execute(receipts.delete().where(receipts.c.run == ended)))

    house.store(lose)
    healed = duty.get(f"/api/runs/{ended}/receipt")
    assert healed.status_code == 200
    assert verify(healed.content, trusted(duty)).intact


def test_what_a_view_masks_is_sealed_and_still_counted(house: House, ended: str, intake: Client, duty: Client) -> None:
    auditor = house.sign_in("x-audit", global_roles=("auditor",))
    whole = duty.get(f"/api/runs/{ended}/receipt")
    assert "0532 0130" in whole.text
    for client in (intake, auditor):
        copy = client.get(f"/api/runs/{ended}/receipt")
        assert copy.headers["Casegate-Receipt"] == "disclosed"
        assert "0532 0130" not in copy.text
        report = verify(copy.content, trusted(duty))
        assert report.intact, report.problems
        approved = next(one for one in report.answers if one.title == "Who approved")
        assert (approved.shown, approved.sealed) == (0, 1)


def test_a_disclosed_copy_shows_only_what_is_named_and_what_the_view_shows(
    ended: str, intake: Client, duty: Client
) -> None:
    address = f"/api/runs/{ended}/receipt/disclose"
    copy = duty.post(address, json={"only": ["result", "evidence/0"]})
    assert copy.status_code == 200, copy.text
    shown = copy.json()["disclosed"]
    assert shown["result"]["outcome"]
    assert "requested_by" not in shown["intent"]
    assert verify(copy.content, trusted(duty)).intact
    assert duty.post(address, json={"only": ["nothing"]}).status_code == 422
    hidden = intake.post(address, json={"only": ["approvals"]})
    assert hidden.status_code == 422
    assert "0532" not in hidden.text


def test_a_file_is_verified_by_the_keys_of_the_installation(house: House, ended: str, duty: Client) -> None:
    stranger = house.sign_in("u-else", (), tenant="tn-osprey-us")
    data = duty.get(f"/api/runs/{ended}/receipt").content

    def checked(client: httpx.Client, body: bytes) -> dict[str, Any]:
        answer = client.post("/api/receipts/verify", files={"file": ("receipt.json", body)})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    report = checked(stranger, data)
    assert report["intact"], report["problems"]
    assert report["of"]["run"] == ended
    changed = checked(stranger, data.replace(b'"outcome": "', b'"outcome": "x', 1))
    assert not changed["intact"]
    assert not checked(stranger, b"{}")["intact"]
    assert stranger.get(f"/api/runs/{ended}/receipt").status_code == 404
    assert httpx.post(f"{house.base}/api/receipts/verify", files={"file": ("r", data)}).status_code == 401


def test_the_keys_are_those_of_ones_own_tenants(house: House, ended: str, duty: Client) -> None:
    foreign = house.sign_in("u-else", (), tenant="tn-osprey-us")
    own, others = (client.get("/api/receipt-keys").json()["keys"] for client in (duty, foreign))
    assert {key["purpose"] for key in others} == {"receipt", "log"}
    assert [key["owner"] for key in own if key not in others] == ["u-duty"]
    assert not any("d" in key for key in own)


def test_another_servers_receipt_is_not_trusted_here(house: House, ended: str, duty: Client, tmp_path: Path) -> None:
    data = duty.get(f"/api/runs/{ended}/receipt").content
    other = House(f"sqlite:///{tmp_path / 'other.db'}", tmp_path / "other").start()
    try:
        someone = other.sign_in("u-x")
        report = someone.post("/api/receipts/verify", files={"file": ("receipt.json", data)}).json()
        assert not report["intact"]
        mine = other.open(live_packet(tmp_path / "theirs"), other.sign_in("u-intake", ("support_intake_specialist",)))
        assert mine
    finally:
        other.stop()
