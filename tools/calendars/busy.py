"""When people are busy, out of calendars: recurrence expanded by zone, moved and cancelled instances respected.

An instance counts where it is confirmed and opaque. A private one counts and says nothing else. A day, and a time
without a zone, are those of the person's own clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from tools.readers.calendar import PLACE


@dataclass(frozen=True, slots=True)
class Busy:
    """One stretch in which an attendee is busy, in UTC. `place` is the event's pointer, `categories` upper case."""

    who: str
    start: datetime
    end: datetime
    place: str
    categories: frozenset[str]


# A time without a zone may lie so far from the same clock time in UTC.
_MARGIN = timedelta(hours=15)


def busy(
    freebusy: str, since: datetime, until: datetime, zones: Mapping[str, str] | None = None, owner: str = ""
) -> list[Busy]:
    """Every busy stretch between two moments, by attendee address, in order of time.

    `zones` are the time zones of the people, by address; UTC where it has none. What names nobody is the `owner`'s.
    """
    import recurring_ical_events
    from icalendar import Calendar

    found = []
    for calendar in Calendar.from_ical(freebusy, multiple=True):
        for event in recurring_ical_events.of(calendar, components=["VEVENT"]).between(
            since - _MARGIN, until + _MARGIN
        ):
            if str(event.get("STATUS", "")).upper() in ("CANCELLED", "TENTATIVE-DECLINED"):
                continue
            if str(event.get("TRANSP", "OPAQUE")).upper() == "TRANSPARENT":
                continue
            last = event["DTEND"].dt if "DTEND" in event else event.end
            for who in _people(event, owner):
                zone = ZoneInfo((zones or {}).get(who, "UTC"))
                start, end = _moment(event["DTSTART"].dt, zone), _moment(last, zone)
                if end > since and start < until:
                    found.append(Busy(who, start, end, str(event.get(PLACE, "")), categories(event)))
        found += _periods(calendar, since, until, owner)
    return sorted(found, key=lambda one: (one.start, one.end, one.who, one.place))


def known(freebusy: str, owner: str = "") -> frozenset[str]:
    """Whose calendars these are: everybody who attends, organises or declined anything in them, and the `owner`."""
    from icalendar import Calendar

    named = {
        who
        for calendar in Calendar.from_ical(freebusy, multiple=True)
        for component in calendar.walk()
        if component.name in ("VEVENT", "VFREEBUSY")
        for who in _people(component, also_declined=True)
    }
    return frozenset(named | {owner} if owner else named)


def _people(component: object, owner: str = "", *, also_declined: bool = False) -> Iterator[str]:
    """Addresses of those who take part; who declined does not, and still has a calendar that says so.

    A component that names nobody stands in its `owner`'s calendar.
    """
    seen = set()
    if owner and not any(component.get(name) for name in ("ATTENDEE", "ORGANIZER")):  # type: ignore[attr-defined]
        yield owner
    for name in ("ATTENDEE", "ORGANIZER"):
        value = component.get(name)  # type: ignore[attr-defined]
        for one in value if isinstance(value, list) else [value] if value is not None else []:
            answer = str(getattr(one, "params", {}).get("PARTSTAT", "")).upper()
            if answer == "DECLINED" and not also_declined:
                continue
            if name == "ORGANIZER" and component.get("ATTENDEE") is not None:  # type: ignore[attr-defined]
                continue
            address = str(one).rpartition(":")[2].casefold()
            if address not in seen:
                seen.add(address)
                yield address


def categories(component: object) -> frozenset[str]:
    """The categories of an event, in upper case."""
    value = component.get("CATEGORIES")  # type: ignore[attr-defined]
    found = []
    for one in value if isinstance(value, list) else [value] if value is not None else []:
        found += [str(name).upper() for name in getattr(one, "cats", [one])]
    return frozenset(found)


def _periods(calendar: object, since: datetime, until: datetime, owner: str) -> Iterator[Busy]:
    """The periods of VFREEBUSY components."""
    for component in calendar.walk("VFREEBUSY"):  # type: ignore[attr-defined]
        value = component.get("FREEBUSY")
        for one in value if isinstance(value, list) else [value] if value is not None else []:
            if str(getattr(one, "params", {}).get("FBTYPE", "BUSY")).upper() == "FREE":
                continue
            for period in getattr(one, "dts", [one]):
                start, end = _moment(period.start, UTC), _moment(period.end, UTC)
                if end > since and start < until:
                    for who in _people(component, owner):
                        yield Busy(who, start, end, str(component.get(PLACE, "")), frozenset())


def _moment(value: date | datetime, zone: tzinfo) -> datetime:
    if isinstance(value, datetime):
        return (value if value.tzinfo is not None else value.replace(tzinfo=zone)).astimezone(UTC)
    return datetime.combine(value, time(), zone).astimezone(UTC)
