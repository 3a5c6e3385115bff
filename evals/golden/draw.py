"""Choices that a seed fixes: the same scenario, seed and number make the same packet, byte for byte."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Draw:
    """A stream of choices of its own."""

    def __init__(self, *seed: object) -> None:
        self._random = random.Random(":".join(map(str, seed)))  # noqa: S311 - repeatable, not secret

    def one(self, options: Sequence[T]) -> T:
        """One of these."""
        return options[self._random.randrange(len(options))]

    def some(self, options: Sequence[T], count: int) -> list[T]:
        """Several of these, none twice, in an order of chance."""
        return self._random.sample(list(options), min(count, len(options)))

    def shuffled(self, options: Sequence[T]) -> list[T]:
        """All of these in another order."""
        return self.some(options, len(options))

    def number(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return self._random.randint(low, high)

    def maybe(self, share: float = 0.5) -> bool:
        """True in this share of draws."""
        return self._random.random() < share

    def letters(self, count: int, alphabet: str = "abcdefghjkmnpqrstuvwxyz") -> str:
        """A word without meaning."""
        return "".join(self.one(alphabet) for _ in range(count))

    def digits(self, count: int) -> str:
        """Digits, the first of which is not zero."""
        return str(self.number(10 ** (count - 1), 10**count - 1))
