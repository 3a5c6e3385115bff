"""From signals to registers: which of the card's holds apply, which preconditions are unmet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from casefile.claims import Citation
from casefile.registers import AnyItem, Blocker, Hold
from casefile.scenario import Scenario


class Raised(Protocol):
    """A signal, as any pattern raises it."""

    @property
    def name(self) -> str: ...
    @property
    def about(self) -> str: ...
    @property
    def detail(self) -> str: ...
    @property
    def citations(self) -> list[Citation]: ...


def holds_of(scenario: Scenario, signals: Iterable[Raised]) -> list[Hold]:
    """An item for each thing that a line of the card's holds speaks of."""
    return [
        Hold(
            key=f"{line.id}:{signal.name}:{signal.about}:{signal.detail}",
            kind=line.id,
            trigger=line.trigger,
            effect=line.effect,
            about=signal.about,
            detail=signal.detail,
            waivable=line.waivable,
            citations=signal.citations,
        )
        for signal in signals
        for line in scenario.holds
        if signal.name in line.signals
    ]


def holds_after(scenario: Scenario, standing: Iterable[AnyItem], signals: Iterable[Raised]) -> list[AnyItem]:
    """The card's holds that apply, beside the standing ones that are not the card's: who opened those closes them."""
    lines = {line.id for line in scenario.holds}
    others = [item for item in standing if isinstance(item, Hold) and item.kind not in lines]
    return [*holds_of(scenario, signals), *others]


def blockers_of(scenario: Scenario, signals: Iterable[Raised]) -> list[Blocker]:
    """An item for each precondition of the card that a signal leaves unmet."""
    return [
        Blocker(
            key=f"{line.id}:{signal.name}:{signal.about}:{signal.detail}",
            kind=line.id,
            precondition=line.text,
            about=signal.about,
            detail=signal.detail,
        )
        for signal in signals
        for line in scenario.preconditions
        if signal.name in line.signals
    ]
