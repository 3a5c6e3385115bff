"""Gates and decisions: who may answer, for exactly what, until when, and what counts (R1, R2, R9–R11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from casefile.conditions import Facts
from casefile.decisions import Decision
from casefile.evidence import Frozen
from casefile.mandates import Mandates, named_for
from casefile.packet import Decides, Person
from casefile.scenario import Gate
from casefile.signers import outstanding, too_early


class Offer(Frozen):
    """An option that a gate with `choices: offered` lets an approver take: by its id (the card's number), its name, or
    what else it is called (`also`).

    `barred` says why it may not be taken; empty, it may. An approval that names none takes the `recommended` one.
    """

    id: str
    name: str
    also: tuple[str, ...] = ()
    barred: str = ""
    recommended: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What a decision is checked against, at the moment in which it is made.

    `resting` says why the run rests where no gate is open. `barred` are the people who may not answer this gate
    whatever their role, with the reason; `invited`: the policy's emergency path names this one. `on_table` is the name
    of what the gate binds now, where it has one (a planned action).
    """

    gate: Gate | None
    open_gate: str | None
    refusal: str | None
    person: Person | None
    person_id: str
    at: datetime
    revision: str | None
    revisions: Mapping[str, str]
    sha256: str | None
    facts: Facts
    people: Sequence[Person]
    expired: bool = False
    named: Mandates = field(default_factory=dict)
    earlier: Sequence[Decision] = field(default=())
    barred: Mapping[str, str] = field(default_factory=dict)
    resting: str = ""
    invited: bool = False
    on_table: str = ""


def check(answer: Decides, standing: Standing) -> str | None:
    """Why a decision counts for nothing, or None where it counts.

    The order is that of a careful clerk: is there such a gate, is it open, may it be answered at all, is this the
    right person, and does he speak of what is on the table now.
    """
    gate = standing.gate
    if gate is None:
        return f"there is no gate named {answer.gate!r} in this scenario"
    if gate.opens_when is None:
        return f"the gate {gate.name} is {gate.outside or 'outside this run'}; it is never answered here"
    if standing.refusal is not None:
        return f"the gate {gate.name} may not be answered: {standing.refusal}"
    if standing.open_gate != gate.name:
        why = f": {standing.resting}" if standing.resting else ""
        now = f"; {standing.open_gate} is open" if standing.open_gate else why
        return f"the gate {gate.name} is not open{now}"
    return _wrong_person(answer, gate, standing) or _wrong_subject(answer, standing)


def _wrong_person(answer: Decides, gate: Gate, standing: Standing) -> str | None:
    if standing.person is None:
        return f"{standing.person_id} is not on the roster of the case"
    if not standing.invited and not standing.person.holds_at(gate.roles, standing.at):
        held = any(role in gate.roles for role in standing.person.roles)
        what = "is outside its validity" if held else f"is not one of {', '.join(gate.roles)}"
        return f"the role of {standing.person_id} {what}"
    named = named_for(standing.named, gate.name, standing.at)
    if named is not None and standing.person_id not in named:
        who = ", ".join(sorted(named)) or "nobody who may sign now"
        return f"{standing.person_id} is not named for {gate.name}; named: {who}"
    if standing.person_id in standing.barred:
        return standing.barred[standing.person_id]
    if any(one.by == standing.person_id for one in standing.earlier):
        return f"{standing.person_id} has already answered; another person is needed"
    approvals = [one for one in standing.earlier if one.counts()]
    return too_early(gate, standing.person, outstanding(gate, approvals, standing.people, standing.facts))


def _wrong_subject(answer: Decides, standing: Standing) -> str | None:
    if standing.sha256 is None:
        return "there is no revision to decide on"
    if answer.revision == "current":
        named = standing.sha256
    elif answer.revision == "first":
        named = standing.revisions.get("r1", "")
    elif answer.revision.startswith("sha256:"):
        named = answer.revision
    else:
        named = standing.revisions.get(answer.revision, "")
    if not named:
        return f"there is no revision {answer.revision!r}"
    if named != standing.sha256:
        return f"the revision {answer.revision} is stale; {standing.revision} is current"
    if answer.action and standing.on_table and answer.action != standing.on_table:
        return f"{answer.action} is not on the table; {standing.on_table} is"
    if standing.expired:
        return "the request has expired"
    return None


def expiry(gate: Gate, at: datetime) -> datetime | None:
    """Until when a decision made at `at` may wait for its effect, or a request opened then stays open."""
    return None if gate.validity_minutes is None else at + timedelta(minutes=gate.validity_minutes)
