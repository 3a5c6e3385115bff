"""The catalogue's pages."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from casefile.scenario import Scenario
from graphs import catalogue
from server.models.scenarios import Graph, GraphEdge, GraphNode, ScenarioPage, ScenarioRow
from server.views.now import drawn
from server.views.words import gate_title, step_title

_KINDS = {
    "__start__": "start",
    "__end__": "end",
    "gate": "gate",
    "rest": "rest",
    "release": "effect",
    "converse": "person",
    "object": "person",
    "object_": "person",
    "review_edits": "person",
}


def row(scenario: Scenario) -> ScenarioRow:
    """A line of the catalogue."""
    return ScenarioRow(
        slug=scenario.slug,
        short=scenario.short,
        title=scenario.title,
        family=scenario.family,
        pattern=scenario.pattern,
        purpose=scenario.purpose,
        artifact=scenario.artifact.name,
        lane=scenario.lane.text,
        gates=len(scenario.gates),
        sources=len(scenario.sources),
    )


@lru_cache(maxsize=64)
def page(short: str) -> ScenarioPage:
    """A scenario's page."""
    scenario = catalogue.scenario(short)
    plain = scenario.model_dump(mode="json", by_alias=True)
    whole: dict[str, Any] = {
        **{n: plain[n] for n in ("slug", "short", "title", "family", "pattern", "version", "purpose", "trigger")},
        **{n: plain[n] for n in ("rules", "privacy")},
        "artifact": scenario.artifact.name,
        "contents": scenario.artifact.contents,
        "people": [{name: one.get(name, "") for name in ("id", "role", "does")} for one in plain["people"]],
        "sources": _pick(plain["sources"], "name", "rank", "gives", "systems", "reference"),
        "preconditions": _pick(plain["preconditions"], "id", "text"),
        "gates": [_gate(one) for one in plain["gates"]],
        "holds": _pick(plain["holds"], "id", "trigger", "effect", "waivable"),
        "boundary": _pick(plain["must_not"], "id", "text"),
        "outcomes": _pick(plain["outcomes"], "name", "when", "final"),
        "parameters": [
            {**one, "default": str(one["default"])}
            for one in _pick(plain["parameters"], "name", "default", "why", "type", "unit", "options")
        ],
        "lane": scenario.lane.text,
        "lane_id": scenario.lane.id,
        "audience": scenario.lane.audience,
        "graph": graph(scenario.pattern),
    }
    return ScenarioPage.model_validate(whole)


def _pick(rows: list[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    return [{name: row[name] for name in names} for row in rows]


def _gate(gate: dict[str, Any]) -> dict[str, Any]:
    names = ("name", "approver", "roles", "binds", "quorum", "not_by", "validity_minutes", "outside")
    refuses = [line["text"] for line in gate["refuses_when"]]
    return {**{name: gate[name] for name in names}, "title": gate_title(gate["name"]), "refuses_when": refuses}


def graph(pattern: str) -> Graph:
    """The compiled graph of a pattern."""
    compiled = drawn(pattern)
    nodes = [
        GraphNode.model_validate({"id": name, "title": _title(name), "kind": _KINDS.get(name, "step")})
        for name in compiled.nodes
    ]
    edges = [GraphEdge(source=e.source, target=e.target, conditional=bool(e.conditional)) for e in compiled.edges]
    return Graph(nodes=nodes, edges=edges)


def _title(name: str) -> str:
    return {"__start__": "start", "__end__": "end"}.get(name) or step_title(name)
