"""What a bridge has to meet, out of ticket, roster, policy, account and the customer's own words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from agents.bridge_slots import Duty, Stretch
from agents.case_view import CaseView
from agents.entries import Entry, entries
from agents.figures import Figure, figure, named
from agents.incident_facts import moment
from agents.records import label_of
from agents.times import mentions
from casefile.claims import Citation
from casefile.evidence import Evidence, Span
from tools.readers import line_spans

# What stands around the name of a zone and does not change it: "US Eastern Time".
_AROUND = re.compile(r"\b(?:us|u\.s\.|time|zone|standard|daylight|summer|the)\b", re.IGNORECASE)
_TIME = re.compile(r"(\d{1,2})[:.h](\d{2})")
_CLOCK = r"(?:(\d{1,2})(?:[:.h](\d{2}))?\s*([ap]\.?m\.?|noon|midnight)?|\b(noon|midday|midnight)\b)"
_RANGE = re.compile(
    rf"(?<![\d-]){_CLOCK}\s*(?:-|–|—|to|until|till|and|bis|und)\s*{_CLOCK}(?![\d:])\s*(?:Uhr\s*)?"
    r"(\(?[A-Z][A-Za-z]+(?:[ /][A-Z][a-z]+)*(?:/[A-Za-z_]+)?\)?)?(?:\s*\(([A-Z]{2,5})\))?",
    re.IGNORECASE,
)


_DATE = re.compile(
    r"\d{1,2}\.? [A-Z][a-z]+ \d{4}|\d{4}-\d{2}-\d{2}|[A-Z][a-z]+ \d{1,2},? \d{4}|\d{1,2}\.\d{1,2}\.\d{4}"
)
_ALONE = re.compile(
    r"(?<![\d:])(\d{1,2})(?::(\d{2}))?\s*([ap]\.?m\b\.?)(?!\s*(?:-|–|to|until))\s*(\(?[A-Z][A-Za-z]+)?", re.IGNORECASE
)
# What speaks of a time of day, however it is written.
_TIMELIKE = re.compile(
    r"\b\d{1,2}\s*(?:-|–|—|to|until|till|and|bis|und)\s*(?:\d{1,2}\b(?!\s*%)|noon|midday|midnight)"
    r"|\b\d{1,2}[:.h]\d{2}\b|\b\d{1,2}\s*(?:[ap]\.?m\b|o.clock|Uhr)"
    r"|\b(?:morning|afternoon|evening|noon|midday|midnight)\b",
    re.IGNORECASE,
)
_MEETING = re.compile(
    r"\b(?:we|us|bridge|call|meet|join|can|could|works?|suits?|best|fine|free|available|prefer|possible)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Wish:
    """A window of the customer as he wrote it. Where it cannot be placed it is no window, but a question."""

    text: str
    citation: Citation
    window: Stretch | None
    problem: str = ""
    question: str = ""


@dataclass(slots=True)
class Request:
    """The bridge that is asked for."""

    roles: list[str] = field(default_factory=list)
    role_cells: list[Citation] = field(default_factory=list)
    minutes: Figure | None = None
    ends: Figure | None = None
    call: Figure | None = None
    severity: Figure | None = None
    component: Figure | None = None
    account: Figure | None = None
    assigned: dict[str, Figure] = field(default_factory=dict)
    delegate: Figure | None = None


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
    found, items = Request(), view.of(*_systems(view, "ticket"))
    for role, words in (
        ("minutes", "minutes"),
        ("ends", "response_ends"),
        ("call", "update_call"),
        ("severity", "severity"),
        ("component", "component"),
        ("account", "account"),
        ("delegate", "delegate"),
    ):
        setattr(found, role, named(view, items, _words(view, words)))
    known: Mapping[str, list[str]] = view.scenario.data["roles"]
    for item in items:
        for entry in entries(view, item):
            for cell in entry.all(_words(view, "required_roles")):
                for part in re.split(r"[;,]\s*", cell.text):
                    role = _role(known, part)
                    if role and role not in found.roles:
                        found.roles.append(role)
                        found.role_cells.append(view.cite(item, cell))
            if "assigned" in label_of(entry.context) or "assigned" in entry.cells:
                for label, cells in entry.cells.items():
                    role = _role(known, label)
                    shown = figure(view, item, cells[0])
                    if role and shown is not None:
                        found.assigned[role] = shown
    if not found.roles and (told := named(view, items, _words(view, "required_roles"))) is not None:
        for part in re.split(r"[;,]\s*|\band\b", told.text):
            role = _role(known, part)
            if role and role not in found.roles:
                found.roles.append(role)
                found.role_cells.append(told.citation)
    wanted = found.delegate is not None and label_of(found.delegate.text) in ("true", "yes", "required")
    if wanted and "leadership_delegate" not in found.roles:
        found.roles.append("leadership_delegate")
    return found


def _role(known: Mapping[str, list[str]], text: str) -> str:
    """The role that a word means, or nothing."""
    compared = label_of(text)
    return next((role for role, names in known.items() if compared in {label_of(n) for n in (role, *names)}), "")


def zone_of(view: CaseView, text: str) -> str:
    """The zone id that a cell names, by its id or by one of the scenario's words; empty where there is none such."""
    areas: Mapping[str, str] = view.scenario.data["zones"]
    told = text.strip()
    plain = " ".join(_AROUND.sub(" ", told).split()).casefold()
    meant = areas.get(told.casefold()) or areas.get(plain) or told
    try:
        ZoneInfo(meant)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""
    return meant


