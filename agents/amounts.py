"""Amounts of time and shares as agreements write them: `sixty (60) minutes`, `1-hour`, `5 percent`, `hourly`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agents.quantities import sums_in

_NAMES = {
    "one": 1, "a": 1, "an": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "forty-five": 45, "fifty": 50,
    "sixty": 60, "ninety": 90, "every": 1, "each": 1, "eine": 1, "einer": 1, "ein": 1, "zwei": 2, "drei": 3, "vier": 4,
}  # fmt: skip
_UNITS = {
    "minute": "minute", "min": "minute", "minuten": "minute", "hour": "hour", "hr": "hour", "h": "hour",
    "stunde": "hour", "stunden": "hour", "day": "day", "tag": "day", "tage": "day", "tagen": "day",
    "werktag": "business day", "werktage": "business day", "werktagen": "business day", "week": "week",
    "woche": "week", "wochen": "week", "month": "month", "monat": "month", "monate": "month", "monaten": "month",
    "year": "year", "jahr": "year", "jahre": "year", "jahren": "year",
}  # fmt: skip
_KINDS = {"working": "business", "business": "business", "calendar": ""}
_WORDS = "|".join(sorted(_NAMES, key=len, reverse=True))
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
DURATION = re.compile(
    rf"(?<![\w.,-])(?:(?P<word>{_WORDS})\s*\((?P<inside>\d+)\)|(?P<number>\d+(?:[.,]\d+)?)|(?P<name>{_WORDS}))"
    rf"[\s-]+(?:(?P<kind>business|working|calendar)[\s-]+)?(?P<unit>{_UNIT})s?\b(?:['’]|(?!\w))",
    re.IGNORECASE,
)
_TIGHT = re.compile(r"(?<![\w.,-])(?P<number>\d+)(?P<unit>min|mins|h|hrs)\b", re.IGNORECASE)
_ADVERB = re.compile(r"\b(?P<unit>hourly|daily|weekly)\b", re.IGNORECASE)
_ADVERBS = {"hourly": "1 hour", "daily": "1 day", "weekly": "1 week"}
# What bounds an amount belongs to its quote: "45 minutes" alone would cut off the "not" of "not exceeding 45 minutes".
_BOUND = (
    r"(?:no(?:t|r)?|never|nicht)\s+(?:to\s+)?(?:(?:exceed(?:ing|s)?|over|above|beyond|über)"
    r"|(?:more|less|longer|later|fewer|mehr|länger|später|weniger)\s+(?:than|als))|without\s+exceeding"
)
_BEFORE = re.compile(rf"\b(?:{_BOUND})\s+$", re.IGNORECASE)
_BEHIND = re.compile(r"\s+(?:without|ohne)\s+(?:exception|fail|interruption|ausnahme)\b", re.IGNORECASE)
_LEADING = re.compile(rf"(?:{_BOUND})\s+", re.IGNORECASE)
# "Three quarters" before "quarter": the first name that stands in a text counts.
_FRACTIONS = {"three": 45, "drei": 45, "quarter": 15, "viertel": 15, "half": 30, "halbe": 30}
_FRACTION = re.compile(
    rf"(?<![\w.,-])(?:(?P<whole>\d+|{_WORDS})\s+and\s+)?"
    r"(?P<part>(?:an?\s+|one\s+|eine[rn]?\s+)?(?:(?:three[\s-]+quarters?|quarter|half)(?:\s+of)?(?:\s+an|\s+one)?[\s-]+"
    r"hours?|half[\s-]hourly|halben?\s+stunde|(?:drei)?viertelstunde))\b",
    re.IGNORECASE,
)
_PER = re.compile(
    r"(?:%|\d|\b(?:percent|per cent|prozent|pct|euros?|dollars?|pounds?|fees?|charges?|amounts?|credits?"
    r"|times|twice))\s*$",
    re.IGNORECASE,
)
PERCENT = re.compile(
    r"(?<![\w.,])(\d+(?:[.,]\d+)?)(?:\s*(?:\(\d+\)\s*)?(?:percent|per cent|prozent|pct)\b|\s?%)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount: its value in one form (`60 minutes`, `5 percent`), as it stands with its bound, where it begins."""

    value: str
    raw: str
    start: int


def durations(text: str) -> list[Amount]:
    """Every amount of time in a text, in order."""
    parts = list(_FRACTION.finditer(text))
    found = [Amount(_fraction(match), _quoted(text, match), match.start()) for match in parts]
    found += [
        Amount(_duration(match), _quoted(text, match), match.start())
        for match in DURATION.finditer(text)
        if not _is_rate(text, match) and not _within(parts, match)
    ]
    found += [
        Amount(
            _with(match["number"], _UNITS[match["unit"].lower().rstrip("s")], ""), _quoted(text, match), match.start()
        )
        for match in _TIGHT.finditer(text)
    ]
    found += [
        Amount(_ADVERBS[match[0].lower()], _quoted(text, match), match.start())
        for match in _ADVERB.finditer(text)
        if not _within(parts, match)
    ]
    return sorted(found, key=lambda one: one.start)


def percents(text: str) -> list[Amount]:
    """Every share in a text, in order."""
    return [
        Amount(f"{match[1].replace(',', '.')} percent", _quoted(text, match), match.start())
        for match in PERCENT.finditer(text)
    ]


def _within(parts: Sequence[re.Match[str]], match: re.Match[str]) -> bool:
    return any(part.start() < match.end() and match.start() < part.end() for part in parts)


def _fraction(match: re.Match[str]) -> str:
    """Half an hour, a quarter of an hour and their like, in minutes."""
    whole = match["whole"] or "0"
    hours = int(whole) if whole.isdigit() else _NAMES.get(whole.casefold(), 0)
    minutes = next(count for name, count in _FRACTIONS.items() if name in match["part"].casefold())
    return _with(str(60 * hours + minutes), "minute", "")


def _is_rate(text: str, match: re.Match[str]) -> bool:
    """Whether the article of a unit says how often: "12% a month", "three times an hour"."""
    return (match["name"] or "").casefold() in ("a", "an") and _PER.search(text, 0, match.start()) is not None


def sums(text: str) -> list[Amount]:
    """Every amount of money in a text, in order."""
    return [Amount(value, _quoted(text, match), match.start()) for value, match in sums_in(text)]


def without_bound(raw: str) -> str:
    """An amount as it stands, without the words that bound it."""
    return _BEHIND.sub("", _LEADING.sub("", raw, count=1))


def _quoted(text: str, match: re.Match[str]) -> str:
    before, behind = _BEFORE.search(text, 0, match.start()), _BEHIND.match(text, match.end())
    whole = text[before.start() if before else match.start() : behind.end() if behind else match.end()]
    return whole.strip().rstrip("'’")


def _duration(match: re.Match[str]) -> str:
    number = match["inside"] or match["number"] or str(_NAMES[match["name"].lower()])
    unit = _UNITS.get(match["unit"].lower()) or _UNITS[match["unit"].lower().rstrip("s")]
    return _with(number, unit, _KINDS.get((match["kind"] or "").lower(), ""))


def _with(number: str, unit: str, kind: str) -> str:
    plain = number.replace(",", ".")
    plural = "" if plain == "1" else "s"
    return f"{plain} {kind} {unit}{plural}".replace("  ", " ")
