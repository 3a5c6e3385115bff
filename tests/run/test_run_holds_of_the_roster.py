"""A hold that the settling node opened (nobody may answer the gate) outlives a pass that did not look for it."""

from __future__ import annotations

import shutil
from pathlib import Path

import orjson
from packets import read_packet, write_packet
from running import CASES, run

from casefile.checks import holds_after
from casefile.registers import Hold
from graphs import catalogue
from graphs.nodes.gate import NO_APPROVER

CASE = CASES / "contractor-access" / "cases" / "another-lead-hands-off"
HELD = Hold(id="h1", key="k", kind=NO_APPROVER, trigger="t", effect="e", about="gate", detail="d")


def test_a_new_pass_does_not_close_it(tmp_path: Path) -> None:
    packet = tmp_path / "packet"
    shutil.copytree(CASE, packet)
    loaded = read_packet(packet)
    people = [{**one, "roles": ["support_agent"]} for one in loaded["people"]]
    late = {"id": "late", "file": "late.md", "system": "case_workspace", "captured_at": "2026-06-03T08:40:00Z"}
    (packet / "late.md").write_text("The panel was refreshed at 08:39 UTC.\n", encoding="utf-8")
    timeline = [{"at": "2026-06-03T08:41:00Z", "arrives": late}]
    write_packet(packet, {**loaded, "people": people, "timeline": timeline})
    outcome = run(packet, tmp_path / "out")
    ours = [one for one in outcome["registers"]["holds"] if one["kind"] == NO_APPROVER]
    assert [one["state"] for one in ours] == ["open"]
    lines = (tmp_path / "out" / "lineage.jsonl").read_bytes().splitlines()
    headers = [one.get("header", one) for one in map(orjson.loads, lines)]
    assert sum(one["kind"] == "checked" for one in headers) == 2
    assert [one["kind"] for one in headers if ours[0]["id"] in one["closes"]] == []


def test_a_hold_of_the_card_closes_when_no_signal_raises_it() -> None:
    scenario = catalogue.scenario("contractor-access")
    of_the_card = HELD.model_copy(update={"id": "h2", "kind": scenario.holds[0].id})
    assert holds_after(scenario, [HELD, of_the_card], []) == [HELD]
