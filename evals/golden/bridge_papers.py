"""Bridges to be found on one day: roles, calendars, customer windows; as papers tell it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from evals.golden import forms, mails, times
from evals.golden.draw import Draw
from evals.golden.packet import Packet
from evals.golden.tables import table
from evals.golden.world import Person, World, people, world

SLUG = "customer-escalation-bridge-scheduling"
GATE, EXCEPTION = "slot_and_attendee_confirmation", "substitution_or_exception"
EASTERN = ZoneInfo("America/New_York")
_ENGINEERS = ["Europe/Berlin", "Europe/Prague", "Europe/Madrid", "Europe/Stockholm"]
_SUPPORT = ["Europe/Dublin", "Europe/London", "Europe/Lisbon"]


@dataclass(slots=True)
class Truth:
    """The day and its people."""

    draw: Draw
    world: World
    slot: datetime
    manager: Person
    success: Person
    support: Person
    commander: Person
    engineer: Person
    later: Person
    head: Person
    contact: Person
    zones: dict[str, str]
    number: str
    windows: list[tuple[datetime, datetime]]
    busy: list[tuple[Person, datetime, datetime, str]] = field(default_factory=list)
    ticket_support: str = ""
    handover: bool = False
    room: list[str] = field(default_factory=list)
    mail: list[str] = field(default_factory=list)
    unread: str = ""
    no_windows: bool = False

    def after(self, minutes: int) -> datetime:
        """So many minutes after the clock of the packet."""
        return self.now + timedelta(minutes=minutes)

    @property
    def now(self) -> datetime:
        """Three and a half hours before the slot."""
        return self.slot - timedelta(minutes=210)

    @property
    def required(self) -> list[Person]:
        """Who has to be there."""
        return [self.support, self.commander, self.engineer, self.success]


def draw_truth(draw: Draw) -> Truth:
    place = world(draw)
    day = datetime(2026, draw.one([1, 2, 3, 3, 5, 6, 9, 10, 11]), draw.number(2, 26), tzinfo=UTC)
    while day.weekday() > 3:
        day += timedelta(days=1)
    noon = datetime(day.year, day.month, day.day, 10, 0, tzinfo=EASTERN).astimezone(UTC)
    slot = noon + timedelta(minutes=draw.one([0, 15, 30]))
    manager, success, support, commander, engineer, later, head = people(draw, 7, place.vendor_domain)
    window = (slot - timedelta(minutes=30), slot + timedelta(minutes=60))
    early = (slot - timedelta(minutes=100), slot - timedelta(minutes=55))
    truth = Truth(
        draw,
        place,
        slot,
        manager,
        success,
        support,
        commander,
        engineer,
        later,
        head,
        people(draw, 1, place.customer.domain)[0],
        {},
        f"INC-{draw.digits(5)}",
        [early, window],
    )
    truth.zones = {
        truth.support.id: draw.one(_SUPPORT),
        truth.commander.id: "America/New_York",
        truth.engineer.id: draw.one(_ENGINEERS),
        truth.later.id: draw.one(_ENGINEERS),
        truth.success.id: "America/New_York",
    }
    first, second, third = draw.some(truth.required, 3)
    truth.busy = [
        (third, early[0] - timedelta(minutes=10), early[1], "Weekly planning"),
        (first, window[0] - timedelta(minutes=10), slot, "Design review"),
        (second, slot + timedelta(minutes=30), window[1] + timedelta(minutes=20), "Vendor call"),
    ]
    return truth


def make_replaced(truth: Truth, other: Person) -> list[tuple[Person, datetime, datetime, str]]:
    """The busy hours, with somebody else in place of the engineer."""
    return [(other if one == truth.engineer else one, start, end, title) for one, start, end, title in truth.busy]


def base_packet(truth: Truth) -> Packet:
    draw, place, now = truth.draw, truth.world, truth.now
    packet = Packet(
        draw.one([SLUG, "bridge-scheduling"]),
        truth.number,
        {"id": place.customer.tenant, "name": place.customer.name},
        now,
        truth.manager.id,
    )
    packet.person(truth.manager.id, truth.manager.name, "support_escalation_manager")
    packet.person(truth.success.id, truth.success.name, "customer_success_manager_covering_the_account")
    packet.person(truth.head.id, truth.head.name, "incident_leadership")
    at = now - timedelta(minutes=3)
    packet.source("ticket", *_ticket(truth), "incident_ticket", at)
    packet.source("roster", *make_roster(truth, "oncall_roster"), "oncall_schedule", at)
    packet.source("calendars", "freebusy_internal.ics", _calendar(truth), "team_calendars", at)
    packet.source("policy", *_policy(truth), "team_calendars", now - timedelta(hours=5))
    packet.source("crm", "crm_account.json", _account(truth), "crm", at)
    packet.source("availability", "customer_availability.eml", _availability(truth), "crm", now - timedelta(minutes=12))
    if truth.room:
        packet.source(
            "room",
            "incident_room.md",
            ("# incident room (times UTC)\n\n" + "\n".join(truth.room) + "\n").encode(),
            "incident_room",
            at,
        )
    packet.head["instructions"] = "Find a slot for the customer bridge today and hold it."
    return packet


def _ticket(truth: Truth) -> tuple[str, bytes]:
    told: dict[str, Any] = {
        "ticket": truth.number,
        "title": "Login failures overnight",
        "severity": "SEV-1",
        "account": truth.world.customer.name,
        "account_tier": "Premier",
        "component": "identity",
        "opened_at": times.utc(truth.now - timedelta(hours=6)),
        "bridge": {
            "requested_by": truth.manager.id,
            "requested_at": times.utc(truth.now),
            "duration_minutes": 30,
            "required_roles": [
                "support_owner",
                "incident_commander",
                "engineering_service_owner",
                "customer_success_manager",
            ],
            "leadership_delegate_required": False,
            "response_window_ends_at": times.utc(truth.now + timedelta(hours=6)),
            "customer_update_call_at": (truth.slot + timedelta(minutes=100)).astimezone(EASTERN).isoformat(),
        },
        "assigned": {
            "support_owner": truth.ticket_support or truth.support.name,
            "engineering_service_owner": truth.engineer.name,
            "incident_commander": truth.commander.name,
            "customer_success_manager": truth.success.name,
        },
    }
    return (
        ("incident_ticket.yaml", forms.yaml_bytes(told))
        if truth.draw.maybe(0.3)
        else ("incident_ticket.json", forms.json_bytes(told))
    )


def _local(at: datetime, zone: str, style: int) -> str:
    told = at.astimezone(ZoneInfo(zone))
    return told.isoformat(timespec="minutes") if style else times.utc(at)


def make_roster(truth: Truth, stem: str) -> tuple[str, bytes]:
    day, style = truth.now.replace(hour=0, minute=0), truth.draw.number(0, 1)

    def row(role: str, service: str, one: Person, start: datetime, end: datetime, zone: str) -> dict[str, str]:
        return {
            "role": role,
            "service": service,
            "name": one.name,
            "email": one.email,
            "on_call_from": _local(start, zone, style),
            "on_call_to": _local(end, zone, style),
            "timezone": zone,
        }

    begin, over = day - timedelta(hours=20), day + timedelta(hours=40)
    turn = truth.slot - timedelta(minutes=60) if truth.handover else over
    engineer = truth.zones[truth.engineer.id]
    rows = [
        row("support_owner", "identity", truth.support, begin, over, truth.zones[truth.support.id]),
        row("incident_commander", "major incidents", truth.commander, begin, over, "America/New_York"),
        row("engineering_service_owner", "identity", truth.engineer, begin, turn, engineer),
        row("engineering_service_owner", "billing-export", truth.head, begin, over, engineer),
        row("customer_success_manager", truth.world.customer.name, truth.success, begin, over, "America/New_York"),
    ]
    if truth.handover:
        rows.append(row("engineering_service_owner", "identity", truth.later, turn, over, truth.zones[truth.later.id]))
    return table(
        truth.draw,
        stem,
        rows,
        kinds=["csv", "xlsx", "json", "semicolon"],
        case=truth.draw.one(["snake", "title"]),
        shuffle=False,
    )


def _calendar(truth: Truth) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Golden//Free-busy//EN", "METHOD:PUBLISH"]
    listed = [*truth.required, truth.later]
    quiet = [(one, truth.slot + timedelta(hours=9), truth.slot + timedelta(hours=10), "Evening") for one in listed]
    for n, (one, start, end, title) in enumerate([*truth.busy, *quiet]):
        if one.email == truth.unread:
            continue
        category = {"Executive incident review": "EXECUTIVE-INCIDENT-REVIEW", "Focus time": "FOCUS"}.get(title, "")
        private = ["CLASS:PRIVATE"] if title.startswith("Doctor") else []
        lines += [
            "BEGIN:VEVENT",
            f"UID:ev-{n}@{truth.world.vendor_domain}",
            "DTSTAMP:20260101T000000Z",
            f"DTSTART:{start:%Y%m%dT%H%M%SZ}",
            f"DTEND:{end:%Y%m%dT%H%M%SZ}",
            f"SUMMARY:{title}",
            *([f"CATEGORIES:{category}"] if category else []),
            *private,
            f'ATTENDEE;CN="{one.name}";PARTSTAT=ACCEPTED:mailto:{one.email}',
            "END:VEVENT",
        ]
    return ("\r\n".join([*lines, "END:VCALENDAR", ""])).encode()


def _policy(truth: Truth) -> tuple[str, bytes]:
    hours = {
        one.email: {
            "timezone": truth.zones[one.id],
            "from": "08:00" if "Europe" in truth.zones[one.id] else "07:30",
            "to": "18:30" if "Europe" in truth.zones[one.id] else "17:00",
        }
        for one in [*truth.required, truth.later]
    }
    roles = ["support_owner", "incident_commander", "engineering_service_owner", "customer_success_manager"]
    told = {
        "policy": "bridge-scheduling",
        "version": "SCH-9",
        "protected_overnight": "20:00-07:00 local",
        "bridge_minutes": 30,
        "slot_grid_minutes": 15,
        "severity_policy": {"SEV-1": {"leadership_delegate_required": False, "minimum_internal_coverage": roles}},
        "working_hours": hours,
        "immovable_categories": ["EXECUTIVE-INCIDENT-REVIEW"],
        "protected_categories": ["FOCUS"],
        "private_events": "count as busy, contents are never read",
    }
    return (
        ("scheduling_policy.json", forms.json_bytes(told))
        if truth.draw.maybe(0.3)
        else ("scheduling_policy.yaml", forms.yaml_bytes(told))
    )


def _account(truth: Truth) -> bytes:
    return forms.json_bytes(
        {
            "account": truth.world.customer.name,
            "tier": "Premier",
            "timezone": "America/New_York",
            "contacts": [{"name": truth.contact.name, "email": truth.contact.email, "role": "VP Digital"}],
            "bridge_preferences": {"platform": "Meet", "max_minutes": 30},
            "updated_at": times.utc(truth.now - timedelta(days=3)),
        }
    )


def _availability(truth: Truth) -> bytes:
    day = truth.slot.astimezone(EASTERN)
    abbreviation = day.strftime("%Z")
    style = truth.draw.number(0, 2)
    lines = []
    for n, (start, end) in enumerate(truth.windows, 1):
        a, b = start.astimezone(EASTERN), end.astimezone(EASTERN)
        lines.append(
            [
                f"Window {n}: {a:%H:%M} - {b:%H:%M} Eastern ({abbreviation})",
                f"- {a:%H:%M} to {b:%H:%M} {abbreviation}",
                f"Window {n}: {a:%I:%M %p} - {b:%I:%M %p} Eastern ({abbreviation})",
            ][style]
        )
    told = "\n".join(lines) if not truth.no_windows else "3 pm would suit us best."
    body = ["Hello,", f"we can do today, {day:%A %d %B %Y}:", told, *truth.mail]
    layout = truth.draw.one(["plain", "html_twin", "base64", "reply", "crlf"])
    return mails.mail(
        truth.draw,
        truth.contact,
        f"escalations@{truth.world.vendor_domain}",
        "bridge today",
        (truth.now - timedelta(minutes=14)).astimezone(EASTERN),
        body,
        layout,
    )
