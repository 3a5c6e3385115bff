"""The pass of a copilot loop: what the agents make of new evidence, in stages, committed as one turn at `check`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

import orjson

from agents.account_exhibits import exhibits
from agents.account_findings import examine
from agents.accounts import compare
from agents.compared import Comparison, Loop
from agents.loop_checks import content_signals, reconfirmed, required_by
from agents.loop_drafting import OWNED, LoopDraft, corrections, draft
from agents.loop_objections import challenge
from agents.material import Findings, Signal
from agents.model_spans import names_others
from agents.prose import Prose
from agents.reconciliation import usable_evidence
from agents.trigger import Later, later
from agents.verification import blocked_requests, settle_by_people, unused, verify_citations
from casefile.artifact import Edit, Revision, next_revision
from casefile.checks import blockers_of, holds_after
from casefile.claims import Section
from casefile.edits import difference
from casefile.evidence import Evidence, Reading
from casefile.registers import AnyItem, OpenQuestion, RegisterName
from graphs.asking import Asking
from graphs.context import RunContext, State
from graphs.exhibits import keep
from graphs.nodes.edits import Proposed, propose
from graphs.nodes.loop_state import dumped
from graphs.nodes.model_turns import model_contributions, model_objections
from graphs.stating import composed, entered
from guardrails.minimise import Minimiser
from lineage.canonical import Json
from runtime.store.turn import Turn

GOAL = "goal"
CHAT = "chat"


@dataclass(slots=True)
class Pass:
    """One pass over the case file. It lives in this process only: a crash loses it, and its nodes compute it again."""

    event: int
    now: datetime
    turn: Turn
    evidence: list[Evidence]
    readings: dict[str, Reading]
    work: dict[str, str]
    registers: dict[RegisterName, list[AnyItem]]
    revisions: list[Revision]
    open_edits: list[Edit]
    asking: Asking
    loop: Loop
    prose: Prose
    stages: list[str] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)
    comparison: Comparison = field(default_factory=lambda: Comparison([]))
    after: Later = field(default_factory=Later)
    sections: list[Section] = field(default_factory=list)


Stage: TypeAlias = Callable[[RunContext, Pass], Awaitable[None]]


async def through(last: str, state: State, context: RunContext) -> Pass:
    """The pass of this event, computed up to and with the stage `last`; stages that are done are not done again."""
    current = context.scratch
    if not isinstance(current, Pass) or current.event != state["event"]:
        current = await _begin(state, context)
        context.scratch = current
    for name, stage in STAGES.items():
        if name not in current.stages:
            await stage(context, current)
            current.stages.append(name)
        if name == last:
            break
    return current


async def _begin(state: State, context: RunContext) -> Pass:
    record = (await context.store.standing()).record
    evidence = record.evidence
    work = record.named("checked:*", "absent:*", "settled:*", GOAL)
    readings = await context.read_all(evidence)
    turn = context.turn(state, "pass")
    loop = loop_of(context, context.now(state), evidence, readings, work.get(GOAL, ""))
    return Pass(
        event=state["event"],
        now=context.now(state),
        turn=turn,
        evidence=evidence,
        readings=readings,
        work=work,
        registers=record.registers,
        revisions=record.revisions,
        open_edits=await context.store.open_edits(),
        asking=Asking(context, turn),
        loop=loop,
        prose=Prose(loop),
    )


def loop_of(
    context: RunContext, now: datetime, evidence: list[Evidence], readings: dict[str, Reading], goal: str = ""
) -> Loop:
    """What the agents of the loop may look at. `goal` is the work row of a changed direction, if there is one."""
    return Loop(
        scenario=context.scenario,
        parameters=context.parameters,
        now=now,
        tenants=context.packet.tenant_ids(),
        people=context.packet.people,
        usable=usable_evidence(evidence, frozenset()),
        readings=lambda item: readings[item],
        asked=" ".join([context.packet.instructions, *_subject_lines(context, evidence, readings)]),
        goal=orjson.loads(goal)["text"] if goal else "",
    )


def _subject_lines(context: RunContext, evidence: Sequence[Evidence], readings: Mapping[str, Reading]) -> Iterator[str]:
    """Where the customer names the account: mails, and tickets as data. What is named is looked up, never believed."""
    for item in evidence:
        reading = readings[item.id]
        if item.system in context.scenario.data["accounts"]["prose"]["systems"] or reading.kind == "eml":
            yield from (span.text for span in reading.spans)


async def _reconcile(context: RunContext, this: Pass) -> None:
    this.comparison = compare(this.loop)
    this.after = later(this.loop, this.comparison)
    this.findings = examine(this.loop, this.comparison, this.after, this.prose)
    settle_by_people(this.findings, this.work)
    verify_citations(this.findings, this.readings)
    if not context.packet.instructions.strip() and GOAL not in this.work:
        this.findings.signal("scope_missing", "scope", "nobody has said what the copilot may do")
    this.turn.work["signals"] = dumped(this.findings.signals)
    summary: dict[str, Json] = {
        "fields": {name: value.status for name, value in this.findings.fields.items()},
        "contradictions": len(this.findings.contradictions),
        "signals": list[Json](sorted({signal.name for signal in this.findings.signals})),
    }
    this.turn.entries.append(context.by_agent("reconciled", "reconciliation", this.turn, content={"summary": summary}))


async def _compose(context: RunContext, this: Pass) -> None:
    opened = _merge(this, "contradictions", this.findings.contradictions)
    opened += _merge(this, "open_questions", _questions(this))
    goal = orjson.loads(this.work[GOAL]) if GOAL in this.work else {}
    questions = [q for q in this.turn.registers["open_questions"] if isinstance(q, OpenQuestion)]
    drafted = draft(
        LoopDraft(
            loop=this.loop,
            comparison=this.comparison,
            after=this.after,
            findings=this.findings,
            questions=questions,
            prose=this.prose,
            goal=goal.get("text", context.packet.instructions),
            goal_by=goal.get("by", context.packet.requested_by),
        )
    )
    edits = await _edits(context, this, drafted)
    if this.asking.possible:  # the model may have put questions
        _merge(this, "open_questions", _questions(this))
    kept = await propose(context, this.turn, edits, this.sections, this.evidence, this.open_edits)
    this.open_edits = kept.open_edits
    _revise(context, this, kept, opened)


def _questions(this: Pass) -> list[AnyItem]:
    """What the evidence leaves open, and what people asked in the chat to keep open: no evidence closes that."""
    standing = this.registers["open_questions"]
    kept = [q for q in standing if isinstance(q, OpenQuestion) and q.about == CHAT and q.state == "open"]
    return [*this.findings.questions, *kept]


async def _edits(context: RunContext, this: Pass, drafted: Sequence[Section]) -> list[Edit]:
    """What the agents would change. The first draft is the first revision, and changes nothing."""
    if this.revisions:
        goal = next((s for s in drafted if s.id == "scope"), None)
        standing = this.revisions[-1].artifact.sections
        # The goal is the lead's own words: it is not proposed to the lead.
        this.sections = [goal if goal is not None and s.id == "scope" else s for s in standing]
        edits = difference(this.sections, drafted, OWNED)
    else:
        this.sections = list(drafted)
        edits = corrections(this.prose, drafted)
    return [*edits, *await model_contributions(this.asking, this.loop, this.prose, this.sections, this.findings)]


def _revise(context: RunContext, this: Pass, kept: Proposed, opened: tuple[str, ...]) -> None:
    usable = {item.id: item for item in this.loop.usable}
    doubted = frozenset(edit.target for edit in kept.new if edit.before) if this.revisions else frozenset[str]()
    this.sections = reconfirmed(this.sections, usable, this.readings, doubted)
    made = revise(
        context, this.turn, this.revisions, this.sections, this.findings, this.turn.registers, opened, this.asking
    )
    current = made or (this.revisions[-1] if this.revisions else None)
    if current is not None:
        keep(context, this.turn, current.revision, exhibits(this.loop, this.comparison, this.sections))
    required = required_by(this.findings.fields, this.readings, context.scenario.data["queue_kinds"])
    signals = content_signals(this.sections, this.findings.fields, required, this.prose.minimise, this.open_edits)
    this.turn.work["signals:content"] = dumped(signals)


def revise(
    context: RunContext,
    turn: Turn,
    revisions: Sequence[Revision],
    sections: Sequence[Section],
    findings: Findings,
    registers: Mapping[RegisterName, Sequence[AnyItem]],
    opened: tuple[str, ...] = (),
    asking: Asking | None = None,
) -> Revision | None:
    """A changed content is a new revision, the same content is none. What `asking` took of a model stands in it."""
    artifact = composed(context.scenario, findings.fields, sections, registers)
    revision = next_revision(artifact, list(revisions))
    if revision is None:
        return None
    turn.revisions.append(revision)
    note: dict[str, Json] = {"revision": revision.revision, "supersedes": list(revision.supersedes)}
    turn.entries.append(
        context.by_agent(
            "revision_composed",
            "drafting",
            turn,
            asking.taken.get("extraction") or asking.taken.get("reconciliation") if asking is not None else None,
            base_revision=revisions[-1].sha256 if revisions else None,
            new_revision=revision.sha256,
            opens=opened,
            content={"revision": note},
        )
    )
    return revision


async def _challenge(context: RunContext, this: Pass) -> None:
    persons = [item for item in this.registers["objections"] if getattr(item, "kind", "") == "person"]
    doubts = challenge(this.findings, this.after, this.prose)
    doubts += await model_objections(this.asking, this.loop, this.prose, this.sections, this.findings)
    opened = _merge(this, "objections", [*persons, *doubts])
    if doubts:
        entry = context.by_agent(
            "challenged",
            "objections",
            this.turn,
            this.asking.taken.get("objections"),
            opens=opened,
            content={"objections": len(doubts)},
        )
        this.turn.entries.append(entry)


async def _check(context: RunContext, this: Pass) -> None:
    content = [Signal.model_validate(one) for one in orjson.loads(this.turn.work["signals:content"])]
    signals = [*this.findings.signals, *content]
    minimise = this.prose.minimise
    requests = []
    for item in blocked_requests(this.work):
        foreign = names_others(item.quote, this.loop.tenants)
        quote = "a line about another tenant, left out" if foreign else minimise.text(item.quote)
        requests.append(item.model_copy(update={"quote": quote}))
    # Personal data is what a support case is made of: it is minimised, and quarantines nothing here.
    found: dict[RegisterName, Sequence[AnyItem]] = {
        "holds": holds_after(context.scenario, this.registers["holds"], signals),
        "blockers": blockers_of(context.scenario, signals),
        "exceptions": [
            *this.findings.exceptions,
            *(i for i in unused(this.work, this.evidence) if i.kind != "quarantined"),
        ],
        "blocked_requests": requests,
    }
    opened = [one for name, items in found.items() for one in _merge(this, name, items)]
    before = {item.id for items in this.registers.values() for item in items if item.state == "open"}
    closed = [i.id for items in this.turn.registers.values() for i in items if i.state == "closed" and i.id in before]
    counts: dict[str, Json] = {name: len(items) for name, items in found.items()}
    self_said: dict[str, Json] = {"found": counts, "notes": list[Json](this.asking.notes)}
    entry = context.entry("checked", this.turn, opens=tuple(opened), closes=tuple(closed), content=self_said)
    this.turn.entries.append(entry)
    this.turn.work["signals:loop"] = "[]"
    this.turn.work["stalled"] = "0"
    await this.asking.settle()


STAGES: Mapping[str, Stage] = {
    "reconcile": _reconcile,
    "compose": _compose,
    "challenge": _challenge,
    "check": _check,
}


def _merge(this: Pass, name: RegisterName, found: Sequence[AnyItem]) -> tuple[str, ...]:
    standing = this.registers[name]
    merged = entered(name, standing, found)
    this.turn.registers[name] = merged
    known = {item.id for item in standing}
    return tuple(item.id for item in merged if item.id not in known)


def minimiser(context: RunContext) -> Minimiser:
    """What the scenario leaves out."""
    return Minimiser(context.scenario.data["minimise"])
