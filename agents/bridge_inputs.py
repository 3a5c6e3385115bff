"""What a bridge has to meet, out of ticket, roster and policy."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from agents.bridge_policy import Wanted, levels, wanted_by_policy
from agents.bridge_rows import first_of, in_utc, rows
from agents.bridge_slots import Duty
from agents.bridge_times import instant_of, stated
from agents.bridge_zones import zone_of
from agents.case_view import CaseView
from agents.entries import Entry, entries
from agents.figures import Figure, figure, named
from agents.incident_facts import moment
from agents.records import Cell, label_of
from agents.times import mentions
from casefile.claims import Citation

DELEGATE = "leadership_delegate"
_YES = re.compile(r"(?:true|yes|required|ja|needed)\b", re.IGNORECASE)
_NO = re.compile(r"(?:false|no|not|none|nein|optional|without)\b", re.IGNORECASE)
# What stands around the name of a customer: his tenant's id, or a remark in brackets.
_ASIDE = re.compile(r"[\s,;]*(?:\([^()]*\)|(?:tenant\s+)?tn-[\w-]+)\s*$", re.IGNORECASE)
# A roster's scope that is of severities, and of no service: "all SEV-1", "Sev 0 and 1 incidents".
_SEVERITIES = re.compile(
    r"\s*(?:all|any|every|major)?\s*(?:incidents?\s+(?:of\s+)?)?(?:sev|severity|prio|priority|p)[\s_-]*\d\b", re.I
)
_ARTICLE = re.compile(r"^(?:and|an?|the|one)\s+", re.IGNORECASE)
_TIME = re.compile(r"(\d{1,2})[:.h](\d{2})")
_CLOCK_FIRST = re.compile(r"\d{1,2}:\d{2}\b")
# A zone in a word after a clock: `10:00 Eastern`.
_TRAILING = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?\s*\(?([A-Za-z][A-Za-z/_ ]+?)\)?$")


@dataclass(slots=True)
class Request:
    """The bridge that is asked for."""

    roles: list[str] = field(default_factory=list)
    role_cells: list[Citation] = field(default_factory=list)
    minutes: Figure | None = None
    ends: Figure | None = None
    call: Figure | None = None
    ends_at: datetime | None = None
    call_at: datetime | None = None
    severity: Figure | None = None
    component: Figure | None = None
    account: Figure | None = None
    assigned: dict[str, Figure] = field(default_factory=dict)
    delegate: Figure | None = None
    policy: Wanted = field(default_factory=Wanted)
    unknown: dict[str, Citation] = field(default_factory=dict)
    """Required roles, as they are written, that are no role of a bridge."""


@dataclass(frozen=True, slots=True)
class Person:
    """A row of the on-call roster. `zone` is empty where the row names none that is known: nothing is assumed."""

    role: str
    name: str
    who: str
    zone: str
    duty: Duty
    citations: list[Citation]


def request(view: CaseView) -> Request:
    """Read the ticket."""
    found, items = Request(), view.of(*view.listed("ticket"))
    for role, words in (
        ("minutes", "minutes"),
        ("severity", "severity"),
        ("component", "component"),
        ("account", "account"),
        ("delegate", "delegate"),
    ):
        setattr(found, role, named(view, items, view.words(words)))
    found.ends, found.call = (stated(view, items, view.words(name)) for name in ("response_ends", "update_call"))
    found.ends_at, found.call_at = instant_of(view, found.ends, until=True), instant_of(view, found.call)
    if found.delegate is not None and says(found.delegate.text) is None:
        found.delegate = None  # who it is, and not whether he is required
    known: Mapping[str, list[str]] = view.scenario.data["roles"]
    for item in items:
        for entry in entries(view, item):
            for cell in entry.all(view.words("required_roles")):
                for part in re.split(r"[;,]\s*", cell.text):
                    _require(found, known, part, view.cite(item, cell))
            if "assigned" in label_of(entry.context) or "assigned" in entry.cells:
                for label, cells in entry.cells.items():
                    role = _role(known, label)
                    shown = figure(view, item, cells[0])
                    if role and shown is not None:
                        found.assigned[role] = shown
    if not found.roles and (told := named(view, items, view.words("required_roles"))) is not None:
        for part in re.split(r"[;,]\s*|\band\b", told.text):
            _require(found, known, part, told.citation)
    wanted = found.delegate is not None and says(found.delegate.text) is True
    found.policy = wanted_by_policy(view, found.severity.text if found.severity is not None else "")
    if (wanted or found.policy.delegate) and DELEGATE not in found.roles:
        found.roles.append(DELEGATE)
        found.role_cells += found.policy.cells[:1]
    for text, cited in found.policy.roles if found.roles else ():
        if found.policy.delegate is not False or _role(known, text) != DELEGATE:
            _require(found, known, text, cited)
    return found


def says(text: str) -> bool | None:
    """What the answer to a yes-or-no question is: `yes (SEV-1)`, `not required`. None where it is neither."""
    told = text.strip().strip("*_")
    return True if _YES.match(told) else False if _NO.match(told) else None


def _require(found: Request, known: Mapping[str, list[str]], text: str, cited: Citation) -> None:
    """Add a required role; one that nobody knows is kept as it is written."""
    role = _role(known, text) or _role(known, _ARTICLE.sub("", text.strip()))
    if role and role not in found.roles:
        found.roles.append(role)
        found.role_cells.append(cited)
    elif not role and label_of(text):
        found.unknown.setdefault(text.strip(), cited)


def _role(known: Mapping[str, list[str]], text: str) -> str:
    """The role that a word means, or nothing."""
    compared = label_of(text)
    return next((role for role, names in known.items() if compared in {label_of(n) for n in (role, *names)}), "")


def roster(view: CaseView, asked: Request, *, everybody: bool = False) -> list[Person]:
    """Who fills which role when, for the component and the account of the ticket, or for whatever (`everybody`)."""
    found = []
    known: Mapping[str, list[str]] = view.scenario.data["roles"]
    for item in view.of(*view.listed("roster")):
        for entry in rows(view, item):
            role_cell, name = entry.first(view.words("role")), entry.first(view.words("name"))
            role = _role(known, role_cell.text) if role_cell is not None else ""
            if not role or name is None or not (everybody or _serves(view, entry, asked)):
                continue
            first, last = first_of(entry, view.words("from")), first_of(entry, view.words("to"))
            start, end = (local_time(view, entry, cell) if cell is not None else None for cell in (first, last))
            if start is None or end is None:
                continue
            mail, zone = entry.first(view.words("email")), entry.first(view.words("zone"))
            who = (mail or name).text.strip().casefold()
            cells = [role_cell, name, first, last]
            cited = [view.cite(item, cell) for cell in cells if cell is not None]
            duty = Duty(role, who, start, end)
            area = zone_of(view, zone.text) if zone is not None else ""
            found.append(Person(role, name.text.strip(), who, area, duty, cited))
    return found


def _serves(view: CaseView, entry: Entry, asked: Request) -> bool:
    service = entry.first(view.words("service"))
    if service is None:
        return True
    compared = label_of(service.text)
    named = [one.text for one in (asked.component, asked.account) if one is not None]
    names = [label_of(way) for one in [*named, view.packet.tenant.name] for way in (one, _ASIDE.sub("", one)) if way]
    ours = levels(asked.severity.text) if asked.severity is not None else set()
    if compared in names or not ours or not _SEVERITIES.match(service.text):
        return compared in names or any(re.search(rf"\b{word}s?\b", compared) for word in view.words("every_service"))
    return bool(ours & levels(service.text))  # "all SEV-1"


def local_time(view: CaseView, entry: Entry, cell: Cell, zone: str = "") -> datetime | None:
    """A time of a row: in its own words, else in its row's zone, else in `zone`. A clock alone is of the row's day."""
    text, day = cell.text.strip(), entry.first(view.words("busy_day"))
    if _CLOCK_FIRST.match(text) and day is not None:
        text = f"{day.text.strip()[:10]} {text}"
    told = next((one.instant for one in mentions(text) if one.instant is not None), None)
    if told is not None:
        return told
    at, uncertain = moment(text)
    if at is None or not uncertain or in_utc(entry, cell):
        return at
    beside = entry.first(view.words("zone"))
    area = zone_of(view, _TRAILING.search(text)[1]) if _TRAILING.search(text) else ""  # type: ignore[index]
    area = area or (zone_of(view, beside.text) if beside is not None else "") or zone
    return at.replace(tzinfo=ZoneInfo(area)).astimezone(UTC) if area else None


@dataclass(frozen=True, slots=True)
class Hours:
    """Working hours of one person in his zone."""

    zone: str
    opens: time
    closes: time
    citations: list[Citation]


def hours(view: CaseView, people: Sequence[Person]) -> dict[str, Hours]:
    """Working hours by what the roster calls a person: from a table or a list, or from keys that are addresses."""
    found = {}
    ids = {person.name.casefold(): person.who for person in people}
    for item in view.of(*view.listed("calendars")):
        for entry in rows(view, item):
            opens, closes = first_of(entry, view.words("opens")), first_of(entry, view.words("closes"))
            ways = [*view.words("email"), *view.words("name"), *view.words("busy_who")]
            zone, mail = entry.first(view.words("zone")), entry.first(ways)
            if opens is None or closes is None or zone is None or _dated(view, entry, opens):
                continue
            first, last = _TIME.search(opens.text), _TIME.search(closes.text)
            key = opens.locator.split("/")[-2].replace("~1", "/") if opens.locator.startswith("/") else ""
            told = mail.text.strip() if mail is not None else key
            who = ids.get(told.casefold(), told)
            area = zone_of(view, zone.text)
            if first and last and who and area:
                cited = [view.cite(item, cell) for cell in (zone, opens, closes)]
                found[who.casefold()] = Hours(area, _time(first), _time(last), cited)
    return found


def _dated(view: CaseView, entry: Entry, opens: Cell) -> bool:
    """Whether a row is of one day: an appointment, and no working hours."""
    day = entry.first(view.words("busy_day"))
    return re.search(r"\d{4}", opens.text) is not None or (day is not None and re.search(r"\d", day.text) is not None)


def _time(match: re.Match[str]) -> time:
    return time(min(int(match[1]), 23), int(match[2])) if int(match[1]) < 24 else time(23, 59)
