"""The run's position, loaded from the store: what the settling node, a decision and the release all check against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import orjson

from agents.material import Signal
from casefile.actions import Due
from casefile.artifact import Revision, sections_digest
from casefile.claims import FieldValue
from casefile.conditions import Facts
from casefile.decisions import Decision
from casefile.effects import Effect
from casefile.evidence import Evidence
from casefile.gates import Offer
from casefile.mandates import Mandate, Mandates
from casefile.packet import Person
from casefile.registers import AnyItem, RegisterName
from casefile.rest import Position
from casefile.scenario import Gate, Scenario
from graphs.context import RunContext, evidence_digest
from runtime.clock import from_instant
from runtime.store.lending import lending
from runtime.store.standing import Record

# Since when a gate is asked: `opened:gate@subject`.
OPENED = "opened:"
# Whom the duties keep apart from which gate, as the lineage has it now: a JSON list of the items of its headers.
APART = "apart"
# The gates at which a run waits now, for lists across cases: a JSON list of names.
WAITING = "waiting_at"


@dataclass(frozen=True, slots=True)
class Loaded:
    """Everything that the questions about a run's position need."""

    revisions: list[Revision]
    registers: dict[RegisterName, list[AnyItem]]
    decisions: list[Decision]
    evidence: list[Evidence]
    signals: list[Signal]
    configuration: dict[str, str]
    subjects: dict[str, str]
    opened: dict[str, datetime]
    attach: list[str]
    named: Mandates
    offered: dict[str, list[Offer]]
    now: datetime
    effects: list[Effect]
    due: Due | None
    roster: dict[str, tuple[str, str]]
    suspended: dict[str, dict[str, str]] = field(default_factory=dict)
    apart: list[str] = field(default_factory=list)

    @property
    def current(self) -> Revision | None:
        """The revision on the table."""
        return self.revisions[-1] if self.revisions else None

    def evidence_digest(self) -> str:
        """One hash over the evidence ledger."""
        return evidence_digest(self.evidence)


async def load(context: RunContext, now: datetime) -> Loaded:
    """Read the position from the store."""
    return await loaded(context, (await context.store.standing()).record, now)


async def loaded(context: RunContext, record: Record, now: datetime) -> Loaded:
    """The position in what was read."""
    names = ("configuration", "subjects", "attach", "named", "offers", "due", "roster", APART)
    work = record.named("signals", "signals:*", *names, f"{OPENED}*")
    return Loaded(
        revisions=record.revisions,
        registers=record.registers,
        decisions=record.decisions,
        evidence=record.evidence,
        signals=[
            signal
            for name in sorted(work)
            if name.partition(":")[0] == "signals"
            for signal in map(Signal.model_validate, orjson.loads(work[name]))
            if signal.at(now)
        ],
        configuration=orjson.loads(work.get("configuration", "{}")),
        subjects=orjson.loads(work.get("subjects", "{}")),
        opened={n.removeprefix(OPENED): from_instant(at) for n, at in work.items() if n.startswith(OPENED)},
        attach=orjson.loads(work.get("attach", "[]")),
        named={
            gate: [Mandate.model_validate(one) for one in given]
            for gate, given in orjson.loads(work.get("named", "{}")).items()
        },
        offered={
            gate: [Offer.model_validate(one) for one in given]
            for gate, given in orjson.loads(work.get("offers", "{}")).items()
        },
        now=now,
        effects=record.effects,
        due=Due.model_validate_json(work["due"]) if work.get("due") else None,
        roster=orjson.loads(work.get("roster", "{}")),
        apart=orjson.loads(work.get(APART, "[]")),
        suspended=(await lending(context.store.database, context.store.tenant)).out_of_use(),
    )


def facts_of(context: RunContext, loaded: Loaded, subjects: Mapping[str, str]) -> Facts:
    """The facts that gate conditions are tested on."""
    fields = loaded.current.artifact.fields if loaded.current else {}
    specs = context.scenario.fields
    consequential = frozenset(name for name, spec in specs.items() if spec.consequential)
    core, other = (
        round(float(context.parameters.get(f"confidence_threshold_{name}", 0)) * 100) for name in ("core", "other")
    )
    return Facts(
        registers=loaded.registers,
        fields=fields,
        consequential=consequential,
        thresholds={name: core if spec.core else other for name, spec in specs.items()},
        signals=frozenset(signal.name for signal in loaded.signals),
        approved=frozenset(_approved(context.scenario, loaded, subjects)),
        superseded=frozenset(_superseded(context.scenario, loaded, subjects)),
    )


