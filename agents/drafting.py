"""Drafting: the sections of the record. Offline they are extractive: what a source says, quoted, with its author.

A drafted sentence states no more than its citation: "the customer states …", never that it is so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from casefile.claims import Claim, FieldValue, Section
from casefile.registers import Contradiction, OpenQuestion

AUTHOR = "agent:drafting"


@dataclass(frozen=True, slots=True)
class DraftingTask:
    """What the drafting agent is given: the weighed fields and what stayed open."""

    fields: Mapping[str, FieldValue]
    contradictions: Sequence[Contradiction]
    questions: Sequence[OpenQuestion]
    downstream: Sequence[str]


def draft(task: DraftingTask) -> list[Section]:
    """The sections, in the order in which a reader needs them."""
    return [
        Section(id="declared", title="As the sources declare it", claims=list(_declared(task.fields))),
        Section(id="trace", title="Transformation trace", claims=list(_trace(task.fields))),
        Section(id="open", title="What stayed open", claims=list(_open(task))),
        Section(id="downstream", title="Decided elsewhere", claims=list(_downstream(task.downstream))),
    ]


def _declared(fields: Mapping[str, FieldValue]) -> Iterable[Claim]:
    for name, value in fields.items():
        if value.citations and value.raw:
            first = value.citations[0]
            text = f"{value.title}: {first.evidence} says “{' '.join(value.raw.split())}”."
            yield Claim(
                id=f"declared-{name}",
                text=text,
                status=value.status,
                author=AUTHOR,
                citations=value.citations,
            )


def _trace(fields: Mapping[str, FieldValue]) -> Iterable[Claim]:
    for name, value in fields.items():
        for number, step in enumerate(value.normalization, 1):
            loss = " This step loses meaning." if step.lossy else ""
            reference = f" (reference {step.reference})" if step.reference else ""
            text = f"{value.title}: “{' '.join(step.source.split())}” → “{step.to}” by {step.rule}{reference}.{loss}"
            yield Claim(
                id=f"trace-{name}-{number}",
                text=text,
                status=value.status,
                author=AUTHOR,
                citations=value.citations,
            )


def _open(task: DraftingTask) -> Iterable[Claim]:
    for item in task.contradictions:
        sides = " / ".join(str(side.value) for side in item.sides)
        yield Claim(
            id=f"open-{item.id}",
            text=f"{item.about}: {sides} ({item.rule}; {item.state.replace('_', ' ')}).",
            status="conflicting",
            author=AUTHOR,
            citations=[citation for side in item.sides for citation in side.citations[:1]],
        )
    for question in task.questions:
        if question.state == "open":
            text = f"{question.question} ({question.owner or 'no owner'})"
            yield Claim(id=f"open-{question.id}", text=text, status="missing", author=AUTHOR)


def _downstream(lines: Sequence[str]) -> Iterable[Claim]:
    for number, line in enumerate(lines, 1):
        yield Claim(id=f"downstream-{number}", text=line, status="held", author=AUTHOR)
