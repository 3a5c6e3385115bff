"""Where a run stands: which gate is open, whether it may release, or where it rests. A pure function of the case file.

The order of the tests is the contract's: an ended run stays ended; a configuration that does not fit blocks all; a
rule that stops the run comes before the gates that it stands before; gates come one at a time, in the scenario's
order; a gate that may not be answered, or that nobody can answer, is no wait.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from casefile.conditions import Facts, holds
from casefile.decisions import Decision
from casefile.gates import expiry
from casefile.mandates import Mandates, named_for
from casefile.packet import Person
from casefile.scenario import Gate, Scenario, Signer
from casefile.signers import outstanding


@dataclass(frozen=True, slots=True)
class Rest:
    """What happens next. `outcome` is a kind of the scenario's outcomes; `final` ones never change.

    `act` performs the next action of a plan, or finds out what became of one that was sent. `unmanned` are the gates
    that are due and that nobody on the roster can answer.
    """

    step: Literal["gate", "release", "rest", "act"]
    gate: Gate | None = None
    outcome: str = ""
    outcome_name: str = ""
    final: bool = False
    reason: str = ""
    unmanned: tuple[Gate, ...] = ()
    beside: tuple[Gate, ...] = ()

    @property
    def answerable(self) -> frozenset[str]:
        """The gates that a person may answer now, also where the run does not wait for it."""
        return frozenset(
            gate.name for gate in ((self.gate,) if self.step == "gate" and self.gate else ()) + self.beside
        )


@dataclass(frozen=True, slots=True)
class Position:
    """The case file as `where` looks at it. `subjects` maps what a gate binds to the hash that is current.

    `used` are subjects whose effect is done: an approval of one of them stays valid, and nobody is asked again.
    `opened` says since when a gate is asked about a subject, by `gate@subject`. `proposers` are the people who proposed
    a subject, by its name, and `witnesses` those who watch what is done of it; `about` says what a subject is about
    (the id of a planned action). `authors` are the people who wrote in the current revision; `paired` says by gate
    which gates need another person than it. `emergency` are those people or roles whom the policy names for its
    emergency path. `unsettled`: something was sent, and what became of it is not on record yet. `named` are the people
    that evidence names for a gate; `policy_version` and `bound` (by gate) are what a decision names beside its subject.
    `suspended` says who is out of use and why, by person and role (empty for the whole person).
    """

    facts: Facts
    decisions: Sequence[Decision]
    subjects: Mapping[str, str]
    people: Sequence[Person]
    now: datetime
    requested_by: str
    blocked: str = ""
    used: frozenset[str] = frozenset()
    opened: Mapping[str, datetime] = field(default_factory=dict)
    proposers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    witnesses: Mapping[str, frozenset[str]] = field(default_factory=dict)
    about: Mapping[str, str] = field(default_factory=dict)
    unsettled: bool = False
    emergency: Sequence[str] = ()
    authors: frozenset[str] = frozenset()
    paired: Mapping[str, frozenset[str]] = field(default_factory=dict)
    named: Mandates = field(default_factory=dict)
    suspended: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    policy_version: str = ""
    bound: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def invited(self, gate: Gate, person_id: str) -> bool:
        """Whether a gate takes this person's word because the policy's emergency path names the person or a role."""
        person = self.person(person_id)
        if person is None or not gate.invites:
            return False
        named = person.id in self.emergency or person.name in self.emergency
        return named or person.holds_at(list(self.emergency), self.now)

    def person(self, person_id: str) -> Person | None:
        """The roster's row as it is in force, or None."""
        return next((person for person in self.people if person.id == person_id), None)

    def out(self, gate: Gate, person_id: str) -> str | None:
        """Why a person's word at a gate does not count because he, or every role of his there, is out of use."""
        reasons = self.suspended.get(person_id)
        if not reasons:
            return None
        if "" in reasons:
            return reasons[""]
        person = self.person(person_id)
        held = [role for role in (person.roles if person else ()) if role in gate.roles]
        return reasons[held[0]] if held and all(role in reasons for role in held) else None

    def barred(self, gate: Gate) -> dict[str, str]:
        """Who may not answer a gate although the role is right, and why (R11).

        Nobody approves what he proposed, whatever the gate says. That two required approvals are by two people holds in
        either order: where one of them lapsed, its place is not free for the author of the other.
        """
        found = {one: reason for one in self.suspended if (reason := self.out(gate, one)) is not None}
        found = {**self.apart(gate), **found}
        others, subject = self.paired.get(gate.name, frozenset()), self.subjects.get(gate.subject_key)
        for decision in self.decisions:
            if decision.gate in others and decision.subject_sha256 == subject and self._in_force(decision):
                reason = f"separation of duties: {decision.by} is the approver of {decision.gate}"
                found.setdefault(decision.by, f"{reason}; another person is needed")
        return found

    def apart(self, gate: Gate) -> dict[str, str]:
        """Whose part in it keeps him from answering the gate, and why: that is settled before anybody answers."""
        found = dict[str, str]()
        if "requester" in gate.not_by and self.requested_by:
            found[self.requested_by] = f"{self.requested_by} asked for it and may not approve it"
        for one in self.proposers.get(gate.subject, ()):
            found.setdefault(one, f"separation of duties: {one} proposed it and may not approve it, in whatever role")
        for one in self.witnesses.get(gate.subject, ()):
            found.setdefault(one, f"separation of duties: {one} is to witness it and may not approve it")
        for one in self.authors if "author" in gate.not_by else ():
            found.setdefault(one, f"separation of duties: {one} wrote it and may not approve it")
        return found

    def _in_force(self, one: Decision) -> bool:
        """Whether an approval counts now: what was done under it keeps it so."""
        over = one.expires_at is not None and one.expires_at <= self.now and one.subject_sha256 not in self.used
        return one.counts() and not over

    def asked(self, gate: Gate) -> str:
        """The request that a gate makes now, by name."""
        return f"{gate.name}@{self.subjects.get(gate.subject_key, '')}"

    def expired(self, gate: Gate) -> bool:
        """Whether the request has stayed open for longer than it may (R9: that approves and rejects nothing)."""
        until = self.open_until(gate)
        return until is not None and self.now >= until

    def open_until(self, gate: Gate) -> datetime | None:
        """Until when the request may be answered. A decision whose own time ran out opens it anew."""
        since = self.opened.get(self.asked(gate))
        if since is None:
            return None
        subject = self.subjects.get(gate.subject_key)
        ran_out = [
            one.expires_at
            for one in self.decisions
            if one.gate == gate.name
            and one.subject_sha256 == subject
            and one.state in ("valid", "expired")
            and one.expires_at is not None
            and one.expires_at <= self.now
        ]
        return expiry(gate, max([since, *ran_out]))


