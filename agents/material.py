"""What reconciliation looks at, and what it gives back. Both are plain data; the weighing is in `field_rules`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from agents.records import Record, records
from agents.statements import Statement
from casefile.claims import Citation, FieldValue, Normalization
from casefile.evidence import Evidence, Frozen, Reading
from casefile.precedence import Stated
from casefile.registers import BlockedRequest, Contradiction, ExceptionItem, OpenQuestion, Side
from casefile.scenario import FieldSpec, Rank, Scenario

T = TypeVar("T")


class Signal(Frozen):
    """A named fact that a hold or a precondition of the card waits for. `about` is a field or an evidence id.

    It is true from `since` until before `until` (always, by default): what the clock alone makes true or false must be
    right also at a decision between two passes.
    """

    name: str
    about: str
    detail: str
    citations: list[Citation] = []
    since: datetime | None = None
    until: datetime | None = None

    def at(self, now: datetime) -> bool:
        """Whether it is true at that time."""
        return (self.since is None or self.since <= now) and (self.until is None or now < self.until)


@dataclass(frozen=True, slots=True)
class Row:
    """A record of a reference table and the evidence it stands in."""

    evidence: str
    record: Record


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that the rules may look at. `usable` is evidence that is neither withdrawn, replaced nor quarantined.

    `tables` are the reference tables by the role that the scenario gives them. `rank` and `source` tell, for a
    statement, the row of the card that it belongs to.
    """

    scenario: Scenario
    parameters: Mapping[str, Any]
    now: datetime
    tenant: str
    tenant_name: str
    tenants: frozenset[str]
    evidence: Mapping[str, Evidence]
    usable: Sequence[Evidence]
    readings: Callable[[str], Reading]
    tables: Mapping[str, Sequence[Row]]
    statements: Mapping[str, Sequence[Statement]]
    rank: Callable[[Statement], Rank | None]
    source: Callable[[Statement], str]
    quarantined: frozenset[str] = frozenset()

    def own_rows(self, evidence: str) -> Iterator[Record]:
        """The records of an item that speak of no tenant but those of the case."""
        labels: list[str] = self.scenario.data["tables"]["tenant_registry"]["tenant"]
        for record in records(self.readings(evidence)):
            cell = record.first(labels)
            if cell is None or cell.text.strip() in self.tenants:
                yield record

    def cite(self, statement: Statement) -> Citation:
        """The citation of a statement."""
        return self.cite_place(statement.evidence, statement.locator, statement.quote)

    def cite_place(self, evidence: str, locator: str, quote: str) -> Citation:
        """A citation of a place."""
        return Citation(evidence=evidence, locator=locator, quote=quote, sha256=self.evidence[evidence].sha256)

    def threshold(self, spec: FieldSpec) -> float:
        """The least confidence at which a field of this kind counts as confirmed."""
        name = "confidence_threshold_core" if spec.core else "confidence_threshold_other"
        return float(self.parameters[name])

    def hours(self, parameter: str) -> timedelta:
        """A parameter given in hours."""
        return timedelta(hours=float(self.parameters[parameter]))


@dataclass(slots=True)
class Findings:
    """What the rules found. Field rules add to it; nothing is taken away."""

    fields: dict[str, FieldValue] = field(default_factory=dict)
    contradictions: list[Contradiction] = field(default_factory=list)
    questions: list[OpenQuestion] = field(default_factory=list)
    exceptions: list[ExceptionItem] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)
    requests: list[BlockedRequest] = field(default_factory=list)
    changes: set[datetime] = field(default_factory=set)

    def until(self, moment: datetime) -> None:
        """Something that was found is so at this moment and may be otherwise right after it, by the clock alone."""
        self.changes.add(moment + timedelta(seconds=1))

    def moments(self, now: datetime) -> list[datetime]:
        """When all of this has to be looked at again though nothing happens, in order."""
        told = (at for one in self.signals for at in (one.since, one.until))
        return sorted({at for at in (*self.changes, *told) if at is not None and at > now})

    def ask(self, about: str, question: str, owner: str, key: str = "") -> None:
        """Put an open question."""
        self.questions.append(
            OpenQuestion(key=f"{about}:{key or question}", about=about, question=question, owner=owner)
        )

    def signal(
        self, name: str, about: str, detail: str, citations: Sequence[Citation] = (), since: datetime | None = None
    ) -> None:
        """Raise a signal; with `since`, one that time alone will raise."""
        self.signals.append(Signal(name=name, about=about, detail=detail, citations=list(citations), since=since))

    def signals_at(self, now: datetime) -> list[Signal]:
        """The signals that are true at that time."""
        return [one for one in self.signals if one.at(now)]

    def contradict(self, about: str, sides: Sequence[Side], rule: str, *, settled: bool, key: str = "") -> None:
        """Record a disagreement."""
        self.contradictions.append(
            Contradiction(
                key=f"{about}:{key}",
                about=about,
                sides=list(sides),
                rule=rule,
                state="settled_by_rule" if settled else "open",
            )
        )


def stated(material: Material, statement: Statement, value: T, *, factor: float = 1.0) -> Stated[T]:
    """A statement with its normalised value and the rank of its source."""
    return Stated(
        value=value,
        rank=material.rank(statement),
        confidence=statement.confidence * factor,
        citation=material.cite(statement),
        source=material.source(statement),
        raw=statement.raw,
    )


def hundredths(confidence: float) -> int:
    """A confidence as content has it."""
    return max(0, min(100, round(confidence * 100)))


def step(rule: str, source: str, to: str, *, lossy: bool = False, reference: str | None = None) -> Normalization:
    """One normalisation step."""
    return Normalization(rule=rule, source=source, to=to, lossy=lossy, reference=reference)
