"""What a bridge has to meet, out of ticket, roster and policy."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from agents.bridge_kinds import (
    clock_of,
    clocks_of,
    first_value,
    is_name,
    pairs,
    people_in,
    role_of,
    scope_cells,
    scoped_role,
    zone_cell,
    zone_of_times,
)
from agents.bridge_policy import Wanted, levels, own_levels, wanted_by_policy
from agents.bridge_rows import above, first_of, in_utc, pointer, rows
from agents.bridge_slots import Duty
from agents.bridge_times import about, instant_of, stated
from agents.bridge_zones import zone_of
from agents.case_view import CaseView
from agents.entries import Entry, entries
from agents.figures import Figure, figure, named
from agents.incident_facts import moment
from agents.records import Cell, label_of
from agents.times import mentions
from casefile.claims import Citation
from casefile.evidence import Evidence

DELEGATE = "leadership_delegate"
_YES = re.compile(r"(?:true|yes|required|ja|needed)\b", re.IGNORECASE)
_NO = re.compile(r"(?:false|no|not|none|nein|optional|without)\b", re.IGNORECASE)
# What stands around the name of a customer: his tenant's id, or a remark in brackets.
_ASIDE = re.compile(r"[\s,;]*(?:\([^()]*\)|(?:tenant\s+)?tn-[\w-]+)\s*$", re.IGNORECASE)
# A roster's scope that is of severities, and of no service: "all SEV-1", "Sev 0 and 1 incidents".
_SEVERITIES = re.compile(
    r"\s*(?:all|any|every|major)?\s*(?:incidents?\s+(?:of\s+)?)?"
    r"(?:(?:sev|severity|prio|priority)[\s_-]*\d\b|[sp][\s_-]?\d(?!\w|-(?![sp]?\d)))",  # `s3-store` is a service
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"^(?:and|an?|the|one)\s+", re.IGNORECASE)
_TOKEN = re.compile(r"[\w./]+(?:-[\w./]+)+|[\w-]+_[\w-]+")  # how services are called: `order-api`
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
        setattr(found, role, _alone(named(view, items, view.words(words)) or _behind(view, items, view.words(words))))
    found.ends, found.call = (
        stated(view, items, view.words(name)) or about(view, items, name) for name in ("response_ends", "update_call")
    )
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
                    role = role_of(known, label)
                    shown = figure(view, item, cells[0])
                    if role and shown is not None:
                        found.assigned[role] = shown
    _assigned(view, items, found)
    names = view.words("required_roles")
    if not found.roles and (told := named(view, items, names) or _behind(view, items, names)) is not None:
        for part in re.split(r"[;,]\s*|\band\b", told.text):
            _require(found, known, part, told.citation)
    wanted = found.delegate is not None and says(found.delegate.text) is True
    found.policy = wanted_by_policy(view, found.severity.text if found.severity is not None else "")
    if (wanted or found.policy.delegate) and DELEGATE not in found.roles:
        found.roles.append(DELEGATE)
        found.role_cells += found.policy.cells[:1]
    for text, cited in found.policy.roles if found.roles else ():
        if found.policy.delegate is not False or role_of(known, text) != DELEGATE:
            _require(found, known, text, cited)
    return found


def _alone(told: Figure | None) -> Figure | None:
    """A figure without the labels that stand behind its value in the line."""
    text = first_value(told.text) if told is not None else ""
    return Figure(text, told.citation.model_copy(update={"quote": text})) if told is not None and text else told


def _behind(view: CaseView, items: Sequence[Evidence], names: Sequence[str]) -> Figure | None:
    """What stands behind one of the names in columns of text, over dots, or behind another value of a line."""
    labels = {label_of(name) for name in names}
    told = (
        figure(view, item, cell) for item in reversed(items) for label, cell in pairs(view, item) if label in labels
    )
    return next((one for one in told if one is not None), None)


def _assigned(view: CaseView, items: Sequence[Evidence], found: Request) -> None:
    """Whom the ticket names beside a role, in whatever table or list."""
    known: Mapping[str, list[str]] = view.scenario.data["roles"]
    for item in items:
        for label, cell in pairs(view, item):
            role, shown = role_of(known, label), figure(view, item, cell)
            if role and shown is not None and is_name(cell.text) and not scoped_role(known, cell.text)[0]:
                found.assigned.setdefault(role, shown)


def says(text: str) -> bool | None:
    """What the answer to a yes-or-no question is: `yes (SEV-1)`, `not required`. None where it is neither."""
    told = text.strip().strip("*_")
    return True if _YES.match(told) else False if _NO.match(told) else None


def _require(found: Request, known: Mapping[str, list[str]], text: str, cited: Citation) -> None:
    """Add a required role; one that nobody knows is kept as it is written."""
    role, scope = scoped_role(known, _ARTICLE.sub("", text.strip()))
    if scope and not found.component and _TOKEN.fullmatch(scope) and not levels(scope):
        found.component = Figure(scope, cited)
    if scope and label_of(scope) not in {label_of(one.text) for one in (found.component, found.account) if one}:
        role = ""  # of another service, or of whom is not known
    if role and role not in found.roles:
        found.roles.append(role)
        found.role_cells.append(cited)
    elif not role and label_of(text):
        found.unknown.setdefault(text.strip(), cited)


def roster(view: CaseView, asked: Request, *, everybody: bool = False) -> list[Person]:
    """Who fills which role when, for the component and the account of the ticket, or for whatever (`everybody`)."""
    found = []
    for item in view.of(*view.listed("roster")):
        listed = rows(view, item)
        at = {place: one for one in listed if (place := pointer(one)) is not None}
        ours = _scope_labels(view, listed, asked)
        for entry in listed:
            first, last = first_of(entry, view.words("from")), first_of(entry, view.words("to"))
            mail = entry.first(view.words("email"))
            name = entry.first(view.words("name")) or mail
            role, scopes, role_cell = _on_duty(view, entry, [*above(first, at)], ours)
            if not role or role_cell is None or name is None:
                continue
            if not (everybody or all(_serves(view, one, asked) for one in scopes)):
                continue
            start, end = (local_time(view, entry, cell) if cell is not None else None for cell in (first, last))
            if start is None or end is None:
                continue
            zone = zone_cell(view, entry)
            who = (mail or name).text.strip().casefold()
            cells = [role_cell, name, first, last]
            cited = [view.cite(item, cell) for cell in cells if cell is not None]
            duty = Duty(role, who, start, end)
            area = zone_of(view, zone.text) if zone is not None else ""
            found.append(Person(role, name.text.strip(), who, area, duty, cited))
    return found


def _on_duty(
    view: CaseView, entry: Entry, around: Sequence[Entry], ours: Sequence[str]
) -> tuple[str, list[str], Cell | None]:
    """The role of a row, for what it is, and the cell that says the role: of the row, else of an object around it."""
    known: Mapping[str, list[str]] = view.scenario.data["roles"]
    cell = entry.first(view.words("role"))
    told = [cell] if cell is not None else [c for one in around for cells in one.cells.values() for c in cells]
    at, role, scope = next(((c, *found) for c in told if (found := scoped_role(known, c.text))[0]), (None, "", ""))
    scopes = [
        c.text for one in ([entry] if cell is not None else [entry, *around]) for c in scope_cells(view, one, ours)
    ]
    return role, [*scopes, *([scope] if scope else [])], at


def _ours(view: CaseView, asked: Request) -> list[str]:
    """What the case's service and customer are called, compared."""
    named = [one.text for one in (asked.component, asked.account) if one is not None]
    return [label_of(way) for one in [*named, view.packet.tenant.name] for way in (one, _ASIDE.sub("", one)) if way]


