"""Instants as people and systems write them, each with its zone unless it must not count as proof."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from evals.golden.draw import Draw


def utc(instant: datetime) -> str:
    """`2026-04-18T06:12:00Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def offset(instant: datetime, zone: ZoneInfo) -> str:
    """`+02:00`."""
    told = instant.astimezone(zone).strftime("%z")
    return f"{told[:3]}:{told[3:]}"


def system(draw: Draw, instant: datetime, zone: ZoneInfo) -> str:
    """As an export writes it: in UTC or with an offset."""
    local = instant.astimezone(zone)
    return draw.one(
        [
            utc(instant),
            instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
            instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+00:00"),
            local.isoformat(timespec="seconds"),
            instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ"),
        ]
    )


def plain_utc(draw: Draw, instant: datetime) -> str:
    """Written by a person, in UTC."""
    told = instant.astimezone(UTC)
    return draw.one(
        [
            told.strftime("%d %B %Y %H:%M UTC"),
            told.strftime("%Y-%m-%d %H:%M UTC"),
            told.strftime("%d %b %Y, %H:%M UTC"),
            told.strftime("%H:%M UTC on %d %B %Y"),
            told.strftime("%A, %d %B %Y at %H:%M UTC"),
        ]
    )


def plain_local(draw: Draw, instant: datetime, zone: ZoneInfo) -> str:
    """Written by a person on his own clock, with the offset beside it."""
    told = instant.astimezone(zone)
    shift = offset(instant, zone)
    short = shift if shift[-2:] != "00" else f"{shift[0]}{int(shift[1:3])}"
    return draw.one(
        [
            told.strftime(f"%d %B %Y %H:%M (UTC{shift})"),
            told.strftime(f"%Y-%m-%d %H:%M UTC{short}"),
            told.strftime(f"%d %b %Y %H:%M (UTC{short})"),
            told.strftime(f"%d %B %Y at %I:%M %p (GMT{short})"),
            told.strftime(f"%Y-%m-%dT%H:%M{shift}"),
        ]
    )


def no_zone(draw: Draw, instant: datetime, zone: ZoneInfo) -> str:
    """Written by a person who forgot the zone."""
    told = instant.astimezone(zone)
    return draw.one(
        [told.strftime("%d %B %Y %H:%M"), told.strftime("%H:%M on %d %B %Y"), told.strftime("%Y-%m-%d %H:%M")]
    )


def minutes(instant: datetime, count: float) -> datetime:
    """So many minutes later."""
    return instant + timedelta(minutes=count)
