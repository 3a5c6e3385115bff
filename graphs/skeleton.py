"""The graph that patterns share. A pattern gives its agents (`graphs.governed_pass.Pattern`) and is a graph of its own.

receive → freeze → read → index → extract (→ agents of the pattern) → reconcile → compose → challenge → check → settle
   ↑ ↘ converse · object · review_edits → settle, or reconcile where the pattern weighs them   │
   └────────────── gate (a person) · rest (anything new) ←─────────────────────────────────────┤
                                                                        release → end ←────────┘
"""

from __future__ import annotations

from collections.abc import Hashable
from itertools import pairwise
from typing import Any, Final

from langgraph.graph import END, START, StateGraph

from graphs.context import RunContext, State
from graphs.governed_pass import Node, Pattern, nodes_of
from graphs.nodes import gate, intake, people

# Of a node that looks at the case and acts on nothing, in its metadata.
LOOKS: Final = "looks"
_AFTER_SETTLE = ("receive", "gate", "rest", "release")


def build(pattern: Pattern) -> Any:
    """The graph of a pattern, uncompiled."""
    graph = StateGraph(State, context_schema=RunContext)
    steps: list[tuple[str, Node]] = [("freeze", intake.freeze), ("read", intake.read), ("index", intake.index)]
    steps += nodes_of(pattern).items()
    for name, node in steps:
        # A rehearsal goes through them: they look, and have no effect.
        graph.add_node(name, node, metadata={LOOKS: True})
    for (one, _), (following, _) in pairwise(steps):
        graph.add_edge(one, following)
    shared: dict[str, Node] = {
        "receive": intake.receiver(always_weigh=_weighed(pattern)),
        "converse": people.converser(weighed=pattern.weighs_chat),
        "object": people.object_,
        "review_edits": people.review_edits,
        "settle": gate.settle,
        "gate": gate.gate,
        "rest": gate.rest,
        "release": gate.release,
    }
    nodes = {**shared, **pattern.nodes}
    for name, node in nodes.items():
        graph.add_node(name, node)
    graph.add_edge(START, "receive")
    graph.add_edge("check", "settle")
    graph.add_edge("review_edits", "settle")
    graph.add_edge("converse", pattern.weighing if pattern.weighs_chat else "settle")
    graph.add_edge("object", pattern.weighing if pattern.weighs_objections else "settle")
    own = [name for name in nodes if name not in shared]
    for name in ("gate", "rest", *own):
        graph.add_edge(name, "receive")
    routes: dict[Hashable, str] = {name: name for name in ("freeze", "converse", "object", "review_edits", "settle")}
    graph.add_conditional_edges("receive", _next, {**routes, "reconcile": pattern.weighing})
    graph.add_conditional_edges("settle", _next, {**{n: n for n in (*_AFTER_SETTLE, *own)}, "end": END})
    graph.add_conditional_edges("release", _next, {"gate": "gate", "rest": "rest", "receive": "receive", "end": END})
    return graph


def _weighed(pattern: Pattern) -> frozenset[str]:
    return frozenset({"decides"} if pattern.weighs_decisions else ())


def _next(state: State) -> str:
    return state["next"]
