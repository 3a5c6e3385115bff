"""A scenario's boundary as the guardrail takes it."""

from __future__ import annotations

import re
from functools import lru_cache

from casefile.packet import Packet
from casefile.scenario import Scenario
from graphs import catalogue
from guardrails.boundary import Boundary, ask
from guardrails.own_parts import OwnParts
from guardrails.vocabulary import in_dictionary

# Letters of the shortest name that a sentence may mean.
_NAME = 4
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|\n+")


@lru_cache(maxsize=64)
def of_people(short: str, inside: tuple[str, ...], customers: tuple[str, ...] = ()) -> Boundary:
    """The boundary of the scenario of that short name; `inside` are the names of those who work on the case,
    `customers` those of its customers."""
    scenario = catalogue.scenario(short)
    artifact = scenario.artifact
    deciders = {role for gate in scenario.gates for role in gate.roles} | set(scenario.lane.audience)
    own = OwnParts(artifact.drafted, scenario.lane.audience, [artifact.name, *artifact.contents], deciders)
    asks = scenario.data.get("asks", ())
    return Boundary(scenario.must_not, {"inside": inside, "customer": customers}, own=own, asks=asks)


def boundary_of(scenario: Scenario, packet: Packet) -> Boundary:
    """The boundary of a scenario of the catalogue, with the people of the case, who may be told what is in it, and its
    customers by their names, who may not."""
    inside = tuple(sorted(person.name for person in packet.people))
    return of_people(scenario.short, inside, tuple(sorted(_customers(packet))))


def inside(text: str, boundary: Boundary) -> str:
    """What of a chat text asks for nothing outside: the sentences, as written, that are allowed by themselves."""
    return " ".join(one for one in _SENTENCE_END.split(text) if one.strip() and ask(one, boundary).allowed)


def _customers(packet: Packet) -> set[str]:
    """The names of the case's tenants, and the word that people call them by, where it is no word of the language."""
    names = {tenant.name for tenant in (packet.tenant, *packet.tenants) if tenant.name}
    firsts = {name.split()[0] for name in names}
    return names | {word for word in firsts if len(word) >= _NAME and not in_dictionary(word.casefold())}
