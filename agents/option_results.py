"""What a hard test gives: met, failed or uncertain, the cells that it rests on, the rule that it applies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from agents.option_ground import Ground
from agents.option_spec import TestSpec
from agents.quantities import Figure
from casefile.claims import Citation

State = Literal["met", "failed", "uncertain"]


@dataclass(frozen=True, slots=True)
class Result:
    """What a test gave. `figures` are numbers that it computed, by the name that the artifact gives them.

    `against` is the value and the limit that it has to keep, where two figures were compared. `lapses` is when time
    alone will make a met test fail.
    """

    test: TestSpec
    state: State
    detail: str
    citations: Sequence[Citation] = ()
    rule: str = ""
    figures: Mapping[str, Figure] = field(default_factory=dict)
    lapses: datetime | None = None
    against: tuple[str, str] = ("", "")

    @property
    def blocks(self) -> bool:
        """Whether it takes the option out, whatever else is true."""
        return self.state == "failed" and self.test.fails == "blocked"


def result(test: TestSpec, state: State, detail: str, citations: Sequence[Citation] = ()) -> Result:
    return Result(test, state, detail, citations)


def lacking(ground: Ground, fact: str) -> str:
    title = ground.spec.facts[fact].title if fact in ground.spec.facts else fact.replace("_", " ")
    return f"{title} is stated in conflict" if fact in ground.open else f"{title} is not stated"
