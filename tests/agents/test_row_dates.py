"""Dates in digits in the rows of a file: which part is the day, by what the file itself tells."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agents.row_times import dated, days_first
from agents.times import dates, mentions
from tools.readers import read

TABLE = "who,lost at,note\nadm-1,{when},{note}\n"


@pytest.mark.parametrize(
    ("note", "first"),
    [
        ("Dates are month/day/year.", False),
        ("all dates MM/DD/YYYY", False),
        ("US date format", False),
        ("times as dd/mm/yyyy hh:mm", True),
        ("the day comes first", True),
        ("Tag/Monat/Jahr", True),
        ("month/day or day/month, nobody knows", None),
        ("Let us date it later", None),
        ("", None),
    ],
)
def test_a_file_says_how_it_writes_dates(note: str, first: bool | None) -> None:
    reading = read(TABLE.format(when="06/09/2026 02:00 AM", note=note).encode(), "t.csv")
    assert days_first(reading, None) is first


def test_a_column_says_how_it_writes_dates() -> None:
    reading = read(b"who,lost at (MM/DD/YYYY)\nadm-1,06/09/2026 02:00 AM\n", "t.csv")
    assert days_first(reading, None) is False


@pytest.mark.parametrize(
    ("text", "first", "told"),
    [
        ("06/09/2026 02:00 AM", False, "2026-06-09 02:00 AM"),
        ("06/09/2026 02:00 AM", True, "2026-09-06 02:00 AM"),
        ("06/09/2026", None, "06/09/2026"),
        ("2026/10/21 07:05", None, "2026-10-21 07:05"),
        ("2026/7/5 07:05", True, "2026-07-05 07:05"),
        ("/2026/10/21/log", None, "/2026/10/21/log"),
    ],
)
def test_a_date_in_digits_is_written_as_iso(text: str, first: bool | None, told: str) -> None:
    assert dated(text, first) == told


def test_a_year_that_stands_first_is_read_everywhere() -> None:
    (found,) = mentions("lost 2026/10/21 07:05 JST")
    assert found.instant == datetime(2026, 10, 20, 22, 5, tzinfo=UTC)
    assert [day.isoformat() for _, day in dates("on 2026/10/21, not /2026/10/21/")] == ["2026-10-21"]
