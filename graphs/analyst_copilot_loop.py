"""Pattern: a copilot loop. Agents compare, draft and propose edits turn by turn; a person accepts, redirects, hands off.

receive → freeze → read → index → reconcile → compose → challenge → check → settle
   ↑ ↘ converse (ask · change · find · redirect · object · refuse) · object · review_edits → settle
   └────────────── gate (a person) · rest (anything new) ←─────────────── release → end ←────┘

After the first revision every agent contribution to the sections is a set of edits: only what a person accepts is written.
"""  # noqa: E501

from __future__ import annotations

from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from graphs.context import RunContext, State
from graphs.nodes import copilot, edits, gate, intake, people
from graphs.nodes.copilot_pass import through


def build() -> Any:
    """The graph, uncompiled."""
    graph = StateGraph(State, context_schema=RunContext)
    steps = [("freeze", intake.freeze), ("read", intake.read), ("index", intake.index), ("reconcile", reconcile)]
    steps += [("compose", compose), ("challenge", challenge), ("check", check)]
    graph.add_sequence(steps)
    for name, node in (
        ("receive", intake.receive),
        ("converse", copilot.converse),
        ("object", people.object_),
        ("review_edits", edits.review),
        ("settle", gate.settle),
        ("gate", gate.gate),
        ("rest", gate.rest),
        ("release", gate.release),
    ):
        graph.add_node(name, node)
    graph.add_edge(START, "receive")
    graph.add_edge("check", "settle")
    for name in ("object", "review_edits"):
        graph.add_edge(name, "settle")
    for name in ("gate", "rest"):
        graph.add_edge(name, "receive")
    graph.add_conditional_edges("converse", _next, ["settle", "reconcile"])
    routes = ["freeze", "reconcile", "converse", "object", "review_edits", "settle"]
    graph.add_conditional_edges("receive", _next, routes)
    graph.add_conditional_edges("settle", _next, {**{n: n for n in ("receive", "gate", "rest", "release")}, "end": END})
    graph.add_conditional_edges("release", _next, {"gate": "gate", "rest": "rest", "end": END})
    return graph


def _next(state: State) -> str:
    return state["next"]


async def reconcile(state: State, runtime: Runtime[RunContext]) -> State:
    """Compare the records on one time axis and weigh what people wrote against them."""
    await through("reconcile", state, runtime.context)
    return {}


async def compose(state: State, runtime: Runtime[RunContext]) -> State:
    """The first draft becomes the first revision; every later one becomes proposed edits."""
    await through("compose", state, runtime.context)
    return {}


async def challenge(state: State, runtime: Runtime[RunContext]) -> State:
    """The objection agent attacks the draft."""
    await through("challenge", state, runtime.context)
    return {}


async def check(state: State, runtime: Runtime[RunContext]) -> State:
    """Holds, preconditions, exceptions, blocked requests; then the whole pass is committed as one turn."""
    context = runtime.context
    done = await through("check", state, context)
    context.scratch = None
    await context.store.commit(done.turn)
    return {}
