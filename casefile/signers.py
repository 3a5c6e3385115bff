"""Whom a gate needs, who of them has signed, and who may sign now. Two needs are met by two people (R11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from casefile.conditions import Facts, holds
from casefile.decisions import Decision
from casefile.packet import Person
from casefile.scenario import Gate, Signer


def outstanding(gate: Gate, approvals: Sequence[Decision], people: Sequence[Person], facts: Facts) -> list[Signer]:
    """The signers that are still missing, each with the number that is missing, in the gate's order.

    A person counts once, for the first need that he can meet; needs of few roles are served before needs of many.
    """
    roster = {person.id: person for person in people}
    needed = [one for one in gate.needed if one.when is None or holds(one.when, facts)]
    free: dict[str, Decision] = {}
    for one in approvals:
        free.setdefault(one.by, one)
    missing: dict[int, int] = {}
    for n in sorted(range(len(needed)), key=lambda n: len(needed[n].roles)):
        fitting = [by for by, one in free.items() if _had(roster, by, needed[n].roles, one.at)][: needed[n].count]
        for by in fitting:
            del free[by]
        missing[n] = needed[n].count - len(fitting)
    return [one.model_copy(update={"count": missing[n]}) for n, one in enumerate(needed) if missing[n] > 0]


def _had(roster: Mapping[str, Person], by: str, roles: Sequence[str], at: datetime) -> bool:
    person = roster.get(by)
    return person is not None and person.holds_at(list(roles), at)


def too_early(gate: Gate, person: Person, missing: Sequence[Signer]) -> str | None:
    """Why somebody whose word comes last may not sign yet, or None."""
    firsts = [one for one in missing if not one.last]
    only_last = [one for one in gate.needed if set(one.roles) & set(person.roles)]
    if not firsts or not only_last or not all(one.last for one in only_last):
        return None
    names = "; ".join(", ".join(one.roles) for one in firsts)
    return f"others sign first: {names}"


def roles_missing(missing: Sequence[Signer]) -> list[str]:
    """The roles that could sign now."""
    firsts = [one for one in missing if not one.last] or list(missing)
    return list(dict.fromkeys(role for one in firsts for role in one.roles))
