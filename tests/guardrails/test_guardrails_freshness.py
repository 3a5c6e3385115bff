from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.freshness import age, parse_duration, stale

NOW = datetime(2026, 4, 18, 9, 30, tzinfo=UTC)
DAY = timedelta(hours=24)


@pytest.mark.parametrize(
    ("value", "unit", "seconds"),
    [
        ("24 hours", None, 86400),
        ("60 minutes", None, 3600),
        ("14 days", None, 14 * 86400),
        ("30 seconds per case", None, 30),
        ("90 calendar days", None, 90 * 86400),
        ("4h", None, 14400),
        ("1 hour 30 minutes", None, 5400),
        ("1 h 30 min", None, 5400),
        ("a 15-minute window", None, 900),
        ("within two hours of the event", None, 7200),
        ("PT15M", None, 900),
        ("P1DT2H", None, 93600),
        ("24", "hours", 86400),
        (24, "hours", 86400),
        (0.5, "hours", 1800),
        (5, "minutes", 300),
        (timedelta(seconds=7), None, 7),
    ],
)
def test_durations_in_the_wording_of_parameters(value, unit, seconds):
    assert parse_duration(value, unit).total_seconds() == seconds


@pytest.mark.parametrize(
    "value",
    ["", "soon", "24", 24, "-5 minutes", "15 minutes for urgent, 4 hours else", "2 business days", True, "1.5.2 h",
     "v3 hours", "P", "PT"],
)  # fmt: skip
def test_what_is_no_single_duration_is_refused(value):
    with pytest.raises(ValueError):
        parse_duration(value)


def test_negative_and_endless_numbers_are_refused():
    for value in (-1, float("nan"), float("inf"), timedelta(seconds=-1)):
        with pytest.raises(ValueError):
            parse_duration(value, "hours")


@given(st.integers(0, 10_000), st.sampled_from(["seconds", "minutes", "hours", "days"]))
def test_a_number_with_a_unit_and_the_same_words_agree(number, unit):
    assert parse_duration(number, unit) == parse_duration(f"{number} {unit}")


def test_exactly_max_age_is_fresh_and_a_second_more_is_stale():
    assert stale(NOW - DAY, None, NOW, DAY) is None
    found = stale(NOW - DAY - timedelta(seconds=1), None, NOW, DAY, "crm row=2,col=plan")
    assert found is not None
    assert (found.rule, found.place) == ("freshness-stale", "crm row=2,col=plan")


def test_what_the_evidence_says_counts_before_the_capture():
    assert stale(NOW - 2 * DAY, NOW, NOW, DAY) is not None
    assert stale(None, NOW, NOW, DAY) is None


def test_unknown_time_is_stale():
    assert stale(None, None, NOW, DAY).rule == "freshness-unknown"
    assert stale(datetime(2026, 4, 18, 9, 0), None, NOW, DAY).rule == "freshness-unknown"  # noqa: DTZ001


def test_future_is_tolerated_for_five_minutes_only():
    assert stale(NOW + timedelta(minutes=5), None, NOW, DAY) is None
    assert stale(NOW + timedelta(minutes=5, seconds=1), None, NOW, DAY).rule == "freshness-future"


def test_age_needs_zones():
    assert age(NOW - DAY, NOW) == DAY
    with pytest.raises(ValueError):
        age(datetime(2026, 4, 18), NOW)  # noqa: DTZ001
