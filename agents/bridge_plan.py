"""One scheduling pass: the search put together from the evidence, and what comes of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import orjson

from agents.bridge_calendars import Span, calendars
from agents.bridge_inputs import Hours, Person, Request, hours, request, roster
from agents.bridge_reads import last_read
from agents.bridge_slots import Kind, Responder, Search, Slot, Stretch, beyond, slots
from agents.bridge_substitutes import OFFERED, Substitution, kept_one, offered, put_in, wanted
from agents.bridge_told import Told, told_in_chat, told_in_room
from agents.bridge_windows import Wish, wishes
from agents.bridge_zones import zone_of
from agents.case_view import CaseView
from agents.entries import entries
from agents.figures import Figure, named
from agents.records import label_of
from casefile.claims import Citation
from tools.calendars.busy import Busy
from tools.calendars.hold import CATEGORY

_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
# What leadership could let through. A focus block is nobody's to override: a slot in one is no slot.
_OUTSIDE = frozenset({"hours", "night"})


@dataclass(slots=True)
class Plan:
    """What a pass found. `beyond` are later slots, where the customer offers none that is early enough. `best` is the
    slot that is proposed; `possible` one that only people could allow; `wanted` a substitute whom leadership wants and
    nobody approved, `offered` one whom the room names."""

    request: Request
    people: list[Person]
    hours: dict[str, Hours]
    wishes: list[Wish]
    zone: Figure | None
    platform: Figure | None
    until: datetime | None = None
    slots: list[Slot] = field(default_factory=list)
    beyond: list[Slot] = field(default_factory=list)
    best: Slot | None = None
    fallback: list[Slot] = field(default_factory=list)
    possible: Slot | None = None
    unknown: list[str] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)
    """Whose calendar an item says that it could not read, with the id of the item."""
    area: str = ""
    busy: list[tuple[Busy, Citation]] = field(default_factory=list)
    search: Search | None = None
    kinds: frozenset[str] = frozenset()
    wanted: Substitution | None = None
    offered: Substitution | None = None
    granted: Substitution | None = None
    replaced: list[Person] = field(default_factory=list)
    """Whom the roster has in the role that a substitute took over."""
    in_room: list[Told] = field(default_factory=list)
    in_chat: list[Told] = field(default_factory=list)

    def person(self, role: str, who: str) -> Person | None:
        """The roster's row of somebody in a role."""
        return next((one for one in self.people if one.role == role and one.who == who), None)

    def lacking(self, who: str) -> str:
        """What is not known of somebody, so that nobody can say whether he is free."""
        stated = self.hours.get(who)
        what = "working hours" if stated is None or stated.unread else "calendar"
        return f"no {what} of {who} could be read"

    def on_roster(self, role: str, slot: Slot | None, now: datetime) -> Person | None:
        """Who the roster has in a role at a slot, without substitutes; where there is no slot, who is on call now."""
        took_over = self.granted is not None and role == self.granted.role
        rows = [one for one in (self.replaced if took_over else self.people) if one.role == role]
        if slot is not None and not took_over:
            return self.person(role, slot.attendees.get(role, ""))
        start, end = (slot.start, slot.end) if slot is not None else (now, now)
        return next((one for one in rows if one.duty.start <= start and end <= one.duty.end), None)

    @property
    def stand_in(self) -> Substitution | None:
        """The substitute whom the room names for a role that nobody fills."""
        one = self.offered
        return one if one is not None and self.best is None and self.never_covered(one.role) else None

    @property
    def asked_outside(self) -> bool:
        """Whether every time that the customer asks for is outside somebody's working hours, or in protected ones."""
        return bool(self.beyond) and all({o.kind for o in one.obstacles} & _OUTSIDE for one in self.beyond)

    def never_covered(self, role: str) -> bool:
        """Whether there is no window in which somebody could fill a role."""
        hard = ("uncovered", "unknown", "busy", "immovable", "held")
        return bool(self.slots) and all(
            any(one.role == role and one.kind in hard for one in slot.obstacles) for slot in self.slots
        )


def plan(
    view: CaseView, *, allowed: datetime | None, chosen: datetime | None, granted: Substitution | None = None
) -> Plan:
    """Search. `allowed` is a slot that leadership let through and `granted` a substitute whom it approved, `chosen` a
    fallback that the confirmer picked."""
    asked = request(view)
    account = view.of(*view.scenario.data["systems"]["customer"])
    zone = named(view, account, view.words("customer_zone"))
    found = Plan(
        asked,
        roster(view, asked),
        {},
        wishes(view, zone),
        zone,
        named(view, account, view.words("platform")),
    )
    everybody = roster(view, asked, everybody=True)
    found.hours = hours(view, everybody)
    found.wanted = wanted(view, asked, found.people, everybody)
    found.offered = offered(view, asked, found.people, everybody) or kept_one(view.kept, OFFERED)
    if granted is not None:
        found.granted, found.replaced = granted, [one for one in found.people if one.role == granted.role]
        found.people = put_in(found.people, everybody, granted)
        found.wanted = None if found.wanted == granted else found.wanted
    found.area = zone_of(view, zone.text) if zone is not None else ""
    found.in_room = told_in_room(view, found.wishes, found.area)
    found.in_chat = told_in_chat(view, found.wishes, found.area)
    found.until = _until(view, asked)
    windows = [one.window for one in found.wishes if one.window is not None]
    if not asked.roles or not windows or found.until is None:
        return found
    since = max(view.now, min(one.start for one in windows))
    search = Search(
        roles=asked.roles,
        duties=[one.duty for one in found.people],
        responders=_responders(view, found, since - timedelta(days=1), max(one.end for one in windows)),
        windows=windows,
        since=view.now,
        until=found.until,
        minutes=_minutes(view, asked),
        grid=_grid(view),
        night=_night(view),
    )
    found.search = search
    found.slots = slots(search)
    found.beyond = [] if found.slots else beyond(search, max(one.end for one in windows))
    feasible = [one for one in [*found.slots, *found.beyond] if one.feasible or one.start == allowed]
    if chosen is not None:
        feasible.sort(key=lambda one: (one.start != chosen, one.start))
    if feasible:
        found.best, found.fallback = (
            feasible[0],
            _apart(feasible, _minutes(view, asked), int(view.parameters["fallback_slots"])),
        )
    else:
        policy = _OUTSIDE | ({"late"} if found.asked_outside else frozenset())
        by_policy = [one for one in [*found.slots, *found.beyond] if {o.kind for o in one.obstacles} <= policy]
        found.possible = min(by_policy, key=lambda one: (len(one.obstacles), one.start), default=None)
    return found


