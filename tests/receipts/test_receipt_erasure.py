"""Erasing parts of a receipt: it goes on verifying, and says *erased*, which is not *sealed*."""

from __future__ import annotations

import orjson
from receipt_samples import TRUST, build, key

from lineage.receipt.disclose import disclose
from lineage.receipt.erasure import erase
from lineage.receipt.form import layout
from lineage.receipt.verify import verify

CASE = build()
FULL = CASE.issue()
AT = "2026-09-22T08:00:00Z"


def erased(entries: list[int], person: str | None = None, signer: str = "receipt", data: bytes = FULL) -> bytes:
    changed = erase(data, entries, person, key(signer), AT)
    assert changed is not None
    return changed


def test_an_erased_approval_is_shown_as_erased_and_the_rest_stands() -> None:
    data = erased([CASE.approvals[0]])
    report = verify(data, TRUST)
    assert report.problems == ()
    [approved] = [one for one in report.answers if one.question == "approved"]
    assert (approved.standing, approved.shown, approved.erased, approved.sealed) == ("shown", 1, 1, 0)
    assert report.count is not None
    assert report.count.line() == "40 entries, 39 shown, 0 sealed, 1 erased, none missing"
    assert b"seen by u-duty" not in data


def test_all_of_a_person_is_erased() -> None:
    report = verify(erased(CASE.approvals, "u-intake"), TRUST)
    standing = {one.question: (one.standing, one.erased) for one in report.answers}
    assert standing["approved"] == ("erased", 2)
    assert standing["actions"] == ("shown", 1)
    assert report.intact


def test_a_copy_of_an_erased_receipt_still_says_so() -> None:
    report = verify(disclose(erased([CASE.approvals[0]]), ["policies"]), TRUST)
    [approved] = [one for one in report.answers if one.question == "approved"]
    assert report.intact
    assert (approved.sealed, approved.erased) == (1, 1)


def test_only_the_issuer_says_that_something_is_erased() -> None:
    for signer in ("log", "u-duty", "nobody"):
        assert not verify(erased([CASE.approvals[0]], signer=signer), TRUST).intact


def test_a_note_is_for_one_receipt() -> None:
    note = orjson.loads(erased([CASE.approvals[0]]))["erasures"]
    other = orjson.loads(build("CASE-2").issue())
    problems = verify(layout({**other, "erasures": note}), TRUST).problems
    assert "about another receipt" in problems[0].text


def test_what_a_note_erases_may_not_be_shown() -> None:
    note = orjson.loads(erased([CASE.approvals[0]]))["erasures"]
    problems = verify(layout({**orjson.loads(FULL), "erasures": note}), TRUST).problems
    assert any("a note says that it was erased" in one.text for one in problems)


def test_nothing_to_erase_changes_nothing() -> None:
    assert erase(FULL, [4000], "nobody", key("receipt"), AT) is None
