"""A scenario's boundary as the guardrail takes it."""

from __future__ import annotations

from functools import lru_cache

from casefile.packet import Packet
from casefile.scenario import Scenario
from graphs import catalogue
from guardrails.boundary import Boundary
from guardrails.own_parts import OwnParts


@lru_cache(maxsize=64)
def of_people(short: str, inside: tuple[str, ...]) -> Boundary:
    """The boundary of the scenario of that short name; `inside` are the names of those who work on the case."""
    scenario = catalogue.scenario(short)
    artifact = scenario.artifact
    own = OwnParts(artifact.drafted, scenario.lane.audience, [artifact.name, *artifact.contents])
    return Boundary(scenario.must_not, {"inside": inside}, own=own)


def boundary_of(scenario: Scenario, packet: Packet) -> Boundary:
    """The boundary of a scenario of the catalogue, with the people of the case, who may be told what is in it."""
    return of_people(scenario.short, tuple(sorted(person.name for person in packet.people)))
