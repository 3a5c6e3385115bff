"""`labelled` and the times that evidence states."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.readers import labelled
from tools.readers.clock import instant, made_at
from tools.readers.labels import several


@pytest.mark.parametrize(
    ("text", "label", "value"),
    [
        ("Environment: Production", "Environment", "Production"),
        ("Environment : Production ", "Environment", "Production"),
        ("retry limit = 5", "retry limit", "5"),
        ("key=value", "key", "value"),
        ("- Owner: Ana Prieto", "Owner", "Ana Prieto"),
        ("* [x] Scope: three hosts", "Scope", "three hosts"),
        ("**Label:** the value", "Label", "the value"),
        ("**Label**: the value", "Label", "the value"),
        ("| region | eu-north |", "region", "eu-north"),
        ("| **State** | open |", "State", "open"),
        ("Memo no.: LM-0226", "Memo no.", "LM-0226"),
        ("5.1 Operator access: cleared staff only", "Operator access", "cleared staff only"),
        ("Login host: login.a.example", "Login host", "login.a.example"),
        ("Refreshed: 2026-04-17 13:05 UTC", "Refreshed", "2026-04-17 13:05 UTC"),
        ("Link: https://a.example/x?y=1", "Link", "https://a.example/x?y=1"),
        ("at_utc: 2026-01-28T04:00:00Z", "at_utc", "2026-01-28T04:00:00Z"),
        ("Übergabe: morgen", "Übergabe", "morgen"),
        ("Account ............ Harbour & Sons", "Account", "Harbour & Sons"),
        ("Umgebung ....: Produktion", "Umgebung", "Produktion"),
        ("First seen . . . . . . 2026-01-28T04:00:00Z", "First seen", "2026-01-28T04:00:00Z"),
        ("Région …… Lyon", "Région", "Lyon"),
    ],
)
def test_lines_that_name_a_value(text: str, label: str, value: str) -> None:
    assert labelled(text) == (label, value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no label here",
        "Label:",
        "https://a.example/path",
        "mailto: someone@a.example",
        "08:12 first failed login",
        "at 08:12 it began",
        "2026-04-18T06:12:00Z INFO started: all good",
        "2026-04-18 06:12 note: x",
        "13/Apr/2026:10:00:00 GET: x",
        "| --- | --- |",
        "| a | b | c |",
        "a == b",
        "He said. Then he left: nobody knows",
        "one two three four five six seven eight nine: too many words",
        "x" * 61 + ": too long",
        "std::vector",
        "host a=1 b=2",
        "12:30",
        "On Sat, 18 Apr 2026 09:22:10 +0200, Ingrid <i@x.example> wrote:",
        '"quoted": x',
        "1234: number",
    ],
)
def test_lines_that_do_not(text: str) -> None:
    assert labelled(text) is None


@given(st.text(max_size=200))
def test_value_is_always_a_substring(text: str) -> None:
    found = labelled(text)
    if found is not None:
        label, value = found
        assert value in text
        assert len(label) <= 60
        assert len(label.split()) <= 8


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-04-18T06:12:00Z", (2026, 4, 18, 6, 12)),
        ("2026-04-18T08:12:00.250+02:00", (2026, 4, 18, 6, 12)),
        ("2026-04-21 05:45Z", (2026, 4, 21, 5, 45)),
        ("12.05.2026 04:10 UTC", (2026, 5, 12, 4, 10)),
        ("26-Mar-2026 09:58 UTC", (2026, 3, 26, 9, 58)),
        ("Sat, 18 Apr 2026 09:22:10 +0200", (2026, 4, 18, 7, 22)),
        ("18 Apr 2026 08:31 CEST", (2026, 4, 18, 6, 31)),
        ("Am 18. März 2026 um 09:22 Uhr MEZ", None),
        ("18. März 2026 um 09:22 Uhr UTC", (2026, 3, 18, 9, 22)),
        ("April 18, 2026 at 4:22 PM UTC", (2026, 4, 18, 16, 22)),
        ("2026-04-18 06:12", None),
        ("2026-04-18", None),
        ("11 May 2026 17:40", None),
        ("2026-13-45T99:99:00Z", None),
        ("10 Feb 2026 10:00 EST", None),
        ("nothing", None),
    ],
)
def test_only_absolute_times_count(text: str, expected: tuple[int, ...] | None) -> None:
    found = instant(text)
    if expected is None:
        assert found is None
    else:
        assert found is not None
        assert found.replace(second=0, microsecond=0) == datetime(*expected, tzinfo=UTC)  # type: ignore[arg-type, misc]


def test_the_top_most_time_counts_and_at_one_depth_the_last_verification() -> None:
    named = [
        (2, "last_verified_at", "2026-01-01T00:00:00Z"),
        (1, "exported_at", "2026-03-01T00:00:00Z"),
        (1, "lastVerifiedAt", "2026-02-01T00:00:00Z"),
        (0, "as_of", "2026-02-02"),
    ]
    assert made_at(named) == datetime(2026, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Version: 3    Owner: Ana", ["Version: 3", "Owner: Ana"]),
        ("Version: 3\tMenu version: 4\t\tOwner: Ana", ["Version: 3", "Menu version: 4", "Owner: Ana"]),
        ("- **Version:** 3 | **Owner:** Ana", ["- **Version:** 3", "**Owner:** Ana"]),
        ("Version: 3 · Owner: Ana Prieto", ["Version: 3", "Owner: Ana Prieto"]),
        ("Version: 3 Owner: Ana", []),
        ("Note: two  blanks in a value", []),
        ("| Version: 3 | Owner: Ana |", []),
        ("09:41  Ana: no   Ken: yes", []),
        ("version=3  owner=ana", []),
    ],
)
def test_a_line_of_several_names_and_values_is_cut_only_where_every_part_is_one(text: str, parts: list[str]) -> None:
    assert several(text) == parts
