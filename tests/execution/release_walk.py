"""Random walks over the gates of releases, in four patterns: whatever happens, nothing leaves without right.

The engine's own parts decide (`position_of`, `restated`, `where`, `judge`, `authority`), in the order of the nodes that
settle and release; the store is a list. `release_oracle` judges, from its own notes.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from release_cards import CARDS
from release_oracle import Bystander, Word, World

from agents.material import Signal
from casefile.artifact import Artifact, Revision, compose
from casefile.claims import Claim, FieldValue, Normalization, Section
from casefile.decisions import Decision
from casefile.evidence import Evidence
from casefile.packet import Decides, Packet, Person
from casefile.parameters import in_force, resolve
from casefile.registers import REGISTERS, AnyItem, Blocker, Hold, RegisterName
from casefile.release import authority
from casefile.rest import Rest, restated, where
from graphs.catalogue import scenario
from graphs.context import RunContext
from graphs.judgement import judge as judge_answer
from graphs.position import Loaded, position_of
from lineage.canonical import digest, digest_bytes

START = datetime(2026, 3, 3, 10, tzinfo=UTC)
ASKS = "asks"
STEPS: Counter[str] = Counter()
"""What all walks of this process came to, by pattern: steps, releases, and release steps that let nothing leave."""


class ReleaseMachine(RuleBasedStateMachine):
    """The case file of one case after another, and everything that may happen to it before it leaves."""

    @initialize(short=st.sampled_from(sorted(CARDS)))
    def begin(self, short: str) -> None:
        self.short, self.card = short, CARDS[short]
        card = scenario(short)
        self.parameters = resolve(card, {})
        self.scenario = in_force(card, self.parameters)
        self.now = START
        self.number = self.versions = 0
        self.a_new_case()

    @precondition(lambda self: self.ended)
    @rule()
    def a_new_case(self) -> None:
        """The one before has left, or was refused for good."""
        self.ended = ""
        self.happening = {"standing"} & set(self.card.happens)
        self.text = {"internal": 1, "customer": 1}
        self.version = dict.fromkeys(self.card.subjects, 1)
        self.policy, self.evidence = 1, 0
        self.valid_until = dict.fromkeys(self.card.people, self.now + timedelta(days=90))
        self.suspended: set[str] = set()
        self.revisions: list[Revision] = []
        self.decisions: list[Decision] = []
        self.opened: dict[str, datetime] = {}
        self.outbox: dict[str, str] = {}
        self.last: tuple[str, Decides] | None = None
        self.oracle = Bystander(self.card, ASKS)
        self.settle()

    # --- the case file, as a person sees it and as the engine sees it --------------------------------------------

    def content(self) -> tuple[Any, ...]:
        return (*self.text.values(), "lossy" in self.happening)

    def world(self, intact: bool = True) -> World:
        bound = {"content": self.content(), **self.version}
        held = frozenset(one for one in self.happening if self.card.happens[one] == "hold")
        return World(self.now, frozenset(self.happening), bound, self.policy, held, frozenset(self.suspended), intact)

    def artifact(self) -> Artifact:
        step = Normalization.model_validate({"rule": "r", "from": "a", "to": "b", "lossy": "lossy" in self.happening})
        name = next((name for name, spec in self.scenario.fields.items() if spec.consequential), "f")
        value = FieldValue(value="b", status="confirmed", confidence=100, normalization=[step])
        sections = [
            Section(id=part, title=part, claims=[Claim(id="c1", text=str(text), status="unverified", author="agent:x")])
            for part, text in (("summary", self.text["internal"]), ("customer_facts", self.text["customer"]))
        ]
        return compose("record", {name: value}, sections, {})

    def registers(self) -> dict[RegisterName, list[AnyItem]]:
        found: dict[RegisterName, list[AnyItem]] = {name: [] for name in REGISTERS}
        for one in sorted(self.happening):
            if self.card.happens[one] == "hold":
                found["holds"].append(Hold(key=one, id=one, kind=one, trigger="t", effect="e", about="a"))
            if self.card.happens[one] == "blocker":
                found["blockers"].append(Blocker(key=one, id=one, kind=one, precondition="p", about="a", detail="d"))
        return found

    def loaded(self, damaged: bool = False) -> Loaded:
        names = [*self.card.always, *(one for one in self.happening if self.card.happens[one] == "signal")]
        configuration = {
            "sha256": digest({"configuration": self.version.get("configuration", 0)}),
            "blocked": "the mapping does not fit" if "schema_blocked" in self.happening else "",
            "standing": "schema@v1" if "standing" in self.happening else "",
        }
        revisions = list(self.revisions)
        if damaged:
            other = compose("record", {}, [], {})
            revisions[-1] = revisions[-1].model_copy(update={"artifact": other})
        evidence = [
            Evidence(id=f"e{n}", file="f.txt", system="s", sha256=f"sha256:{n:064x}", size=1, arrived_at=START)
            for n in range(self.evidence)
        ]
        return Loaded(
            revisions=revisions,
            registers=self.registers(),
            decisions=self.decisions,
            evidence=evidence,
            signals=[Signal(name=name, about="a", detail="") for name in names],
            configuration=configuration,
            subjects={name: digest({name: number}) for name, number in self.version.items() if name != "configuration"},
            opened=self.opened,
            attach=[],
            named={},
            offered={},
            now=self.now,
            effects=[],
            due=None,
            roster={},
            suspended={one: {"": "is out of use"} for one in self.suspended},
        )

    def context(self) -> RunContext:
        people = [
            Person(id=name, roles=list(roles), valid_until=self.valid_until[name])
            for name, roles in self.card.people.items()
        ]
        packet = Packet.model_validate(
            {"scenario": "x", "case": "c", "tenant": {"id": "tn"}, "as_of": START, "requested_by": ASKS,
             "people": [one.model_dump() for one in people]}
        )  # fmt: skip
        parameters = {**self.parameters, "walk": self.policy}
        return RunContext(None, self.scenario, packet, parameters, None, installation=None)  # type: ignore[arg-type]

    # --- what the nodes do ---------------------------------------------------------------------------------------

    def settle(self) -> None:
        """A pass over the case, and the settling node: a changed content is a revision, decisions void and lapse, and
        what ends the run ends it."""
        if self.ended:
            return
        artifact = self.artifact()
        sha256 = digest_bytes(artifact.canonical())
        if not self.revisions or self.revisions[-1].sha256 != sha256:
            name = f"r{len(self.revisions) + 1}"
            self.revisions.append(Revision(revision=name, sha256=sha256, supersedes=[], artifact=artifact))
        context = self.context()
        changed = {one.id: one for one in restated(self.scenario, position_of(context, self.loaded()))}
        self.decisions = [changed.get(one.id, one) for one in self.decisions]
        self.oracle.sees(self.world())
        rest = self.rest()
        for gate in (rest.gate, *rest.beside):
            if rest.step == "gate" and gate is not None:
                self.opened.setdefault(position_of(context, self.loaded()).asked(gate), self.now)
        if rest.step == "rest" and rest.final:
            self.ended = rest.outcome or rest.outcome_name

    def rest(self) -> Rest:
        return where(self.scenario, position_of(self.context(), self.loaded()))

    @rule(
        crash=st.sampled_from(["", "", "before the commit", "after the commit"]),
        damaged=st.sampled_from([False] * 5 + [True]),
    )
    def the_release_step(self, crash: str = "", damaged: bool = False) -> None:
        """The node that releases, with the crash that it may meet: after one it is simply run again. `damaged`: the
        stored bytes are not those that their hash names."""
        if self.ended:
            return
        loaded = self.loaded(damaged)
        position = position_of(self.context(), loaded)
        now, current = where(self.scenario, position), loaded.current
        intact = current is not None and current.intact
        grounds = authority(self.scenario, position, loaded.configuration) if intact else None
        if now.step != "release" or current is None or grounds is None:
            STEPS[f"{self.short}: nothing left"] += 1
            return
        problem = self.oracle.objection(self.world(intact=not damaged))
        assert problem is None, f"{self.short}: a release without right: {problem}"
        assert grounds.decisions or grounds.under, "it rests on nothing"
        assert all(one.counts() for one in grounds.decisions)
        if crash == "before the commit":
            return
        key = f"run:{self.scenario.lane.id}:{current.sha256}"
        assert key not in self.outbox, "the same content enters its lane twice"
        self.outbox[key] = current.sha256
        self.oracle.left.append(self.content())
        STEPS[f"{self.short}: released"] += 1
        self.ended = now.outcome
        if crash:
            self.the_release_step()
            assert list(self.outbox) == [key]

    # --- what happens --------------------------------------------------------------------------------------------

    @rule(part=st.sampled_from(["internal", "customer"]), text=st.integers(1, 3))
    def an_edit_is_accepted(self, part: str, text: int) -> None:
        """Another wording; at times the old one again."""
        self.text[part] = text
        self.settle()

    @rule(which=st.integers(0, 20))
    def something_comes_or_goes(self, which: int) -> None:
        """A hold, a blocker, a signal, a loss, a standing approval."""
        names = sorted(self.card.happens)
        self.happening ^= {names[which % len(names)]}
        self.settle()

    @precondition(lambda self: self.happening - {"standing"})
    @rule()
    def what_was_wrong_is_mended(self) -> None:
        self.happening &= {"standing"}
        self.settle()

    @rule()
    def evidence_arrives(self) -> None:
        """An item that changes no word of the content: what was approved stays approved."""
        before = [(one.id, one.state) for one in self.decisions]
        self.evidence = min(self.evidence + 1, 5)
        self.settle()
        states = {one.id: one.state for one in self.decisions}
        assert all(states[name] in (state, "expired") for name, state in before)

    @rule(which=st.integers(0, 5), number=st.integers(1, 2))
    def another_version_is_in_force(self, which: int, number: int) -> None:
        """Of the policy, or of what a gate binds beside the content; at times the old one again."""
        names = ["policy", *self.version]
        name = names[which % len(names)]
        if name == "policy":
            self.policy = number
        else:
            self.version[name] = number
        self.settle()

    @rule(minutes=st.integers(1, 45), seen=st.booleans())
    def time_passes(self, minutes: int, seen: bool) -> None:
        """`seen`: the run looks at it before anything else happens."""
        self.now += timedelta(minutes=minutes)
        if seen:
            self.settle()

    @rule(which=st.integers(0, 10), days=st.sampled_from([0, 90, 90]))
    def the_roster_changes(self, which: int, days: int) -> None:
        self.valid_until[self.somebody(which)] = self.now + timedelta(days=days)
        self.settle()

    @rule(which=st.integers(0, 10), seen=st.booleans())
    def somebody_is_taken_out_of_use_or_back(self, which: int, seen: bool) -> None:
        self.suspended ^= {self.somebody(which)}
        if seen:
            self.settle()

    def somebody(self, which: int) -> str:
        return sorted(self.card.people)[which % len(self.card.people)]

    @rule(
        gate=st.integers(0, 10),
        which=st.integers(0, 10),
        said=st.sampled_from(["approve"] * 20 + ["return", "reject"]),
        revision=st.sampled_from(["current"] * 6 + ["first", "r0", "sha256:" + "1" * 64]),
    )
    def somebody_decides(self, gate: int, which: int, said: Any, revision: str) -> None:
        name = self.scenario.gates[gate % len(self.scenario.gates)].name
        self.says(Decides(gate=name, by=self.somebody(which), decision=said, revision=revision))

    @rule()
    def one_more_signs(self) -> None:
        """Who may answer an open gate approves it, whoever is first in the list that is taken."""
        for gate in self.scenario.gates:
            if gate.name not in self.rest().answerable:
                continue
            for person in self.card.people:
                self.says(Decides(gate=gate.name, by=person, decision="approve"))
                if self.decisions and self.decisions[-1].state == "valid":
                    return

    @rule(crash=st.sampled_from(["", "before the commit", "after the commit"]), mended=st.booleans())
    def all_that_is_missing_is_signed(self, crash: str, mended: bool = False) -> None:
        """What is asked for is done, and the node releases: so that releases are not rare in the walk."""
        if mended:
            self.what_was_wrong_is_mended()
            self.suspended.clear()
            self.settle()
        for _ in range(5):
            self.one_more_signs()
        self.the_release_step(crash)

    @precondition(lambda self: self.last is not None)
    @rule(anew=st.booleans())
    def the_same_answer_again(self, anew: bool) -> None:
        """By its own key, or as a new request of the same person."""
        if self.last is not None and not anew:
            count = len(self.decisions)
            self.answered(*self.last)
            assert len(self.decisions) == count
        elif self.last is not None:
            self.says(self.last[1])

    def says(self, answer: Decides) -> None:
        self.number += 1
        self.last = (f"d{self.number}", answer)
        self.answered(*self.last)

    def answered(self, key: str, answer: Decides) -> None:
        if any(one.id == key for one in self.decisions):
            return
        first = self.revisions[0].sha256 == self.revisions[-1].sha256
        current = answer.revision == "current" or (answer.revision == "first" and first)
        held = self.card.people[answer.by] if self.now < self.valid_until[answer.by] else ()
        word = Word(answer.gate, answer.by, answer.decision, frozenset(held), current, self.world())
        self.oracle.words.append(word)
        decision, _ = judge_answer(self.context(), key, answer, self.loaded(), self.ended or None)
        assert decision.state == "refused" or not self.ended, "a run that has ended takes no answer"
        assert not any(one.slot == decision.slot for one in self.decisions), "two answers take one place"
        self.decisions.append(decision)
        self.settle()

    # --- what must always be true --------------------------------------------------------------------------------

    @invariant()
    def the_walk_is_counted(self) -> None:
        STEPS["steps"] += 1

    @invariant()
    def one_person_approves_one_content_of_a_gate_once(self) -> None:
        counting = [one for one in getattr(self, "decisions", []) if one.counts()]
        places = Counter((one.gate, one.by, one.subject_sha256) for one in counting)
        assert all(number == 1 for number in places.values())
