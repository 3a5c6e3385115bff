"""Where a run stands: ends before gates, gates beside a rest, several signers, requests that run out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from casefile.conditions import Facts
from casefile.decisions import Decision
from casefile.packet import Person
from casefile.rest import Position, Rest, restated, where
from casefile.scenario import Condition, Gate, Refusal, Scenario
from casefile.signers import outstanding, too_early

AT = datetime(2026, 5, 13, 12, tzinfo=UTC)
NOW, OTHER = "sha256:" + "a" * 64, "sha256:" + "b" * 64
ALWAYS = {"not": {"signal": "never"}}


def _scenario(gates: list[dict[str, Any]], **more: Any) -> Scenario:
    kinds = ("released", "exception", "held", "ended", "special")
    plain: dict[str, Any] = dict.fromkeys(("slug", "short", "title", "family", "pattern", "version", "purpose"), "x")
    lists = ("people", "sources", "preconditions", "steps", "rules", "holds", "must_not", "privacy", "lineage")
    plain |= {name: [] for name in (*lists, "metrics", "bad_inputs", "parameters")}
    return Scenario.model_validate(
        plain
        | {
            "trigger": "x",
            "artifact": {"name": "x", "revision": "x", "supersedes": [], "contents": [], "registers": []},
            "lane": {"id": "lane", "text": "x", "audience": []},
            "outcomes": [{"name": kind, "when": "x", "kind": kind} for kind in kinds],
            "gates": [{"approver": "x", "binds": [], "on_reject": "ended", **gate} for gate in gates],
        }
        | more
    )


def _gate(name: str, roles: list[str], **more: Any) -> dict[str, Any]:
    return {"name": name, "roles": roles, "opens_when": ALWAYS, **more}


def _person(name: str, *roles: str) -> Person:
    return Person(id=name, roles=list(roles))


def _answer(gate: str, by: str, **more: Any) -> Decision:
    plain = {"id": f"{gate}-{by}", "slot": f"{gate}-{by}", "gate": gate, "by": by, "decision": "approve", "at": AT}
    plain |= {"subject_sha256": NOW, "artifact_sha256": NOW, "revision": "r1", "evidence_digest": "x"}
    plain |= {"policy_version": "x", "lane": "lane", "audience": [], "state": "valid"}
    return Decision.model_validate(plain | more)


def _facts(*signals: str, approved: frozenset[str] = frozenset()) -> Facts:
    return Facts({}, {}, frozenset(), {}, frozenset(signals), approved)


def _stands(scenario: Scenario, people: list[Person], decisions: list[Decision], *signals: str, **more: Any) -> Rest:
    position = {"facts": _facts(*signals), "decisions": decisions, "subjects": {"revision": NOW}, "people": people}
    return where(scenario, Position(**{"now": AT, "requested_by": "u-asks", **position, **more}))


REVIEWED = _gate(
    "declare",
    ["support", "product", "commander"],
    signers=[{"roles": ["support"]}, {"roles": ["product"]}, {"roles": ["commander"], "last": True}],
)
TEAM = [_person("u-s", "support"), _person("u-p", "product"), _person("u-c", "commander")]


def test_a_gate_with_signers_waits_for_each_of_them() -> None:
    scenario = _scenario([REVIEWED])
    assert _stands(scenario, TEAM, [_answer("declare", "u-s")]).step == "gate"
    assert _stands(scenario, TEAM, [_answer("declare", one.id) for one in TEAM]).step == "release"


def test_who_signs_last_signs_only_after_the_others() -> None:
    gate = Gate.model_validate({"approver": "x", "binds": [], "on_reject": "ended", **REVIEWED})
    missing = outstanding(gate, [_answer("declare", "u-s")], TEAM, _facts())
    assert "product" in str(too_early(gate, TEAM[2], missing))
    assert too_early(gate, TEAM[1], missing) is None
    missing = outstanding(gate, [_answer("declare", "u-s"), _answer("declare", "u-p")], TEAM, _facts())
    assert too_early(gate, TEAM[2], missing) is None


def test_one_person_with_two_roles_is_not_two_people() -> None:
    scenario = _scenario([_gate("g", ["a", "b"], signers=[{"roles": ["a"]}, {"roles": ["b"]}])])
    both = _person("u-both", "a", "b")
    assert _stands(scenario, [both, _person("u-b", "b")], [_answer("g", "u-both")]).step == "gate"
    done = [_answer("g", "u-both"), _answer("g", "u-b")]
    assert _stands(scenario, [both, _person("u-b", "b")], done).step == "release"


@given(st.lists(st.sampled_from("abc"), max_size=6), st.integers(1, 3))
def test_signers_count_different_people_only(signed: list[str], count: int) -> None:
    gate = Gate.model_validate(
        {"approver": "x", "binds": [], "on_reject": "x", "name": "g", "roles": ["r"], "quorum": count}
    )
    people = [_person(name, "r") for name in "abc"]
    missing = outstanding(gate, [_answer("g", name) for name in signed], people, _facts())
    assert sum(one.count for one in missing) == max(0, count - len(set(signed)))


def test_a_signer_who_is_needed_only_sometimes() -> None:
    signers = [{"roles": ["lead"]}, {"roles": ["legal"], "when": {"signal": "non_standard"}}]
    scenario = _scenario([_gate("review", ["lead", "legal"], signers=signers)])
    people = [_person("u-lead", "lead"), _person("u-legal", "legal")]
    assert _stands(scenario, people, [_answer("review", "u-lead")]).step == "release"
    assert _stands(scenario, people, [_answer("review", "u-lead")], "non_standard").step == "gate"


def test_a_needed_signer_whom_nobody_can_be_is_a_hold_and_no_wait() -> None:
    rest = _stands(_scenario([REVIEWED]), TEAM[:2], [])
    assert (rest.step, [one.name for one in rest.unmanned], rest.outcome) == ("rest", ["declare"], "exception")


def test_an_end_stands_before_its_gate_and_after_the_earlier_ones() -> None:
    end = {"when": {"signal": "stale"}, "outcome": "held", "final": False, "reason": "stale", "before": "second"}
    scenario = _scenario([_gate("first", ["r"]), _gate("second", ["r"])], ends=[end])
    people = [_person("u-r", "r")]
    first = _stands(scenario, people, [], "stale")
    assert first.gate is not None
    assert (first.step, first.gate.name) == ("gate", "first")
    rest = _stands(scenario, people, [_answer("first", "u-r")], "stale")
    assert (rest.step, rest.outcome) == ("rest", "held")


def test_a_gate_beside_a_rest_may_be_answered_and_keeps_nobody_waiting() -> None:
    end = {"when": {"signal": "frozen"}, "outcome": "held", "final": False, "reason": "x", "beside": ["unfreeze"]}
    scenario = _scenario([_gate("unfreeze", ["lead"], refuses_when=[{"text": "open", "when": {"signal": "open"}}])])
    scenario = scenario.model_copy(update={"ends": _scenario([_gate("unfreeze", ["lead"])], ends=[end]).ends})
    people = [_person("u-lead", "lead")]
    assert _stands(scenario, people, [], "frozen").answerable == {"unfreeze"}
    assert _stands(scenario, people, [], "frozen", "open").answerable == frozenset()


def test_which_outcome_a_release_reaches() -> None:
    released = [{"when": {"signal": "merged"}, "outcome": "special"}]
    scenario = _scenario([_gate("g", ["r"])], released=released)
    people, done = [_person("u-r", "r")], [_answer("g", "u-r")]
    assert _stands(scenario, people, done, "merged").outcome == "special"
    assert _stands(scenario, people, done).outcome == "released"


def test_a_request_that_ran_out_approves_nothing_and_waits_for_nobody() -> None:
    scenario = _scenario([_gate("g", ["r"], validity_minutes=60, rests_at="held")])
    people, opened = [_person("u-r", "r")], {f"g@{NOW}": AT - timedelta(minutes=60)}
    rest = _stands(scenario, people, [], opened=opened)
    assert (rest.step, rest.outcome) == ("rest", "held")
    assert _stands(scenario, people, [], opened={f"g@{NOW}": AT - timedelta(minutes=59)}).step == "gate"


def test_what_was_done_under_a_decision_keeps_it_valid() -> None:
    scenario = _scenario([_gate("g", ["r"], subject="action")])
    position = Position(_facts(), [_answer("g", "u-r")], {"action": OTHER}, [], AT, "u", used=frozenset({NOW}))
    assert restated(scenario, position) == []
    unused = Position(_facts(), [_answer("g", "u-r")], {"action": OTHER}, [], AT, "u")
    assert [one.state for one in restated(scenario, unused)] == ["void"]


@pytest.mark.parametrize(
    "fault",
    [
        {"ends": [{"when": ALWAYS, "outcome": "nowhere", "final": True, "reason": "x"}]},
        {"ends": [{"when": ALWAYS, "outcome": "held", "final": True, "reason": "x", "before": "no_gate"}]},
        {"released": [{"when": ALWAYS, "outcome": "nowhere"}]},
    ],
)
def test_a_scenario_that_names_what_it_lacks_is_refused(fault: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"ends|released|gate"):
        _scenario([_gate("g", ["r"])], **fault)


def test_a_condition_says_exactly_one_thing() -> None:
    with pytest.raises(ValueError, match="exactly one"):
        Condition.model_validate({"signal": "a", "approved": "g"})


ASIDE = _gate("beside", ["owner"], aside=True, releases=False, rests_at="released", opens_when={"signal": "proposed"})


@pytest.mark.parametrize(
    ("people", "answers", "expected"),
    [
        (["owner"], [], ("gate", "beside")),
        (["owner"], [{}], ("release", None)),
        (["owner"], [{"decision": "reject", "state": "rejected"}], ("release", None)),
        (["owner"], [{"decision": "return"}], ("rest", "beside")),
        ([], [], ("release", None)),
    ],
)
def test_what_is_proposed_beside_a_revision_waits_for_its_answer_and_stops_nothing_else(
    people: list[str], answers: list[dict[str, Any]], expected: tuple[str, str | None]
) -> None:
    scenario = _scenario([_gate("declare", ["lead"]), ASIDE])
    team = [_person("u-lead", "lead"), *(_person(f"u-{role}", role) for role in people)]
    given = [_answer("declare", "u-lead"), *(_answer("beside", "u-owner", **one) for one in answers)]
    rest = _stands(scenario, team, given, "proposed")
    assert (rest.step, rest.gate.name if rest.gate else None) == expected
    assert [one.name for one in rest.unmanned] == ([] if people else ["beside"])
    assert _stands(scenario, team, given[:1]).step == "release"


def test_a_gate_aside_that_may_not_be_answered_stops_nothing() -> None:
    barred = ASIDE | {"refuses_when": [{"text": "no", "when": ALWAYS}]}
    scenario = _scenario([_gate("declare", ["lead"]), barred])
    team = [_person("u-lead", "lead"), _person("u-owner", "owner")]
    assert _stands(scenario, team, [_answer("declare", "u-lead")], "proposed").step == "release"


def test_what_was_approved_in_a_loop_is_its_end_when_another_gate_is_rejected() -> None:
    gates = [_gate("wording", ["lead"], releases=False, outcome="special"), _gate("handoff", ["lead"])]
    scenario = _scenario(gates, gates_together=True)
    people = [_person("u-lead", "lead")]
    rejected = _answer("handoff", "u-lead", decision="reject", state="rejected")
    both = _stands(scenario, people, [_answer("wording", "u-lead"), rejected])
    assert (both.step, both.outcome, both.final) == ("rest", "special", True)
    alone = _stands(scenario, people, [rejected])
    assert (alone.outcome_name, alone.final) == ("ended", True)
    stale = _stands(scenario, people, [_answer("wording", "u-lead", subject_sha256=OTHER), rejected])
    assert stale.outcome_name == "ended"


def test_a_reason_to_refuse_is_tested_or_held_by_construction() -> None:
    with pytest.raises(ValidationError, match="not both"):
        Refusal.model_validate({"text": "changed", "when": {"signal": "changed"}, "held_by": "binding"})
    assert Refusal.model_validate({"text": "changed", "held_by": "binding"}).when is None
