"""Conditions of a scenario, tested on the case file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from casefile.claims import FieldValue
from casefile.registers import AnyItem, RegisterName
from casefile.scenario import Condition


@dataclass(frozen=True, slots=True)
class Facts:
    """What conditions are tested on: the registers, the fields, the signals of the last pass, and what is approved.

    `approved` has a gate's name where it has an approval for what is current, and `gate:choice` where it chose;
    `superseded` where it has one for what has changed since.
    """

    registers: Mapping[RegisterName, Sequence[AnyItem]]
    fields: Mapping[str, FieldValue]
    consequential: frozenset[str]
    thresholds: Mapping[str, int]
    signals: frozenset[str] = frozenset()
    approved: frozenset[str] = frozenset()
    superseded: frozenset[str] = frozenset()


def holds(condition: Condition, facts: Facts) -> bool:
    """Whether a condition is true of the case file."""
    if condition.any is not None:
        return any(holds(part, facts) for part in condition.any)
    if condition.all is not None:
        return all(holds(part, facts) for part in condition.all)
    if condition.not_ is not None:
        return not holds(condition.not_, facts)
    if condition.approved is not None:
        return condition.approved in facts.approved
    if condition.superseded is not None:
        return condition.superseded in facts.superseded and condition.superseded not in facts.approved
    if condition.signal is not None:
        return condition.signal in facts.signals
    if condition.fields is not None:
        return bool(fields_that_are(condition.fields, facts))
    return any(
        item.state in condition.states and (not condition.kinds or getattr(item, "kind", "") in condition.kinds)
        for item in facts.registers.get(condition.register_ or "holds", ())
    )


def fields_that_are(test: str, facts: Facts) -> list[str]:
    """The consequential fields that are lossy, below their threshold, or not confirmed."""
    found = []
    for name in sorted(facts.consequential & facts.fields.keys()):
        value = facts.fields[name]
        if (
            (test == "lossy" and value.lossy)
            or (test == "below_threshold" and value.confidence < facts.thresholds.get(name, 0))
            or (test == "not_confirmed" and value.status != "confirmed")
        ):
            found.append(name)
    return found
