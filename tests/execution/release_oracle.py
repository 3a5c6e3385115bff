"""A bystander at releases: what people said, about what, and what has changed since. It knows no part of the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

from release_cards import Card, Need


@dataclass(frozen=True)
class World:
    """Everything that a person could see at a moment. `bound` has what each gate binds, by its name on the card."""

    at: datetime
    now: frozenset[str]
    bound: Mapping[str, Any]
    policy: int
    holds: frozenset[str]
    suspended: frozenset[str]
    intact: bool = True


@dataclass
class Word:
    """What somebody said: where, in which roles that were his at the time, about what. `dead` from the moment at which
    what it was about was no longer so."""

    gate: str
    by: str
    said: str
    roles: frozenset[str]
    about_current: bool
    world: World
    dead: bool = False


@dataclass
class Bystander:
    """The oracle of one case."""

    card: Card
    requester: str
    words: list[Word] = field(default_factory=list)
    left: list[Any] = field(default_factory=list)

    def sees(self, world: World) -> None:
        """The case was looked at: a word about what has changed is worth nothing from now on."""
        for word in self.words:
            word.dead = word.dead or self._over(word, world)

    def _over(self, word: Word, world: World) -> bool:
        need = self._need(word.gate)
        then = word.world
        return (
            then.bound[need.binds] != world.bound[need.binds]
            or then.policy != world.policy
            or (self.card.bound_holds and need.binds == "content" and then.holds != world.holds)
            or word.by in world.suspended
            or (need.minutes is not None and world.at - then.at >= timedelta(minutes=need.minutes))
        )

    def _need(self, gate: str) -> Need:
        """What a gate binds, by the card read with everything due."""
        for now in (frozenset(), *(frozenset({one}) for one in self.card.happens)):
            for need in self.card.wanted(now) or ():
                if need.gate == gate:
                    return need
        return Need(gate, [])

    def objection(self, world: World) -> str | None:
        """Why this content may not leave now, or None."""
        if not world.intact:
            return "its bytes are not those that were approved"
        if world.bound["content"] in self.left:
            return "it left before"
        wanted = self.card.wanted(world.now)
        if wanted is None:
            return f"nothing may leave while {sorted(world.now)}"
        for need in wanted:
            words = [one for one in self.words if self._counts(one, need, world)]
            if not _each_another(need.signers, words):
                return f"{need.gate} is not signed for this by {', '.join(need.signers)}"
        return None

    def _counts(self, word: Word, need: Need, world: World) -> bool:
        return (
            word.gate == need.gate
            and word.said == "approve"
            and word.about_current
            and not word.dead
            and not self._over(word, world)
            and (need.requester_may or word.by != self.requester)
        )


def _each_another(signers: Sequence[str], words: Sequence[Word]) -> bool:
    """Whether every signer can be another person among those who spoke."""
    said = {(one.by, role) for one in words for role in one.roles}
    people = sorted({one.by for one in words})
    return any(
        all((by, role) in said for by, role in zip(chosen, signers, strict=True))
        for chosen in permutations(people, len(signers))
    )