def where(scenario: Scenario, position: Position) -> Rest:
    """Where the run stands now."""
    if position.unsettled:
        return Rest("act", reason="what was sent comes before everything that is new")
    acts = scenario.acts
    if acts is not None and not acts.before and holds(acts.when, position.facts):
        return Rest("act")
    if position.blocked:
        return Rest("rest", outcome="blocked", reason=position.blocked)
    if scenario.gates_together:
        return _in_loop(scenario, position)
    rest = _in_order(scenario, position)
    idle = [gate.name for gate in scenario.gates if not gate.waits]
    if not idle or rest.final or rest.step == "release":
        return rest
    return replace(rest, beside=(*rest.beside, *_standing_open(scenario, idle, position)))


def _in_order(scenario: Scenario, position: Position) -> Rest:
    """The gates one at a time, in the scenario's order."""
    exception, unmanned = False, list[Gate]()
    for gate in scenario.gates:
        stopped = _stopped(scenario, position, gate.name) or _said_no_beside(scenario, gate, position)
        if stopped is not None:
            return stopped
        acts = scenario.acts
        if acts is not None and acts.before == gate.name and holds(acts.when, position.facts):
            return Rest("act")
        if gate.opens_when is None or not gate.waits:
            continue
        answered = _answers(gate, position)
        signed = _signed(gate, answered, position)
        exception = exception or (gate.marks_exception and signed)
        if not holds(gate.opens_when, position.facts):
            continue
        if signed and not refusal(gate, position.facts):
            continue
        asked = _unanswered(gate, answered, position)
        if asked.step == "gate":
            return replace(asked, beside=_alongside(scenario, gate, position))
        if not gate.aside or any(one.decision == "return" for one in answered):
            return asked
        unmanned += asked.unmanned
    stopped = _stopped(scenario, position, "release")
    return stopped or Rest("release", outcome=_released(scenario, position, exception), unmanned=tuple(unmanned))


