"""Pattern: a packet of documents becomes one structured record with provenance, staged or sent to an exception queue.

receive → freeze → read → index → extract → reconcile → compose → challenge → check → settle
   ↑ ↘ converse · object · review_edits → settle                                        │
   └────────────── gate (a person) · rest (anything new) ←──────────────────────────────┤
                                                                     release → end ←────┘
"""

from __future__ import annotations

from typing import Any

import orjson
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from agents.drafting import DraftingTask, draft
from agents.extraction import extract as extract_statements
from agents.material import Findings, Signal
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
from casefile.artifact import compose as compose_artifact
from casefile.artifact import next_revision
from casefile.checks import blockers_of, holds_of
from casefile.claims import FieldValue
from casefile.registers import AnyItem, Contradiction, ExceptionItem, OpenQuestion, merge
from graphs.configuration import active_schema, configuration, extra_fields, fields_in_force
from graphs.context import RunContext, State
from graphs.nodes import gate, intake, people
from lineage.canonical import Json

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


async def extract(state: State, runtime: Runtime[RunContext]) -> State:
    """What each new item says about the fields, and which items nobody may rest anything on."""
    context = runtime.context
    turn = context.turn(state, "extract")
    done = await context.store.work("statements:*", "quarantined:*")
    checked = await context.store.work("checked:*")
    evidence = await context.store.evidence()
    readings = await context.read_all(evidence)
    fields = {
        **context.scenario.fields,
        **context.scenario.evidence_fields,
        **extra_fields(context, evidence, readings),
    }
    for item in evidence:
        if item.withdrawn or f"statements:{item.id}" in done:
            continue
        found = extract_statements(item, readings[item.id], fields, context.scenario, context.packet.tenant_ids())
        turn.work[f"statements:{item.id}"] = orjson.dumps([s.model_dump(mode="json") for s in found]).decode()
        findings = orjson.loads(checked.get(f"checked:{item.id}", "{}"))
        if findings.get("secrets") or findings.get("personal"):
            turn.work[f"quarantined:{item.id}"] = "1"
        content: dict[str, Json] = {"item": item.id, "statements": len(found)}
        turn.entries.append(
            context.by_agent("extracted", "extraction", turn, citations=(item.sha256,), content={"extracted": content})
        )
    await context.store.commit(turn)
    return {}


async def reconcile(state: State, runtime: Runtime[RunContext]) -> State:
    """Weigh all statements again under the present clock and ledger; settle the configuration in force."""
    context = runtime.context
    turn = context.turn(state, "reconcile")
    work = await context.store.work(
        "statements:*", "quarantined:*", "checked:*", "absent:*", "settled:*", "configuration"
    )
    evidence = await context.store.evidence()
    readings = await context.read_all(evidence)
    quarantined = frozenset(name.removeprefix("quarantined:") for name in work if name.startswith("quarantined:"))
    schema, schema_signals = active_schema(evidence, readings, quarantined)
    signals = [*schema_signals, *check_signals(work, evidence)]
    fields = fields_in_force(context, schema)
    findings = weigh(
        ReconciliationTask(
            scenario=context.scenario,
            parameters=context.parameters,
            now=context.now(state),
            tenant=context.packet.tenant.id,
            tenant_name=context.packet.tenant.name,
            tenants=context.packet.tenant_ids(),
            evidence=evidence,
            readings=lambda item: readings[item],
            statements={
                name.removeprefix("statements:"): [Statement.model_validate(s) for s in orjson.loads(body)]
                for name, body in work.items()
                if name.startswith("statements:")
            },
            fields=fields,
            quarantined=quarantined,
            signals=signals,
        )
    )
    settle_by_people(findings, work)
    verify_citations(findings, readings)
    missing_provenance(context.scenario, findings)
    turn.work |= _stored(findings)
    turn.work["configuration"] = configuration(context, schema, schema_signals)
    summary: dict[str, Json] = {
        "fields": {name: value.status for name, value in findings.fields.items()},
        "contradictions": len(findings.contradictions),
        "signals": list[Json](sorted({signal.name for signal in findings.signals})),
    }
    turn.entries.append(context.by_agent("reconciled", "reconciliation", turn, content={"summary": summary}))
    await context.store.commit(turn)
    return {}


