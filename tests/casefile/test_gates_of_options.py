"""Gates that keep nothing waiting, approvals that a change overtook, and options that an answer may name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agents.material import Signal
from casefile.checks import holds_of
from casefile.conditions import Facts, holds
from casefile.packet import Person
from casefile.rest import Position, where
from casefile.scenario import Condition, Gate, Scenario
from graphs import catalogue
from graphs.position import Loaded

AT = datetime(2026, 5, 13, 12, tzinfo=UTC)
SCENARIOS = ("credit-options", "telemetry-options")


def _position(scenario: Scenario, *signals: str, **facts: Any) -> Position:
    people = [
        Person(id="u-maya", roles=["premium_support_escalation_manager"]),
        Person(id="u-board", roles=["account_governance_board"]),
    ]
    known = Facts({}, {}, frozenset(), {}, frozenset(signals), **facts)
    subjects = {gate.subject_key: "sha256:" + "a" * 64 for gate in scenario.gates}
    return Position(known, [], subjects, people, AT, "u-maya")


def test_a_gate_that_does_not_wait_may_be_answered_beside_another_and_alone_keeps_nothing_waiting() -> None:
    scenario = catalogue.scenario("credit-options")
    both = where(scenario, _position(scenario, "in_band", "out_of_band_request"))
    assert both.step == "gate"
    assert both.answerable == {"local_recommendation_acceptance", "override_or_out_of_band_request"}
    held = where(scenario, _position(scenario, "prerequisite_open", "out_of_band_request"))
    assert (held.step, held.outcome) == ("rest", "held")
    assert held.answerable == {"override_or_out_of_band_request"}
    assert "override_or_out_of_band_request" not in where(scenario, _position(scenario, "in_band")).answerable


def test_an_acceptance_that_a_change_overtook_rests_superseded_and_may_be_given_again() -> None:
    scenario = catalogue.scenario("credit-options")
    gate = frozenset({"local_recommendation_acceptance"})
    overtaken = where(scenario, _position(scenario, "in_band", superseded=gate))
    assert (overtaken.step, overtaken.outcome, overtaken.final) == ("rest", "superseded", False)
    assert "local_recommendation_acceptance" in overtaken.answerable
    assert where(scenario, _position(scenario, "prerequisite_open", "in_band", superseded=gate)).outcome == "held"
    assert where(scenario, _position(scenario, "none_in_band", superseded=gate)).step == "gate"
    again = Facts({}, {}, frozenset(), {}, approved=gate, superseded=gate)
    assert not holds(Condition(superseded="local_recommendation_acceptance"), again)


def test_a_signal_that_time_will_raise_counts_from_its_time_on() -> None:
    lapses = Signal(name="cap_balance_stale", about="balance", detail="too old", since=AT + timedelta(hours=1))
    assert not lapses.at(AT)
    assert lapses.at(AT + timedelta(hours=1))
    scenario = catalogue.scenario("credit-options")
    assert [hold.kind for hold in holds_of(scenario, [lapses])] == ["cap_balance_stale"]


@pytest.mark.parametrize("short", SCENARIOS)
def test_every_signal_that_a_card_waits_for_is_one_that_its_tests_or_the_ranking_raise(short: str) -> None:
    from agents.option_spec import spec_of

    scenario = catalogue.scenario(short)
    spec = spec_of(scenario)
    raised = {one.signal for one in [*spec.tests, *spec.asks] if one.signal}
    raised |= {"version_not_pinned", "matrix_lapsed", "breach_unnamed"}
    waited = {name for line in [*scenario.holds, *scenario.preconditions] for name in line.signals}
    assert waited <= raised
    named = {test for option in spec.menu for test in option.tests} | set(spec.prerequisites)
    assert named <= {test.id for test in spec.tests}


def test_an_answer_may_name_only_what_is_offered() -> None:
    from casefile.packet import Decides
    from graphs.decisions import _not_offered

    gate = catalogue.scenario("credit-options").gate("local_recommendation_acceptance")
    assert isinstance(gate, Gate)
    offered = {gate.name: {"option 1": "the option is blocked: too much", "option 2": ""}}
    loaded = Loaded([], {}, [], [], [], {}, {}, {}, [], {}, offered, AT, [], None, {})
    answer = {"gate": gate.name, "by": "u-maya", "decision": "approve"}

    def refusal(**named: str) -> str | None:
        return _not_offered(gate, Decides.model_validate({**answer, **named}), loaded)

    assert refusal() is None
    assert refusal(choice="Option 2") is None
    assert refusal(action="option_2") is None
    assert "blocked" in (refusal(choice="option 1") or "")
    assert "not among the options" in (refusal(choice="option 4") or "")
    assert refusal(choice="option 4", decision="return") is None
    offered[gate.name][""] = "the best option waits"
    assert refusal() == "the best option waits"
