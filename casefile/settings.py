"""Versions of what admins may change, and who may put one in force: draft → evaluated → active → retired.

The one rule behind all: nobody puts in force alone what he wrote. Going back to a prompt that was in force, and taking
something away, need one person: what they lead to was approved by two, or allows less.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

VersionState = Literal["draft", "evaluated", "active", "retired"]


@dataclass(frozen=True, slots=True)
class History:
    """What was said about the versions of one name. `activated` are numbers in order; 0 is what is shipped.

    `passed` are the versions whose very text passed its evaluation.
    """

    versions: Collection[int]
    activated: tuple[int, ...] = ()
    passed: frozenset[int] = frozenset()

    @property
    def active(self) -> int:
        """The version in force."""
        return self.activated[-1] if self.activated else 0

    def state(self, number: int) -> VersionState:
        """How far a version is."""
        if number == self.active:
            return "active"
        if number in self.activated or number == 0:
            return "retired"
        return "evaluated" if number in self.passed else "draft"


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody's wish to put a version in force. `narrows`: it allows nothing that is not allowed now.

    `evaluates` says whether versions of this kind have to pass an evaluation, `returns` whether one that was in force
    may come back in one act.
    """

    number: int
    by: str
    author: str
    evaluates: bool = False
    returns: bool = False
    narrows: bool = False


def refusal(history: History, wish: Wish) -> tuple[Literal["unknown", "state", "person"], str] | None:
    """Why the version is not put in force by this person, or None."""
    if wish.number != 0 and wish.number not in history.versions:
        return "unknown", f"there is no version {wish.number}"
    state = history.state(wish.number)
    if state == "active":
        return "state", f"version {wish.number} is in force"
    if state == "retired":
        if wish.returns or wish.narrows:
            return None
        return "state", "what was in force comes back as a new version, which a second person puts in force"
    if wish.evaluates and state != "evaluated":
        return "state", f"version {wish.number} has not passed an evaluation of exactly its text"
    if wish.by == wish.author and not wish.narrows:
        return "person", "you wrote this version; another admin puts it in force"
    return None
