"""The scenario catalogue."""

from __future__ import annotations

from typing import Literal

from server.models.problem import Shape


class ScenarioRow(Shape):
    """A scenario in the list."""

    slug: str
    short: str
    title: str
    family: str
    pattern: str
    purpose: str
    artifact: str
    lane: str
    gates: int
    sources: int


class Scenarios(Shape):
    """The catalogue."""

    scenarios: list[ScenarioRow]


class SourceLine(Shape):
    """A row of the card's sources. `rank` is a number, or `excluded`."""

    name: str
    rank: int | Literal["excluded"]
    gives: str
    systems: list[str]
    reference: bool


class GateLine(Shape):
    """A gate of the card."""

    name: str
    title: str
    approver: str
    roles: list[str]
    binds: list[str]
    refuses_when: list[str]
    quorum: int
    not_by: list[str]
    validity_minutes: int | None
    outside: str | None


class OutcomeLine(Shape):
    """A named end or rest."""

    name: str
    when: str
    final: bool


class HoldRow(Shape):
    """A line of the card's holds."""

    id: str
    trigger: str
    effect: str
    waivable: bool


class BoundaryRow(Shape):
    """What the scenario must not do."""

    id: str
    text: str


class PreconditionRow(Shape):
    """A precondition of the card."""

    id: str
    text: str


class ParameterLine(Shape):
    """A choice that the card leaves open; values in words."""

    name: str
    default: str
    why: str
    type: str
    unit: str
    options: list[str]


class CardPerson(Shape):
    """A role of the card."""

    id: str
    role: str
    does: str


class GraphNode(Shape):
    """A step of the graph. `kind` tells how it is drawn."""

    id: str
    title: str
    kind: Literal["start", "step", "person", "gate", "effect", "rest", "end"]


class GraphEdge(Shape):
    """A way from one step to another; conditional ones are taken only sometimes."""

    source: str
    target: str
    conditional: bool


class Graph(Shape):
    """The compiled graph."""

    nodes: list[GraphNode]
    edges: list[GraphEdge]


class ScenarioPage(Shape):
    """One scenario, complete."""

    slug: str
    short: str
    title: str
    family: str
    pattern: str
    version: str
    purpose: str
    trigger: str
    artifact: str
    contents: list[str]
    people: list[CardPerson]
    sources: list[SourceLine]
    preconditions: list[PreconditionRow]
    gates: list[GateLine]
    holds: list[HoldRow]
    boundary: list[BoundaryRow]
    outcomes: list[OutcomeLine]
    parameters: list[ParameterLine]
    rules: list[str]
    privacy: list[str]
    lane: str
    lane_id: str
    audience: list[str]
    graph: Graph
