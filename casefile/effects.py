"""Effects: what was done to a system of the customer, under whose decisions, and how its result is known.

planned → sent → done | failed | in_doubt. An effect is written down before it is sent; from `sent` on its approvals
are used and are never used again. `in_doubt` means that nobody can tell: it is shown, and never sent again by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from casefile.actions import Due
from casefile.decisions import Decision
from casefile.evidence import Frozen
from casefile.packet import Person
from casefile.rest import Position, refusal
from casefile.scenario import Gate, Scenario
from casefile.signers import outstanding

EffectState = Literal["planned", "sent", "done", "failed", "in_doubt"]
# Letters only: a hash in an id of an effect must not look like the id of another action.
_LETTERS = str.maketrans("0123456789abcdef", "ghjkmnpqrstvwxyz")


class Ground(Frozen):
    """A decision under which the effect was made: the decision's id, its gate, who and when."""

    decision: str
    gate: str
    by: str
    at: datetime


class Effect(Frozen):
    """One effect with its history. `due` is the action as it was approved."""

    id: str
    idempotency_key: str
    state: EffectState
    due: Due
    subject_sha256: str
    core: str
    grounds: list[Ground]
    emergency: bool = False
    attempts: int = 0
    reason: str = ""
    planned_at: datetime
    sent_at: datetime | None = None
    done_at: datetime | None = None
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    answers: list[str] = []
    references: list[str] = []
    confirmed_by: list[str] = []

    @property
    def used(self) -> bool:
        """Whether its approvals are used: it was sent, or may have been."""
        return self.state != "planned"


def key_of(case: str, due: Due) -> str:
    """The idempotency key: the case and what is executed, so that the same effect has the same key in every attempt."""
    return due.action.key or f"{case}:{due.action.id}:{due.action.core()[7:39].translate(_LETTERS)}"


@dataclass(frozen=True, slots=True)
class Authority:
    """The decisions that allow an effect now, or why nothing does."""

    grounds: tuple[Ground, ...]
    refused: str = ""
    emergency: bool = False


def authority(scenario: Scenario, position: Position, due: Due) -> Authority:
    """What allows this action at this time (R1). Every gate that it needs is signed by the right people, for exactly
    its content, within their validity; none of them proposed it; and its window is open, or its emergency path taken.

    A gate of `revision_gates` is signed for the revision out of which the action was made: both are of one pass.
    """
    subject = due.subject()
    if position.subjects.get("action") != subject:
        return Authority((), "the plan, the policy or the target changed: something else is on the table")
    if not due.gates and not due.under:
        return Authority((), "no gate and no standing approval allows it: nothing runs without a decision")
    grounds: list[Decision] = []
    for name in due.gates:
        gate = scenario.gate(name)
        if gate is None:
            return Authority((), f"there is no gate {name}")
        reason = refusal(gate, position.facts)
        bound = position.subjects.get(gate.subject_key, "") if name in due.revision_gates else subject
        signed = [one for one in position.decisions if _allows(one, gate, bound, position)]
        if reason or outstanding(gate, signed, position.people, position.facts):
            return Authority((), reason or f"{name} is not signed for this content")
        grounds += signed
    emergency = not due.in_window(position.now)
    if emergency:
        grounds += [
            one
            for one in position.decisions
            if one not in grounds
            and (gate := scenario.gate(one.gate)) is not None
            and gate.subject == "action"
            and _allows(one, gate, subject, position)
        ]
        if not path_taken(due, grounds, position.people):
            return Authority((), "outside the change window, and no emergency path was approved")
    return Authority(tuple(Ground(decision=g.id, gate=g.gate, by=g.by, at=g.at) for g in grounds), "", emergency)


def _allows(one: Decision, gate: Gate, subject: str, position: Position) -> bool:
    return (
        one.gate == gate.name
        and one.counts()
        and one.subject_sha256 == subject
        and (one.expires_at is None or position.now < one.expires_at)
        and one.by not in position.barred(gate)
    )


def path_taken(due: Due, approvals: Sequence[Decision], people: Sequence[Person]) -> bool:
    """Whether everybody whom the policy names for its emergency path approved the action, in whatever gate."""
    roster = {person.id: person for person in people}

    def named(one: Decision, name: str) -> bool:
        person = roster.get(one.by)
        return name in (one.by, person.name if person else "") or (
            person is not None and person.holds_at([name], one.at)
        )

    return bool(due.emergency) and all(any(named(one, name) for one in approvals) for name in due.emergency)


def shown(effect: Effect) -> dict[str, Any]:
    """An effect as `outcome.json` has it: everything that an auditor asks about it."""
    due, action = effect.due, effect.due.action
    return {
        "id": action.id,
        "kind": action.kind,
        "idempotency_key": effect.idempotency_key,
        "state": effect.state,
        "action": action.title,
        "system": action.system,
        "target": action.object,
        "request": f"{action.method} {action.path}",
        "policy_version": due.policy,
        "policy_checks": list(due.checks),
        "window": None if not due.windowed else {"opens": _time(due.opens), "closes": _time(due.closes)},
        "emergency_path": effect.emergency,
        **({"under": due.under} if due.under else {}),
        "approvals": [{"gate": one.gate, "by": one.by, "at": _time(one.at)} for one in effect.grounds],
        "attempts": effect.attempts,
        "answers": effect.answers,
        "state_before": effect.before,
        "state_after": effect.after,
        "references": effect.references,
        "confirmed_by": effect.confirmed_by,
        "reason": effect.reason,
        "sent_at": _time(effect.sent_at),
        "done_at": _time(effect.done_at),
    }


def _time(value: datetime | None) -> str | None:
    return None if value is None else value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
