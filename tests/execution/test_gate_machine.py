"""A random walk over the gates of a planned action: whatever happens, in whatever order, nothing runs unapproved.

The engine's own parts decide (`position_of`, `where`, `judge`, `restated`, `authority`); the store is a list.
The oracle keeps its own record of what people said and what was on the table then, and knows none of these parts.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from agents.material import Signal
from casefile.actions import Due, Limits, PlannedAction, Result, judge
from casefile.artifact import Artifact, Revision
from casefile.decisions import Decision
from casefile.effects import Effect, authority, key_of
from casefile.packet import Decides, Packet, Person
from casefile.parameters import in_force, resolve
from casefile.registers import REGISTERS
from casefile.rest import restated, where
from graphs.catalogue import scenario
from graphs.context import RunContext
from graphs.judgement import judge as judge_answer
from graphs.position import Loaded, position_of

# What all walks of this process came to.
WALKED = {"steps": 0, "effects": 0}
START = datetime(2026, 3, 3, 10, tzinfo=UTC)
VALIDITY = 30
GATES = {
    "action_approval": "change_approver",
    "second_approval": "second_approver",
    "security_approval": "security_approver",
}
PEOPLE = {
    "owner": ["incident_owner", "change_approver", "second_approver", "security_approver"],
    "ann": ["change_approver", "second_approver"],
    "ben": ["second_approver", "security_approver"],
    "cem": ["security_approver", "change_approver"],
    "dov": ["responder"],
}
CARD = scenario("sev1-receipt")


@dataclass(frozen=True)
class Word:
    """What somebody said, as a bystander would note it: who, in which role, about what, when."""

    gate: str
    by: str
    said: str
    content: tuple[Any, ...]
    at: datetime
    had_role: bool
    about_current: bool


@dataclass
class Bystander:
    """The oracle. It judges an effect from its own notes and from the card's rules, written down once more."""

    words: list[Word] = field(default_factory=list)
    done: list[tuple[Any, ...]] = field(default_factory=list)

    def objection(self, content: tuple[Any, ...], at: datetime, opens: datetime, closes: datetime) -> str | None:
        """Why this effect may not happen now, or None."""
        if not opens <= at < closes:
            return "outside the window"
        if content[:2] in [one[:2] for one in self.done]:
            return "done before"
        fresh = [
            w
            for w in self.words
            if w.said == "approve"
            and w.content == content
            and w.had_role
            and w.about_current
            and w.by != "owner"
            and at - w.at < timedelta(minutes=VALIDITY)
        ]
        by_gate = {gate: {w.by for w in fresh if w.gate == gate} for gate in GATES}
        for gate, people in by_gate.items():
            if not people:
                return f"nobody approved {gate}"
        if not any(one != two for one in by_gate["action_approval"] for two in by_gate["second_approval"]):
            return "one person is both approvers"
        return None


