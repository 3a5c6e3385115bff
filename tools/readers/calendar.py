"""Calendars (iCalendar, RFC 5545): events with their properties as the file writes them.

Property values stay as written (`20260505T050000Z`), so that a quote stands in the file. Beside a time
with a zone the event has `<name>_tzid`; for use by rules, `data` also has `<name>_utc`, which is computed
and so has no span. Recurrence rules are not expanded here: `data["freebusy"]` is the calendar reduced to what says when
somebody is busy, for those that expand it (`tools.calendars`).

Private and confidential events say when, and nothing else: their titles, places and texts are not read.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from casefile.evidence import Reading
from tools.readers.decode import decode, without_control
from tools.readers.leaves import Leaves
from tools.readers.limits import Limits, UnreadableError

if TYPE_CHECKING:
    from icalendar.cal.component import Component

_COMPONENTS: Final = {"VEVENT": "events", "VTODO": "todos", "VJOURNAL": "journals", "VFREEBUSY": "freebusy"}
MAX_LINES: Final = 200_000
# What says when somebody is busy, and of which kind that is; nothing that says with what.
WHEN: Final = frozenset(
    {"UID", "DTSTART", "DTEND", "DURATION", "DTSTAMP", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "ATTENDEE"}
    | {"ORGANIZER", "STATUS", "TRANSP", "CLASS", "CATEGORIES", "FREEBUSY", "SEQUENCE"}
)
_CLOSED: Final = frozenset({"PRIVATE", "CONFIDENTIAL"})
PLACE: Final = "X-CASEGATE-PLACE"
_HEAD: Final = ("METHOD", "X-WR-CALNAME", "X-WR-TIMEZONE")


def read_calendar(data: bytes, kind: str, limits: Limits) -> Reading:
    """Leaf spans `/events/0/dtstart`; `data` is {"events": [{…}]}, with other components beside it."""
    text, problems = decode(data)
    text, lost = without_control(text)
    problems += lost
    if text.count("\n") > MAX_LINES:
        raise UnreadableError(f"the calendar has more than {MAX_LINES} lines")
    groups: dict[str, list[object]] = {"events": []}
    document: dict[str, object] = {}
    computed: list[tuple[dict[str, object], dict[str, object]]] = []
    for calendar in _calendars(text):
        document.update({name.lower(): str(calendar[name]) for name in _HEAD if name in calendar})
        for component in calendar.walk():
            group = _COMPONENTS.get(component.name or "")
            if group is None:
                continue
            entry, times = _entry(component)
            computed.append((entry, times))
            listed = groups.setdefault(group, [])
            place = f"/{group}/{len(listed)}"
            listed.append(entry)
            problems += [f"{place}/{(name or '').lower()}: {fault}" for name, fault in component.errors]
    document.update(groups)
    counts: dict[str, int] = {}
    freebusy = "".join(_when(calendar, counts) for calendar in _calendars(text))
    leaves = Leaves(limits)
    leaves.walk(document)
    if not leaves.spans:
        raise UnreadableError("the calendar has no events")
    for entry, times in computed:
        entry.update(times)
    document["freebusy"] = freebusy
    return Reading(kind, leaves.spans, data=document, problems=problems + leaves.problems, made_at=leaves.made_at())


def _calendars(text: str) -> list[Component]:
    from icalendar import Calendar

    end = text.upper().rfind("END:VCALENDAR")
    if end < 0:
        raise UnreadableError("END:VCALENDAR is missing: the calendar is cut off")
    try:
        return list(Calendar.from_ical(text[text.upper().index("BEGIN:VCALENDAR") : end + 13], multiple=True))
    except (ValueError, KeyError, IndexError) as fault:
        raise UnreadableError(f"not a calendar: {fault}") from None


def _when(calendar: Component, counts: dict[str, int]) -> str:
    """The calendar with the times of its components only, each marked with its place in the document.

    `counts` is how many of each kind stood in the calendars before: a file may hold several.
    """
    for component in calendar.walk():
        group = _COMPONENTS.get(component.name or "")
        if group is None:
            continue
        for name in [name for name in component if name.upper() not in WHEN]:
            del component[name]
        component.subcomponents = []
        component.add(PLACE, f"/{group}/{counts.get(group, 0)}")
        counts[group] = counts.get(group, 0) + 1
    return str(calendar.to_ical(), "utf-8", "replace")


def _entry(component: Component) -> tuple[dict[str, object], dict[str, object]]:
    """The properties of one component as written, and the times computed from them."""
    from icalendar.prop import vBroken

    entry: dict[str, object] = {}
    times: dict[str, object] = {}
    closed = str(component.get("CLASS", "")).upper() in _CLOSED
    for name, found in component.items():
        if closed and name.upper() not in WHEN:
            continue
        key = name.lower()
        values = found if isinstance(found, list) else [found]
        texts = [_text(value) for value in values]
        entry[key] = texts if isinstance(found, list) else texts[0]
        zone = getattr(values[0], "params", {}).get("TZID")
        if zone:
            entry[f"{key}_tzid"] = str(zone)
        at = None if isinstance(values[0], vBroken) else getattr(values[0], "dt", None)
        if isinstance(at, dt.datetime) and at.tzinfo is not None:
            times[f"{key}_utc"] = at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    return entry, times


def _text(value: object) -> str:
    from icalendar import vCalAddress, vText, vUri

    if isinstance(value, vText | vCalAddress | vUri | str):
        return str(value)
    if hasattr(value, "cats"):
        return ",".join(str(category) for category in value.cats)
    raw = value.to_ical() if hasattr(value, "to_ical") else str(value).encode()
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)
