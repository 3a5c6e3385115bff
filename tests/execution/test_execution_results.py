"""The same packet gives the same artifact, whatever the store; its receipt says what was done and by whose decision."""

from __future__ import annotations

from pathlib import Path

import orjson
from postgres import own_database
from running import CASES, run
from sev1_packet import APPROVED, action, decides, journal, script, write_packet

TWO_HANDS = CASES / "sev1-receipt" / "cases" / "transient-503-within-the-limit"


def test_twice_and_on_postgresql_the_same(tmp_path: Path) -> None:
    first, second = run(TWO_HANDS, tmp_path / "a"), run(TWO_HANDS, tmp_path / "b")
    with own_database() as url:
        third = run(TWO_HANDS, tmp_path / "c", url)
    assert first["artifact"]["sha256"] == second["artifact"]["sha256"] == third["artifact"]["sha256"]
    assert first["effects"] == second["effects"] == third["effects"]
    assert first["lineage"]["entries"] == third["lineage"]["entries"]


def test_actions_run_in_the_order_of_the_plan_each_under_its_own_approvals(tmp_path: Path) -> None:
    stub = script()
    stub["rules"] += [
        {"id": "off2", "method": "GET", "path": "/f/8", "unless": ["on8"], "status": 200, "body": {"state": "off"}},
        {"id": "on2", "method": "GET", "path": "/f/8", "status": 200, "body": {"state": "on"}},
        {"id": "act2", "method": "POST", "path": "/f/8/on", "if": ["on"], "status": 200, "body": {}, "applies": "on8"},
    ]
    steps = [decides(3, "action_approval", "c", action="a2"), decides(4, "second_approval", "s", action="a2")]
    timeline = [decides(0, "action_approval", "c", action="a2"), *APPROVED[:2], *steps, APPROVED[2]]
    packet = write_packet(tmp_path / "p", actions=[action(), action("a2", "/f/8")], stub=stub, timeline=timeline)
    outcome = run(packet, tmp_path / "out")
    assert outcome["outcome"] == "receipt_issued"
    assert [(one["id"], one["sent_at"]) for one in outcome["effects"]] == [
        ("a1", "2026-03-03T10:02:00Z"),
        ("a2", "2026-03-03T10:04:00Z"),
    ]
    assert [line["path"] for line in journal(tmp_path / "out") if line["method"] == "POST"] == ["/f/7/on", "/f/8/on"]
    states = [(one["gate"], one["state"], one.get("action")) for one in outcome["approvals"]]
    assert states[0] == ("action_approval", "refused", "a2")
    assert "a2 is not on the table" in outcome["approvals"][0]["reason"]
    assert states[1:] == [
        ("action_approval", "valid", "a1"),
        ("second_approval", "valid", "a1"),
        ("action_approval", "valid", "a2"),
        ("second_approval", "valid", "a2"),
        ("closure_approval", "valid", None),
    ]


def test_the_receipt_names_the_decisions_of_every_effect(tmp_path: Path) -> None:
    packet = write_packet(tmp_path / "p", actions=[action()], stub=script(), timeline=APPROVED)
    outcome = run(packet, tmp_path / "out")
    receipt = (tmp_path / "out" / "receipt.json").read_text(encoding="utf-8")
    assert "CH-1" in receipt
    (effect,) = outcome["effects"]
    assert effect["references"] == ["CH-1"]
    assert [(one["gate"], one["by"]) for one in effect["approvals"]] == [
        ("action_approval", "c"),
        ("second_approval", "s"),
    ]
    bound = {one["subject_sha256"] for one in outcome["approvals"] if one.get("action") == "a1"}
    assert len(bound) == 1


def test_what_a_system_shows_beside_the_state_is_kept_nowhere(tmp_path: Path) -> None:
    stub = script()
    stub["rules"][1]["body"] = {"state": "on", "owner": "private.person@shop.example", "api_key": "Zx9!ppQ7rT2vKm4s"}
    packet = write_packet(tmp_path / "p", actions=[action()], stub=stub, timeline=APPROVED)
    run(packet, tmp_path / "out")
    for path in (tmp_path / "out").glob("*.json*"):
        text = path.read_text(encoding="utf-8")
        assert "private.person" not in text, path.name
        assert "Zx9!ppQ7rT2vKm4s" not in text, path.name


def test_the_evidence_of_a_result_stands_in_the_ledger(tmp_path: Path) -> None:
    packet = write_packet(tmp_path / "p", actions=[action()], stub=script(), timeline=APPROVED)
    run(packet, tmp_path / "out")
    artifact = orjson.loads((tmp_path / "out" / "artifact.json").read_bytes())
    log = next(one for one in artifact["sections"] if one["id"] == "execution_log")
    (claim,) = log["claims"]
    assert claim["status"] == "confirmed"
    assert {(one["locator"], one["quote"]) for one in claim["citations"]} == {("/state/state", "on")}
