"""Reading when people are busy from a CalDAV server, as one file of evidence that says when and nothing else.

The file is made so that the same calendars give the same bytes: it changes when, and only when, somebody's times do.
Titles, places, texts and the other guests of a person's appointments never leave the server's answer (they are removed
before anything is stored). A calendar that was read says so, also where it is empty; one that was not is not there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tools.calendars.busy import categories
from tools.calendars.hold import CATEGORY, address_of, read_hold
from tools.calendars.server import CalendarServer, resources
from tools.readers.calendar import WHEN

if TYPE_CHECKING:
    from icalendar.cal.component import Component


@dataclass(frozen=True, slots=True)
class Look:
    """Whose calendars are to be read, over which time, and which holds are the run's own.

    `kinds` are the categories that a policy speaks of, in upper case; no other category is taken over.
    """

    people: Sequence[str]
    since: datetime
    until: datetime
    own: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()


@dataclass(slots=True)
class Seen:
    """What was read: the file, or nothing where nobody's calendar could be read; and who could not be, with why."""

    text: bytes = b""
    problems: dict[str, str] = field(default_factory=dict)
    expired: list[str] = field(default_factory=list)


async def look(server: CalendarServer, asked: Look, now: datetime) -> Seen:
    """Remove what has expired, then read everybody whose calendar the settings name, and the holds of other runs."""
    return await asyncio.to_thread(_look, server, asked, now)


def _look(server: CalendarServer, asked: Look, now: datetime) -> Seen:
    from caldav.lib.error import DAVError
    from requests import RequestException

    found, parts = Seen(), list[bytes]()
    named = {who.casefold(): url for who, url in server.settings.people.items()}
    try:
        found.expired = [hold.uid for hold in server.expire(now)]
        parts += _held(server, asked)
    except (RequestException, DAVError) as error:
        # Who is held for another bridge is not known: then nobody's calendar is.
        found.problems = {who: _said(error) for who in asked.people}
        return found
    for who in sorted(asked.people):
        if who not in named:
            continue
        try:
            parts += _of_person(server, named[who], who, asked)
        except (RequestException, DAVError, ValueError) as error:
            found.problems[who] = _said(error)
    found.text = b"".join(parts)
    return found


def _said(error: Exception) -> str:
    return f"the calendar server did not answer ({type(error).__name__})"


def _held(server: CalendarServer, asked: Look) -> list[bytes]:
    """What stands in the collection of holds, apart from the run's own."""
    parts = []
    for calendar in resources(server.client(), server.settings.url, asked.since, asked.until):
        for event in calendar.walk("VEVENT"):
            if str(event.get("UID", "")) in asked.own:
                continue
            hold = read_hold(event)
            kinds = [CATEGORY] if hold is not None else sorted(categories(event) & asked.kinds)
            parts.append(_calendar([_reduced(event, None, kinds)], calendar.walk("VTIMEZONE")))
    return sorted(parts)


def _of_person(server: CalendarServer, url: str, who: str, asked: Look) -> list[bytes]:
    parts = [_mark(who, asked)]
    for calendar in resources(server.client(), url, asked.since, asked.until):
        events = [
            _reduced(event, who, sorted(categories(event) & asked.kinds))
            for event in (*calendar.walk("VEVENT"), *calendar.walk("VFREEBUSY"))
        ]
        parts += [_calendar(events, calendar.walk("VTIMEZONE"))] if events else []
    return sorted(parts)


def _reduced(event: Component, owner: str | None, kinds: Sequence[str]) -> Component:
    """The event with its times. In a person's own calendar only the person takes part, as his answer says."""
    from icalendar import vCalAddress

    for name in [name for name in event if name.upper() not in WHEN]:
        del event[name]
    event.subcomponents = []
    event.pop("CATEGORIES", None)
    if kinds:
        event.add("categories", list(kinds))
    event.pop("DTSTAMP", None)  # some servers write the time of the answer
    if owner is None:
        return event
    given = event.pop("ATTENDEE", None) or []
    event.pop("ORGANIZER", None)
    mine = [one for one in (given if isinstance(given, list) else [given]) if address_of(str(one)) == owner]
    person = vCalAddress(f"mailto:{owner}")
    if mine and "PARTSTAT" in mine[0].params:
        person.params["PARTSTAT"] = mine[0].params["PARTSTAT"]
    event.add("attendee", person)
    return event


def _calendar(events: Sequence[Component], zones: Sequence[Component]) -> bytes:
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//Casegate//Read//EN")
    calendar.add("version", "2.0")
    for component in (*zones, *events):
        calendar.add_component(component)
    return bytes(calendar.to_ical())


def _mark(who: str, asked: Look) -> bytes:
    """That this calendar was read over this time, also where nothing stands in it."""
    from icalendar import FreeBusy, vCalAddress

    read = FreeBusy()
    read.add("uid", f"read-{who}")
    read.add("dtstart", asked.since.astimezone(UTC))
    read.add("dtend", asked.until.astimezone(UTC))
    read.add("attendee", vCalAddress(f"mailto:{who}"))
    return _calendar([read], [])
