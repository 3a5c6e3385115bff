"""Pattern: a packet of documents becomes one structured record with provenance, staged or sent to an exception queue.

receive → freeze → read → index → extract → reconcile → compose → challenge → check → settle
   ↑ ↘ converse · object · review_edits → settle                                        │
   └────────────── gate (a person) · rest (anything new) ←──────────────────────────────┤
                                                                     release → end ←────┘
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

import orjson
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from agents.drafting import DraftingTask, draft
from agents.extraction import extract as extract_statements
from agents.material import Findings
from agents.objections import challenge as challenge_draft
from agents.reconciliation import ReconciliationTask
from agents.reconciliation import reconcile as weigh
from agents.statements import Statement
from agents.verification import (
    blocked_requests,
    check_signals,
    missing_provenance,
    settle_by_people,
    unused,
    verify_citations,
)
from casefile.artifact import Revision, next_revision
from casefile.artifact import compose as compose_artifact
from casefile.checks import blockers_of, holds_of
from casefile.evidence import Evidence, Reading
from casefile.registers import AnyItem, Contradiction, OpenQuestion, RegisterName, merge
from graphs.configuration import active_schema, configuration, extra_fields, fields_in_force
from graphs.context import RunContext, State
from graphs.nodes import gate, intake, people
from lineage.canonical import Json
from runtime.store.turn import Turn

IMAGE_KINDS = ("png", "jpg", "jpeg")


def build() -> Any:
    """The graph, uncompiled."""
    graph = StateGraph(State, context_schema=RunContext)
    steps = [("freeze", intake.freeze), ("read", intake.read), ("index", intake.index), ("extract", extract)]
    steps += [("reconcile", reconcile), ("compose", compose), ("challenge", challenge), ("check", check)]
    graph.add_sequence(steps)
    for name, node in (
        ("receive", intake.receive),
        ("converse", people.converse),
        ("object", people.object_),
        ("review_edits", people.review_edits),
        ("settle", gate.settle),
        ("gate", gate.gate),
        ("rest", gate.rest),
        ("release", gate.release),
    ):
        graph.add_node(name, node)
    graph.add_edge(START, "receive")
    graph.add_edge("check", "settle")
    for name in ("converse", "object", "review_edits"):
        graph.add_edge(name, "settle")
    for name in ("gate", "rest"):
        graph.add_edge(name, "receive")
    graph.add_conditional_edges(
        "receive", _next, ["freeze", "reconcile", "converse", "object", "review_edits", "settle"]
    )
    graph.add_conditional_edges("settle", _next, {**{n: n for n in ("receive", "gate", "rest", "release")}, "end": END})
    graph.add_conditional_edges("release", _next, {"gate": "gate", "rest": "rest", "end": END})
    return graph


def _next(state: State) -> str:
    return state["next"]


# --- the pass: what the agents do to one event, computed in stages and committed as one turn at `check` ----------


@dataclass(slots=True)
class Pass:
    """One pass over the case file. It lives in this process only: a crash loses it, and its nodes compute it again.

    `work`, `registers` and `revisions` are as the store has them; `turn` collects what the pass changes.
    """

    event: int
    now: datetime
    turn: Turn
    evidence: list[Evidence]
    readings: dict[str, Reading]
    work: dict[str, str]
    registers: dict[RegisterName, list[AnyItem]]
    revisions: list[Revision]
    stages: list[str] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)


Stage: TypeAlias = Callable[[RunContext, Pass], None]


async def _through(last: str, state: State, context: RunContext) -> Pass:
    """The pass of this event, computed up to and with the stage `last`; stages that are done are not done again."""
    current = context.scratch
    if not isinstance(current, Pass) or current.event != state["event"]:
        evidence = await context.store.evidence()
        current = Pass(
            event=state["event"],
            now=context.now(state),
            turn=context.turn(state, "pass"),
            evidence=evidence,
            readings=await context.read_all(evidence),
            work=await context.store.work("statements:*", "quarantined:*", "checked:*", "absent:*", "settled:*"),
            registers=await context.store.registers(),
            revisions=await context.store.revisions(),
        )
        context.scratch = current
    for name, stage in STAGES.items():
        if name not in current.stages:
            stage(context, current)
            current.stages.append(name)
        if name == last:
            break
    return current


async def extract(state: State, runtime: Runtime[RunContext]) -> State:
    """What each new item says about the fields, and which items nobody may rest anything on."""
    await _through("extract", state, runtime.context)
    return {}


async def reconcile(state: State, runtime: Runtime[RunContext]) -> State:
    """Weigh all statements again under the present clock and ledger; settle the configuration in force."""
    await _through("reconcile", state, runtime.context)
    return {}


async def compose(state: State, runtime: Runtime[RunContext]) -> State:
    """Put the artifact together; a changed content is a new revision, the same content is none."""
    await _through("compose", state, runtime.context)
    return {}


async def challenge(state: State, runtime: Runtime[RunContext]) -> State:
    """The objection agent attacks the draft; what it says stands beside it and stops nothing by itself."""
    await _through("challenge", state, runtime.context)
    return {}


async def check(state: State, runtime: Runtime[RunContext]) -> State:
    """Which of the card's holds and preconditions apply; then the whole pass is committed as one turn."""
    context = runtime.context
    done = await _through("check", state, context)
    context.scratch = None
    await context.store.commit(done.turn)
    return {}


