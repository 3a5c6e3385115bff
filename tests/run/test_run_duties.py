"""Separation of duties in the headers of real runs: whom a gate keeps apart stands there before anybody answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from running import CASES, run

from lineage.rules import APART, GATE, apart_item, broken

PLAYED = [
    ("packet-dispatch", "approver-declines"),
    ("packet-dispatch", "newer-revision-after-the-signature"),
    ("sev1-receipt", "proposer-signs-as-change-approver"),
    ("sev1-receipt", "four-people-try-to-be-the-second"),
    ("sev1-receipt", "a-witness-may-not-approve-what-he-watches"),
]


def _headers(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "lineage.jsonl").read_bytes().splitlines()
    return [orjson.loads(line)["header"] for line in lines]


@pytest.mark.parametrize(("scenario", "case"), PLAYED)
def test_the_headers_alone_tell_that_somebody_approved_what_he_asked_for_or_proposed(
    scenario: str, case: str, tmp_path: Path
) -> None:
    run(CASES / scenario / "cases" / case, tmp_path / "out")
    headers = _headers(tmp_path / "out")
    assert broken(headers) == []
    kept = [(n, item) for n, one in enumerate(headers) for item in one["opens"] if APART in item]
    assert kept
    told = 0
    for place, answered in enumerate(headers):
        if answered["kind"] != "decided":
            continue
        for gate in answered["closes"]:
            names = [item.rpartition(APART)[2] for n, item in kept if n < place and item.startswith(gate + APART)]
            for name in names:
                forged = [*headers]
                forged[place] = {**answered, "actor": {**answered["actor"], "id": name}}
                found = [one for one in broken(forged) if one.seq == place and "(R11)" in one.problem]
                standing = _standing(headers[:place], apart_item(gate, name))
                assert bool(found) is standing, (gate, name)
                told += standing
    assert told, "no answer at a gate that keeps somebody apart"


def _standing(before: list[dict[str, Any]], item: str) -> bool:
    opened = max((n for n, one in enumerate(before) if item in one["opens"]), default=-1)
    closed = max((n for n, one in enumerate(before) if item in one["closes"]), default=-1)
    return opened > closed


def test_the_person_who_asked_is_the_one_that_opened_the_run(tmp_path: Path) -> None:
    run(CASES / "packet-dispatch" / "cases" / "merged-into-another-packet", tmp_path / "out")
    headers = _headers(tmp_path / "out")
    asked = next(one["actor"]["id"] for one in headers if one["kind"] == "run_opened")
    apart = {item for one in headers for item in one["opens"] if item.startswith(GATE) and APART in item}
    assert {item.rpartition(APART)[2] for item in apart} == {asked}
