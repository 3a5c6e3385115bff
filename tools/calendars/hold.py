"""A hold as a calendar has it: one event, tentative until a person confirmed it, with its expiry written on it.

It says when, with whom, for which case and until when; no title of an incident, no text. Attendees stand in it with
`SCHEDULE-AGENT=NONE`: a server that sends invitations by itself (RFC 6638) sends none for a hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote, unquote

from runtime.clock import from_instant, instant

if TYPE_CHECKING:
    from icalendar.cal.component import Component

EXPIRES, CASE, ROLE = "X-CASEGATE-EXPIRES", "X-CASEGATE-CASE", "X-CASEGATE-ROLE"
CATEGORY = "CASEGATE-HOLD"
_NO_ADDRESS = "urn:casegate:person:"
Status = Literal["TENTATIVE", "CONFIRMED"]


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold. `attendees` maps roles to addresses (or names, where the roster has no address)."""

    uid: str
    case: str
    start: datetime
    end: datetime
    expires_at: datetime
    attendees: Mapping[str, str]
    status: Status = "TENTATIVE"

    @property
    def people(self) -> frozenset[str]:
        """Who is held."""
        return frozenset(self.attendees.values())

    def meets(self, other: Hold) -> bool:
        """Whether somebody would be held twice at once."""
        return self.start < other.end and other.start < self.end and bool(self.people & other.people)

    def state(self) -> dict[str, Any]:
        """The hold as effects compare it: before, after and as approved."""
        return {
            "uid": self.uid,
            "exists": True,
            "case": self.case,
            "status": self.status,
            "start": instant(self.start),
            "end": instant(self.end),
            "expires_at": instant(self.expires_at),
            "attendees": {role: self.attendees[role] for role in sorted(self.attendees)},
        }

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> Hold:
        """A hold out of its state."""
        start, end, expires = (from_instant(state[name]) for name in ("start", "end", "expires_at"))
        return cls(state["uid"], state["case"], start, end, expires, dict(state["attendees"]), state["status"])

    def text(self) -> bytes:
        """The hold as a calendar object, in UTC."""
        from icalendar import Calendar, Event, vCalAddress

        event = Event()
        event.add("uid", self.uid)
        event.add("dtstamp", self.start.astimezone(UTC))
        event.add("dtstart", self.start.astimezone(UTC))
        event.add("dtend", self.end.astimezone(UTC))
        event.add("summary", f"{'Bridge' if self.status == 'CONFIRMED' else 'Hold for a bridge'} {self.case}")
        event.add("status", self.status)
        event.add("transp", "OPAQUE")
        event.add("categories", [CATEGORY])
        event.add("sequence", 0 if self.status == "TENTATIVE" else 1)
        event.add(EXPIRES, instant(self.expires_at))
        event.add(CASE, self.case)
        for role, who in sorted(self.attendees.items()):
            person = vCalAddress(f"mailto:{who}" if "@" in who else _NO_ADDRESS + quote(who))
            person.params |= {"PARTSTAT": "NEEDS-ACTION", "SCHEDULE-AGENT": "NONE", ROLE: role}
            event.add("attendee", person)
        calendar = Calendar()
        calendar.add("prodid", "-//Casegate//Holds//EN")
        calendar.add("version", "2.0")
        calendar.add_component(event)
        return bytes(calendar.to_ical())


def read_hold(event: Component) -> Hold | None:
    """The hold that an event is, or None where it is an event of somebody else or was changed beyond recognition."""
    expires, start, end = event.get(EXPIRES), event.get("DTSTART"), event.get("DTEND")
    if expires is None or not isinstance(getattr(start, "dt", None), datetime) or end is None:
        return None
    status: Status = "CONFIRMED" if str(event.get("STATUS", "")).upper() == "CONFIRMED" else "TENTATIVE"
    given = event.get("ATTENDEE") or []
    attendees = {
        str(one.params.get(ROLE, "")) or f"attendee {n}": address_of(str(one))
        for n, one in enumerate(given if isinstance(given, list) else [given])
    }
    try:
        until = from_instant(str(expires))
    except ValueError:
        return None
    start_at, end_at = (value.dt.astimezone(UTC) for value in (start, end))
    return Hold(str(event["UID"]), str(event.get(CASE, "")), start_at, end_at, until, attendees, status)


def address_of(value: str) -> str:
    """The address in a calendar user address, compared without case; a name where there is no address."""
    if value.startswith(_NO_ADDRESS):
        return unquote(value.removeprefix(_NO_ADDRESS))
    return value.removeprefix("mailto:").removeprefix("MAILTO:").casefold()