def _extract(context: RunContext, this: Pass) -> None:
    schema_fields = extra_fields(context, this.evidence, this.readings)
    fields = {**context.scenario.fields, **context.scenario.evidence_fields, **schema_fields}
    for item in this.evidence:
        if item.withdrawn or f"statements:{item.id}" in this.work:
            continue
        found = extract_statements(item, this.readings[item.id], fields, context.scenario, context.packet.tenant_ids())
        made = {f"statements:{item.id}": orjson.dumps([s.model_dump(mode="json") for s in found]).decode()}
        checked = orjson.loads(this.work.get(f"checked:{item.id}", "{}"))
        if checked.get("secrets") or checked.get("personal"):
            made[f"quarantined:{item.id}"] = "1"
        this.turn.work |= made
        this.work |= made
        content: dict[str, Json] = {"item": item.id, "statements": len(found)}
        this.turn.entries.append(
            context.by_agent(
                "extracted", "extraction", this.turn, citations=(item.sha256,), content={"extracted": content}
            )
        )


def _reconcile(context: RunContext, this: Pass) -> None:
    quarantined = frozenset(n.removeprefix("quarantined:") for n in this.work if n.startswith("quarantined:"))
    schema, schema_signals = active_schema(this.evidence, this.readings, quarantined)
    this.findings = weigh(
        ReconciliationTask(
            scenario=context.scenario,
            parameters=context.parameters,
            now=this.now,
            tenant=context.packet.tenant.id,
            tenant_name=context.packet.tenant.name,
            tenants=context.packet.tenant_ids(),
            evidence=this.evidence,
            readings=lambda item: this.readings[item],
            statements={
                name.removeprefix("statements:"): [Statement.model_validate(s) for s in orjson.loads(body)]
                for name, body in this.work.items()
                if name.startswith("statements:")
            },
            fields=fields_in_force(context, schema),
            quarantined=quarantined,
            signals=[*schema_signals, *check_signals(this.work, this.evidence)],
        )
    )
    settle_by_people(this.findings, this.work)
    verify_citations(this.findings, this.readings)
    mandatory = frozenset(f.name for f in schema.fields if f.mandatory) if schema else frozenset()
    missing_provenance(context.scenario, this.findings, mandatory)
    this.turn.work["configuration"] = configuration(context, schema, schema_signals)
    signals = [signal.model_dump(mode="json") for signal in this.findings.signals]
    this.turn.work["signals"] = orjson.dumps(signals).decode()
    summary: dict[str, Json] = {
        "fields": {name: value.status for name, value in this.findings.fields.items()},
        "contradictions": len(this.findings.contradictions),
        "signals": list[Json](sorted({signal.name for signal in this.findings.signals})),
    }
    this.turn.entries.append(context.by_agent("reconciled", "reconciliation", this.turn, content={"summary": summary}))