class GateMachine(RuleBasedStateMachine):
    """The case file of one planned action after another, and everything that may happen to it."""

    @initialize()
    def begin(self) -> None:
        self.scenario = in_force(CARD, resolve(CARD, {"approval_validity_minutes": VALIDITY}))
        self.now, self.opens, self.closes = START, START + timedelta(minutes=20), START + timedelta(minutes=200)
        self.plan, self.host, self.policy, self.target = 1, 1, 1, 0
        self.validity = dict.fromkeys(PEOPLE, START + timedelta(days=9))
        self.decisions: list[Decision] = []
        self.effects: list[Effect] = []
        self.opened: dict[str, datetime] = {}
        self.rejected = False
        self.number = 0
        self.revision = 1
        self.last: tuple[str, Decides] | None = None
        self.oracle = Bystander()

    # --- the case file, as the engine sees it ------------------------------------------------------------------

    def content(self) -> tuple[Any, ...]:
        return (self.host, self.plan, self.policy, self.target, self.opens, self.closes)

    def due(self) -> Due:
        action = PlannedAction(
            id="a1", kind="change", title="t", system="s", object=f"host-{self.host}", method="POST", path="/do",
            body={"plan": self.plan}, read_path="/do", before={"state": "off"}, expect={"state": "on"}, idempotent=True,
            content={"host": self.host, "plan": self.plan},
        )  # fmt: skip
        return Due(
            action=action,
            binding={"content": [str(one) for one in self.content()]},
            gates=list(GATES),
            proposers=["owner"],
            opens=self.opens,
            closes=self.closes,
            limits=Limits(retry_limit=2, wait_seconds=1),
            policy=str(self.policy),
        )

    def is_done(self) -> bool:
        return any(one.core == self.due().action.core() for one in self.effects)

    def loaded(self) -> Loaded:
        names = [] if self.is_done() else ["action_due", *(f"{gate}_due" for gate in GATES)]
        signals = [Signal(name=name, about="a1", detail="") for name in names]
        for name in ("outside_window",):
            signals.append(Signal(name=name, about="a1", detail="", until=self.opens))
        for name in ("outside_window", "no_open_way"):
            signals.append(Signal(name=name, about="a1", detail="", since=self.closes))
        artifact = Artifact(name="w", fields={}, sections=[], registers={})
        due = None if self.is_done() else self.due()
        return Loaded(
            revisions=[
                Revision(revision=f"r{n}", sha256=f"sha256:{n:064x}", supersedes=[], artifact=artifact)
                for n in range(1, self.revision + 1)
            ],
            registers={name: [] for name in REGISTERS},
            decisions=self.decisions,
            evidence=[],
            signals=[one for one in signals if one.at(self.now)],
            configuration={},
            subjects={"action": due.subject()} if due is not None else {},
            opened=self.opened,
            attach=[],
            named={},
            now=self.now,
            effects=self.effects,
            due=due,
            roster={},
            offered={},
        )

    def context(self) -> RunContext:
        people = [Person(id=name, roles=roles, valid_until=self.validity[name]) for name, roles in PEOPLE.items()]
        packet = Packet(
            scenario="x",
            case="c",
            tenant={"id": "tn"},
            as_of=START,
            requested_by="dov",
            people=people,  # type: ignore[arg-type]
        )
        return RunContext(None, self.scenario, packet, {}, None, installation=None)  # type: ignore[arg-type]

    def settle(self) -> None:
        """What the settling node does: void and lapse decisions, and remember since when a gate is asked."""
        position = position_of(self.context(), self.loaded())
        changed = {one.id: one for one in restated(self.scenario, position)}
        self.decisions = [changed.get(one.id, one) for one in self.decisions]
        position = position_of(self.context(), self.loaded())
        rest = where(self.scenario, position)
        for gate in (rest.gate, *rest.beside):
            if rest.step == "gate" and gate is not None:
                self.opened.setdefault(position.asked(gate), self.now)

    # --- what happens ------------------------------------------------------------------------------------------

    @rule(kind=st.sampled_from(["plan", "host", "policy", "target", "window"]), size=st.integers(1, 3))
    def something_changes(self, kind: str, size: int) -> None:
        """The plan, its host, the policy, the target or the calendar is another one; at times, the old one again."""
        match kind:
            case "plan":
                self.plan += 1
            case "host":
                self.host = size
            case "policy":
                self.policy = size
            case "target":
                self.target = size % 2
            case "window":
                self.opens = self.now + timedelta(minutes=(size - 2) * 15)
                self.closes = self.opens + timedelta(minutes=size * 40)
        self.settle()

    @rule(what=st.sampled_from(["evidence arrives", "an edit is accepted"]))
    def a_pass_makes_a_revision(self, what: str) -> None:
        """What arrives, or is edited, makes another revision of the work object; the action itself is the same, so what
        was approved of it stays approved."""
        before = [(one.id, one.state) for one in self.decisions]
        self.revision += 1
        self.settle()
        changed = {one.id: one.state for one in self.decisions}
        assert all(changed[name] in (state, "expired") for name, state in before), f"{what}, and a decision is void"

    @rule(minutes=st.integers(1, 25))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.settle()

    @rule(person=st.sampled_from(sorted(PEOPLE)), days=st.sampled_from([0, 9, 9]))
    def the_roster_changes(self, person: str, days: int) -> None:
        self.validity[person] = self.now + timedelta(days=days)
        self.settle()

    @rule(
        gate=st.sampled_from([*GATES, "action_approval", "closure_approval"]),
        by=st.sampled_from([*PEOPLE, "ann", "ben", "cem", "nobody"]),
        said=st.sampled_from(["approve"] * 30 + ["return", "reject"]),
        revision=st.sampled_from(["current"] * 6 + ["r0", "sha256:" + "1" * 64]),
        action=st.sampled_from([None, "a1", "a1", "a2"]),
    )
    def somebody_decides(self, gate: str, by: str, said: Any, revision: str, action: str | None) -> None:
        self.number += 1
        answer = Decides(gate=gate, by=by, decision=said, revision=revision, action=action)
        self.last = (f"d{self.number}", answer)
        self.answered(*self.last)

    @rule()
    def one_more_signs(self) -> None:
        self.proceed()

    @rule(crash=st.sampled_from(["", "before_sending", "after_sending"]), greedy=st.booleans())
    def all_that_is_missing_is_signed(self, crash: str, greedy: bool = False) -> None:
        """People do what is asked of them, and the node acts: so that effects are not rare in the walk. Where one is
        greedy, the first approver tries to be the second one too."""
        for _ in range(5):
            if greedy:
                self.somebody_decides("second_approval", "ann", "approve", "current", "a1")
            self.proceed()
        self.the_node_acts(crash)

    def proceed(self) -> None:
        """The next right thing: who may answer an open gate approves; a plan that was done is followed by another; a
        window that is closed for good is followed by a new one."""
        rest = where(self.scenario, position_of(self.context(), self.loaded()))
        if rest.step == "gate" and rest.gate is not None:
            gate = (*rest.beside, rest.gate)[0].name
            by = {"action_approval": "ann", "second_approval": "ben", "security_approval": "cem"}.get(gate, "dov")
            self.number += 1
            self.last = (f"d{self.number}", Decides(gate=gate, by=by, decision="approve", action="a1"))
            self.answered(*self.last)
        elif self.is_done():
            self.plan += 1
            self.settle()
        elif self.now < self.opens:
            self.now = self.opens
            self.settle()
        elif self.now >= self.closes:
            self.opens, self.closes = self.now, self.now + timedelta(minutes=60)
            self.settle()

    @precondition(lambda self: self.last is not None)
    @rule()
    def the_same_answer_again(self) -> None:
        if self.last is not None:
            self.answered(*self.last)

    def answered(self, key: str, answer: Decides) -> None:
        if any(one.id == key for one in self.decisions):
            return
        roles = PEOPLE.get(answer.by, [])
        held = GATES.get(answer.gate) in roles and self.now < self.validity.get(answer.by, START)
        current = answer.revision == "current" and answer.action in (None, "a1") and not self.is_done()
        word = Word(answer.gate, answer.by, answer.decision, self.content(), self.now, held, current)
        self.oracle.words.append(word)
        ended = "approval_rejected" if self.rejected else None
        decision, _ = judge_answer(self.context(), key, answer, self.loaded(), ended)
        assert not any(one.slot == decision.slot for one in self.decisions), "two answers take one place"
        self.decisions.append(decision)
        self.rejected = self.rejected or decision.state == "rejected"
        self.settle()

    @rule(crash=st.sampled_from(["", "", "", "before_sending", "after_sending"]), refusals=st.integers(0, 2))
    def the_node_acts(self, crash: str, refusals: int = 0) -> None:
        """The executing node, with the crash that it may meet; after a crash it is simply run again. `refusals` are
        the attempts that the system answers with 503, unchanged: each is sent again under the same key."""
        position = position_of(self.context(), self.loaded())
        rest = where(self.scenario, position)
        if rest.step != "act" or self.rejected:
            return
        due = self.due()
        allowed = authority(self.scenario, position, due)
        assert not allowed.refused, "the gates lead to an action that its authority refuses"
        if crash == "before_sending":
            return
        problem = self.oracle.objection(self.content(), self.now, self.opens, self.closes)
        assert problem is None, f"an effect without right: {problem}"
        effect = Effect(
            id="a1", idempotency_key=key_of("c", due), state="sent", due=due, subject_sha256=due.subject(),
            core=due.action.core(), grounds=list(allowed.grounds), attempts=1, planned_at=self.now, sent_at=self.now,
        )  # fmt: skip
        self.effects.append(effect)
        self.oracle.done.append(self.content())
        if crash == "after_sending":
            unsettled = where(self.scenario, position_of(self.context(), self.loaded()))
            assert unsettled.step == "act", "what was sent is not looked up first"
        for attempt in range(1, refusals + 1):
            verdict = judge(due.action, due.limits, Result(503, None, {"state": "off"}, attempt))
            assert verdict.state == "again", verdict
            position = position_of(self.context(), self.loaded())
            assert where(self.scenario, position).step == "act", "a retry waits for nobody"
            self.effects[-1] = effect = effect.model_copy(update={"attempts": attempt + 1})
            assert effect.idempotency_key == key_of("c", due), "a retry is the same effect"
        answer = Result(0 if crash else 200, None, {"state": "on"}, refusals + 1, bool(crash))
        verdict = judge(due.action, due.limits, answer)
        assert verdict.state == "done"
        self.effects[-1] = effect.model_copy(update={"state": "done", "done_at": self.now})
        self.settle()

    # --- what must always be true ------------------------------------------------------------------------------

    @invariant()
    def a_used_approval_stays_valid(self) -> None:
        states = {one.id: one.state for one in getattr(self, "decisions", [])}
        for effect in getattr(self, "effects", []):
            assert all(states[ground.decision] == "valid" for ground in effect.grounds)
            assert {ground.gate for ground in effect.grounds} >= set(GATES)

    @invariant()
    def an_unused_approval_is_about_what_is_on_the_table(self) -> None:
        if not hasattr(self, "decisions"):
            return
        used = {ground.decision for effect in self.effects for ground in effect.grounds}
        subject = None if self.is_done() else self.due().subject()
        for one in self.decisions:
            if one.counts() and one.gate in GATES and one.id not in used:
                assert one.subject_sha256 == subject or any(
                    e.subject_sha256 == one.subject_sha256 for e in self.effects
                )
                assert one.by != "owner"

    def teardown(self) -> None:
        WALKED["effects"] += len(getattr(self, "effects", []))

    @invariant()
    def the_walk_is_counted(self) -> None:
        WALKED["steps"] += 1

    @invariant()
    def nothing_is_done_twice(self) -> None:
        cores = [effect.core for effect in getattr(self, "effects", [])]
        assert len(cores) == len(set(cores))


GateMachine.TestCase.settings = settings(
    max_examples=200, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
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


def walk(steps: int) -> None:
    """Walks until that many steps are done, and says how many effects happened on the way. Raises at the first that
    the oracle objects to: `python tests/execution/test_gate_machine.py 10000`."""
    batch = settings(GateMachine.TestCase.settings, max_examples=20)
    while WALKED["steps"] < steps:
        run_state_machine_as_test(GateMachine, settings=batch)  # type: ignore[no-untyped-call]
    print(f"{WALKED['steps']} steps, {WALKED['effects']} effects, each with valid decisions for exactly its content")


if __name__ == "__main__":
    walk(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
