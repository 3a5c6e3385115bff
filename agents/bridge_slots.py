"""Slots for a bridge: every start on the grid, tested against every hard constraint, with the reason where one fails.

A slot needs one person on call for each role over its whole length, who is free, inside working hours and outside the
protected night of his own zone; it lies in a window of the customer, in the response window, and ends before the
customer's own update call. Local hours are computed by zone id, so that daylight saving is that of the date.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Kind = Literal["uncovered", "unknown", "busy", "focus", "immovable", "hours", "night", "held", "late"]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time, from `start` until `end`, both UTC. `kind` says what fills it."""

    start: datetime
    end: datetime
    kind: Kind = "busy"

    def meets(self, start: datetime, end: datetime) -> bool:
        """Whether it overlaps [start, end)."""
        return self.start < end and start < self.end


@dataclass(frozen=True, slots=True)
class Duty:
    """A person who fills a role in a stretch."""

    role: str
    who: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Responder:
    """What binds a person: his zone, working hours there, busy stretches; `known` is whether his calendar was read."""

    who: str
    zone: str
    opens: time | None = None
    closes: time | None = None
    busy: Sequence[Stretch] = ()
    known: bool = True


@dataclass(frozen=True, slots=True)
class Search:
    """What a slot has to meet. `night` is local: from its first time until its second, over midnight."""

    roles: Sequence[str]
    duties: Sequence[Duty]
    responders: Mapping[str, Responder]
    windows: Sequence[Stretch]
    since: datetime
    until: datetime
    minutes: int
    grid: int
    night: tuple[time, time]


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a slot fails for a role."""

    role: str
    who: str
    kind: Kind

    def __str__(self) -> str:
        said = {
            "uncovered": "nobody is on call for the whole slot",
            "unknown": "the calendar is not known",
            "busy": "is not free",
            "focus": "has protected focus time",
            "immovable": "is in an executive incident review",
            "hours": "is outside working hours",
            "night": "is in protected overnight hours",
            "held": "is held for another bridge",
            "late": "ends later than agreed with the customer",
        }
        return f"{self.role}: {self.who + ' ' if self.who else ''}{said[self.kind]}"


@dataclass(frozen=True, slots=True)
class Slot:
    """A start, whom it would bring together, and what stands against it."""

    start: datetime
    end: datetime
    attendees: Mapping[str, str] = field(default_factory=dict)
    obstacles: Sequence[Obstacle] = ()

    @property
    def feasible(self) -> bool:
        """Whether nothing stands against it."""
        return not self.obstacles


def slots(search: Search) -> list[Slot]:
    """Every slot of the windows, in order of time."""
    return [_slot(search, start) for start in starts(search)]


def beyond(search: Search, end: datetime) -> list[Slot]:
    """Slots of the windows that end by `end`, too late for what was agreed, with all that stands against them."""
    found = slots(replace(search, until=end)) if end > search.until else []
    return [replace(one, obstacles=[Obstacle("slot", "", "late"), *one.obstacles]) for one in found]


def starts(search: Search) -> Iterator[datetime]:
    """The starts on the grid that lie in a window of the customer and end in time."""
    length, step = timedelta(minutes=search.minutes), timedelta(minutes=search.grid)
    seen = set()
    for window in sorted(search.windows, key=lambda one: one.start):
        first = max(window.start, search.since)
        start = _on_grid(first, search.grid)
        while start + length <= min(window.end, search.until):
            if start not in seen:
                seen.add(start)
                yield start
            start += step


def _on_grid(at: datetime, grid: int) -> datetime:
    """The first moment of the grid that is not before `at`; the grid starts at every full hour."""
    floor = at.replace(minute=0, second=0, microsecond=0)
    passed = at - floor
    steps = -(-passed // timedelta(minutes=grid))
    return floor + steps * timedelta(minutes=grid)


def _slot(search: Search, start: datetime) -> Slot:
    end = start + timedelta(minutes=search.minutes)
    attendees: dict[str, str] = {}
    obstacles: list[Obstacle] = []
    for role in search.roles:
        able = [d.who for d in search.duties if d.role == role and d.start <= start and end <= d.end]
        if not able:
            obstacles.append(Obstacle(role, "", "uncovered"))
            continue
        against = {who: list(_against(search, role, who, start, end)) for who in dict.fromkeys(able)}
        who = min(against, key=lambda one: len(against[one]))
        attendees[role] = who
        obstacles += against[who]
    return Slot(start, end, attendees, obstacles)


def _against(search: Search, role: str, who: str, start: datetime, end: datetime) -> Iterator[Obstacle]:
    person = search.responders.get(who)
    if person is None or not person.known:
        yield Obstacle(role, who, "unknown")
        return
    for kind in dict.fromkeys(one.kind for one in person.busy if one.meets(start, end)):
        yield Obstacle(role, who, kind)
    if _in_night(person, start, end, search.night):
        yield Obstacle(role, who, "night")
    elif not _in_hours(person, start, end):
        yield Obstacle(role, who, "hours")


def _in_hours(person: Responder, start: datetime, end: datetime) -> bool:
    """Whether a slot lies in the working hours. Where none are stated for a person, the protected night binds alone."""
    if person.opens is None or person.closes is None:
        return True
    zone = ZoneInfo(person.zone)
    first, last = start.astimezone(zone), end.astimezone(zone)
    if person.opens <= person.closes:
        return first.date() == last.date() and person.opens <= first.time() and last.time() <= person.closes
    return first.time() >= person.opens or last.time() <= person.closes


def _in_night(person: Responder, start: datetime, end: datetime, night: tuple[time, time]) -> bool:
    """Whether any minute of a slot is in the protected night of the person's zone."""
    zone = ZoneInfo(person.zone)
    minute = start
    while minute < end:
        local = minute.astimezone(zone).time()
        dark = local >= night[0] or local < night[1] if night[0] > night[1] else night[0] <= local < night[1]
        if dark:
            return True
        minute += timedelta(minutes=1)
    return False
