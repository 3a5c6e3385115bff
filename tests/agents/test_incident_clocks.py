"""Clocks that are said to be wrong, and which records that leaves without a sure place in the order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from test_incident_impact import opened

from agents.incident_clocks import errors, ordered
from agents.incident_facts import Fact

START = datetime(2026, 9, 2, tzinfo=UTC)
LOG = """2026-09-02T00:00:00Z host dir-4 chrony: local clock steered, estimated offset up to 45 s
2026-09-02T00:01:00Z host dir-4 sync
"""


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("2026-10-21T02:40:00Z host dir-4 chrony: clock steered, estimated offset up to 60 s", {"dir-4": 60}),
        ("2026-10-21T02:40:00Z ntpd: time stepped by 37 seconds, clock was slow", {"": 37}),
        ("the clock of dir-4 may be a minute off, so the order cannot be read", {"dir-4": 60}),
        ("Clock on sync-eu2: two minutes ahead until 03:10", {"sync-eu2": 120}),
        ("the system time was 1.5 h behind", {"": 5400}),
        ("NTP on dir-4 was not synchronised that night", {"dir-4": 120}),
        ("dir-4's clock was 40 s slow for 2 hours", {"dir-4": 40}),
        ("chrony: clock offset 12 ms", {}),
        ("clock skew tolerance is 120 s, alert above 60 s skew", {}),
        ("the job drifted 30 s behind its plan", {}),
        ("around the clock support, answered 10 minutes late at 12 o'clock", {}),
        ("the clocks went back on Sunday", {}),
    ],
)
def test_what_is_said_of_a_wrong_clock(said: str, told: dict[str, int]) -> None:
    assert dict(errors(said, 120)) == told


def _fact(item: str, second: int, text: str) -> Fact:
    return Fact(item, item, START + timedelta(seconds=second), text, text, [], frozenset())


@pytest.mark.parametrize(("second", "open_"), [(20, True), (100, True), (14, False), (106, False)])
def test_the_order_is_open_only_as_far_as_the_clock_may_be_wrong(second: int, open_: bool) -> None:
    view, item = opened("dir-4.log", LOG)
    found = {
        "identity": [_fact(item.id, 60, "host dir-4 removed a role")],
        "entitlement": [_fact("other", second, "migration")],
    }
    done = ordered(view, [], found, 120)
    assert [bool(one.order) for one in done["identity"]] == [open_]
    assert [one.skew for one in done["identity"]] == [45]


def test_people_speak_of_one_machine_and_of_no_other() -> None:
    view, item = opened("notes.md", "The clock of\ndir-4 may be a minute off.\n")
    found = {
        "identity": [_fact("log", 60, "host dir-4 removed a role"), _fact("log", 61, "host dir-41 removed a role")]
    }
    assert [one.skew for one in ordered(view, [item], found, 120)["identity"]] == [60, 0]
