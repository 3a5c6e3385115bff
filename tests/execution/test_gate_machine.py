"""Nothing is done to a system without valid decisions for exactly that action: a random walk (`action_walk`)."""

from __future__ import annotations

import os

from action_walk import GateMachine
from hypothesis import HealthCheck, settings

from casefile.effects import authority
from graphs.position import position_of

GateMachine.TestCase.settings = settings(
    max_examples=200 if os.environ.get("CASEGATE_FULL") else 20,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestGateMachine = GateMachine.TestCase


def test_the_walk_reaches_effects() -> None:
    """The machine is no empty promise: the straight way through it ends in effects."""
    machine = GateMachine()
    machine.begin()
    for crash in ("before_sending", "after_sending", "", "after_sending"):
        machine.all_that_is_missing_is_signed(crash)
    assert len(machine.effects) >= 2
    assert {effect.state for effect in machine.effects} == {"done"}


def test_without_a_gate_only_a_standing_approval_allows_it() -> None:
    machine = GateMachine()
    machine.begin()
    machine.time_passes(21)
    position = position_of(machine.context(), machine.loaded())
    free = machine.due().model_copy(update={"gates": []})
    assert "nothing runs without a decision" in authority(machine.scenario, position, free).refused
    assert not authority(machine.scenario, position, free.model_copy(update={"under": "runbook@4.3"})).refused
    other = free.model_copy(update={"under": "runbook@4.3", "binding": {"content": ["another"]}})
    assert "something else is on the table" in authority(machine.scenario, position, other).refused
    closed = free.model_copy(update={"under": "runbook@4.3", "closes": machine.now})
    assert "outside the change window" in authority(machine.scenario, position, closed).refused
