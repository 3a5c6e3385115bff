"""Times as logs write them, on one clock: by the zone beside them, else by the one that their source declares."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from agents.axis import declared, parsed
from agents.times import mentions
from tools.readers.limits import Limits
from tools.readers.text import read_text

AT = datetime(2026, 8, 12, 14, 3, 5, tzinfo=UTC)
ROME = ZoneInfo("Europe/Rome")


@pytest.mark.parametrize(
    "text",
    [
        "2026-08-12T14:03:05Z",
        "2026-08-12 16:03:05 +0200",
        "2026-08-12 16:03:05 CEST",
        "2026-08-12 16:03:05 (Europe/Rome)",
        "2026-08-12 04:03:05 PM",
        "12.08.2026 16:03:05",
        "12 August 2026, 16:03:05 CEST",
        "12 August 2026, 16:03:05",
        "1786543385",
    ],
)
def test_every_way_of_writing_gives_one_instant(text: str) -> None:
    assert parsed(text, ROME)[0] == AT


@pytest.mark.parametrize("text", ["2026-08-12 16:03:05", "12.08.2026 16:03:05", "12 August 2026, 16:03:05"])
def test_without_a_zone_there_is_no_instant(text: str) -> None:
    at, _, raw = parsed(text)
    assert at is None
    assert raw == text


@pytest.mark.parametrize(
    ("head", "hours"),
    [
        ("All times UTC.", 0),
        ('The column "When" is local time in Rome (Europe/Rome, UTC+2).', 2),
        ("Time zone: Europe/Rome", 2),
        ("Timestamps are CEST", 2),
    ],
)
def test_a_source_declares_its_zone_in_words(head: str, hours: int) -> None:
    zone = declared(read_text(f"# Trail\n\n{head}\n".encode(), "md", Limits()))
    assert zone is not None
    offset = AT.astimezone(zone).utcoffset()
    assert offset is not None
    assert offset.total_seconds() == hours * 3600


def test_two_declared_zones_are_none() -> None:
    assert declared(read_text(b"Times in UTC.\nTimes of the branch are CEST.\n", "md", Limits())) is None


@pytest.mark.parametrize(
    "text",
    [
        "It began at 16:03 Central European summer time (UTC+2) on Wednesday, 12 August 2026.",
        "alle 16:03 di mercoledì 12 agosto 2026 (ora italiana, UTC+2)",
        "el miércoles 12 de agosto de 2026, a las 11:03 de Santiago (UTC-3), dimos de baja la cuenta",
        "woensdag 12 augustus 2026, om 16:03 (Nederlandse tijd, UTC+2)",
        "à 16:03, heure de Paris (UTC+2), le 12 août 2026",
        "um 16:03 Uhr mitteleuropäischer Sommerzeit (UTC+2) am 12.08.2026",
    ],
)
def test_a_local_time_may_be_named_in_words_before_its_offset(text: str) -> None:
    assert next(mentions(text)).instant == AT.replace(second=0)


def test_an_offset_that_stands_behind_another_clause_is_not_the_clocks() -> None:
    assert next(mentions("at 10:00 and later, UTC+2 applies 2026-08-12")).instant is None
    assert next(mentions("10:00 to 11:00 (UTC+2) on 2026-08-12")).instant is None
