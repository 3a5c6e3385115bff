"""Nothing leaves without a valid decision for exactly its content: random walks over four patterns (`release_walk`)."""

from __future__ import annotations

import os
from typing import Any

import pytest
import release_walk
from hypothesis import HealthCheck, settings
from release_cards import CARDS
from release_oracle import Bystander
from release_walk import STEPS, ReleaseMachine

from casefile.release import Authority
from casefile.rest import Rest

LENGTH = 50
"""Steps of one walk; `walks.py` walks as far as it is told, `make hostile` 10,000 steps."""
SHORT = settings(
    max_examples=200 if os.environ.get("CASEGATE_FULL") else 16,
    stateful_step_count=LENGTH,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
ReleaseMachine.TestCase.settings = SHORT
TestReleaseMachine = ReleaseMachine.TestCase


@pytest.mark.parametrize("short", sorted(CARDS))
def test_the_straight_way_ends_in_a_release(short: str) -> None:
    """The machine is no empty promise."""
    machine = ReleaseMachine()
    machine.begin(short)
    before = STEPS[f"{short}: released"]
    for crash in ("before the commit", "after the commit", ""):
        machine.all_that_is_missing_is_signed(crash)
        machine.all_that_is_missing_is_signed("")
        assert machine.ended
        assert len(machine.outbox) == 1
        machine.a_new_case()
    assert STEPS[f"{short}: released"] == before + 3


@pytest.mark.parametrize("short", sorted(CARDS))
def test_the_bystander_objects_where_nobody_said_anything(short: str) -> None:
    machine = ReleaseMachine()
    machine.begin(short)
    machine.happening.discard("standing")
    assert Bystander(CARDS[short], "asks").objection(machine.world()) is not None


def _released(*_: Any) -> Rest:
    return Rest("release", outcome="released")


def _whatever_was_said(_scenario: Any, position: Any, _configuration: Any) -> Authority:
    """The decisions count, whatever they are about and whether or not they were refused."""
    return Authority(tuple(one for one in position.decisions if one.counts()), under="anything")


@pytest.mark.parametrize("short", sorted(CARDS))
def test_an_engine_that_asks_for_no_authority_is_seen(short: str, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = ReleaseMachine()
    machine.begin(short)
    machine.happening.discard("standing")
    monkeypatch.setattr(release_walk, "where", _released)
    monkeypatch.setattr(release_walk, "authority", _whatever_was_said)
    with pytest.raises(AssertionError, match="a release without right"):
        machine.the_release_step()


@pytest.mark.parametrize("short", sorted(CARDS))
def test_an_engine_that_voids_nothing_is_seen(short: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signed, changed, and changed back: what was said of it before is worth nothing."""
    machine = ReleaseMachine()
    machine.begin(short)
    machine.happening.discard("standing")
    if short == "outage-intake":
        machine.happening.add("contacts")
    machine.settle()
    monkeypatch.setattr(release_walk, "restated", lambda *_: [])
    for _ in range(5):
        machine.one_more_signs()
    machine.an_edit_is_accepted("internal", 2)
    machine.an_edit_is_accepted("internal", 1)
    with pytest.raises(AssertionError, match=f"{short}: a release without right"):
        machine.the_release_step()


def test_bytes_that_are_not_those_of_the_hash_never_leave() -> None:
    machine = ReleaseMachine()
    machine.begin("packet-dispatch")
    for _ in range(5):
        machine.one_more_signs()
    machine.the_release_step(damaged=True)
    assert not machine.outbox
    machine.the_release_step()
    assert len(machine.outbox) == 1