def _apart(feasible: list[Slot], minutes: int, most: int) -> list[Slot]:
    """Fallbacks that do not overlap the best slot or each other."""
    taken, found = [feasible[0]], list[Slot]()
    for one in feasible[1:]:
        if len(found) < most and all(abs(one.start - other.start) >= timedelta(minutes=minutes) for other in taken):
            taken.append(one)
            found.append(one)
    return found


def _until(view: CaseView, asked: Request) -> datetime | None:
    """Until when the bridge has to be over: the response window, and the customer's own update call."""
    ends = [at for at in (asked.ends_at, asked.call_at) if at is not None]
    if asked.ends_at is None:
        ends.append(view.packet.as_of + timedelta(hours=float(view.parameters["response_window_hours"])))
    return min(ends) if ends else None


def _minutes(view: CaseView, asked: Request) -> int:
    stated = asked.minutes.number if asked.minutes is not None else None
    return int(stated if stated is not None else view.parameters["bridge_minutes"])


def _grid(view: CaseView) -> int:
    stated = named(view, view.of(*view.scenario.data["systems"]["calendars"]), view.words("grid"))
    return int(stated.number) if stated is not None and stated.number else int(view.scenario.data["grid_minutes"])


def _night(view: CaseView) -> tuple[time, time]:
    """The protected night: what policy states, else the parameter."""
    stated = named(view, view.of(*view.scenario.data["systems"]["calendars"]), view.words("night"))
    match = _SPAN.search(stated.text) if stated is not None else None
    match = match or _SPAN.search(str(view.parameters["protected_overnight"]))
    if match is None:
        return time(20), time(7)
    return time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))


def _responders(view: CaseView, found: Plan, since: datetime, until: datetime) -> dict[str, Responder]:
    """Everybody on the roster, with what his calendar says. No calendar is not a free one (R9)."""
    stretches: dict[str, list[Stretch]] = {}
    zones = {person.who: person.zone for person in found.people if person.zone}
    immovable, focus = (_categories(view, words) for words in ("immovable", "focus"))
    found.kinds = immovable | focus
    read = last_read(view.kept)
    unread = set(read.problems) if read is not None else set()
    names = {name.casefold(): person.who for person in found.people for name in (person.who, person.name)}
    told = calendars(view, Span(since, until, names, zones))
    found.unread = [(who, item.id) for who, item in told.failures]
    for one, cited in told.busy:
        kind: Kind = "immovable" if _is(one, immovable) else "focus" if _is(one, focus) else "busy"
        kind = "held" if CATEGORY in one.categories else kind
        stretches.setdefault(one.who, []).append(Stretch(one.start, one.end, kind))
        if cited is not None:
            found.busy.append((one, cited))
    people: dict[str, Responder] = {}
    for person in found.people:
        at = found.hours.get(person.who)
        zone = at.zone if at is not None else person.zone
        people[person.who] = Responder(
            person.who,
            zone or "UTC",
            at.opens if at is not None else None,
            at.closes if at is not None else None,
            stretches.get(person.who, []),
            known=person.who in told.seen
            and person.who not in unread
            and bool(zone)
            and at is not None
            and not at.unread,
        )
    needed = {
        person.who
        for person in found.people
        for one in found.wishes
        if one.window is not None and one.window.meets(person.duty.start, person.duty.end)
    }
    found.unknown = [who for who, one in people.items() if not one.known and who in needed]
    return people


def _is(one: Busy, kinds: frozenset[str]) -> bool:
    """Whether a stretch is of a kind, however the words of it are joined."""
    said = [f" {label_of(name)} " for name in one.categories]
    return any(f" {label_of(kind)} " in name for name in said for kind in kinds)


def _categories(view: CaseView, words: str) -> frozenset[str]:
    items = view.of(*view.scenario.data["systems"]["calendars"])
    cells = [c for item in items for entry in entries(view, item) for c in entry.all(view.words(words))]
    stated = [part.strip().upper() for cell in cells for part in re.split(r"[;,]", cell.text) if part.strip()]
    return frozenset(stated or [one.upper() for one in view.scenario.data["categories"][words]])


def shown(at: datetime, zone: str) -> str:
    """A moment in a zone, with its abbreviation and offset."""
    local = at.astimezone(ZoneInfo(zone))
    offset = local.strftime("%z")
    return f"{local:%Y-%m-%d %H:%M} {local.tzname()} (UTC{offset[:3]}:{offset[3:]})"


def kept_slot(kept: Mapping[str, str], name: str) -> datetime | None:
    """A slot that an earlier pass remembers."""
    body = kept.get(name)
    return datetime.fromisoformat(orjson.loads(body)) if body else None
