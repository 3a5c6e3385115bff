"""What a run knows of the calendar server: the last look at it, and what the next one is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson

from agents.case_view import CaseView
from runtime.clock import from_instant, instant
from tools.systems import System

READ, ASK, PASSED = "calendar_read", "calendar_ask", "calendar_passed"


@dataclass(frozen=True, slots=True)
class Read:
    """The last look: when, the how-manieth, which item it gave, who could not be read, and what it was for."""

    at: datetime
    number: int
    item: str
    sha256: str
    problems: Mapping[str, str]
    because: str


def calendar_of(view: CaseView) -> System | None:
    """The calendar that takes the holds of this case, or None where it has none."""
    return next((one for one in view.systems.values() if one.backend is not None), None)


def last_read(kept: Mapping[str, str]) -> Read | None:
    """What is kept of the last look."""
    body = kept.get(READ)
    if not body:
        return None
    told = orjson.loads(body)
    at = from_instant(told["at"])
    return Read(at, told["number"], told["item"], told["sha256"], told["problems"], told["because"])


def passed(view: CaseView) -> str:
    """When time last passed without anything else: then the calendars are looked at again."""
    return instant(view.now) if view.happening.kind == "passes" else view.kept.get(PASSED, "")