def roster(view: CaseView, asked: Request, *, everybody: bool = False) -> list[Person]:
    """Who fills which role when, for the component and the account of the ticket, or for whatever (`everybody`)."""
    found = []
    known: Mapping[str, list[str]] = view.scenario.data["roles"]
    for item in view.of(*_systems(view, "roster")):
        for entry in entries(view, item):
            role_cell, name = entry.first(_words(view, "role")), entry.first(_words(view, "name"))
            role = _role(known, role_cell.text) if role_cell is not None else ""
            if not role or name is None or not (everybody or _serves(view, entry, asked)):
                continue
            start, end = (_local(view, entry, words) for words in ("from", "to"))
            if start is None or end is None:
                continue
            mail, zone = entry.first(_words(view, "email")), entry.first(_words(view, "zone"))
            who = (mail or name).text.strip().casefold()
            cells = [role_cell, name, entry.first(_words(view, "from")), entry.first(_words(view, "to"))]
            cited = [view.cite(item, cell) for cell in cells if cell is not None]
            duty = Duty(role, who, start, end)
            area = zone_of(view, zone.text) if zone is not None else ""
            found.append(Person(role, name.text.strip(), who, area, duty, cited))
    return found


def _serves(view: CaseView, entry: Entry, asked: Request) -> bool:
    service = entry.first(_words(view, "service"))
    if service is None:
        return True
    compared = label_of(service.text)
    ours = [label_of(one.text) for one in (asked.component, asked.account) if one is not None]
    return compared in ours or any(word in compared for word in _words(view, "every_service"))


def _local(view: CaseView, entry: Entry, words: str) -> datetime | None:
    """A time of the roster, in its own words or in the zone of its row."""
    cell = entry.first(_words(view, words))
    if cell is None:
        return None
    zone = entry.first(_words(view, "zone"))
    told = next((one.instant for one in mentions(cell.text) if one.instant is not None), None)
    if told is not None:
        return told
    at, uncertain = moment(cell.text)
    area = zone_of(view, zone.text) if zone is not None else ""
    if at is not None and uncertain and area:
        return at.replace(tzinfo=ZoneInfo(area)).astimezone(UTC)
    return at if not uncertain else None


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
    for item in view.of(*_systems(view, "calendars")):
        for entry in entries(view, item):
            opens, closes = entry.first(_words(view, "opens")), entry.first(_words(view, "closes"))
            zone, mail = entry.first(_words(view, "zone")), entry.first([*_words(view, "email"), *_words(view, "name")])
            if opens is None or closes is None or zone is None:
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


def _time(match: re.Match[str]) -> time:
    return time(min(int(match[1]), 23), int(match[2])) if int(match[1]) < 24 else time(23, 59)


def wishes(view: CaseView, zone: Figure | None) -> list[Wish]:
    """The windows that the customer wrote. The newest mail that names any speaks; what it quotes of others does not."""
    found: list[Wish] = []
    for item in [one for one in view.of(*_systems(view, "customer")) if one.file.endswith((".eml", ".md", ".txt"))]:
        spans = [s for s in _texts(view, item) if s.depth == 0 and not s.hidden]
        day = _day(spans, view.now)
        told = [wish for span in spans for wish in _windows(view, item, span, day, zone)]
        found = told or [*found, *_unread(item, spans)]
    return found


