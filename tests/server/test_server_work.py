"""What each agent did for a revision, as the conversation tells it: out of the lineage, in counts alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from house import Client, House, case_packet
from packets import TENANT

BRIGHTMOOR = "tn-brightmoor"


def revised(client: Client, run: str) -> list[int]:
    """The places of the turns that made a revision."""
    turns = client.get(f"/api/runs/{run}/chat").json()["turns"]
    return [turn["seq"] for turn in turns if turn["kind"] == "revised"]


def work(client: Client, run: str, seq: int) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = client.get(f"/api/runs/{run}/chat/{seq}/work").json()["lines"]
    return lines


def test_every_agent_of_the_first_pass_has_its_line(house: House, run: str, intake: Client) -> None:
    (seq,) = revised(intake, run)
    lines = {(line["agent"], line["did"]): line for line in work(intake, run, seq)}
    page = intake.get(f"/api/runs/{run}").json()
    items = len(intake.get(f"/api/runs/{run}/evidence").json()["items"])
    assert lines["Reader agent", "read evidence"]["found"].startswith(f"{items} items, ")
    statuses = [field["status"] for field in page["artifact"]["fields"].values()]
    reconciled = lines["Reconciliation agent", "reconciled the sources"]["found"]
    assert f"{statuses.count('confirmed')} confirmed" in reconciled
    opened = {item for line in lines.values() for item in line["opens"]}
    registers = page["registers"]
    assert {one["id"] for one in registers["contradictions"]} <= opened
    objections = len(registers["objections"])
    assert lines["Objections agent", "looked for objections"]["found"].startswith(str(objections))
    assert ("Casegate", "opened the gate") not in lines


def test_a_later_revision_tells_only_its_own_work(house: House, run: str, intake: Client) -> None:
    note = b"Support note: the second region is affected too, says the monitor.\n"
    answer = intake.post(f"/api/runs/{run}/evidence", files={"file": ("second-note.txt", note)})
    assert answer.status_code in {201, 202}, answer.text
    house.rest(TENANT, run)
    turns = revised(intake, run)
    assert len(turns) == 2
    lines = {(line["agent"], line["did"]): line for line in work(intake, run, turns[-1])}
    assert lines["Reader agent", "read evidence"]["found"].startswith("1 item, ")


def test_a_long_pass_is_told_whole(house: House, run: str, intake: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    (seq,) = revised(intake, run)
    whole = work(intake, run, seq)
    monkeypatch.setattr("server.views.work.PAGE", 5)
    assert work(intake, run, seq) == whole


def test_what_made_no_revision_has_no_work(house: House, run: str, intake: Client) -> None:
    (seq,) = revised(intake, run)
    for other in (0, seq - 1, seq + 1, 10**9):
        assert intake.get(f"/api/runs/{run}/chat/{other}/work").status_code == 404
    assert intake.get(f"/api/runs/{run}/chat/-1/work").status_code == 422


def test_a_view_without_quotes_tells_no_counts(house: House, tmp_path: Path) -> None:
    mila = house.sign_in("u-mila", ("support_trust_team",), tenant=BRIGHTMOOR)
    run = house.open(case_packet(tmp_path / "case", "packet-dispatch", "approver-declines"), mila)
    auditor = house.sign_in("x-audit", tenant=BRIGHTMOOR, global_roles=("auditor",))
    (seq,) = revised(mila, run)
    told, masked = work(mila, run, seq), work(auditor, run, seq)
    assert [(line["agent"], line["did"]) for line in masked] == [(line["agent"], line["did"]) for line in told]
    assert any(line["found"] for line in told)
    assert {(line["found"], *line["opens"]) for line in masked} == {("",)}
