"""Amounts of time and shares as agreements write them: `sixty (60) minutes`, `1-hour`, `5 percent`, `hourly`."""

from __future__ import annotations

import re
from dataclasses import dataclass

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
PERCENT = re.compile(
    r"(?<![\w.,])(\d+(?:[.,]\d+)?)(?:\s*(?:\(\d+\)\s*)?(?:percent|per cent|prozent|pct)\b|\s?%)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount: its value in one form (`60 minutes`, `5 percent`), as it stands, and where in the text."""

    value: str
    raw: str
    start: int


def durations(text: str) -> list[Amount]:
    """Every amount of time in a text, in order."""
    found = [Amount(_duration(match), match[0].rstrip("'’"), match.start()) for match in DURATION.finditer(text)]
    found += [
        Amount(_with(match["number"], _UNITS[match["unit"].lower().rstrip("s")], ""), match[0], match.start())
        for match in _TIGHT.finditer(text)
    ]
    found += [Amount(_ADVERBS[match[0].lower()], match[0], match.start()) for match in _ADVERB.finditer(text)]
    return sorted(found, key=lambda one: one.start)


def percents(text: str) -> list[Amount]:
    """Every share in a text, in order."""
    return [
        Amount(f"{match[1].replace(',', '.')} percent", match[0].strip(), match.start())
        for match in PERCENT.finditer(text)
    ]


def _duration(match: re.Match[str]) -> str:
    number = match["inside"] or match["number"] or str(_NAMES[match["name"].lower()])
    unit = _UNITS.get(match["unit"].lower()) or _UNITS[match["unit"].lower().rstrip("s")]
    return _with(number, unit, _KINDS.get((match["kind"] or "").lower(), ""))


def _with(number: str, unit: str, kind: str) -> str:
    plain = number.replace(",", ".")
    plural = "" if plain == "1" else "s"
    return f"{plain} {kind} {unit}{plural}".replace("  ", " ")
