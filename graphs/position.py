"""The run's position, loaded from the store: what the settling node, a decision and the release all check against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import orjson

from agents.material import Signal
from casefile.artifact import Revision, sections_digest
from casefile.evidence import Evidence
from casefile.gates import Decision, Facts
from casefile.registers import AnyItem, RegisterName
from casefile.rest import Position
from graphs.context import RunContext, evidence_digest


@dataclass(frozen=True, slots=True)
class Loaded:
    """Everything that the questions about a run's position need."""

    revisions: list[Revision]
    registers: dict[RegisterName, list[AnyItem]]
    decisions: list[Decision]
    evidence: list[Evidence]
    signals: list[Signal]
    configuration: dict[str, str]
    now: datetime

    @property
    def current(self) -> Revision | None:
        """The revision on the table."""
        return self.revisions[-1] if self.revisions else None

    def evidence_digest(self) -> str:
        """One hash over the evidence ledger."""
        return evidence_digest(self.evidence)


async def load(context: RunContext, now: datetime) -> Loaded:
    """Read the position from the store."""
    store = context.store
    work = await store.work("signals", "signals:*", "configuration")
    return Loaded(
        revisions=await store.revisions(),
        registers=await store.registers(),
        decisions=await store.decisions(),
        evidence=await store.evidence(),
        signals=[
            Signal.model_validate(one)
            for name in sorted(work.keys() - {"configuration"})
            for one in orjson.loads(work[name])
        ],
        configuration=orjson.loads(work.get("configuration", "{}")),
        now=now,
    )


def facts_of(context: RunContext, loaded: Loaded) -> Facts:
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
    )


def position_of(context: RunContext, loaded: Loaded) -> Position:
    """The position as the rules look at it."""
    subjects = {"configuration": loaded.configuration.get("sha256", "")}
    if loaded.current is not None:
        subjects["revision"] = loaded.current.sha256
        for gate in context.scenario.gates:
            if gate.sections:
                subjects[gate.subject_key] = sections_digest(loaded.current.artifact, gate.sections)
    return Position(
        facts=facts_of(context, loaded),
        decisions=loaded.decisions,
        subjects=subjects,
        people=context.packet.people,
        now=loaded.now,
        requested_by=context.packet.requested_by,
        blocked=loaded.configuration.get("blocked", ""),
    )
