"""A circuit breaker: an endpoint that keeps failing is left alone for a while."""

from __future__ import annotations

import time
from collections.abc import Callable

from runtime.model.errors import CircuitOpenError


class Breaker:
    """Opens after `failures` in a row; after `seconds` one call is let through, whose outcome decides."""

    def __init__(self, failures: int = 5, seconds: float = 30.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = failures
        self._seconds = seconds
        self._clock = clock
        self._failures = 0
        self._opened_at: float | None = None
        self._probing = False
        self._last = ""

    def enter(self) -> None:
        """Call before each request; raises CircuitOpenError."""
        if self._opened_at is None:
            return
        left = self._opened_at + self._seconds - self._clock()
        if left > 0 or self._probing:
            raise CircuitOpenError(self._failures, max(left, 0.0), self._last)
        self._probing = True

    def succeeded(self) -> None:
        """The endpoint answered, whatever the answer was worth."""
        self._failures = 0
        self._opened_at = None
        self._probing = False

    def failed(self, reason: str) -> None:
        """The endpoint failed, all retries included."""
        self._failures += 1
        self._last = reason
        if self._probing or self._failures >= self._limit:
            self._opened_at = self._clock()
        self._probing = False

    def abandoned(self) -> None:
        """The caller went away: nothing was learnt, and the next call may try."""
        self._probing = False
