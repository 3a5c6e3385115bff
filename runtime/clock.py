"""Time. A run has its own clock: `as_of` of the packet, then the time of each event. Nothing reads the wall clock
to judge freshness, validity or expiry; only leases do, because they are about processes."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def instant(value: datetime) -> str:
    """A time as the contract writes it: `2026-04-18T06:12:00Z`. Fractions of a second are dropped."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def from_instant(text: str) -> datetime:
    """The time that `instant` wrote."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def wall() -> int:
    """Whole seconds of the machine's clock, for leases."""
    return int(time.time())
