"""Absolute times in text: a clock, its date, its zone. No guess: what is not said is reported as not said.

A zone abbreviation that several parts of the world use for different offsets (IST, CST, BST…) is a zone only where
the offset stands beside it. A date in digits that can be read two ways is no date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

_MONTH = r"[^\W\d_]{3,10}\.?"
_DATE = re.compile(
    rf"(?P<iso>\d{{4}}-\d{{2}}-\d{{2}}|(?<![\d/])\d{{4}}/\d{{1,2}}/\d{{1,2}}(?![\d/]))"
    rf"|(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\.?\s+(?:de\s+|(?:day\s+)?of\s+)?(?P<month>{_MONTH}),?(?:\s+de)?\s+(?P<year>\d{{4}})"
    rf"|(?P<month2>{_MONTH})\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year2>\d{{4}})"
    rf"|(?P<a>\d{{1,2}})(?P<sep>[./-])(?P<b>\d{{1,2}})(?P=sep)(?P<year3>\d{{4}})",
    re.UNICODE,
)
_CLOCK = re.compile(
    r"(?<![\d:.,/-])(?P<hour>[01]?\d|2[0-3])(?:[:h]|\.(?=\d{2}\s*(?:uhr|h\b)))(?P<minute>[0-5]\d)"
    r"(?::(?P<second>[0-5]\d)(?:[.,]\d+)?)?(?![\d:])\s*(?P<half>[ap]\.?m\b\.?)?"
    r"|(?<![\d:.,/-])(?P<hour2>1[0-2]|0?[1-9])\s*(?P<half2>[ap]\.?m\b\.?)",
    re.IGNORECASE,
)
_OFFSET = r"(?P<sign>[+\-\u2212])(?P<oh>\d{1,2})(?::?(?P<om>\d{2}))?"
_ZONE = re.compile(
    rf"\s*(?:Uhr\b|hrs?\b|hours\b|,)?\s*\(?(?:(?P<utc>UTC|GMT)\s*(?:{_OFFSET})?|(?P<z>Z)\b"
    rf"|{_OFFSET.replace('sign', 'sign2').replace('oh', 'oh2').replace('om', 'om2')}(?!\d)"
    r"|(?P<area>(?:Africa|America|Asia|Atlantic|Australia|Europe|Indian|Pacific)/[A-Za-z_]+(?:/[A-Za-z_]+)?)"
    r"|(?P<abbr>[A-Z]{3,5}))\b\)?",
)
# Words that name a place or a local time before the offset: `German summer time (UTC+2)`, `(ora italiana, UTC+2)`.
_IN_WORDS = re.compile(
    r"\s*(?P<open>[,(])?\s*(?P<words>[^\W\d_]+(?:['’\-\s]\s?[^\W\d_]+){0,4})\s*(?P<mark>[,(])\s*(?=(?:UTC|GMT)\s*[+\-\u2212]\s*\d)"
)
_TIME_WORD = re.compile(r"(?:time|zeit|tijd|tid|heure|heures|ora|hora|czas|local|locale|lokal)\b", re.IGNORECASE)
# Offsets in minutes of the abbreviations that mean one thing in business mail.
_ABBREVIATIONS = {
    "WET": 0, "WEST": 60, "CET": 60, "CEST": 120, "MEZ": 60, "MESZ": 120, "EET": 120, "EEST": 180, "MSK": 180,
    "EDT": -240, "EST": -300, "CDT": -300, "MDT": -360, "MST": -420, "PDT": -420, "PST": -480, "AKDT": -480,
    "HKT": 480, "SGT": 480, "PHT": 480, "AWST": 480, "JST": 540, "KST": 540, "ACST": 570, "ACDT": 630,
    "AEST": 600, "AEDT": 660, "NZST": 720, "NZDT": 780, "WIB": 420, "ICT": 420, "NPT": 345, "PKT": 300,
    "SAST": 120, "WAT": 60, "CAT": 120, "EAT": 180, "BRT": -180, "ART": -180, "NST": -210, "NDT": -150,
}  # fmt: skip
_AMBIGUOUS = {"IST", "CST", "BST", "AST", "ADT", "GST", "SST", "AMT", "ECT", "PST8", "LT"}
_NEAR = 40
UNDATED = "it names no date"


@dataclass(frozen=True, slots=True)
class TimeMention:
    """A time as a text has it. `instant` is set only where date and zone are known.

    `dated` says where the date came from; `problem` says, in a few words, why there is no instant.
    """

    raw: str
    instant: datetime | None
    dated: str
    shifted: bool
    problem: str = ""


def mentions(text: str, written_at: datetime | None = None) -> Iterator[TimeMention]:
    """Every clock time in a text, with the date beside it, else the date on which the text was written."""
    dates = [(match, parsed) for match in _DATE.finditer(text) if (parsed := _date(match)) is not None]
    odd = [match for match in _DATE.finditer(text) if _date(match) is None]
    after = 0
    for clock in _CLOCK.finditer(text):
        if clock.start() < after or any(match.start() <= clock.start() < match.end() for match, _ in dates):
            continue
        after = _zone(text, clock.end())[1]
        near = min(dates, key=lambda pair: _distance(pair[0], clock), default=None)
        if near is not None and min(_distance(near[0], clock), abs(near[0].start() - after)) > _NEAR:
            near = None
        unreadable = next((m for m in odd if _distance(m, clock) <= _NEAR and m["a"] is not None), None)
        yield _mention(text, clock, near, unreadable, written_at)


def dates(text: str) -> list[tuple[str, date]]:
    """Every date in a text as it stands there, in order. What can be read two ways is left out."""
    return [(match[0], parsed) for match in _DATE.finditer(text) if (parsed := _date(match)) is not None]


@lru_cache(maxsize=512)
def known_zone(text: str) -> str:
    """The zone that a text declares for its clocks, or nothing: an offset counts before a name."""
    match = re.search(r"\b(?:UTC|GMT)\s*[+\-−]\s*\d{1,2}(?::\d{2})?", text)
    match = match or re.search(r"\b(?:Africa|America|Asia|Atlantic|Australia|Europe|Indian|Pacific)/[A-Z]\w+", text)
    match = match or re.search(r"\b(?:CEST|CET|MESZ|MEZ|EEST|EET|EDT|EST|PDT|PST|CDT|MDT|JST|SGT|UTC|GMT)\b", text)
    return re.sub(r"\s", "", match[0]) if match else ""


def zone_of(text: str) -> tzinfo | None:
    """The zone that a text declares, as a zone; None where it declares none that is known."""
    return _zone(f" {known_zone(text)}", 0)[0] if known_zone(text) else None


def _mention(
    text: str,
    clock: re.Match[str],
    near: tuple[re.Match[str], date] | None,
    unreadable: re.Match[str] | None,
    written_at: datetime | None,
) -> TimeMention:
    zone, end, problem = _zone(text, clock.end())
    start, stop = clock.start(), end
    if zone is None and not problem and near is not None and near[0].start() >= clock.end():
        zone, end, problem = _zone(text, near[0].end())  # "at 10:12 on 21.09.2026 (CEST)"
        end = max(end, near[0].end())
    if near is not None:
        start, stop = min(start, near[0].start()), max(stop, near[0].end())
    raw = text[start:stop].strip(" ,(")
    hour, minute, second = _wall(clock)
    if near is None and unreadable is not None:
        return TimeMention(raw, None, "", False, "its date can be read two ways")
    if zone is None:
        return TimeMention(raw, None, "", False, problem or "it names no time zone")
    dated = "stated" if near is not None else "written"
    day = near[1] if near is not None else (written_at.astimezone(zone).date() if written_at else None)
    if day is None:
        return TimeMention(raw, None, "", False, UNDATED)
    local = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=zone)
    return TimeMention(raw, local.astimezone(UTC), dated, local.utcoffset() != timedelta(0))


def _wall(clock: re.Match[str]) -> tuple[int, int, int]:
    hour = int(clock["hour"] or clock["hour2"])
    half = (clock["half"] or clock["half2"] or "").lower()
    if half and hour <= 12:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    return hour, int(clock["minute"] or 0), int(clock["second"] or 0)


def _zone(text: str, at: int) -> tuple[tzinfo | None, int, str]:
    """The zone that follows a clock, where the clock's text then ends, and what is wrong with it."""
    zone: tzinfo | None = None
    worded = _IN_WORDS.match(text, at)
    # "14:45 in Santiago (UTC-3)": what stands in brackets is the clock's; behind a comma only a local time by name is.
    if worded is not None and (worded["mark"] == "(" or _TIME_WORD.search(worded["words"])):
        at = worded.end()
    problem, end = "", at
    for _ in range(2):  # "CEST (UTC+2)": the second one, in digits, decides
        match = _ZONE.match(text, end)
        if match is None:
            break
        found, trouble = _one_zone(match)
        if found is None and not trouble:
            break
        # An abbreviation and an offset that disagree say two times.
        if zone is not None and found is not None and zone.utcoffset(None) != found.utcoffset(None):
            return None, match.end(), "its zone and its offset disagree"
        zone, problem, end = found or zone, trouble if found is None else "", match.end()
    return zone, end, problem


