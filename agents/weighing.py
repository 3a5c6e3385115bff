"""Weighing what sources state about one field: precedence decides, and field, contradictions and doubts are recorded.

The rule is `casefile.precedence`; here its result becomes a field with citations and the records beside it (R5).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from agents.material import Findings, hundredths
from casefile.claims import Citation, FieldValue, Normalization, Value
from casefile.precedence import Settlement, Stated, settle
from casefile.registers import ExceptionItem, Side

T = TypeVar("T")
MAX_CITATIONS = 8


@dataclass(frozen=True, slots=True)
class Weighing:
    """How one field is weighed. `least` and `sure` are confidences (0–1): below the one a statement is set aside, below
    the other the value is unverified. `same_rank` says why a disagreement inside one rank stays open."""

    title: str
    owner: str = ""
    least: float = 0.0
    sure: float = 0.0
    same_rank: str = "a person settles it"


def weigh(
    name: str,
    weighing: Weighing,
    findings: Findings,
    stated: Sequence[Stated[T]],
    *,
    same: Callable[[T, T], bool],
    value: Callable[[T], Value],
    steps: Callable[[Stated[T]], list[Normalization]] = lambda _one: [],
    origin: str = "extracted",
) -> Settlement[T]:
    """Settle the statements, and record the field, its contradictions and what was too unsure to count."""
    counting = [one for one in stated if one.confidence >= weighing.least]
    for one in stated:
        if one.confidence < weighing.least:
            _set_aside(name, one, findings, weighing.least)
    settlement = settle(counting, same)
    _contradictions(name, settlement, findings, weighing.same_rank, value)
    findings.fields[name] = _field(weighing, settlement, value, steps, origin)
    if settlement.status == "missing":
        unsure = " Only statements below the confidence threshold were found." if stated else ""
        findings.ask(name, f"{weighing.title}: no source states it.{unsure}", weighing.owner, "missing")
    elif settlement.status == "conflicting":
        findings.ask(
            name, f"{weighing.title}: which of the conflicting statements is right?", weighing.owner, "conflict"
        )
    return settlement


def _field(
    weighing: Weighing,
    settlement: Settlement[T],
    value: Callable[[T], Value],
    steps: Callable[[Stated[T]], list[Normalization]],
    origin: str,
) -> FieldValue:
    if settlement.status == "missing":
        return FieldValue(title=weighing.title, status="missing", origin="none")
    chosen = settlement.chosen
    if chosen is None:
        sides = [side[0] for side in settlement.open_sides]
        return FieldValue(
            title=weighing.title,
            status="conflicting",
            raw=" / ".join(one.raw for one in sides),
            confidence=hundredths(max(one.confidence for one in sides)),
            citations=_citations([one for side in settlement.open_sides for one in side[:2]]),
            note="sources of the same rank disagree: " + " / ".join(str(value(one.value)) for one in sides),
        )
    sure = chosen.confidence >= weighing.sure
    return FieldValue(
        title=weighing.title,
        value=value(chosen.value),
        raw=chosen.raw,
        status="confirmed" if sure else "unverified",
        confidence=hundredths(chosen.confidence),
        origin="enriched" if origin == "enriched" else "extracted",
        citations=_citations([chosen, *(one for one in settlement.agreeing if one is not chosen)]),
        normalization=steps(chosen),
        note=None if sure else "below the confidence threshold",
    )


def _citations(stated: Sequence[Stated[T]]) -> list[Citation]:
    unique = {(one.citation.evidence, one.citation.locator): one.citation for one in stated}
    return list(unique.values())[:MAX_CITATIONS]


def _contradictions(
    name: str,
    settlement: Settlement[T],
    findings: Findings,
    same_rank: str,
    value: Callable[[T], Value],
) -> None:
    def side(stated: Sequence[Stated[T]]) -> Side:
        return Side(value=value(stated[0].value), citations=_citations(stated))

    if settlement.open_sides:
        findings.contradict(
            name,
            [side(group) for group in settlement.open_sides],
            f"same rank: {same_rank}",
            settled=False,
            key="open",
        )
    if settlement.outranked and settlement.chosen is not None:
        chosen = settlement.chosen
        lower: dict[str, list[Stated[T]]] = {}
        for one in settlement.outranked:
            lower.setdefault(str(value(one.value)), []).append(one)
        for text, group in lower.items():
            rule = f"rank: {chosen.source} ({chosen.order}) over {group[0].source or 'a source without a rank'}"
            findings.contradict(name, [side([chosen]), side(group)], rule, settled=True, key=f"rank:{text}")


def _set_aside(name: str, one: Stated[T], findings: Findings, least: float) -> None:
    place = f"{one.citation.evidence} {one.citation.locator}"
    findings.exceptions.append(
        ExceptionItem(
            key=f"low:{name}:{place}",
            kind="low_confidence",
            about=one.citation.evidence,
            reason=f"{place}: read with confidence {one.confidence:.2f}, below {least}; {name} does not rest on it",
            state="noted",
        )
    )
