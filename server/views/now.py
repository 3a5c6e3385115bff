"""Where a run stands now, for whoever looks: at the run's clock of this moment, against the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from casefile.decisions import Decision
from casefile.packet import Person
from casefile.rest import Position, Rest, refusal, where
from casefile.scenario import Gate
from casefile.signers import outstanding, roles_missing
from graphs import catalogue
from graphs.context import RunContext
from graphs.position import Loaded, load, position_of
from runtime.store.standing import RunRow
from server.models.cases import CaseState
from server.problems import Unknown
from server.views.words import listed


@dataclass(frozen=True, slots=True)
class Now:
    """A run's position at a time. `row` is its ledger row."""

    context: RunContext
    row: RunRow
    loaded: Loaded
    position: Position
    rest: Rest
    at: datetime

    @property
    def answerable(self) -> list[Gate]:
        """The gates that a person may answer now."""
        if self.row.final or self.row.status == "failed":
            return []
        return [gate for gate in self.context.scenario.gates if gate.name in self.rest.answerable]

    def opened_at(self, gate: Gate) -> datetime | None:
        """Since when the gate is asked about what is current."""
        return self.position.opened.get(self.position.asked(gate))

    def answers(self, gate: Gate) -> list[Decision]:
        """The answers that count at a gate for what is current."""
        subject = self.position.subjects.get(gate.subject_key)
        return [
            one
            for one in self.loaded.decisions
            if one.gate == gate.name and one.subject_sha256 == subject and one.state in ("valid", "rejected")
        ]

    def roles(self, gate: Gate) -> list[str]:
        """The roles that could answer a gate now: of those whose word is still missing."""
        approvals = [one for one in self.answers(gate) if one.counts()]
        return roles_missing(outstanding(gate, approvals, self.position.people, self.position.facts))

    def missing(self, gate: Gate) -> int:
        """How many approvals are still missing at a gate."""
        approvals = [one for one in self.answers(gate) if one.counts()]
        return sum(one.count for one in outstanding(gate, approvals, self.position.people, self.position.facts))

    def people(self, gate: Gate) -> list[str]:
        """Names of those who could answer a gate now."""
        packet, roles = self.context.packet, self.roles(gate)
        given = {one.by for one in self.answers(gate)}
        not_these = given | self.position.barred(gate).keys()
        able = able_people(packet.people, roles, self.at, packet.requested_by, gate)
        return [person.name or person.id for person in able if person.id not in not_these]

    def why_not(self, gate: Gate, person: str | None, roles: tuple[str, ...]) -> str | None:
        """Why a person may not answer a gate now, or None where he may."""
        if self.row.final:
            return f"the run has ended: {self.row.outcome}"
        if gate.opens_when is None:
            return f"this gate is {gate.outside or 'outside this run'}"
        barred = refusal(gate, self.position.facts)
        if barred:
            return f"the gate may not be answered: {barred}"
        if gate.name not in self.rest.answerable:
            return "the gate is not open"
        return self.not_for(gate, person, roles)

    def not_for(self, gate: Gate, person: str | None, roles: tuple[str, ...]) -> str | None:
        """Why it is not this person who may answer a gate, or None."""
        if person is None:
            return "you are not on the roster of this case"
        if not set(gate.roles).intersection(roles):
            return f"it is for {listed(gate.roles)}"
        barred = self.position.barred(gate).get(person)
        if barred is not None:
            return barred
        if any(one.by == person for one in self.answers(gate)):
            return "you have already answered; another person is needed"
        if self.position.expired(gate):
            return "the request has expired"
        return None if set(self.roles(gate)).intersection(roles) else "others sign first"


def able_people(
    people: Sequence[Person], roles: Sequence[str], at: datetime, requested_by: str, gate: Gate
) -> list[Person]:
    """Those on a roster who hold one of the roles at a time, and whom the gate does not bar."""
    return [
        person
        for person in people
        if person.holds_at(list(roles), at) and not ("requester" in gate.not_by and person.id == requested_by)
    ]


async def look(context: RunContext, at: datetime) -> Now:
    """The position of a run at a time. Raises Unknown where the run is gone."""
    row = await context.store.row()
    if row is None:
        raise Unknown
    loaded = await load(context, at)
    position = position_of(context, loaded)
    return Now(context, row, loaded, position, where(context.scenario, position), at)


def state_of(status: str, final: bool) -> CaseState:
    """The ledger's status as people say it."""
    match status:
        case "finished":
            return "ended" if final else "resting"
        case "working":
            return "working"
        case "failed":
            return "failed"
        case _:
            return "waiting"


@lru_cache(maxsize=64)
def drawn(pattern: str) -> Any:
    """A pattern's compiled graph, as LangGraph draws it."""
    return catalogue.pattern(pattern)().compile().get_graph()