def _approved(scenario: Scenario, loaded: Loaded, subjects: Mapping[str, str]) -> Iterator[str]:
    for one in loaded.decisions:
        gate = scenario.gate(one.gate)
        if gate is None or not one.counts() or one.subject_sha256 != subjects.get(gate.subject_key):
            continue
        if "" in loaded.suspended.get(one.by, ()):
            continue
        if one.expires_at is None or loaded.now < one.expires_at:
            yield gate.name
            if one.choice is not None:
                yield f"{gate.name}:{one.choice}"


def _superseded(scenario: Scenario, loaded: Loaded, subjects: Mapping[str, str]) -> Iterator[str]:
    """Gates whose approval was for content that has changed since."""
    for one in loaded.decisions:
        gate = scenario.gate(one.gate)
        approved = one.decision == "approve" and one.state in ("valid", "void")
        if gate is not None and approved and one.subject_sha256 != subjects.get(gate.subject_key):
            yield gate.name


def position_of(context: RunContext, loaded: Loaded) -> Position:
    """The position as the rules look at it."""
    subjects = {"configuration": loaded.configuration.get("sha256", ""), **loaded.subjects}
    if loaded.current is not None:
        subjects["revision"] = loaded.current.sha256
        for gate in context.scenario.gates:
            if gate.sections:
                subjects[gate.subject_key] = sections_digest(loaded.current.artifact, gate.sections)
    due = loaded.due
    return Position(
        facts=facts_of(context, loaded, subjects),
        decisions=loaded.decisions,
        subjects=subjects,
        people=[_in_force(person, loaded.roster) for person in context.packet.people],
        now=loaded.now,
        requested_by=context.packet.requested_by,
        blocked=loaded.configuration.get("blocked", ""),
        used=frozenset(effect.subject_sha256 for effect in loaded.effects if effect.used),
        opened=_opened(loaded, subjects.get("action")),
        proposers={"action": frozenset(due.proposers)} if due is not None else {},
        witnesses={"action": frozenset(due.witnesses)} if due is not None else {},
        about={"action": due.action.id} if due is not None else {},
        authors=_authors(loaded.current),
        paired=context.scenario.paired(),
        emergency=due.emergency if due is not None else (),
        unsettled=any(effect.state == "sent" for effect in loaded.effects),
        named=loaded.named,
        suspended=loaded.suspended,
        policy_version=context.policy_version,
        bound={gate.name: bound_of(gate, loaded) for gate in context.scenario.gates if gate.bound_fields},
    )


def _authors(current: Revision | None) -> frozenset[str]:
    """The people who wrote in a revision."""
    if current is None:
        return frozenset()
    claims = [claim for section in current.artifact.sections for claim in section.claims]
    return frozenset(one.author.removeprefix("person:") for one in claims if one.author.startswith("person:"))


def _opened(loaded: Loaded, action: str | None) -> dict[str, datetime]:
    """Since when each gate is asked. About an action the next one is asked anew when somebody signs, and all are when
    the window opens: a request must not lapse before anything could come of it."""
    if loaded.due is None:
        return loaded.opened
    opens = loaded.due.opens if loaded.due.windowed else None
    signed = [one.at for one in loaded.decisions if one.counts() and one.subject_sha256 == action]
    since = max([*signed, *([opens] if opens is not None and opens <= loaded.now else [])], default=None)
    if since is None:
        return loaded.opened
    return {name: max(at, since) if name.endswith(f"@{action}") else at for name, at in loaded.opened.items()}


def _in_force(person: Person, roster: Mapping[str, tuple[str, str]]) -> Person:
    """The roster's row, within what the evidence says about the validity of its roles: it narrows, and never widens."""
    since, until = roster.get(person.id, ("", ""))
    if since and (person.valid_from is None or from_instant(since) > person.valid_from):
        person = person.model_copy(update={"valid_from": from_instant(since)})
    if until and (person.valid_until is None or from_instant(until) < person.valid_until):
        person = person.model_copy(update={"valid_until": from_instant(until)})
    return person


def bound_of(gate: Gate, loaded: Loaded) -> dict[str, str]:
    """What a decision on a gate names by value now: its fields in the current revision, and which holds are open."""
    fields = loaded.current.artifact.fields if loaded.current else {}
    values = {name: _shown(fields.get(name)) for name in gate.bound_fields}
    open_holds = [item.id for item in loaded.registers["holds"] if item.state == "open"]
    return {**values, "holds": ", ".join(open_holds) or "none open"}


def _shown(value: FieldValue | None) -> str:
    if value is None or value.value is None:
        return ""
    return ", ".join(map(str, value.value)) if isinstance(value.value, list) else str(value.value)