def _one_zone(match: re.Match[str]) -> tuple[tzinfo | None, str]:
    if match["z"] or (match["utc"] and not match["sign"]):
        return UTC, ""
    for sign, hours, minutes in (("sign", "oh", "om"), ("sign2", "oh2", "om2")):
        if match[sign]:
            offset = timedelta(hours=int(match[hours]), minutes=int(match[minutes] or 0))
            if offset > timedelta(hours=14):
                return None, ""
            return timezone(offset if match[sign] == "+" else -offset), ""
    if match["area"]:
        return _area(match["area"])
    abbreviation = match["abbr"]
    if abbreviation in _ABBREVIATIONS:
        return timezone(timedelta(minutes=_ABBREVIATIONS[abbreviation])), ""
    return None, f"{abbreviation} names more than one zone" if abbreviation in _AMBIGUOUS else ""


@lru_cache(maxsize=64)
def _area(name: str) -> tuple[tzinfo | None, str]:
    try:
        return ZoneInfo(name), ""
    except (KeyError, ValueError, OSError):
        return None, f"{name} is no time zone"


@lru_cache(maxsize=4096)
def _month_date(text: str) -> date | None:
    import dateparser

    parsed = dateparser.parse(
        text,
        languages=["en", "de", "fr", "es", "it", "nl", "pt", "nb", "sv", "da", "fi", "pl"],
        settings={"STRICT_PARSING": True, "DATE_ORDER": "DMY"},
    )
    return parsed.date() if parsed is not None else None


def _date(match: re.Match[str]) -> date | None:
    if match["iso"]:
        return _valid(*(int(part) for part in re.split(r"[-/]", match["iso"])))
    if match["year"]:
        return _month_date(f"{match['day']} {match['month'].rstrip('.')} {match['year']}")
    if match["year2"]:
        return _month_date(f"{match['day2']} {match['month2'].rstrip('.')} {match['year2']}")
    first, second, year = int(match["a"]), int(match["b"]), int(match["year3"])
    if match["sep"] == ".":  # day.month.year, nowhere the other way round
        return _valid(year, second, first)
    if first > 12:
        return _valid(year, second, first)
    if second > 12:
        return _valid(year, first, second)
    return _valid(year, first, second) if first == second else None


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _distance(one: re.Match[str], other: re.Match[str]) -> int:
    return max(0, other.start() - one.end(), one.start() - other.end())