def _compose(context: RunContext, this: Pass) -> None:
    opened = _merge(this, "contradictions", this.findings.contradictions)
    _merge(this, "open_questions", this.findings.questions)
    registers = {name: this.turn.registers[name] for name in context.scenario.artifact.registers}
    sections = draft(
        DraftingTask(
            this.findings.fields,
            [c for c in this.turn.registers["contradictions"] if isinstance(c, Contradiction) and c.state != "closed"],
            [q for q in this.turn.registers["open_questions"] if isinstance(q, OpenQuestion)],
            [f"{gate.name}: {gate.outside}." for gate in context.scenario.gates if gate.outside],
        )
    )
    artifact = compose_artifact(context.scenario.artifact.name, this.findings.fields, sections, registers)
    revision = next_revision(artifact, this.revisions)
    if revision is None:
        return
    this.turn.revisions.append(revision)
    note: dict[str, Json] = {"revision": revision.revision, "supersedes": list[Json](revision.supersedes)}
    this.turn.entries.append(
        context.by_agent(
            "revision_composed",
            "drafting",
            this.turn,
            base_revision=this.revisions[-1].sha256 if this.revisions else None,
            new_revision=revision.sha256,
            opens=opened,
            content={"revision": note},
        )
    )


def _challenge(context: RunContext, this: Pass) -> None:
    consequential = frozenset(name for name, spec in context.scenario.fields.items() if spec.consequential)
    images = frozenset(item.id for item in this.evidence if item.file.rpartition(".")[2].lower() in IMAGE_KINDS)
    persons = [item for item in this.registers["objections"] if getattr(item, "kind", "") == "person"]
    doubts = challenge_draft(this.findings.fields, consequential, images)
    opened = _merge(this, "objections", [*persons, *doubts])
    if opened:
        content: dict[str, Json] = {"objections": len(opened)}
        this.turn.entries.append(context.by_agent("challenged", "objections", this.turn, opens=opened, content=content))


def _check(context: RunContext, this: Pass) -> None:
    signals = this.findings.signals
    found: dict[RegisterName, Sequence[AnyItem]] = {
        "holds": [*holds_of(context.scenario, signals), *_of_the_roster(context, this)],
        "blockers": blockers_of(context.scenario, signals),
        "exceptions": [*this.findings.exceptions, *unused(this.work, this.evidence)],
        "blocked_requests": blocked_requests(this.work),
    }
    opened = [one for name, items in found.items() for one in _merge(this, name, items)]
    before = {item.id for items in this.registers.values() for item in items if item.state == "open"}
    closed = [i.id for items in this.turn.registers.values() for i in items if i.state == "closed" and i.id in before]
    content: dict[str, Json] = {name: len(items) for name, items in found.items()}
    this.turn.entries.append(
        context.entry("checked", this.turn, opens=tuple(opened), closes=tuple(closed), content={"found": content})
    )


def _of_the_roster(context: RunContext, this: Pass) -> list[AnyItem]:
    """Holds that are not the card's but the settling node's: it opens and closes them."""
    ours = {line.id for line in context.scenario.holds}
    return [item for item in this.registers["holds"] if getattr(item, "kind", "") not in ours]


STAGES: Mapping[str, Stage] = {
    "extract": _extract,
    "reconcile": _reconcile,
    "compose": _compose,
    "challenge": _challenge,
    "check": _check,
}


def _merge(this: Pass, name: RegisterName, found: Sequence[AnyItem]) -> tuple[str, ...]:
    """Merge what the pass found into a register; the ids of the items that are new."""
    standing = this.registers[name]
    merged = merge(name, standing, found)
    this.turn.registers[name] = merged
    known = {item.id for item in standing}
    return tuple(item.id for item in merged if item.id not in known)
