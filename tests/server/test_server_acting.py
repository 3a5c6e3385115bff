"""A case on the server acts on a system of the installation: as approved, once, read back, up to its receipt."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from acted import ROLES, SECRET, TENANT, acting
from packets import read_packet, write_packet
from sev1_packet import action, script
from sev1_packet import write_packet as write_incident

SILENT = [
    {"id": "gone", "method": "GET", "path": "/f/7", "if": ["on"], "applies": "asked", "timeout": "after_apply"},
    *script(status=None, body=None, timeout="after_apply")["rules"],
]


def test_what_is_approved_is_done_once_and_receipted(sqlite_url: str, tmp_path: Path) -> None:
    packet = write_incident(tmp_path / "p", actions=[action()], stub=script(), timeline=[])
    told = read_packet(packet)
    write_packet(packet, {**told, "systems": [{"id": "flags", "kind": "http"}]})
    with acting(tmp_path / "here", sqlite_url, script()["rules"]) as at:
        run, notes = at.open(packet)
        assert notes == ["systems: the case's actions on flags are done on the installation's system of that id"]
        wrong = at.people["o"].decide(run, "action_approval", "the-proposer-himself", revision="r1", action="a1")
        assert wrong.status_code in (403, 409)
        checks = at.people["c"].get(f"/api/runs/{run}/gates/action_approval").json()["checks"]
        results = {line["text"]: line["result"] for line in checks}
        assert results["approver is the proposer"] == results["approver not on the roster"] == "at_answer"
        assert (results["plan changed after the request"], results["window closed"]) == ("bound", "clear")
        at.approve(run, "action_approval", "c", action="a1")
        assert at.asked("POST") == [], "nothing is done before the second approval"
        at.approve(run, "second_approval", "s", action="a1")
        assert at.asked("POST") == ["/f/7/on"]
        (effect,) = at.view(run)["effects"]
        assert (effect["state"], effect["attempts"], effect["system"]) == ("done", 1, "flags")
        assert [one["by"] for one in effect["approvals"]] == ["c", "s"]
        assert effect["references"] == ["CH-1"]
        at.approve(run, "closure_approval", "l")
        view = at.view(run)
        assert (view["status"], view["outcome"]) == ("finished", "receipt_issued")
        receipt = at.people["l"].get(f"/api/runs/{run}/receipt")
        assert receipt.status_code == 200
        assert "CH-1" in receipt.text
        assert at.asked("POST") == ["/f/7/on"]
        pages = ("", "/lineage", "/evidence", "/receipt", "/chat")
        shown = "".join(at.people["l"].get(f"/api/runs/{run}{page}").text for page in pages)
        assert SECRET not in shown
        for file in (tmp_path / "here" / "data").rglob("*"):
            assert not file.is_file() or SECRET.encode() not in file.read_bytes(), file


def test_a_system_that_falls_silent_leaves_the_action_in_doubt(sqlite_url: str, tmp_path: Path) -> None:
    packet = write_incident(tmp_path / "p", actions=[action()], stub=script(), timeline=[])
    with acting(tmp_path / "here", sqlite_url, SILENT) as at:
        run, _ = at.open(packet)
        at.approve(run, "action_approval", "c", action="a1")
        at.approve(run, "second_approval", "s", action="a1")
        assert at.view(run)["outcome"] == "halted_ambiguous"
        (effect,) = at.view(run)["effects"]
        assert (effect["state"], effect["attempts"]) == ("in_doubt", 1)
        at.house.stop()
        at.house.start()
        at.house.rest(TENANT, run)
        assert at.asked("POST") == ["/f/7/on"]


@pytest.mark.parametrize("kind", ["http", "http-stub"])
def test_a_system_that_is_not_connected_blocks_with_the_reason(sqlite_url: str, tmp_path: Path, kind: str) -> None:
    packet = write_incident(tmp_path / "p", actions=[action()], stub=script(), timeline=[])
    if kind == "http":
        write_packet(packet, {**read_packet(packet), "systems": [{"id": "flags", "kind": "http"}]})
    with acting(tmp_path / "here", sqlite_url, script()["rules"], connected="other") as at:
        run, notes = at.open(packet)
        assert notes == [
            "systems: the case's action on flags cannot be done here: no system of that id is connected"
        ]  # fmt: skip
        view = at.view(run)
        assert view["outcome"] == "blocked_by_policy"
        assert "no system of the id flags is connected here" in orjson.dumps(view).decode()
        assert at.asked("GET") == at.asked("POST") == []


def test_a_system_that_is_taken_away_after_the_approval_is_not_asked(sqlite_url: str, tmp_path: Path) -> None:
    packet = write_incident(tmp_path / "p", actions=[action()], stub=script(), timeline=[])
    with acting(tmp_path / "here", sqlite_url, script()["rules"]) as at:
        run, _ = at.open(packet)
        at.approve(run, "action_approval", "c", action="a1")
        at.house.stop()
        at.house.settings.clear()
        at.house.start()
        for one, role in ROLES.items():
            at.people[one] = at.house.sign_in(one, (role,), tenant=TENANT)
        at.people["s"].decide(
            run, "second_approval", "after-the-restart", revision=at.view(run)["artifact"]["revision"], action="a1"
        )
        at.house.rest(TENANT, run)
        view = at.view(run)
        assert view["outcome"] != "receipt_issued"
        assert view["effects"] == []
        assert "no system of the id flags is connected" in orjson.dumps(view).decode()
        assert at.asked("POST") == []
