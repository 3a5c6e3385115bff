"""The common end of every rule that weighs statements: settle by precedence, then write field and contradictions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from agents.material import Findings, Material, hundredths
from casefile.claims import Citation, FieldValue, Normalization, Value
from casefile.precedence import Settlement, Stated, settle
from casefile.registers import ExceptionItem, Side
from casefile.scenario import FieldSpec

T = TypeVar("T")
MAX_CITATIONS = 8


def weigh(
    name: str,
    spec: FieldSpec,
    material: Material,
    findings: Findings,
    stated: Sequence[Stated[T]],
    *,
    same: Callable[[T, T], bool],
    value: Callable[[T], Value],
    steps: Callable[[Stated[T]], list[Normalization]],
    origin: str = "extracted",
) -> Settlement[T]:
    """Settle the statements, and record the field, its contradictions and what was too unsure to count.

    Statements under the threshold of ordinary fields are set aside on the record: nothing may rest on them.
    """
    least = float(material.parameters["confidence_threshold_other"])
    counting = [one for one in stated if one.confidence >= least]
    for one in stated:
        if one.confidence < least:
            _set_aside(name, one, findings, least)
    settlement = settle(counting, same)
    _contradictions(name, settlement, findings, material, value)
    findings.fields[name] = _field(spec, material, settlement, value, steps, origin)
    if settlement.status == "missing":
        unsure = " Only statements below the confidence threshold were found." if stated else ""
        findings.ask(name, f"{spec.title}: no source states it.{unsure}", spec.owner, "missing")
    elif settlement.status == "conflicting":
        findings.ask(name, f"{spec.title}: which of the conflicting statements is right?", spec.owner, "conflict")
    return settlement


def _field(
    spec: FieldSpec,
    material: Material,
    settlement: Settlement[T],
    value: Callable[[T], Value],
    steps: Callable[[Stated[T]], list[Normalization]],
    origin: str,
) -> FieldValue:
    if settlement.status == "missing":
        return FieldValue(title=spec.title, status="missing", origin="none")
    chosen = settlement.chosen
    if chosen is None:
        sides = [side[0] for side in settlement.open_sides]
        return FieldValue(
            title=spec.title,
            status="conflicting",
            raw=" / ".join(one.raw for one in sides),
            confidence=hundredths(max(one.confidence for one in sides)),
            citations=_citations([one for side in settlement.open_sides for one in side[:2]]),
            note="sources of the same rank disagree: " + " / ".join(str(value(one.value)) for one in sides),
        )
    sure = chosen.confidence >= material.threshold(spec)
    return FieldValue(
        title=spec.title,
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
    material: Material,
    value: Callable[[T], Value],
) -> None:
    def side(stated: Sequence[Stated[T]]) -> Side:
        return Side(value=value(stated[0].value), citations=_citations(stated))

    if settlement.open_sides:
        findings.contradict(
            name,
            [side(group) for group in settlement.open_sides],
            f"same rank: {_wording(material, 'source_precedence')}",
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


def _wording(material: Material, parameter: str) -> str:
    """An option in the card's own words."""
    option = material.parameters[parameter]
    spec = next(one for one in material.scenario.parameters if one.name == parameter)
    return next((words for words, meant in spec.aliases.items() if meant == option), str(option))


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
