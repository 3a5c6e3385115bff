"""The pass that every pattern shares: what its agents make of one event, in stages, committed as one turn at `check`.

A pattern says what its agents see in the case file (`assess`); precedence of people's choices, citations, revisions,
registers and the lineage of the pass are the same for all.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeAlias

import orjson
from langgraph.runtime import Runtime

from agents.case_view import Assessment, CaseView, Happening
from agents.objections import challenge as challenge_draft
from agents.reconciliation import usable_evidence
from agents.verification import (
    blocked_requests,
    check_signals,
    missing_provenance,
    settle_by_people,
    standing_sections,
    unused,
    verify_citations,
)
from casefile.artifact import Revision, next_revision
from casefile.checks import blockers_of, holds_after
from casefile.claims import Section
from casefile.evidence import Evidence, Reading
from casefile.registers import AnyItem, BlockedRequest, RegisterName
from graphs.agent_step import AgentStep, work
from graphs.asking import Asking
from graphs.boundary import boundary_of
from graphs.context import RunContext, State
from graphs.exhibits import keep
from graphs.nodes.model_fields import fill_from_words
from graphs.stating import composed, entered
from guardrails import instructions
from guardrails.sieve import secret_free
from lineage.canonical import Json, digest
from runtime.clock import instant
from runtime.store.turn import Event, Refused, Turn

IMAGE_KINDS = ("png", "jpg", "jpeg")
KEPT = "kept:"
# When time alone may change what was found, as a JSON list of instants: a clock wakes the run then.
DEADLINES = KEPT + "deadlines"
# What the agent of a step told last, by hash.
TOLD = "told:"
# The subject of gates that bind the next planned action.
ACTION = "action"
Node: TypeAlias = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Pattern:
    """What differs between patterns.

    * `assess`: what the agents make of the whole case file; `read_items`: what they make of each new item once
      (names to texts, found again in `CaseView.kept`)
    * `draft`: the sections, when the contradictions and questions have their numbers; else those of the assessment
    * `weighs_chat`, `weighs_objections`, `weighs_decisions`: such an event changes the content, and a pass follows it
    * `before`: agents that each do a part of what is weighed, in order, by the name of their step; each has a node
    * `agents`: who does a stage in this pattern, where it is not the agent that does it in all others
    * `nodes`: shared nodes that the pattern replaces, or nodes of its own after `settle`
    """

    assess: Callable[[CaseView], Assessment]
    read_items: Callable[[CaseView], dict[str, str]] | None = None
    draft: Callable[[CaseView, Assessment, Mapping[RegisterName, Sequence[AnyItem]]], list[Section]] | None = None
    weighs_chat: bool = False
    weighs_objections: bool = False
    weighs_decisions: bool = False
    before: Mapping[str, AgentStep] = field(default_factory=dict)
    agents: Mapping[str, str] = field(default_factory=dict)
    nodes: Mapping[str, Node] = field(default_factory=dict)

    def agent(self, stage: str) -> str:
        """Under whose name a stage is entered."""
        return self.agents.get(stage, _AGENTS[stage])

    @property
    def weighing(self) -> str:
        """The step at which weighing begins."""
        return next(iter(self.before), "reconcile")


@dataclass(slots=True)
class Pass:
    """One pass over the case file. It lives in this process only: a crash loses it, and its nodes compute it again.

    `work`, `registers` and `revisions` are as the store has them; `turn` collects what the pass changes.
    """

    event: Event
    now: datetime
    turn: Turn
    evidence: list[Evidence]
    readings: dict[str, Reading]
    work: dict[str, str]
    registers: dict[RegisterName, list[AnyItem]]
    revisions: list[Revision]
    view: CaseView
    asking: Asking
    stages: list[str] = field(default_factory=list)
    assessment: Assessment = field(default_factory=Assessment)


Stage: TypeAlias = Callable[[Pattern, RunContext, Pass], Awaitable[None]]


def nodes_of(pattern: Pattern) -> dict[str, Node]:
    """The pass as nodes of a graph, in order."""

    def node(name: str) -> Node:
        async def stage(state: State, runtime: Runtime[RunContext]) -> State:
            done = await _through(name, pattern, state, runtime.context)
            if name == "check":
                runtime.context.scratch = None
                await runtime.context.store.commit(done.turn)
            return {}

        stage.__doc__ = stages[name].__doc__
        return stage

    stages = _stages(pattern)
    return {name: node(name) for name in stages}


def _stages(pattern: Pattern) -> dict[str, Stage]:
    """The stages of a pattern in order: its own agents work before what they found is weighed."""
    found: dict[str, Stage] = {}
    for name, stage in STAGES.items():
        if name == "reconcile":
            found |= {step: _part(step, one) for step, one in pattern.before.items()}
        found[name] = stage
    return found


def _part(step: str, one: AgentStep) -> Stage:
    async def stage(_pattern: Pattern, context: RunContext, this: Pass) -> None:
        found, told = work(one, context, this.turn, this.view, this.view.kept.get(TOLD + step))
        this.turn.work[KEPT + TOLD + step] = told
        this.view = replace(this.view, parts={**this.view.parts, step: found})

    stage.__doc__ = one.work.__doc__
    return stage


async def _through(last: str, pattern: Pattern, state: State, context: RunContext) -> Pass:
    """The pass of this event, computed up to and with the stage `last`; stages that are done are not done again."""
    current = context.scratch
    if not isinstance(current, Pass) or current.event.seq != state["event"]:
        current = await _begin(state, context)
        context.scratch = current
    for name, stage in _stages(pattern).items():
        if name not in current.stages:
            await stage(pattern, context, current)
            current.stages.append(name)
        if name == last:
            break
    return current


async def _begin(state: State, context: RunContext) -> Pass:
    standing = await context.store.standing()
    record, event = standing.record, standing.event
    evidence, revisions = record.evidence, record.revisions
    readings = await context.read_all(evidence)
    work = record.named(f"{KEPT}*", "checked:*", "absent:*", "settled:*")
    if event is None or event.seq != state["event"]:  # the event is closed: a crash came between, nothing is changed
        event = Event("", "passes", state["at"], "{}", state["event"])
    quarantined = frozenset(quarantined_items(context, work))
    view = CaseView(
        scenario=context.scenario,
        parameters=context.parameters,
        policy_version=context.policy_version,
        packet=context.packet,
        now=context.now(state),
        happening=Happening(event.kind, event.body),
        evidence=evidence,
        usable=usable_evidence(evidence, quarantined),
        quarantined=quarantined,
        readings=lambda item: readings[item],
        revisions=revisions,
        decisions=record.decisions,
        effects=record.effects,
        systems=context.systems,
        checks=check_signals(work, evidence),
        run=f"{context.installation.id}/{context.store.tenant}/{context.store.run}",
        kept={name.removeprefix(KEPT): body for name, body in work.items() if name.startswith(KEPT)},
    )
    turn = context.turn(state, "pass")
    asking = Asking(context, turn)
    return Pass(event, view.now, turn, evidence, readings, work, record.registers, revisions, view, asking)


def quarantined_items(context: RunContext, work: Mapping[str, str]) -> list[str]:
    """The items that nothing may rest on: the scenario says for what."""
    return [
        name.removeprefix("checked:")
        for name, body in work.items()
        if name.startswith("checked:") and any(orjson.loads(body).get(kind) for kind in context.scenario.quarantines)
    ]


async def _extract(pattern: Pattern, context: RunContext, this: Pass) -> None:
    """What each new item says, and which items nobody may rest anything on."""
    if pattern.read_items is None:
        return
    made = pattern.read_items(this.view)
    this.turn.work |= {KEPT + name: body for name, body in made.items()}
    this.view = _with_kept(this.view, made)
    hashes = {item.id: item.sha256 for item in this.evidence}
    agent = pattern.agent("extract")
    for name in made:
        item = name.partition(":")[2]
        cited = (hashes[item],) if item in hashes else ()
        content: dict[str, Json] = {"extracted": {"item": item}}
        this.turn.entries.append(context.by_agent("extracted", agent, this.turn, citations=cited, content=content))


def _with_kept(view: CaseView, made: Mapping[str, str]) -> CaseView:
    return replace(view, kept={**view.kept, **made})


async def _reconcile(pattern: Pattern, context: RunContext, this: Pass) -> None:
    """Weigh everything again under the present clock and ledger; settle the configuration in force."""
    this.assessment = done = pattern.assess(this.view)
    findings = done.findings
    await fill_from_words(this.asking, this.view, findings)
    findings.signals += [signal for signal in this.view.checks if signal not in findings.signals]
    settle_by_people(findings, this.work)
    verify_citations(findings, this.readings)
    findings.fields = {name: secret_free(value) for name, value in findings.fields.items()}
    missing_provenance(context.scenario, findings, done.mandatory)
    this.turn.work |= {KEPT + name: body for name, body in done.keep.items()}
    this.turn.work[DEADLINES] = orjson.dumps([instant(at) for at in findings.moments(this.now)]).decode()
    this.turn.work |= _bound(done)
    this.turn.work["signals"] = orjson.dumps([s.model_dump(mode="json") for s in findings.signals]).decode()
    turn = int(this.event.seq)
    for action, by, reason in done.refused:
        this.turn.refusals.append(Refused(action, by, reason, turn, this.event.at))
        person = context.person(by)
        this.turn.entries.append(context.entry("refused", this.turn, actor=person, content={"reason": reason}))
    summary: dict[str, Json] = {
        "fields": {name: value.status for name, value in findings.fields.items()},
        "contradictions": len(findings.contradictions),
        "signals": list[Json](sorted({signal.name for signal in findings.signals_at(this.now)})),
    }
    words = this.asking.taken.get("extraction")
    entry = context.by_agent("reconciled", pattern.agent("reconcile"), this.turn, words, content={"summary": summary})
    this.turn.entries.append(entry)


def _bound(done: Assessment) -> dict[str, str]:
    """What gates bind beside the revision, by hash, and under which standing approval a release may run."""
    subjects = {name: digest(content) for name, content in done.subjects.items()}
    if done.due is not None:
        subjects[ACTION] = done.due.subject()
    configuration = {"sha256": subjects.pop("configuration", ""), "blocked": done.blocked, "standing": done.standing}
    return {
        "subjects": orjson.dumps(subjects).decode(),
        "configuration": orjson.dumps(configuration).decode(),
        "offers": orjson.dumps({g: [o.model_dump() for o in given] for g, given in done.offered.items()}).decode(),
        "attach": orjson.dumps(done.attach).decode(),
        "due": done.due.model_dump_json() if done.due is not None else "",
        "roster": orjson.dumps(done.roster).decode(),
        "named": orjson.dumps(
            {g: [m.model_dump(mode="json") for m in given] for g, given in done.named.items()}
        ).decode(),
    }


async def _compose(pattern: Pattern, context: RunContext, this: Pass) -> None:
    """Put the artifact together; a changed content is a new revision, the same content is none."""
    findings = this.assessment.findings
    opened = _merge(this, "contradictions", findings.contradictions)
    _merge(this, "open_questions", findings.questions)
    _merge_doubts(context, this)
    _merge_checks(context, this)
    sections = this.assessment.sections
    if pattern.draft is not None:
        sections = pattern.draft(this.view, this.assessment, this.turn.registers)
    sections = standing_sections(sections, this.readings)
    artifact = composed(context.scenario, findings.fields, sections, this.turn.registers)
    revision = next_revision(artifact, this.revisions, [item.id for item in this.view.prior])
    keep(context, this.turn, (revision or this.revisions[-1]).revision, this.assessment.exhibits)
    if revision is None:
        return
    this.turn.revisions.append(revision)
    note: dict[str, Json] = {"revision": revision.revision, "supersedes": list[Json](revision.supersedes)}
    this.turn.entries.append(
        context.by_agent(
            "revision_composed",
            pattern.agent("compose"),
            this.turn,
            this.asking.taken.get("extraction"),
            base_revision=this.revisions[-1].sha256 if this.revisions else None,
            new_revision=revision.sha256,
            opens=opened,
            content={"revision": note},
        )
    )


def _merge_doubts(context: RunContext, this: Pass) -> None:
    consequential = frozenset(name for name, spec in context.scenario.fields.items() if spec.consequential)
    images = frozenset(item.id for item in this.evidence if item.file.rpartition(".")[2].lower() in IMAGE_KINDS)
    persons = [item for item in this.registers["objections"] if getattr(item, "kind", "") == "person"]
    doubts = challenge_draft(this.assessment.findings.fields, consequential, images)
    _merge(this, "objections", [*persons, *doubts, *this.assessment.doubts])


def _merge_checks(context: RunContext, this: Pass) -> None:
    findings = this.assessment.findings
    signals = findings.signals_at(this.now)
    left_out = [] if context.scenario.quarantines else list(this.view.left_out())
    unread = unused(this.work, this.evidence)
    if not context.scenario.quarantines:
        unread = [item for item in unread if item.kind != "quarantined"]
    requests = [one.model_copy(update={"quote": _shown(context, this, one)}) for one in blocked_requests(this.work)]
    _merge(this, "holds", holds_after(context.scenario, this.registers["holds"], signals))
    _merge(this, "blockers", blockers_of(context.scenario, signals))
    _merge(this, "exceptions", [*findings.exceptions, *left_out, *this.view.unranked(), *unread])
    told = {(one.evidence, one.locator) for one in findings.requests}
    others = [one for one in requests if (one.evidence, one.locator) not in told]
    _merge(this, "blocked_requests", [*findings.requests, *others])


def _shown(context: RunContext, this: Pass, request: BlockedRequest) -> str:
    """The quote as it may be shown: of a source that is not to be copied only the sentence that orders; of one
    outside the boundary nothing."""
    if request.evidence in this.assessment.unread:
        return "not shown"
    item = next((one for one in this.evidence if one.id == request.evidence), None)
    source = this.view.source(item) if item is not None else None
    if source is None or source.copied:
        return request.quote
    return instructions.only_the_order(request.quote, request.locator, boundary_of(context.scenario, context.packet))


async def _challenge(pattern: Pattern, context: RunContext, this: Pass) -> None:
    """The objection agent attacks the draft; what it says stands beside it and stops nothing by itself."""
    opened = _new(this, "objections")
    if opened:
        agent, content = pattern.agent("challenge"), {"objections": len(opened)}
        this.turn.entries.append(context.by_agent("challenged", agent, this.turn, opens=opened, content=content))


async def _check(_pattern: Pattern, context: RunContext, this: Pass) -> None:
    """Which of the card's holds and preconditions apply; then the whole pass is committed as one turn."""
    checked: tuple[RegisterName, ...] = ("holds", "blockers", "exceptions", "blocked_requests")
    opened = [one for name in checked for one in _new(this, name)]
    before = {item.id for items in this.registers.values() for item in items if item.state == "open"}
    closed = [i.id for items in this.turn.registers.values() for i in items if i.state == "closed" and i.id in before]
    counts: dict[str, Json] = {name: len(this.turn.registers[name]) for name in checked}
    content: dict[str, Json] = {"found": counts, "notes": list[Json](this.asking.notes)}
    entry = context.entry("checked", this.turn, opens=tuple(opened), closes=tuple(closed), content=content)
    this.turn.entries.append(entry)
    await this.asking.settle()


_AGENTS: Mapping[str, str] = {
    "extract": "extraction",
    "reconcile": "reconciliation",
    "compose": "drafting",
    "challenge": "objections",
}
STAGES: Mapping[str, Stage] = {
    "extract": _extract,
    "reconcile": _reconcile,
    "compose": _compose,
    "challenge": _challenge,
    "check": _check,
}


def _merge(this: Pass, name: RegisterName, found: Sequence[AnyItem]) -> tuple[str, ...]:
    """Merge what the pass found into a register; the ids of the items that are new."""
    this.turn.registers[name] = entered(name, this.registers[name], found)
    return _new(this, name)


def _new(this: Pass, name: RegisterName) -> tuple[str, ...]:
    known = {item.id for item in this.registers[name]}
    return tuple(item.id for item in this.turn.registers[name] if item.id not in known)
