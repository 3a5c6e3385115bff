"""The duties suite: every combination of answer, role, proposer and missing attribute; nobody approves his own (R11).

All combinations are enumerated, not drawn. What must be refused is told by this file's own reading of the rules, and
what may count is tried too, so that a check that refuses everything does not pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import product

from casefile.conditions import Facts
from casefile.decisions import Decision
from casefile.gates import Standing, check
from casefile.mandates import Mandate
from casefile.packet import Decides, Person
from casefile.rest import Position
from casefile.scenario import Condition, Gate
from evals.results import CaseResult

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
SHA = "sha256:" + "a" * 64
GATE = "release_approval"
MISSING = ("nothing", "person", "role", "validity over", "validity to come", "not named", "mandate over", "revision",
           "gate closed", "no such gate", "outside", "expired", "refused")  # fmt: skip
DID = ("asked for it", "proposed it", "approved the gate before", "answered before")
BARS = ("requester", "proposer", "first_approver")
ACTS = ("approve", "reject", "return")


@dataclass(frozen=True, slots=True)
class Combination:
    """Who answers what, what he did before, whether the gate bars who asked, and which attribute is missing."""

    decision: str
    role: str
    did: frozenset[str]
    bars: frozenset[str]
    missing: str
    action: str | None

    @property
    def own(self) -> bool:
        """Whether the person would decide about his own work, or a second time."""
        barred = dict(zip(BARS, DID, strict=False))
        # Nobody approves what he proposed, whatever the gate says.
        always = {"answered before", "proposed it"}
        return bool(always & self.did) or any(barred[name] in self.did for name in self.bars)

    @property
    def may(self) -> bool:
        """Whether the answer may count."""
        return "approver" in self.role and self.missing == "nothing" and not self.own


def combinations() -> Iterator[Combination]:
    """Every one."""
    done, barred = _subsets(DID), _subsets(BARS)
    roles = ("approver", "intake", "approver and intake", "none")
    for decision, role, did, bars, missing, action in product(ACTS, roles, done, barred, MISSING, (None, "a1")):
        yield Combination(decision, role, did, bars, missing, action)


def _subsets(names: Sequence[str]) -> list[frozenset[str]]:
    return [
        frozenset(name for name, on in zip(names, bits, strict=True) if on)
        for bits in product((0, 1), repeat=len(names))
    ]


def names() -> list[str]:
    """One case for each answer that a person can give."""
    return list(ACTS)


def judge(name: str) -> CaseResult:
    """Every combination with that answer."""
    tried = [one for one in combinations() if one.decision == name]
    misses = [miss for one in tried if (miss := _missed(one))]
    own = [one for one in tried if one.own]
    counted = sum(reason_of(one) is None for one in own)
    return CaseResult(
        suite="duties",
        case=name,
        passed=int(not misses),
        misses=misses[:20],
        unsafe=[miss for miss in misses if "found it to count" in miss][:20],
        metrics={"self_approvals_refused": (len(own) - counted, len(own))},
    )


def _missed(one: Combination) -> str:
    reason = reason_of(one)
    if one.may and reason is not None:
        return f"expected {one} to count; found {reason}"
    if not one.may and reason is None:
        return f"expected {one} to be refused; found it to count"
    return ""


def reason_of(one: Combination) -> str | None:
    """What the product says to that combination: why it counts for nothing, or None where it counts."""
    person = Person(
        id="u-1",
        roles=[] if one.missing == "role" or one.role == "none" else one.role.split(" and "),
        valid_from=NOW + timedelta(days=1) if one.missing == "validity to come" else None,
        valid_until=NOW if one.missing == "validity over" else None,
    )
    others = [Person(id=f"u-{n}", roles=["approver"]) for n in (2, 3)]
    gate = Gate.model_validate(
        {
            "name": GATE,
            "approver": "Approver",
            "roles": ["approver"],
            "quorum": 2,
            "binds": [],
            "not_by": sorted(one.bars),
            "second_to": ["first_approval"] if "first_approver" in one.bars else [],
            "opens_when": None if one.missing == "outside" else Condition(signal="ready"),
            "refuses_when": [],
            "on_reject": "rejected",
        }
    )
    named = {
        "not named": [Mandate(person="u-2")],
        "mandate over": [Mandate(person="u-1", valid_until=NOW - timedelta(days=1))],
    }
    standing = Standing(
        gate=None if one.missing == "no such gate" else gate,
        open_gate=None if one.missing == "gate closed" else GATE,
        refusal="a line of the card" if one.missing == "refused" else None,
        person=None if one.missing == "person" else person,
        person_id="u-1",
        at=NOW,
        revision=None if one.missing == "revision" else "r1",
        revisions={} if one.missing == "revision" else {"r1": SHA},
        sha256=None if one.missing == "revision" else SHA,
        facts=Facts({}, {}, frozenset(), {}),
        people=[person, *others],
        expired=one.missing == "expired",
        named={GATE: named[one.missing]} if one.missing in named else {},
        earlier=[_earlier()] if "answered before" in one.did else [],
    )
    answer = Decides.model_validate({"gate": GATE, "by": "u-1", "decision": one.decision, "action": one.action})
    return check(answer, replace(standing, barred=_position(one, [person, *others]).barred(gate)))


def _position(one: Combination, people: Sequence[Person]) -> Position:
    """Where the run stands: who proposed the revision, and who approved the gate before."""
    first = [_earlier("first_approval")] if "approved the gate before" in one.did else []
    return Position(
        facts=Facts({}, {}, frozenset(), {}),
        decisions=first,
        subjects={"revision": SHA},
        people=people,
        now=NOW,
        requested_by="u-1" if "asked for it" in one.did else "u-9",
        paired={GATE: frozenset({"first_approval"})} if "first_approver" in one.bars else {},
        proposers={"revision": frozenset({"u-1"} if "proposed it" in one.did else {"u-7"})},
    )


def _earlier(gate: str = GATE) -> Decision:
    return Decision(
        id="d1", slot="s", gate=gate, by="u-1", decision="approve", subject_sha256=SHA, artifact_sha256=SHA,
        revision="r1", evidence_digest="", policy_version="p", lane="l", audience=[], at=NOW, state="valid",
    )  # fmt: skip
