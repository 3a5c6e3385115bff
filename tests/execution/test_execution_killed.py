"""`kill -9` at every named point of an execution, with the real stub server: nothing lost, nothing done twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from running import killed_at, run_apart
from sev1_packet import APPROVED, action, acts, journal, script, write_packet

from lineage.chain import verify_lines

pytestmark = pytest.mark.xdist_group("killed")

POINTS = ["begin", "state_read", "planned", "sent", "answered", "read_back", "recorded"]


@pytest.fixture(scope="module")
def packet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One action, two approvals, a closure."""
    return write_packet(tmp_path_factory.mktemp("p"), actions=[action()], stub=script(), timeline=APPROVED)


def _used(outcome: dict[str, Any]) -> set[tuple[str, str]]:
    """The approvals that an effect used."""
    return {(one["gate"], one["by"]) for effect in outcome["effects"] for one in effect["approvals"]}


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_point_of_the_execution(point: str, packet: Path, url: str, tmp_path: Path) -> None:
    assert killed_at(f"execution.{point}:1", packet, tmp_path, url), f"the run never passed execution.{point}"
    outcome = run_apart(packet, tmp_path, url)
    assert outcome["outcome"] == "receipt_issued"
    assert acts(tmp_path) == 1, "done twice, or never"
    assert [(one["id"], one["state"]) for one in outcome["effects"]] == [("a1", "done")]
    assert _used(outcome) == {("action_approval", "c"), ("second_approval", "s")}
    assert all(one["state"] == "valid" for one in outcome["approvals"])
    assert verify_lines(tmp_path / "lineage.jsonl").intact


@pytest.mark.parametrize("point", ["sent", "answered", "read_back"])
def test_a_lost_answer_is_looked_up_and_not_sent_again(point: str, tmp_path: Path) -> None:
    """Killed after it was sent: where the system shows the change, no second request reaches it."""
    packet = write_packet(tmp_path / "p", actions=[action(idempotent=False)], stub=script(), timeline=APPROVED)
    out = tmp_path / "out"
    assert killed_at(f"execution.{point}:1", packet, out)
    sent_before = sum(line["method"] == "POST" for line in journal(out)) if point != "sent" else 0
    outcome = run_apart(packet, out)
    sent = sum(line["method"] == "POST" for line in journal(out))
    if point == "sent":  # nobody can tell whether it was sent: not idempotent, so it is never sent by itself
        assert (outcome["outcome"], sent) == ("halted_ambiguous", 0)
        assert outcome["effects"][0]["state"] == "in_doubt"
    else:
        assert (outcome["outcome"], sent, sent_before) == ("receipt_issued", 1, 1)


@pytest.mark.parametrize("point", ["transaction.written", "transaction.after"])
def test_killed_around_the_turns_of_an_execution(point: str, packet: Path, tmp_path: Path) -> None:
    """Every third turn, so that the ones in the middle of the execution are among them."""
    count, killed = 14, 0
    while killed_at(f"{point}:{count}", packet, tmp_path / str(count)):
        killed += 1
        outcome = run_apart(packet, tmp_path / str(count))
        assert outcome["outcome"] == "receipt_issued"
        assert acts(tmp_path / str(count)) == 1
        assert verify_lines(tmp_path / str(count) / "lineage.jsonl").intact
        count += 3
    assert killed >= 5


def test_the_same_packet_again_calls_no_system(packet: Path, tmp_path: Path) -> None:
    first = run_apart(packet, tmp_path)
    asked = journal(tmp_path)
    assert run_apart(packet, tmp_path) == first
    assert journal(tmp_path) == asked


def test_the_request_carries_the_key_of_the_effect(packet: Path, tmp_path: Path) -> None:
    outcome = run_apart(packet, tmp_path)
    key = outcome["effects"][0]["idempotency_key"]
    assert key.startswith("INC-1:a1:")
    lines = [orjson.loads(line) for line in (tmp_path / "lineage.jsonl").read_bytes().splitlines()]
    kinds = [line["header"]["kind"] for line in lines]
    assert kinds.index("effect_planned") < kinds.index("effect_sent") < kinds.index("effect_done")
