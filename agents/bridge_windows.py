"""The windows in which the customer could meet, out of his own words or out of a list.

A clock that names no zone is no window, and neither are hours without a day: it is asked, and nothing is assumed (R9).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from agents.bridge_inputs import local_time
from agents.bridge_slots import Stretch
from agents.bridge_zones import worded, zone_in, zone_of, zone_said
from agents.case_view import CaseView
from agents.entries import Entry, entries
from agents.figures import Figure
from agents.records import Cell, label_of
from agents.times import known_zone, mentions
from casefile.claims import Citation
from casefile.evidence import Evidence, Span
from tools.readers import line_spans

_CLOCK = r"(?:(\d{1,2})(?:[:.h](\d{2}))?\s*([ap]\.?m\.?|noon|midnight)?|\b(noon|midday|midnight)\b)"
_SHORT_CLOCK = r"(?:\d{1,2}(?:[:.h]\d{2})?\s*(?:[ap]\.?m\b\.?)?|\bnoon\b|\bmidday\b)"
_JOINT = r"\s*(?:-|–|—|to|until|till|and|bis|und)\s*"
# A zone as it stands behind a clock: an id, an offset, or words.
_ZONE = (
    r"\(?(?:[A-Z][A-Za-z]+/[A-Za-z_]+(?:/[A-Za-z_]+)?|(?:UTC|GMT)[+\-−]\d{1,2}(?::?\d{2})?(?!\d*:)"
    r"|[A-Z][A-Za-z]+(?:[ /][A-Z][a-z]+)*)\)?"
)
_OFFSET = re.compile(r"(?:UTC|GMT)([+\-−])(\d{1,2})(?::?(\d{2}))?$", re.IGNORECASE)
_RANGE = re.compile(
    rf"(?<![\d-]){_CLOCK}{_JOINT}{_CLOCK}(?![\d:])\s*(?:Uhr\s*)?({_ZONE})?(?:\s*\(([A-Z]{{2,5}})\))?",
    re.IGNORECASE,
)
# "10:00 Eastern to 11:00 Eastern": the zone of the first clock is that of both, or they are two times.
_ZONED_RANGE = re.compile(
    rf"(?<![\d-])(?P<first>{_SHORT_CLOCK})\s*(?P<zone>{_ZONE})(?![+\-−]\d{{1,2}}\b)(?P<joint>{_JOINT})"
    rf"(?P<last>{_SHORT_CLOCK})(?![\d:])\s*(?P<other>{_ZONE})?",
    re.IGNORECASE,
)


_ZONE_FIRST = re.compile(rf"\s*{_ZONE}", re.IGNORECASE)
_DATE = re.compile(
    r"\d{1,2}\.? [A-Z][a-z]+ \d{4}|\d{4}-\d{2}-\d{2}|[A-Z][a-z]+ \d{1,2},? \d{4}|\d{1,2}\.\d{1,2}\.\d{4}"
)
_ALONE = re.compile(
    rf"(?<![\d:])(\d{{1,2}})(?::(\d{{2}}))?\s*([ap]\.?m\b\.?)(?!\s*(?:-|–|to|until))\s*({_ZONE})?",
    re.IGNORECASE,
)
# A clock of the 24 hours by itself counts only where the sentence says that one could meet then.
_ALONE_24 = re.compile(
    r"(?<![\d:.,T+-])([01]?\d|2[0-3])(?:[:h]([0-5]\d)|(?=\s*(?:Uhr|o.clock)))(?!\s*[ap]\.?m\b)(?![\d:])()"
    rf"(?!\s*(?:-|–|to|until|bis)\s*\d)\s*(?:Uhr|o.clock)?\s*({_ZONE})?",
    re.IGNORECASE,
)
_BOUND = re.compile(r"\b(?:until|till|by|before|no later than|not later than|bis|vor)\s*$", re.IGNORECASE)
# What speaks of a time of day, however it is written.
_TIMELIKE = re.compile(
    r"\b\d{1,2}\s*(?:-|–|—|to|until|till|and|bis|und)\s*(?:\d{1,2}\b(?!\s*%)|noon|midday|midnight)"
    r"|\b\d{1,2}[:.h]\d{2}\b|\b\d{1,2}\s*(?:[ap]\.?m\b|o.clock|Uhr)"
    r"|\b(?:morning|afternoon|evening|noon|midday|midnight)\b",
    re.IGNORECASE,
)
# One of several times that a line above offers: "two possibilities:", then "a) 3 pm, for half an hour".
_ITEM = re.compile(r"^\s*(?:[-*•–]|\(?(?:\d{1,2}|[a-z])[.)])\s+(?=\S)", re.IGNORECASE)
_INTRO = re.compile(
    r"\b(?:possibilit|options?\b|choices?\b|times?\b|slots?\b|windows?\b|offer|propos|suggest|could|can\b|works?\b|suits?\b"
    r"|available|free\b|möglichkeit|vorschl|termin)[^\n]*:\s*$",
    re.IGNORECASE,
)
_OR = re.compile(r"(?:or|and|also|oder|und)", re.IGNORECASE)
_ABBREVIATED = 3  # letters of a zone that only counts in capitals: "ET"
_FEW = 12  # words of an item that is a time, and nothing told beside it
_OFFERED = re.compile(r"window|availab|offered|slots?\b|could meet", re.IGNORECASE)
_CLOCKED = re.compile(r"\d{1,2}:\d{2}")
_MEETING = re.compile(
    r"\b(?:we|us|bridge|call|meet|join|can|could|works?|suits?|best|fine|free|available|prefer|possible"
    r"|wir|uns|mir|passt|passen|ginge|geht|gehen|können|könnten|möglich|frei|treffen)\b",
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


def wishes(view: CaseView, zone: Figure | None) -> list[Wish]:
    """The windows that the customer gave. The newest word that has any speaks; what it quotes of others does not.

    A later word that gives none, or that says "also", leaves the earlier windows; one that takes them back, or wants
    another time "instead", makes questions of them.
    """
    found: list[Wish] = []
    for item in _by_time(view, view.of(*view.listed("customer"))):
        spans = [s for s in _texts(view, item) if s.depth == 0 and not s.hidden]
        day = _day(spans, view.now)
        if item.file.endswith((".eml", ".md", ".txt")):
            offers, headed = _items(spans), _headed(view, spans)
            told = [
                wish
                for span, after in zip(spans, [*(_carried(one) for one in spans[1:]), ""], strict=True)
                for wish in _windows(
                    view, item, span, day, zone, span.locator in offers, after, headed.get(span.locator, "")
                )
            ]
            found = _after(view, found, told or [*_listed(view, item, day)] or [*_unread(view, item, spans)], spans)
            continue
        # An account record has many times; only what it calls a window or availability is one.
        about = [span for span in spans if _OFFERED.search(f"{span.locator} {span.label}")]
        told = [wish for span in about for wish in _windows(view, item, span, day, zone)]
        found = [*_listed(view, item), *told] or found
    return found


def _by_time(view: CaseView, items: Sequence[Evidence]) -> list[Evidence]:
    """The items in order of arrival, and the mails among them in the order in which they were written."""
    mails = [item for item in items if item.file.endswith(".eml")]
    written = iter(sorted(mails, key=lambda item: _written(view, item)))
    return [next(written) if item.file.endswith(".eml") else item for item in items]


def _written(view: CaseView, item: Evidence) -> datetime:
    told = [span.at for span in view.readings(item.id).spans if span.at is not None and span.depth == 0]
    return max(told, default=item.captured_at or item.arrived_at)


def _after(view: CaseView, before: list[Wish], told: list[Wish], spans: Sequence[Span]) -> list[Wish]:
    """What stands after a later word of the customer."""
    words: Mapping[str, str] = view.scenario.data["windows"]
    body = " ".join(span.text.strip() for span in spans if not _is_header(span))
    said = re.split(r"(?<=[.;!?])\s+(?=[^a-z])", body)
    placed = [one for one in told if one.window is not None]
    adding = [any(_said(words["added"], part) and one.text in part for part in said) for one in placed]
    taken = any(_said(words["taken_back"], part) and not _said(words["conditional"], part) for part in said)
    if placed and not (all(adding) and not taken):
        return told
    return [*(_doubted(one) if taken else one for one in before), *told]


def _said(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None


def _doubted(one: Wish) -> Wish:
    if one.window is None:
        return one
    question = f"Does “{one.text}” still stand? A later word of the customer may take it back."
    return Wish(one.text, one.citation, None, "a later word may take it back", question)


def _items(spans: Sequence[Span]) -> frozenset[str]:
    """The places of items that stand below a line that offers times."""
    found, offered = set(), False
    for span in spans:
        if not span.text.strip() or _is_header(span):
            continue
        item = _ITEM.match(span.text) is not None
        if item and offered and len(span.text.split()) <= _FEW:
            found.add(span.locator)
        offered = offered if item else _INTRO.search(span.text) is not None
    return frozenset(found)


def _headed(view: CaseView, spans: Sequence[Span]) -> dict[str, str]:
    """The zone of bare ranges below a line that names one for all of them: "our times, all US Eastern:"."""
    found, zone = dict[str, str](), ""
    for span in spans:
        text = _ITEM.sub("", span.text).strip()
        if not text or _is_header(span):
            continue
        if zone and _only_ranges(text):
            found[span.locator] = zone
        else:
            zone = zone_said(view, text) if text.endswith(":") else ""
    return found


def _only_ranges(text: str) -> bool:
    """Whether a line is ranges without zones, and what joins them."""
    bare = all(not match[9] or _OR.fullmatch(match[9]) for match in _RANGE.finditer(text))
    rest = _RANGE.sub(" ", text)
    return bare and rest != text and re.fullmatch(rf"(?:[\s.,;]|{_OR.pattern})*", rest, re.IGNORECASE) is not None


def _listed(view: CaseView, item: Evidence, day: date | None = None) -> Iterator[Wish]:
    """Windows as rows or objects with a start and an end. `day` is that of rows that name none: the table of a mail."""
    for entry in entries(view, item):
        start, end = entry.first(view.words("offered_from")), entry.first(view.words("offered_to"))
        if start is None or end is None or not (_CLOCKED.search(start.text) and _CLOCKED.search(end.text)):
            continue
        if entry.first(view.words("busy_day")) is None and not _DATE.search(start.text):
            if day is None:
                continue  # hours of every day are no window of this one
            told = [Cell(day.isoformat(), start.locator)]
            entry = Entry(item, {**entry.cells, label_of(view.words("busy_day")[0]): told}, entry.context)
        text, cited = f"{start.text.strip()} to {end.text.strip()}", view.cite(item, start)
        first, last = local_time(view, entry, start), local_time(view, entry, end)
        if first is None or last is None:
            yield _zoneless(text, cited)
        elif first < last:
            yield Wish(text, cited, Stretch(first, last))


def _unread(view: CaseView, item: Evidence, spans: Sequence[Span], offer: bool = False) -> Iterator[Wish]:
    """Sentences without a window that speak of a time to meet, or are an `offer` of one: it is asked what they mean."""
    asked = set()
    for span in spans:
        for said in re.split(r"(?<=[.;!?])\s+|\n", "" if _is_header(span) else span.text):
            text = said.strip()
            if text in asked or not _TIMELIKE.search(text) or not (offer or _MEETING.search(text) or zoned(view, text)):
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
        told = next((one for match in _DATE.finditer(span.text) if (one := _date(match[0])) is not None), None)
        if told is not None:
            return told
    return now.date()


def _date(text: str) -> date | None:
    return next((one.instant.date() for one in mentions(f"{text} 12:00 UTC") if one.instant is not None), None)


def _named_day(text: str, place: int) -> date | None:
    """The day that stands before a clock in its line, the nearest one."""
    told = [_date(match[0]) for match in _DATE.finditer(text[:place])]
    return next((one for one in reversed(told) if one is not None), None)


def _carried(span: Span) -> str:
    """The zone with which a line begins: mail programs break lines, also between a clock and its zone."""
    found = None if _is_header(span) else _ZONE_FIRST.match(span.text)
    return found[0] if found is not None else ""


def _windows(
    view: CaseView,
    item: Evidence,
    span: Span,
    day: date,
    zone: Figure | None,
    offer: bool = False,
    after: str = "",
    below: str = "",
) -> Iterator[Wish]:
    """The windows and times of a line. `after` is the zone that the next line begins with, for a clock that ends it;
    `below` that of a line of ranges alone, out of the line above them."""
    if _is_header(span):
        return
    cited = Citation(evidence=item.id, locator=span.locator, quote=span.text.strip(), sha256=item.sha256)
    text, apart = _one_zone(view, worded(view, span.text), zone)
    for said in apart:
        yield Wish(said, cited, None, "its two times are in two zones", f"Which window does “{said}” mean?")
    for match in _RANGE.finditer(text):
        first, last = clock(match[1], match[2], match[3] or match[7], match[4]), clock(*match.group(5, 6, 7, 8))
        if first is not None and last is not None and match[7] and not match[3] and not match[4] and first >= last:
            first = first.replace(hour=(first.hour + 12) % 24)  # "11 to 1 pm" begins in the other half of the day
        if first is None or last is None or not any(match[n] for n in (2, 3, 4, 6, 7, 8)):
            continue
        ends = not match[9] and not text[match.end() :].strip()
        area = _area(view, below or (after if ends else match[9]), match[10], zone)
        if area is None:
            yield _zoneless(match[0].strip(), cited)
            continue
        on = _named_day(text, match.start()) or day
        next_day = on + timedelta(days=1) if last <= first else on
        start = datetime.combine(on, first, ZoneInfo(area)).astimezone(UTC)
        end = datetime.combine(next_day, last, ZoneInfo(area)).astimezone(UTC)
        yield Wish(match[0].strip(), cited, Stretch(start, end))
    rest = _RANGE.sub(lambda match: " " * len(match[0]), text)  # what a window says is said
    found = list(_clocks(view, rest, offer or _MEETING.search(span.text) is not None))
    if not found and not apart and offer and rest == span.text and _TIMELIKE.search(rest):
        yield from _unread(view, item, [span], offer)
    for alone in found:
        if not offer and _said(view.scenario.data["windows"]["own_appointment"], _sentence(rest, alone.start())):
            continue  # "our call with the board is at 1 pm": when he meets others
        area, at = _area(view, alone[4], None, zone), clock(alone[1], alone[2], alone[3])
        stop = alone.start(4) if alone[4] and not area else alone.end()
        told = rest[alone.start() : stop].strip()
        if area is None or at is None:
            yield _zoneless(told, cited)
        elif bound := _BOUND.search(rest[: alone.start()]):
            question = f"Which window, in which time zone, does “{bound[0].strip()} {told}” mean?"
            yield Wish(told, cited, None, "it is an end and no window", question)
        else:
            on = _named_day(text, alone.start()) or day
            start = datetime.combine(on, at, ZoneInfo(area)).astimezone(UTC)
            end = start + timedelta(minutes=float(view.parameters["bridge_minutes"]))
            yield Wish(told, cited, Stretch(start, end))


def _one_zone(view: CaseView, text: str, zone: Figure | None) -> tuple[str, list[str]]:
    """The text with the zone behind its ranges, where it stands behind their first clock; ranges of two zones apart."""
    apart: list[str] = []

    def put(match: re.Match[str]) -> str:
        area = _area(view, match["zone"], None, zone)
        other = _area(view, match["other"], None, zone)
        if area is None:
            return match[0]
        if other is not None and other != area:
            apart.append(match[0].strip())
            return ""
        behind = match["other"] if other else f"{match['zone']} {match['other'] or ''}"
        return f"{match['first'].strip()}{match['joint']}{match['last'].strip()} {behind}"

    return _ZONED_RANGE.sub(put, text), apart


def _clocks(view: CaseView, text: str, meeting: bool) -> Iterator[re.Match[str]]:
    """The clocks that stand by themselves, where the line or the sentence speaks of meeting."""
    for match in (*_ALONE.finditer(text), *_ALONE_24.finditer(text)):
        if (meeting and match.re is _ALONE) or _said(view.scenario.data["told_wish"], _sentence(text, match.start())):
            yield match


def _sentence(text: str, at: int) -> str:
    """The sentence around a place."""
    starts = [match.end() for match in re.finditer(r"[.;!?]\s+", text[:at])]
    ends = re.search(r"[.;!?](?:\s|$)", text[at:])
    return text[starts[-1] if starts else 0 : at + ends.start() if ends else len(text)]


def _is_header(span: Span) -> bool:
    labelled = re.match(r"(?:date|sent|from|to|subject)\b", span.label, re.IGNORECASE)
    return span.kind == "header" or "/headers/" in span.locator or labelled is not None


def zoned(view: CaseView, said: str) -> bool:
    """Whether a sentence names a zone."""
    areas: Mapping[str, str] = view.scenario.data["zones"]
    long = "|".join(re.escape(name) for name in areas if len(name) > _ABBREVIATED and name != "our")
    short = "|".join(re.escape(name.upper()) for name in areas if len(name) <= _ABBREVIATED and name != "our")
    return bool(known_zone(said) or re.search(rf"\b(?:(?i:{long})|{short})\b|\b\w+/[A-Z]\w+", said))


def _zoneless(text: str, cited: Citation) -> Wish:
    return Wish(text, cited, None, "it names no time zone", f"Which time zone is meant by “{text}”?")


def clock(hour: str | None, minute: str | None, half: str | None, word: str | None = None) -> time | None:
    """A time of day: `10`, `10:30 am`, `12 noon`, or a word alone. None where there is no such time."""
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
        if offset := _OFFSET.match(plain):
            # The names of these zones count the other way round.
            sign = "-" if offset[1] == "+" else "+"
            return zone_of(view, f"Etc/GMT{sign}{int(offset[2])}") if offset[3] in (None, "00") else None
        if "/" in plain and re.fullmatch(r"[A-Za-z]+/[A-Za-z_]+", plain):
            return zone_of(view, plain) or None
        for part in (plain, plain.split()[0]):
            if part is not plain and (area := zone_in(view, plain)[0]):
                return area
            if part.casefold() in areas:
                meant = areas[part.casefold()]
                if meant == "account":
                    return (zone_of(view, zone.text) or None) if zone is not None else None
                return meant
    return None