def _alongside(scenario: Scenario, asked: Gate, position: Position) -> tuple[Gate, ...]:
    """The gates that may be answered while `asked` is open."""
    return tuple(gate for gate in _companions(scenario, asked, position) if _open(gate, position))


def _companions(scenario: Scenario, asked: Gate, position: Position) -> list[Gate]:
    return [
        gate
        for gate in scenario.gates
        if asked.name in gate.alongside and gate.opens_when is not None and holds(gate.opens_when, position.facts)
    ]


def _open(gate: Gate, position: Position) -> bool:
    answered = _answers(gate, position)
    signed = _signed(gate, answered, position)
    return not signed and _unanswered(gate, answered, position).step == "gate"


def _said_no_beside(scenario: Scenario, asked: Gate, position: Position) -> Rest | None:
    """A rejection at a gate that was open beside this one ends the run, also where this one is not answered yet."""
    for gate in _companions(scenario, asked, position):
        answered = _answers(gate, position)
        if any(one.state == "rejected" for one in answered):
            return _unanswered(gate, answered, position)
    return None


def _stopped(scenario: Scenario, position: Position, before: str) -> Rest | None:
    """The first rule that stops the run before that gate. One that names none comes before the first gate."""
    first = scenario.gates[0].name if scenario.gates else "release"
    for end in scenario.ends:
        if (end.before or first) == before and holds(end.when, position.facts):
            return Rest(
                "rest",
                outcome=end.outcome,
                final=end.final,
                reason=end.reason,
                beside=_standing_open(scenario, end.beside, position),
            )
    return None


def _standing_open(scenario: Scenario, names: Sequence[str], position: Position) -> tuple[Gate, ...]:
    """Those of the named gates that a person could answer now."""
    gates = [g for g in scenario.gates if g.name in names and g.opens_when and holds(g.opens_when, position.facts)]
    return tuple(g for g in gates if _unanswered(g, _answers(g, position), position).step == "gate")


def _released(scenario: Scenario, position: Position, exception: bool) -> str:
    line = next((one for one in scenario.released if holds(one.when, position.facts)), None)
    if line is not None:
        return line.outcome
    return "released_after_exception" if exception else "released"


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
            return _ended(gate, gates, answers, position)
    approved = [gate for gate in gates if _approved(gate, answers[gate.name], position)]
    if any(gate.releases for gate in approved):
        return Rest("release", outcome="released")
    standing = [_unanswered(gate, answers[gate.name], position) for gate in gates if gate not in approved]
    open_ = tuple(rest.gate for rest in standing if rest.step == "gate" and rest.gate is not None)
    unmanned = tuple(gate for rest in standing for gate in rest.unmanned)
    for gate in approved:
        reason = f"{gate.name} was approved"
        return Rest("rest", outcome=gate.outcome or "released", reason=reason, beside=open_, unmanned=unmanned)
    if due:
        return Rest("rest", outcome=due[0].outcome, reason=due[0].reason, beside=open_, unmanned=unmanned)
    if open_:
        return Rest("gate", gate=open_[0], beside=open_[1:])
    return standing[0] if standing else Rest("rest", outcome="exception", reason="no gate is open")


def _ended(rejected: Gate, gates: Sequence[Gate], answers: Mapping[str, list[Decision]], position: Position) -> Rest:
    """A rejected gate ends a loop. What another gate was approved for stands, and is what the run ends with."""
    rest = _unanswered(rejected, answers[rejected.name], position)
    stands = next((g.outcome for g in gates if g.outcome and _approved(g, answers[g.name], position)), None)
    return replace(rest, outcome=stands, outcome_name="") if stands else rest


