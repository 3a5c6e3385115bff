"""An answer that lapsed and was given anew by the same person: sound in the whole receipt and in every copy of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import orjson
import pytest
from receipt_samples import TRUST, Case, build

from lineage.receipt.disclose import disclose
from lineage.receipt.form import LISTS, OBJECTS
from lineage.receipt.verify import verify

Change = Callable[[Case], None]

FIRST, LAPSE, ANEW, RELEASE = 37, 39, 40, 41
ALL_THREE = ["approvals/0", "approvals/1", "approvals/2"]


def answered_anew(case: Case) -> None:
    case.lapse(0)
    case.approve("u-duty", reason="still so")


def answered_twice(case: Case) -> None:
    case.approve("u-duty", reason="still so")


def lapsed_afterwards(case: Case) -> None:
    case.approve("u-duty", reason="still so")
    case.lapse(0)


def said_to_be_lapsed(case: Case) -> None:
    case.approve("u-duty", reason="still so")
    case.lists["approvals"][0]["state"] = "expired"


SOUND = build(change=answered_anew).issue()


def problems(data: bytes) -> str:
    return "; ".join(f"{one.place}: {one.text}" for one in verify(data, TRUST).problems)


def test_the_sample_is_what_its_numbers_say() -> None:
    kinds = [entry["kind"] for entry in orjson.loads(SOUND)["entries"][FIRST:]]
    assert kinds == ["decided", "decided", "decision_expired", "decided", "released"]


def test_a_lapsed_answer_may_be_given_anew() -> None:
    assert problems(SOUND) == ""


@pytest.mark.parametrize(
    "path", [*OBJECTS, *LISTS, *(f"approvals/{n}" for n in range(3)), "entries", f"entries/{ANEW}"]
)
def test_so_it_is_in_a_copy(path: str) -> None:
    assert problems(disclose(SOUND, [path])) == ""


def test_so_it_is_in_a_copy_with_any_headers() -> None:
    for count in range(1, 6):
        for shown in itertools.combinations(range(FIRST, RELEASE + 1), count):
            if RELEASE not in shown:
                assert problems(disclose(SOUND, [f"entries/{seq}" for seq in shown])) == "", shown


def test_an_approval_brings_the_entry_of_its_lapse_along() -> None:
    for path, with_lapse in (("approvals/0", True), ("approvals/1", False), ("approvals/2", False)):
        entries = orjson.loads(disclose(SOUND, [path]))["entries"]
        assert ("kind" in entries[LAPSE]) == with_lapse, path


@pytest.mark.parametrize("change", [answered_twice, lapsed_afterwards, said_to_be_lapsed])
def test_a_second_answer_to_the_same_request_is_refused(change: Change) -> None:
    assert "for the second time" in problems(build(change=change).issue())


@pytest.mark.parametrize(
    ("change", "only", "reason"),
    [
        (answered_twice, ALL_THREE, "for the second time"),
        (answered_twice, ["approvals/0", "approvals/2"], "approvals/0 had not lapsed"),
        (lapsed_afterwards, ["approvals/0", "approvals/2"], "approvals/0 had not lapsed"),
        (said_to_be_lapsed, ["approvals/0", "approvals/2"], "state 'expired', and the entries say valid"),
        (said_to_be_lapsed, ["approvals/0"], "state 'expired', and the entries say valid"),
    ],
)
def test_it_is_refused_in_a_copy_too_also_behind_sealed_headers(change: Change, only: list[str], reason: str) -> None:
    """A sealed header in between might say that the first answer was over; the approvals shown still tell."""
    assert reason in problems(disclose(build(change=change).issue(), only))
