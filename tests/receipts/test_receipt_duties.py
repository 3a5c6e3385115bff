"""Rules over headers that a receipt breaks: who was kept apart and answered, and acts that no decision allows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from receipt_samples import GATE, TRUST, Case, build, public

from lineage.canonical import digest
from lineage.keys import KeySet
from lineage.receipt.disclose import disclose
from lineage.receipt.verify import verify
from lineage.rules import apart_item, gate_item

THIRD = KeySet([*TRUST, public("u-third", "decision", "u-third")])
MINE = apart_item(gate_item(GATE), "u-third")


def reasons(data: bytes) -> str:
    return "; ".join(one.text for one in verify(data, THIRD).problems)


def kept_apart(case: Case) -> None:
    case.add("duties_separated", opens=(MINE,))
    case.approve("u-third")


def taken_back(case: Case) -> None:
    case.add("duties_separated", opens=(MINE,))
    case.add("duties_separated", closes=(MINE,))
    case.approve("u-third")


def of_one_action(case: Case) -> None:
    case.add("duties_separated", opens=(apart_item(gate_item(GATE, "failover"), "u-third"),))
    case.approve("u-third")


def test_who_was_kept_apart_from_a_gate_and_answered_it_is_told() -> None:
    told = reasons(build(change=kept_apart).issue())
    assert told == f"decided: u-third answers gate:{GATE}, and an earlier entry keeps him apart from it (R11)"


@pytest.mark.parametrize("change", [taken_back, of_one_action])
def test_who_is_kept_apart_no_more_or_from_another_action_may_answer(change: Callable[[Case], None]) -> None:
    assert reasons(build(change=change).issue()) == ""


def test_who_is_kept_apart_is_no_open_item_and_a_copy_without_the_entry_holds_nothing_against_anybody() -> None:
    whole = build(change=taken_back).issue()
    assert verify(disclose(whole, ["approvals", "policies"]), THIRD).intact


def lapsed_before(case: Case) -> None:
    named = digest(case.lists["approvals"][0]["envelope"])
    case.lapse(0)
    case.add("effect_sent", citations=(named,))


def under_a_standing_approval(case: Case) -> None:
    case.add("effect_sent", citations=("sha256:" + "c" * 64,))


def naming_none(case: Case) -> None:
    case.add("effect_sent")


def after_all_lapsed(case: Case) -> None:
    case.lapse(0)
    case.lapse(1)
    case.add("effect_sent")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lapsed_before, "an approval that it names stood no more"),
        (after_all_lapsed, "no earlier approval in its run stands"),
        (under_a_standing_approval, ""),
        (naming_none, ""),
    ],
)
def test_an_act_in_a_system_that_no_decision_allows_is_told(change: Callable[[Case], None], told: str) -> None:
    found = reasons(build(change=change, end="none").issue())
    assert told in found
    assert bool(found) == bool(told)
