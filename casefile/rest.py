"""Where a run stands: which gate is open, whether it may release, or where it rests. A pure function of the case file.

The order of the tests is the contract's: an ended run stays ended; a configuration that does not fit blocks all; gates
come one at a time, in the scenario's order; a gate that may not be answered, or that nobody can answer, is no wait.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from casefile.gates import Decision, Facts, eligible, holds
from casefile.packet import Person
from casefile.scenario import Gate, Scenario


@dataclass(frozen=True, slots=True)
class Rest:
    """What happens next. `outcome` is a kind of the scenario's outcomes; `final` only for a person's rejection."""

    step: Literal["gate", "release", "rest"]
    gate: Gate | None = None
    outcome: str = ""
    outcome_name: str = ""
    final: bool = False
    reason: str = ""
    missing_approver: bool = False
    beside: tuple[Gate, ...] = ()

    @property
    def answerable(self) -> frozenset[str]:
        """The gates that a person may answer now, also where the run does not wait for it."""
        return frozenset(
            gate.name for gate in ((self.gate,) if self.step == "gate" and self.gate else ()) + self.beside
        )


@dataclass(frozen=True, slots=True)
class Position:
    """The case file as `where` looks at it. `subjects` maps what a gate binds to the hash that is current."""

    facts: Facts
    decisions: Sequence[Decision]
    subjects: Mapping[str, str]
    people: Sequence[Person]
    now: datetime
    requested_by: str
    blocked: str = ""


def where(scenario: Scenario, position: Position) -> Rest:
    """Where the run stands now."""
    exception = False
    if position.blocked:
        return Rest("rest", outcome="blocked", reason=position.blocked)
    if scenario.ends:
        return _in_loop(scenario, position)
    for gate in scenario.gates:
        if gate.opens_when is None:
            continue
        answered = _answers(gate, position)
        approved = [one for one in answered if one.counts()]
        if gate.marks_exception and len(approved) >= gate.quorum:
            exception = True
        if not holds(gate.opens_when, position.facts):
            continue
        if len({one.by for one in approved}) >= gate.quorum and not refusal(gate, position.facts):
            continue
        return _unanswered(gate, answered, position)
    return Rest("release", outcome="released_after_exception" if exception else "released")


def _in_loop(scenario: Scenario, position: Position) -> Rest:
    """A loop: rules that end it come first; then its gates stand open together, in whatever order they are answered.

    A rest that is not final (a question to the lead, an approved draft) keeps nobody waiting, and the lead may still
    answer a gate: that is a change by a person, and the same run goes on.
    """
    due = [end for end in scenario.ends if holds(end.when, position.facts)]
    for end in due:
        if end.final:
            return Rest("rest", outcome=end.outcome, final=True, reason=end.reason)
    gates = [g for g in scenario.gates if g.opens_when is not None and holds(g.opens_when, position.facts)]
    answers = {gate.name: _answers(gate, position) for gate in gates}
    for gate in gates:
        if any(one.state == "rejected" for one in answers[gate.name]):
            return _unanswered(gate, answers[gate.name], position)
    approved = [gate for gate in gates if _approved(gate, answers[gate.name], position)]
    if any(gate.releases for gate in approved):
        return Rest("release", outcome="released")
    standing = [_unanswered(gate, answers[gate.name], position) for gate in gates if gate not in approved]
    open_ = tuple(rest.gate for rest in standing if rest.step == "gate" and rest.gate is not None)
    for gate in approved:
        return Rest("rest", outcome=gate.outcome or "released", reason=f"{gate.name} was approved", beside=open_)
    if due:
        return Rest("rest", outcome=due[0].outcome, reason=due[0].reason, beside=open_)
    if open_:
        return Rest("gate", gate=open_[0], beside=open_[1:])
    return standing[0] if standing else Rest("rest", outcome="exception", reason="no gate is open")


def _approved(gate: Gate, answers: Sequence[Decision], position: Position) -> bool:
    by = {one.by for one in answers if one.counts()}
    return len(by) >= gate.quorum and not refusal(gate, position.facts)


def _unanswered(gate: Gate, answered: Sequence[Decision], position: Position) -> Rest:
    if any(one.state == "rejected" for one in answered):
        return Rest("rest", gate=gate, outcome_name=gate.on_reject, final=True, reason=f"{gate.name} was rejected")
    reason = refusal(gate, position.facts)
    if reason:
        return Rest("rest", gate=gate, outcome="exception", reason=f"{gate.name} may not be answered: {reason}")
    if any(one.decision == "return" and one.state == "valid" for one in answered):
        return Rest("rest", gate=gate, outcome="exception", reason="returned for another revision")
    if not eligible(gate, position.people, position.now, position.requested_by):
        reason = f"no eligible approver for {gate.name} is on the roster"
        return Rest("rest", gate=gate, outcome="exception", reason=reason, missing_approver=True)
    return Rest("gate", gate=gate)


def refusal(gate: Gate, facts: Facts) -> str | None:
    """Which line of the gate's `refuses_when` is true, in the card's words."""
    return next((line.text for line in gate.refuses_when if line.when and holds(line.when, facts)), None)


def _answers(gate: Gate, position: Position) -> list[Decision]:
    """The decisions on this gate that are about what is current and within their validity."""
    return [
        one
        for one in position.decisions
        if one.gate == gate.name
        and one.state in ("valid", "rejected")
        and one.subject_sha256 == position.subjects.get(gate.subject_key)
        and (one.expires_at is None or position.now < one.expires_at)
    ]


def restated(scenario: Scenario, position: Position) -> list[Decision]:
    """The decisions whose state changes now: void where what they bind changed, expired where their time is over."""
    changed = []
    for one in position.decisions:
        gate = scenario.gate(one.gate)
        if one.state != "valid" or gate is None:
            continue
        current = position.subjects.get(gate.subject_key)
        if one.subject_sha256 != current:
            reason = f"what it binds changed after the decision; current is {current or 'nothing'}"
            changed.append(one.model_copy(update={"state": "void", "reason": reason}))
        elif one.expires_at is not None and position.now >= one.expires_at:
            changed.append(one.model_copy(update={"state": "expired"}))
    return changed
