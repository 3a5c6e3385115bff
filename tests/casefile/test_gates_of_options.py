"""Gates that keep nothing waiting, approvals that a change overtook, and options that an answer may name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from running import CASES, run

from agents.material import Signal
from casefile.checks import holds_of
from casefile.conditions import Facts, holds
from casefile.gates import Offer
from casefile.packet import Decides, Person
from casefile.rest import Position, where
from casefile.scenario import Condition, Gate, Scenario
from graphs import catalogue
from graphs.judgement import option_of
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


def _took(offers: list[Offer], **named: str) -> tuple[str | None, str]:
    """The option that an approval of the credit gate takes, and why it counts for nothing."""
    gate = catalogue.scenario("credit-options").gate("local_recommendation_acceptance")
    assert isinstance(gate, Gate)
    loaded = Loaded([], {}, [], [], [], {}, {}, {}, [], {}, {gate.name: offers}, AT, [], None, {})
    answer = Decides.model_validate({"gate": gate.name, "by": "u-maya", "decision": "approve", **named})
    taken, reason = option_of(gate, answer, loaded)
    return taken, reason or ""


BLOCKED = Offer(id="option 1", name="One month", barred="the option is blocked: too much")
SPLIT = Offer(id="option 2", name="Split accommodation", recommended=True)
NONE = Offer(id="option 3", name="No credit")


def test_an_answer_may_name_only_what_is_offered_and_the_record_names_it_by_its_number() -> None:
    offers = [BLOCKED, SPLIT, NONE]
    assert _took(offers, choice="Option 2") == ("option 2", "")
    assert _took(offers, choice="split accommodation") == ("option 2", "")
    assert _took(offers, action="option_3") == ("option 3", "")
    assert "blocked" in _took(offers, choice="option 1")[1]
    assert "not among the options" in _took(offers, choice="option 4")[1]
    assert "two different options" in _took(offers, choice="option 2", action="option 3")[1]
    assert _took(offers, choice="option 4", decision="return") == (None, "")


def test_an_answer_that_names_no_option_takes_the_one_that_its_revision_recommends_or_counts_for_nothing() -> None:
    assert _took([BLOCKED, SPLIT, NONE]) == ("option 2", "")
    taken, reason = _took([BLOCKED, NONE])
    assert taken is None
    assert "names no option" in reason
    assert "option 3" in reason
    assert "option 1" not in reason
    assert "none may be chosen" in _took([BLOCKED])[1]
    assert "none may be chosen" in _took([])[1]


def test_what_was_accepted_stands_by_name_in_the_record_the_envelope_and_the_lane(tmp_path: Path) -> None:
    """Also where the answer named none: the decision says what it took, and what leaves says it too."""
    out = tmp_path / "out"
    case = CASES / "credit-options" / "cases" / "a-vice-president-promised-a-rebate"
    outcome = run(case, out)
    [accepted] = [a for a in outcome["approvals"] if a["gate"] == "local_recommendation_acceptance"]
    assert accepted["choice"] == outcome["artifact"]["fields"]["preferred_option"]["value"]
    [line] = (out / "lanes" / "support_governance_review.jsonl").read_text().splitlines()
    [decision] = [d for d in orjson.loads(line)["decisions"] if d["gate"] == "local_recommendation_acceptance"]
    assert decision["choice"] == accepted["choice"]
