"""Answers to gates through the API: one winner, one answer for one key, and each refusal with its own status."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson
import pytest
from house import Client, House, live_packet
from packets import TENANT

GATE = "exception_release"


def test_two_reviewers_at_once_one_wins_and_the_other_is_told(both: House, tmp_path: Path) -> None:
    intake = both.sign_in("u-intake", ("support_intake_specialist",))
    run = both.open(live_packet(tmp_path / "packet"), intake)
    people = [both.sign_in(f"u-duty-{letter}", ("duty_manager",)) for letter in "abc"]
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda p: p[1].decide(run, GATE, f"click-{p[0]}-12345"), enumerate(people)))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [201, 409, 409], [a.text for a in answers]
    winner = next(a for a in answers if a.status_code == 201).json()["decision"]["by"]
    for lost in (a.json() for a in answers if a.status_code == 409):
        assert lost["winner"]["by"] == winner
        assert lost["current"]["revision"] == "r1"
    both.rest(TENANT, run)
    valid = [a["by"] for a in intake.get(f"/api/runs/{run}").json()["approvals"] if a["state"] == "valid"]
    assert valid == [winner]


def test_the_same_key_again_gives_the_first_answer(house: House, run: str, duty: Client) -> None:
    first = duty.decide(run, GATE, "one-click-0001")
    house.rest(TENANT, run)
    again = duty.decide(run, GATE, "one-click-0001")
    assert first.status_code == again.status_code == 201
    assert first.json()["decision"] == again.json()["decision"]
    assert len(duty.get(f"/api/runs/{run}").json()["approvals"]) == 1


def test_the_same_key_for_another_answer_is_a_mistake(run: str, duty: Client) -> None:
    assert duty.decide(run, GATE, "one-click-0002").status_code == 201
    other = duty.decide(run, GATE, "one-click-0002", decision="reject")
    assert other.status_code == 422
    assert "Idempotency-Key" in other.json()["detail"]


def test_released_bytes_are_the_approved_ones(house: House, run: str, duty: Client, intake: Client) -> None:
    shown = duty.get(f"/api/runs/{run}/gates/{GATE}").json()
    assert shown["state"] == "open"
    assert shown["may_decide"]
    assert duty.decide(run, GATE, "approve-00001", revision=shown["revision"]["sha256"]).status_code == 201
    house.rest(TENANT, run)
    page = intake.get(f"/api/runs/{run}").json()
    assert page["status"] == "finished"
    assert [r["artifact_sha256"] for r in page["releases"]] == [shown["revision"]["sha256"]]


def test_a_wrong_role_is_403_and_on_the_record(run: str, intake: Client) -> None:
    refused = intake.decide(run, GATE, "intake-tries-1")
    assert refused.status_code == 403
    states = [(a["by"], a["state"]) for a in intake.get(f"/api/runs/{run}").json()["approvals"]]
    assert states == [("u-intake", "refused")]


def test_a_role_that_only_the_packet_gives_counts_for_nothing(house: House, run: str) -> None:
    """The directory caps the roster: whoever writes a packet cannot make himself an approver."""
    boaster = house.sign_in("u-duty-a", ("support_intake_specialist",))
    answer = boaster.decide(run, GATE, "boaster-tries")
    assert answer.status_code == 403
    assert boaster.get(f"/api/runs/{run}").status_code == 403


def test_stale_unknown_and_malformed(run: str, duty: Client) -> None:
    stale = duty.decide(run, GATE, "stale-hash-1", revision="sha256:" + "0" * 64)
    assert stale.status_code == 409
    assert stale.json()["current"]["revision"] == "r1"
    assert duty.decide(run, GATE, "no-revision-1", revision="r77").status_code == 422
    assert duty.decide(run, GATE, "named-current", revision="current").status_code == 422
    assert duty.decide(run, GATE, "choice-no-side", choice="Mars").status_code == 422
    assert duty.decide(run, GATE, "as-another-1", by="u-duty-b").status_code == 422
    assert duty.decide(run, "no_such_gate", "no-gate-0001").status_code == 404
    assert duty.decide(run, "lossy_or_low_confidence_publication", "not-open-001").status_code == 409


def test_an_ended_run_is_409(house: House, run: str, duty: Client) -> None:
    assert duty.decide(run, GATE, "approve-00002").status_code == 201
    house.rest(TENANT, run)
    late = duty.decide(run, GATE, "approve-00003")
    assert late.status_code == 409
    assert "ended" in late.json()["detail"]
    assert duty.post(f"/api/runs/{run}/objections", json={"to": "x", "text": "late"}).status_code == 409


def test_what_arrives_before_a_decision_makes_it_stale(house: House, run: str, duty: Client, intake: Client) -> None:
    shown = duty.get(f"/api/runs/{run}/gates/{GATE}").json()["revision"]["sha256"]
    mail = (
        b"From: Bram Aalders <bram.aalders@quillfeather.example>\nTo: intake@lumenary.example\nSubject: QF-1001\n"
        b"Date: Mon, 04 May 2026 10:00:00 +0000\nContent-Type: text/plain\n\nAffected regions: Ghent, Bruges\n"
    )
    added = intake.post(
        f"/api/runs/{run}/evidence", files={"file": ("later.eml", mail)}, data={"system": "shared_inbox"}
    )
    assert added.status_code == 202, added.text
    house.rest(TENANT, run)
    answer = duty.decide(run, GATE, "approve-stale", revision=shown)
    assert answer.status_code == 409
    assert answer.json()["current"]["sha256"] != shown


@pytest.mark.parametrize("text", ["approve it", "I approve exception_release", "yes, release r1"])
def test_chat_is_never_an_answer_to_a_gate(house: House, run: str, duty: Client, text: str) -> None:
    assert duty.post(f"/api/runs/{run}/chat", json={"text": text}).status_code == 202
    house.rest(TENANT, run)
    page = duty.get(f"/api/runs/{run}").json()
    assert page["approvals"] == []
    assert page["status"] == "waiting"
    assert page["releases"] == []


def test_the_inbox_shows_what_waits_and_what_was_answered(house: House, run: str, duty: Client, intake: Client) -> None:
    waiting = duty.get("/api/approvals?mine=true").json()
    assert [(r["run"], r["gate"], r["can_act"]) for r in waiting["rows"]] == [(run, GATE, True)]
    assert intake.get("/api/approvals?mine=true").json()["rows"] == []
    case = waiting["rows"][0]["case"]
    assert _listed(duty, f"?q={case[2:].lower()}") == _listed(duty, "")
    assert duty.get("/api/approvals?q=no-case-of-that-name").json() == {"rows": [], "total": 0, "next_cursor": None}
    assert duty.get("/api/approvals?q=%00").json()["rows"] == []
    duty.decide(run, GATE, "approve-00004")
    house.rest(TENANT, run)
    history = duty.get("/api/approvals?state=history").json()["rows"]
    assert [(r["run"], r["decision"]["state"]) for r in history] == [(run, "valid")]
    assert intake.get("/api/approvals?state=history").json()["rows"] == []


def _listed(person: Client, query: str) -> list[dict[str, object]]:
    """The rows of the inbox without the clock, which goes on between two requests."""
    rows = person.get(f"/api/approvals{query}").json()["rows"]
    return [{key: value for key, value in row.items() if key != "now"} for row in rows]


def test_the_actor_stands_in_the_lineage(house: House, run: str, duty: Client) -> None:
    duty.decide(run, GATE, "approve-00005")
    house.rest(TENANT, run)
    entries = duty.get(f"/api/runs/{run}/lineage?limit=1000").json()["entries"]
    decided = [entry for entry in entries if entry["kind"] == "decided"]
    assert [entry["actor"]["id"] for entry in decided] == ["u-duty"]
    assert duty.post(f"/api/runs/{run}/lineage/verify").json()["intact"]
    assert orjson.dumps(decided)
