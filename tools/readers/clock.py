"""Times as evidence writes them: only those that are absolute count."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

# Names under which evidence says when it was made or last verified; the first ones say it most directly.
MADE_NAMES: Final = re.findall(
    r"\w+",
    """
    last_verified_at last_verified last_verified_read last_verified_utc verified_at
    as_of snapshot_taken_at snapshot_at taken_at taken captured_at
    read_at last_read last_read_at refreshed refreshed_at observed_at
    exported_at exported extracted_at generated_at generated saved_at compiled_at made_at
    """,
)
_LONGEST: Final = 200
_RANK: Final = {name: rank for rank, name in enumerate(MADE_NAMES)}

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier janv enero gennaio januari",
            "feb february februar février févr fevrier febrero febbraio februari",
            "mar march märz mrz mär mars marzo maart",
            "apr april avril avr abril aprile",
            "may mai mayo maggio mei maj",
            "jun june juni juin junio giugno",
            "jul july juli juillet juil julio luglio",
            "aug august août aout agosto augustus augusti",
            "sep sept september septembre septiembre settembre",
            "oct october oktober okt octobre octubre ottobre",
            "nov november novembre noviembre",
            "dec december dezember dez décembre decembre diciembre dicembre",
        ),
        start=1,
    )
    for name in names.split()
}
# Abbreviations that mean one offset everywhere. EST, IST, CST and BST do not, so they count for nothing.
_ZONES: Final = {"z": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 1, "cet": 1, "cest": 2, "eet": 2, "eest": 3}

_TIME: Final = (
    r"(?P<hour>\d{1,2})[:h](?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?(?:\s*Uhr)?\s*"
    r"\(?(?P<zone>(?:UTC|GMT)?\s?[+-]\d\d:?(?:\d\d)?(?!\d)|[A-Z]{1,4}\b)?"
)
_FORMS: Final = [
    re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)[T ,]+(?:at |um )?" + _TIME, re.IGNORECASE),
    re.compile(
        r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})(?:[\s,]|um|at|à|kl\.?)+" + _TIME,
        re.IGNORECASE,
    ),
    re.compile(
        r"(?P<day>\d{1,2})\.?[\s/-]+(?:de )?(?P<name>[A-Za-zäéûÀ-ÿ]{3,10})\.?[\s/,-]+(?:de )?(?P<year>\d{4})"
        r"(?:[\s,:]|um|at|à|a las|alle|om|kl\.?)+" + _TIME,
        re.IGNORECASE,
    ),
    re.compile(
        r"(?P<name>[A-Za-z]{3,9})\.?\s+(?P<day>\d{1,2}),?\s+(?P<year>\d{4})(?:[\s,]|at)+" + _TIME,
        re.IGNORECASE,
    ),
]


def instant(text: str) -> datetime | None:
    """The first absolute time in `text`, in UTC; None where there is none or it names no zone."""
    for form in _FORMS:
        found = form.search(text)
        if found:
            return _absolute(found)
    return None


def name_of(label: str) -> str:
    """A label as a key: lower case, words joined by `_`: `Last verified` → `last_verified`."""
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", label.strip())
    return re.sub(r"[^a-z0-9]+", "_", split.lower()).strip("_")


def made_at(named: Iterable[tuple[int, str, str]]) -> datetime | None:
    """When the evidence says that it was made or last verified, in UTC.

    `named` are (depth, label, text). The top-most counts; at one depth the name that says it most directly.
    """
    best: tuple[int, int] | None = None
    answer = None
    for depth, label, text in named:
        rank = _RANK.get(name_of(label))
        if rank is None or (best is not None and (depth, rank) >= best):
            continue
        at = instant(text[:_LONGEST])
        if at is not None:
            best, answer = (depth, rank), at
    return answer


def _absolute(found: re.Match[str]) -> datetime | None:
    groups = found.groupdict()
    zone = _zone(groups.get("zone") or "")
    month = _month(groups)
    if zone is None or month is None:
        return None
    hour = int(groups["hour"])
    half = (groups["half"] or "")[:1].lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    micro = int((groups["fraction"] or "0").ljust(6, "0")[:6])
    try:
        at = datetime(
            int(groups["year"]),
            month,
            int(groups["day"]),
            hour,
            int(groups["minute"]),
            int(groups["second"] or 0),
            micro,
            tzinfo=zone,
        )
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _month(groups: dict[str, str | None]) -> int | None:
    if groups.get("month"):
        return int(groups["month"] or 0)
    return _MONTHS.get((groups.get("name") or "").lower())


def _zone(text: str) -> timezone | None:
    bare = text.strip().lower()
    if bare in _ZONES:
        return timezone(timedelta(hours=_ZONES[bare]))
    offset = re.fullmatch(r"(?:utc|gmt)?\s?([+-])(\d\d):?(\d\d)?", bare)
    if offset is None:
        return None
    minutes = int(offset[2]) * 60 + int(offset[3] or 0)
    if minutes >= 24 * 60:
        return None
    return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
