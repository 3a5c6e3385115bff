"""Source precedence: what the artifact states where sources agree, outrank each other, or disagree (R5).

1. A statement of an excluded source counts for nothing; it is listed.
2. Among the statements that count, the best rank speaks. If it speaks with one voice, that is the value.
3. A lower rank that says otherwise is recorded as a contradiction, settled by the rule of rank, and stays visible.
4. A best rank that disagrees with itself leaves the value open: status `conflicting`, until a person settles it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from casefile.claims import Citation, Status
from casefile.scenario import Rank

T = TypeVar("T")
UNRANKED = 99


@dataclass(frozen=True, slots=True)
class Stated(Generic[T]):
    """What one source says, normalised. `rank` None is evidence that the scenario gives no rank: it speaks last."""

    value: T
    rank: Rank | None
    confidence: float
    citation: Citation
    source: str = ""
    raw: str = ""

    @property
    def order(self) -> int:
        """The rank as a number: 1 is best."""
        return self.rank if isinstance(self.rank, int) else UNRANKED


@dataclass(frozen=True, slots=True)
class Settlement(Generic[T]):
    """The outcome for one field. `open_sides` disagree at the best rank; `outranked` were overruled."""

    status: Status
    chosen: Stated[T] | None
    agreeing: Sequence[Stated[T]]
    open_sides: Sequence[Sequence[Stated[T]]]
    outranked: Sequence[Stated[T]]
    excluded: Sequence[Stated[T]]


def settle(stated: Sequence[Stated[T]], same: Callable[[T, T], bool]) -> Settlement[T]:
    """Apply the rules above. `same` says whether two values agree; it need not be transitive (a tolerance is not)."""
    excluded = [one for one in stated if one.rank == "excluded"]
    counting = sorted((one for one in stated if one.rank != "excluded"), key=lambda one: one.order)
    if not counting:
        return Settlement("missing", None, [], [], [], excluded)
    best = [one for one in counting if one.order == counting[0].order]
    chosen = max(best, key=lambda one: one.confidence)
    sides = _sides(best, chosen, same)
    agreeing = [one for one in counting if same(one.value, chosen.value)]
    outranked = [one for one in counting if one.order > chosen.order and not same(one.value, chosen.value)]
    if len(sides) > 1:
        return Settlement("conflicting", None, agreeing, sides, outranked, excluded)
    return Settlement("confirmed", chosen, agreeing, [], outranked, excluded)


def _sides(best: Sequence[Stated[T]], chosen: Stated[T], same: Callable[[T, T], bool]) -> list[list[Stated[T]]]:
    """The best rank's statements, grouped by the value they agree with."""
    groups: list[list[Stated[T]]] = [[chosen]]
    for one in best:
        if one is chosen:
            continue
        home = next((group for group in groups if same(group[0].value, one.value)), None)
        if home is None:
            groups.append([one])
        else:
            home.append(one)
    return groups
