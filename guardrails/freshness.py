"""How old evidence is, by the clock of the run (contract §4: measured from the time that the evidence itself
states, else from its capture). A time that nobody stated is stale: absence never confirms (R9)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from guardrails.finding import Finding

SKEW = timedelta(minutes=5)

_UNITS = {
    "s": 1, "sec": 1, "secs": 1, "second": 1, "seconds": 1,
    "m": 60, "min": 60, "mins": 60, "minute": 60, "minutes": 60,
    "h": 3600, "hr": 3600, "hrs": 3600, "hour": 3600, "hours": 3600,
    "d": 86400, "day": 86400, "days": 86400,
    "w": 604800, "week": 604800, "weeks": 604800,
}  # fmt: skip
_WORDS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "fourteen": 14, "fifteen": 15, "thirty": 30, "sixty": 60,
}  # fmt: skip
_PART = re.compile(rf"(?<![\w.,:])(\d+(?:\.\d+)?|{'|'.join(_WORDS)})[\s-]*({'|'.join(_UNITS)})(?!\w)")
_ISO = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")
_BUSINESS = re.compile(r"\b(business|working|calendar)\s+(?=day|hour)")


def age(evidence_time: datetime, now: datetime) -> timedelta:
    """`now` minus `evidence_time`; negative for the future.

    Raises:
        ValueError: one of the times has no zone.
    """
    if evidence_time.tzinfo is None or now.tzinfo is None:
        raise ValueError("a time without a zone has no age")
    return now - evidence_time


def stale(
    made_at: datetime | None,
    captured_at: datetime | None,
    now: datetime,
    max_age: timedelta,
    place: str = "",
) -> Finding | None:
    """A finding when evidence is older than `max_age`, has no usable time, or is from the future; else None.

    `made_at` is what the evidence itself says and counts before `captured_at`. Exactly `max_age` is fresh.
    Times more than 5 minutes ahead of `now` are a finding: a clock is wrong, or somebody wrote the date.
    """
    moment = made_at or captured_at
    if moment is None or moment.tzinfo is None:
        reason = "no time stated" if moment is None else "time without a zone"
        return Finding("freshness-unknown", place, "counts as stale", reason, {"max_age": str(max_age)})
    seen = {"at": moment.isoformat(), "from": "evidence" if made_at else "capture", "max_age": str(max_age)}
    old = age(moment, now)
    if old < -SKEW:
        return Finding("freshness-future", place, "counts as stale", f"{-old} ahead of the run's clock", seen)
    if old > max_age:
        return Finding("freshness-stale", place, "counts as stale", f"{old} old, at most {max_age}", seen)
    return None


def parse_duration(value: str | int | float | timedelta, unit: str | None = None) -> timedelta:
    """A duration as parameters word it: "24 hours", "30 seconds per case", "1 h 30 min", "PT15M".

    Plain numbers need `unit` ("hours", "minutes", …). In a longer wording the one duration in it counts.

    Raises:
        ValueError: no duration, two of them, business time, a negative one, or a number without a unit.
    """
    if isinstance(value, timedelta):
        return _not_negative(value, value)
    if isinstance(value, bool):
        raise ValueError(f"not a duration: {value!r}")
    if isinstance(value, int | float):
        return _not_negative(_plain(float(value), unit, value), value)
    text = value.strip()
    if re.fullmatch(r"-?\d+(?:\.\d+)?", text):
        return _not_negative(_plain(float(text), unit, value), value)
    iso = _ISO.fullmatch(text)
    if iso and any(iso.groups()):
        weeks, days, hours, minutes, seconds = (float(part or 0) for part in iso.groups())
        return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return _worded(text)


def _plain(number: float, unit: str | None, value: object) -> timedelta:
    seconds = _UNITS.get((unit or "").strip().lower())
    if seconds is None or number != number or number in (float("inf"), float("-inf")):
        raise ValueError(f"a number needs a unit to be a duration: {value!r}")
    return timedelta(seconds=number * seconds)


def _not_negative(duration: timedelta, value: object) -> timedelta:
    if duration < timedelta(0):
        raise ValueError(f"a duration cannot be negative: {value!r}")
    return duration


def _worded(text: str) -> timedelta:
    low = text.lower()
    if (day := _BUSINESS.search(low)) and day[1] != "calendar":
        raise ValueError(f"business time needs a calendar: {text!r}")
    low = _BUSINESS.sub("", low)
    found = [(match, float(_WORDS.get(match[1], 0) or match[1]), _UNITS[match[2]]) for match in _PART.finditer(low)]
    if not found or re.search(r"-\s*\d", low[: found[0][0].end(1)]):
        raise ValueError(f"not a duration: {text!r}")
    total, last_end, last_unit = 0.0, None, 0
    for match, number, seconds in found:
        # "1 hour 30 minutes" is one duration; "15 minutes … 4 hours" are two, and choosing would be a guess.
        between = "" if last_end is None else low[last_end : match.start()]
        if last_end is not None and (seconds >= last_unit or between.strip() not in ("", "and", ",")):
            raise ValueError(f"more than one duration: {text!r}")
        total, last_end, last_unit = total + number * seconds, match.end(), seconds
    return timedelta(seconds=total)