def _approved(gate: Gate, answers: Sequence[Decision], position: Position) -> bool:
    return _signed(gate, answers, position) and not refusal(gate, position.facts)


def _signed(gate: Gate, answers: Sequence[Decision], position: Position) -> bool:
    return not outstanding(gate, [one for one in answers if one.counts()], position.people, position.facts)


def _unanswered(gate: Gate, answered: Sequence[Decision], position: Position) -> Rest:
    if any(one.state == "rejected" for one in answered):
        return Rest("rest", gate=gate, outcome_name=gate.on_reject, final=True, reason=f"{gate.name} was rejected")
    reason = refusal(gate, position.facts)
    if reason:
        return Rest("rest", gate=gate, outcome=gate.rests_at, reason=f"{gate.name} may not be answered: {reason}")
    if any(one.decision == "return" and one.state == "valid" for one in answered):
        return Rest("rest", gate=gate, outcome=gate.rests_at, reason="returned for another revision")
    if position.expired(gate):
        return Rest("rest", gate=gate, outcome=gate.rests_at, reason=f"nobody answered {gate.name} in time")
    missing = outstanding(gate, [one for one in answered if one.counts()], position.people, position.facts)
    signed = frozenset(one.by for one in answered)
    if not all(eligible(gate, one, position, signed) for one in missing):
        reason = f"no eligible approver for {gate.name} is on the roster"
        return Rest("rest", gate=gate, outcome=gate.rests_at, reason=reason, unmanned=(gate,))
    return Rest("gate", gate=gate)


def eligible(gate: Gate, signer: Signer, position: Position, signed: frozenset[str]) -> bool:
    """Whether enough people on the roster could sign now."""
    barred = position.barred(gate)
    named = named_for(position.named, gate.name, position.now)
    fitting = [
        person
        for person in position.people
        if (named is None or person.id in named)
        and person.holds_at(signer.roles, position.now)
        and person.id not in signed
        and person.id not in barred
    ]
    return len(fitting) >= signer.count


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
        and not (one.counts() and position.out(gate, one.by))
        and one.subject_sha256 == position.subjects.get(gate.subject_key)
        and (one.expires_at is None or position.now < one.expires_at)
        and not returned_before(gate, one, position)
    ]


def returned_before(gate: Gate, one: Decision, position: Position) -> bool:
    """Whether it asked for another revision, and there is one, also where the gate's own parts are the same."""
    asked = one.decision == "return" and bool(gate.sections)
    return asked and one.artifact_sha256 != position.subjects.get("revision")


def restated(scenario: Scenario, position: Position) -> list[Decision]:
    """The decisions whose state changes now: void where what they bind changed, expired where their time is over.

    What was done under a decision keeps it valid: it can be used no more, and nothing takes it back.
    """
    changed = []
    for one in position.decisions:
        gate = scenario.gate(one.gate)
        if one.state != "valid" or gate is None or one.subject_sha256 in position.used:
            continue
        current = position.subjects.get(gate.subject_key)
        if one.subject_sha256 != current:
            reason = f"what it binds changed after the decision; current is {current or 'nothing'}"
            changed.append(one.model_copy(update={"state": "void", "reason": reason}))
        elif drift := position.out(gate, one.by) or _drift(one, position):
            changed.append(one.model_copy(update={"state": "void", "reason": f"after the decision, {drift}"}))
        elif one.expires_at is not None and position.now >= one.expires_at:
            changed.append(one.model_copy(update={"state": "expired"}))
    return changed


def _drift(one: Decision, position: Position) -> str | None:
    """What a decision names beside its subject and is no longer so, or None (R2)."""
    if position.policy_version and one.policy_version != position.policy_version:
        return f"the policy changed: {one.policy_version} was decided on, {position.policy_version} is in force"
    now = position.bound.get(one.gate, {})
    name = next((name for name, value in one.bound.items() if now.get(name) != value), None)
    if name is not None:
        is_now = now.get(name) or "nothing"
        return f"{name.replace('_', ' ')} changed: {one.bound[name]} was decided on, now it is {is_now}"
    named = named_for(position.named, one.gate, one.at)
    if named is not None and one.by not in named:
        return f"{one.by} is no longer named for {one.gate}"
    return None
