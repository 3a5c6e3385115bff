"""The checker of numbers finds what is wrong: it could not be trusted otherwise."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from recompute import faults, formulas
from running import CASES, run

from tools.packet_folder import load

CASE = CASES / "credit-options" / "cases" / "both-credits-fit"


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    made: dict[str, Any] = run(CASE, tmp_path_factory.mktemp("run"))["artifact"]
    return made


@pytest.fixture
def files() -> dict[str, Path]:
    return {name: CASE / file.source.file for name, file in load(CASE).files.items()}


def test_an_artifact_that_is_right_has_no_fault(artifact: dict[str, Any], files: dict[str, Path]) -> None:
    assert len(formulas(artifact)) >= 8
    assert faults(artifact, files) == []


def test_a_changed_value_a_changed_formula_and_a_wrong_cell_are_found(
    artifact: dict[str, Any], files: dict[str, Path]
) -> None:
    for change in (
        {"value": "2000.01 USD"},
        {"normalization": [{"rule": "formula", "from": "[1] / 10 * [2]", "to": "", "lossy": False}]},
        {"citations": list(reversed(artifact["fields"]["option_2_credit"]["citations"]))[:1]},
    ):
        damaged = copy.deepcopy(artifact)
        damaged["fields"]["option_2_credit"] |= change
        assert any(fault.startswith("option_2_credit") for fault in faults(damaged, files)), change


def test_a_quote_that_does_not_stand_and_an_unfounded_amount_in_a_sentence_are_found(
    artifact: dict[str, Any], files: dict[str, Path]
) -> None:
    damaged = copy.deepcopy(artifact)
    damaged["fields"]["option_2_credit"]["citations"][1]["quote"] = "USD 20,001.00"
    assert any("does not stand" in fault for fault in faults(damaged, files))
    damaged = copy.deepcopy(artifact)
    damaged["sections"][1]["claims"][0]["text"] += " Or 2345.00 USD."
    assert any("2345.00" in fault for fault in faults(damaged, files))


def test_a_formula_is_nothing_but_arithmetic(artifact: dict[str, Any], files: dict[str, Path]) -> None:
    damaged = copy.deepcopy(artifact)
    damaged["fields"]["option_2_credit"]["normalization"] = [{"rule": "formula", "from": "open([1])", "to": ""}]
    assert any("cannot be evaluated" in fault for fault in faults(damaged, files))