def _unread(item: Evidence, spans: Sequence[Span]) -> Iterator[Wish]:
    """Sentences of a mail without a window that speak of a time to meet: it is asked what they mean."""
    asked = set()
    for span in spans:
        for said in re.split(r"(?<=[.;!?])\s+|\n", "" if _is_header(span) else span.text):
            text = said.strip()
            if text in asked or not _TIMELIKE.search(text) or not _MEETING.search(text):
                continue
            asked.add(text)
            cited = Citation(evidence=item.id, locator=span.locator, quote=text, sha256=item.sha256)
            question = f"Which window, in which time zone, does “{text[:200]}” mean?"
            yield Wish(text, cited, None, "no window could be read from it", question)


def _texts(view: CaseView, item: Evidence) -> Iterator[Span]:
    reading = view.readings(item.id)
    yield from reading.spans
    yield from line_spans(reading)


def _day(spans: Sequence[Span], now: datetime) -> date:
    """The day that a mail speaks of: one that it names, else the day on which it was read."""
    for span in spans:
        if span.kind == "header" or "/headers/" in span.locator:
            continue
        for match in re.finditer(
            r"\d{1,2}\.? [A-Z][a-z]+ \d{4}|\d{4}-\d{2}-\d{2}|[A-Z][a-z]+ \d{1,2},? \d{4}", span.text
        ):
            for mention in mentions(f"{match[0]} 12:00 UTC"):
                if mention.instant is not None:
                    return mention.instant.date()
    return now.date()


def _windows(view: CaseView, item: Evidence, span: Span, day: date, zone: Figure | None) -> Iterator[Wish]:
    if _is_header(span):
        return
    cited = Citation(evidence=item.id, locator=span.locator, quote=span.text.strip(), sha256=item.sha256)
    for match in _RANGE.finditer(span.text):
        first = _clock(match[1], match[2], match[3] or match[7], match[4])
        last = _clock(match[5], match[6], match[7], match[8])
        if first is None or last is None or not any(match[n] for n in (2, 3, 4, 6, 7, 8)):
            continue
        area = _area(view, match[9], match[10], zone)
        if area is None:
            yield _zoneless(match[0].strip(), cited)
            continue
        next_day = day + timedelta(days=1) if last <= first else day
        start = datetime.combine(day, first, ZoneInfo(area)).astimezone(UTC)
        end = datetime.combine(next_day, last, ZoneInfo(area)).astimezone(UTC)
        yield Wish(match[0].strip(), cited, Stretch(start, end))
    alone = None if _RANGE.search(span.text) else _ALONE.search(span.text)
    if alone is None or not _MEETING.search(span.text):
        return
    area, at = _area(view, alone[4], None, zone), _clock(alone[1], alone[2], alone[3])
    if area is None or at is None:
        yield _zoneless(alone[0].strip(), cited)
    else:
        start = datetime.combine(day, at, ZoneInfo(area)).astimezone(UTC)
        yield Wish(
            alone[0].strip(), cited, Stretch(start, start + timedelta(minutes=float(view.parameters["bridge_minutes"])))
        )


def _is_header(span: Span) -> bool:
    labelled = re.match(r"(?:date|sent|from|to|subject)\b", span.label, re.IGNORECASE)
    return span.kind == "header" or "/headers/" in span.locator or labelled is not None


def _zoneless(text: str, cited: Citation) -> Wish:
    return Wish(text, cited, None, "it names no time zone", f"Which time zone is meant by “{text}”?")


def _clock(hour: str | None, minute: str | None, half: str | None, word: str | None = None) -> time | None:
    """A time of day: `10`, `10:30 am`, `12 noon`, or a word alone."""
    if hour is None:
        return time(0 if word and word.casefold() == "midnight" else 12)
    number = int(hour)
    if half:
        number = number % 12 + (12 if half[0] in "pPnN" else 0)
    return time(number, int(minute or 0)) if number < 24 and int(minute or 0) < 60 else None


def _area(view: CaseView, word: str | None, inside: str | None, zone: Figure | None) -> str | None:
    """The zone id that a word means. A bare clock has none: nothing is assumed."""
    areas: Mapping[str, str] = view.scenario.data["zones"]
    for told in (word, inside):
        if not told:
            continue
        plain = told.strip("()").strip()
        if "/" in plain and re.fullmatch(r"[A-Za-z]+/[A-Za-z_]+", plain):
            return zone_of(view, plain) or None
        for part in (plain, plain.split()[0]):
            if part.casefold() in areas:
                meant = areas[part.casefold()]
                if meant == "account":
                    return (zone_of(view, zone.text) or None) if zone is not None else None
                return meant
    return None


def _words(view: CaseView, role: str) -> list[str]:
    found: list[str] = view.scenario.data["words"][role]
    return found


def _systems(view: CaseView, role: str) -> list[str]:
    found: list[str] = view.scenario.data["systems"][role]
    return found
