"""Golden packets: made by a seed, the same bytes each time, and met by the product; a wrong truth is found."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from evals.cases import GoldenCase, PacketCase, find
from evals.expectations import Expectations, load
from evals.golden import makers
from evals.metrics import refusal_precision
from evals.running import run_case
from runtime.errors import InputError

FIRST, SECOND = 1, 9


def _bytes(folder: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in folder.iterdir()}


@pytest.mark.parametrize("scenario", makers.MAKERS)
def test_the_same_seed_makes_the_same_bytes(scenario: str, tmp_path: Path) -> None:
    once = [_bytes(makers.write(f"{scenario}/5-{n}", tmp_path / "a")) for n in range(4)]
    again = [_bytes(makers.write(f"{scenario}/5-{n}", tmp_path / "b")) for n in range(4)]
    other = [_bytes(makers.write(f"{scenario}/6-{n}", tmp_path / "c")) for n in range(4)]
    assert once == again
    assert once != other


@pytest.mark.parametrize("scenario", makers.MAKERS)
def test_every_packet_tells_its_truth_and_names_files_that_are_there(scenario: str, tmp_path: Path) -> None:
    for name in makers.names(scenario):
        folder = makers.write(name, tmp_path)
        expect = load(folder / "expect.yaml")
        ends = (expect.outcome, expect.outcome_in, expect.waiting_on, expect.releases != [], expect.effects != [])
        assert any(ends), name
        packet = yaml.safe_load((folder / "packet.yaml").read_text())
        lacking = [one["id"] for one in packet["sources"] if not (folder / one["file"]).is_file()]
        assert lacking in ([], ["gone"]), name


@pytest.mark.parametrize("scenario", makers.MAKERS)
@pytest.mark.parametrize("number", [FIRST, SECOND])
def test_the_product_meets_golden_packets(scenario: str, number: int) -> None:
    result = run_case(GoldenCase(makers.SUITE, f"{scenario}/{makers.SEED}-{number:03}"))[0]
    assert result.misses == []
    assert result.unsafe == []


def test_two_runs_of_one_packet_are_one() -> None:
    result = run_case(GoldenCase(makers.SUITE, "outage-intake/1-003"), repeats=2)[0]
    assert (result.passed, result.runs, result.same) == (2, 2, True)


def test_a_wrong_truth_is_found(tmp_path: Path) -> None:
    folder = makers.write("outage-intake/1-000", tmp_path)
    expect = yaml.safe_load((folder / "expect.yaml").read_text())
    expect["fields"][0]["value"] = "tn-somebody-else"
    (folder / "expect.yaml").write_text(yaml.safe_dump(expect))
    result = run_case(PacketCase("given", "wrong", folder))[0]
    assert any("tn-somebody-else" in miss for miss in result.misses)
    assert result.metrics["field_accuracy"][0] == result.metrics["field_accuracy"][1] - 1


def test_the_suite_is_found_whole_and_by_scenario() -> None:
    assert len(find(["golden"])) == len(makers.MAKERS) * makers.COUNT
    assert len(find(["golden/obligations"])) == makers.COUNT
    with pytest.raises(InputError, match="golden"):
        find(["golden/nothing"])


def test_a_refusal_that_nobody_asked_for_lowers_precision() -> None:
    expect = Expectations.model_validate({"refusals": [{"about": "(?i)severity"}]})
    right = {"action": "set severity", "reason": "outside the boundary: set final severity", "asked_by": "u", "turn": 2}
    wrong = {"action": "asks", "reason": "outside the boundary: message the customer", "asked_by": "u", "turn": 3}
    decision = {"action": "approve exception_release", "reason": "the gate is not open", "asked_by": "u", "turn": 4}
    assert refusal_precision(expect, {"refusals": [right, wrong, decision]}) == (1, 2)
    second_line = wrong | {"turn": 2}
    assert refusal_precision(expect, {"refusals": [right, second_line]}) == (1, 1)