async def compose(state: State, runtime: Runtime[RunContext]) -> State:
    """Put the artifact together; a changed content is a new revision, the same content is none."""
    context = runtime.context
    turn = context.turn(state, "compose")
    work = await context.store.work("fields", "contradictions", "open_questions")
    registers = await context.store.registers()
    fields = {name: FieldValue.model_validate(v) for name, v in orjson.loads(work["fields"]).items()}
    contradictions = merge("contradictions", registers["contradictions"], _items(work["contradictions"], Contradiction))
    questions = merge("open_questions", registers["open_questions"], _items(work["open_questions"], OpenQuestion))
    outside = [f"{g.name}: {g.outside}." for g in context.scenario.gates if g.outside]
    sections = draft(
        DraftingTask(
            fields,
            [c for c in contradictions if isinstance(c, Contradiction) and c.state != "closed"],
            [q for q in questions if isinstance(q, OpenQuestion)],
            outside,
        )
    )
    content = {"contradictions": contradictions, "open_questions": questions}
    artifact = compose_artifact(context.scenario.artifact.name, fields, sections, content)  # type: ignore[arg-type]
    turn.registers = content  # type: ignore[assignment]
    earlier = await context.store.revisions()
    revision = next_revision(artifact, earlier)
    if revision is not None:
        turn.revisions.append(revision)
        base = earlier[-1].sha256 if earlier else None
        note: dict[str, Json] = {"revision": revision.revision, "supersedes": list(revision.supersedes)}
        turn.entries.append(
            context.by_agent(
                "revision_composed",
                "drafting",
                turn,
                base_revision=base,
                new_revision=revision.sha256,
                opens=_opened(contradictions, registers["contradictions"]),
                content={"revision": note},
            )
        )
    await context.store.commit(turn)
    return {}


async def challenge(state: State, runtime: Runtime[RunContext]) -> State:
    """The objection agent attacks the draft; what it says stands beside it and stops nothing by itself."""
    context = runtime.context
    turn = context.turn(state, "challenge")
    standing = (await context.store.registers())["objections"]
    fields = {
        name: FieldValue.model_validate(v)
        for name, v in orjson.loads((await context.store.work("fields"))["fields"]).items()
    }
    consequential = frozenset(name for name, spec in context.scenario.fields.items() if spec.consequential)
    images = frozenset(
        item.id for item in await context.store.evidence() if item.file.rpartition(".")[2].lower() in IMAGE_KINDS
    )
    persons = [item for item in standing if getattr(item, "kind", "") == "person"]
    doubts = challenge_draft(fields, consequential, images)
    merged = merge("objections", standing, [*persons, *doubts])
    turn.registers["objections"] = merged
    if doubts:
        turn.entries.append(
            context.by_agent(
                "challenged",
                "objections",
                turn,
                opens=_opened(merged, standing),
                content={"objections": len(doubts)},
            )
        )
    await context.store.commit(turn)
    return {}


async def check(state: State, runtime: Runtime[RunContext]) -> State:
    """Which of the card's holds and preconditions apply; what could not be used; what evidence ordered us to do."""
    context = runtime.context
    turn = context.turn(state, "check")
    work = await context.store.work("signals", "exceptions", "checked:*", "absent:*")
    standing = await context.store.registers()
    signals = [Signal.model_validate(s) for s in orjson.loads(work["signals"])]
    evidence = await context.store.evidence()
    found: dict[str, list[AnyItem]] = {
        "holds": list(holds_of(context.scenario, signals)),
        "blockers": list(blockers_of(context.scenario, signals)),
        "exceptions": [*_items(work["exceptions"], ExceptionItem), *unused(work, evidence)],
        "blocked_requests": list(blocked_requests(work)),
    }
    opened: list[str] = []
    closed: list[str] = []
    for name, items in found.items():
        merged = merge(name, standing[name], items)  # type: ignore[arg-type,index]
        turn.registers[name] = merged  # type: ignore[index]
        opened += _opened(merged, standing[name])  # type: ignore[index]
        before = {item.id for item in standing[name] if item.state == "open"}  # type: ignore[index]
        closed += [item.id for item in merged if item.state == "closed" and item.id in before]
    content: dict[str, Json] = {name: len(items) for name, items in found.items()}
    turn.entries.append(
        context.entry("checked", turn, opens=tuple(opened), closes=tuple(closed), content={"found": content})
    )
    await context.store.commit(turn)
    return {}


def _items(body: str, kind: type[Any]) -> list[Any]:
    return [kind.model_validate(one) for one in orjson.loads(body)]


def _opened(merged: list[AnyItem], standing: list[AnyItem]) -> tuple[str, ...]:
    known = {item.id for item in standing}
    return tuple(item.id for item in merged if item.id not in known)


def _stored(findings: Findings) -> dict[str, str]:
    def dumped(items: Any) -> str:
        # The key is left out of content, and kept here.
        return orjson.dumps([{**item.model_dump(mode="json", by_alias=True), **_key(item)} for item in items]).decode()

    fields = {name: value.model_dump(mode="json", by_alias=True) for name, value in findings.fields.items()}
    return {
        "fields": orjson.dumps(fields).decode(),
        "contradictions": dumped(findings.contradictions),
        "open_questions": dumped(findings.questions),
        "exceptions": dumped(findings.exceptions),
        "signals": dumped(findings.signals),
    }


def _key(item: Any) -> dict[str, str]:
    return {"key": item.key} if hasattr(item, "key") else {}
