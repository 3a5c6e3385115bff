"""What every kind of lane is, and in which ways a delivery can fail.

NotDelivered
├── Later     the receiver did not take it now: tried again, same key
├── Refused   the receiver will never take it: a dead letter at once
└── InDoubt   the answer was lost, and the receiver does not know keys: a person looks, nothing is sent again by itself
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class LaneEntry:
    """What is delivered: `body` exactly as it was approved and released. The same `key` is the same entry, always."""

    key: str
    lane: str
    body: bytes


class NotDelivered(Exception):  # noqa: N818  it is the state of the world, not a fault
    """A delivery that did not succeed; its text is the reason that people are shown."""


class Later(NotDelivered):
    """It may succeed when it is tried again."""


class Refused(NotDelivered):
    """It will not succeed, however often it is tried."""


class InDoubt(NotDelivered):
    """It may have arrived, and nobody can say."""


class Lane(Protocol):
    """A way out. `idempotent`: the receiver takes a key once, so that sending again after a lost answer is harmless."""

    idempotent: bool

    async def deliver(self, entry: LaneEntry) -> str:
        """Hand the entry over; what the receiver calls it. Raises NotDelivered."""

    async def has(self, entry: LaneEntry) -> bool | None:
        """Read back: whether the receiver has it; None where it cannot be asked. Raises Later."""