def _scope_labels(view: CaseView, listed: Sequence[Entry], asked: Request) -> list[str]:
    """The labels under which the case's service or customer stands somewhere in a list: those say for what rows are."""
    ours = set(_ours(view, asked))
    return [
        label for one in listed for label, cells in one.cells.items() if any(label_of(c.text) in ours for c in cells)
    ]


def _serves(view: CaseView, scope: str, asked: Request) -> bool:
    compared, names = label_of(scope), _ours(view, asked)
    ours = own_levels(asked.severity.text) if asked.severity is not None else set()
    if compared in names or not _SEVERITIES.match(scope):
        return compared in names or any(re.search(rf"\b{word}s?\b", compared) for word in view.words("every_service"))
    return bool(ours & levels(scope))  # "all SEV-1"


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
    beside, told_of_all = entry.first(view.words("zone")), zone_of_times(view, entry.item)
    area = zone_of(view, _TRAILING.search(text)[1]) if _TRAILING.search(text) else ""  # type: ignore[index]
    area = area or (zone_of(view, beside.text) if beside is not None else "") or told_of_all or zone
    if told_of_all and area != told_of_all:
        return None  # the row and the words over it disagree
    return at.replace(tzinfo=ZoneInfo(area)).astimezone(UTC) if area else None


@dataclass(frozen=True, slots=True)
class Hours:
    """Working hours of one person in his zone. `unread` where a row states some that could not be read."""

    zone: str
    opens: time
    closes: time
    citations: list[Citation]
    unread: bool = False


def hours(view: CaseView, people: Sequence[Person]) -> dict[str, Hours]:
    """Working hours by what the roster calls a person: from a table or a list, or from keys that are addresses."""
    found: dict[str, Hours] = {}
    ids = {name.casefold(): person.who for person in people for name in (person.name, person.who)}
    zones = {person.who: person.zone for person in people}
    for item in view.of(*view.listed("calendars")):
        for entry in rows(view, item):
            cells = _hour_cells(view, entry)
            if not cells or _dated(view, entry, cells[0]):
                continue
            mail = entry.first([*view.words("email"), *view.words("name"), *view.words("busy_who")])
            place = cells[0].locator
            key = place.split("/")[-2].replace("~1", "/") if place.startswith("/") else ""
            listed = people_in(entry, ids) if mail is None else []
            told = mail.text.strip() if mail is not None else listed[0] if len(listed) == 1 else key
            who = ids.get(told.casefold(), told).casefold()
            zone = zone_cell(view, entry)
            area = zone_of(view, zone.text) if zone is not None else zones.get(who, "")
            if zone is None and who not in ids.values():
                continue
            cited = [view.cite(item, cell) for cell in (zone, *cells) if cell is not None]
            read = clocks_of(cells[0].text) if len(cells) == 1 else (clock_of(cells[0].text), clock_of(cells[1].text))
            if read and read[0] and read[1] and who and area:
                found[who] = Hours(area, read[0], read[1], cited)
            elif who and any(re.search(r"\d", cell.text) for cell in cells):
                found[who] = Hours(area, time(), time(), cited, unread=True)
    return found


def _hour_cells(view: CaseView, entry: Entry) -> list[Cell]:
    """The cells that state working hours: when they begin and end, or both in one."""
    opens, closes = first_of(entry, view.words("opens")), first_of(entry, view.words("closes"))
    both = first_of(entry, view.words("hours"))
    if opens is not None and closes is not None:
        return [opens, closes]
    return [both] if both is not None else []


def _dated(view: CaseView, entry: Entry, opens: Cell) -> bool:
    """Whether a row is of one day: an appointment, and no working hours."""
    day = entry.first(view.words("busy_day"))
    return re.search(r"\d{4}", opens.text) is not None or (day is not None and re.search(r"\d", day.text) is not None)
