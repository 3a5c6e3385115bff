"""How a delegated trigger is told: the number of a severity is no number of incidents."""

from __future__ import annotations

import re

import pytest

from graphs import catalogue


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("3 severe incidents in 42 days with reconciled impact", ("3", "42", "days")),
        ("3 severe incidents (Severity 1) in 42 days with reconciled impact", ("3", "42", "days")),
        ("3 Sev 1 incidents within 6 weeks", ("3", "6", "weeks")),
        ("Severity 1 incidents: at least 3 in 42 calendar days", ("3", "42", "days")),
        ("4 P1 incidents (priority 1) in 30 days", ("4", "30", "days")),
        ("Sev-1: 3 in six weeks (42 days)", ("3", "42", "days")),
    ],
)
def test_count_and_days_of_a_trigger(said: str, told: tuple[str, str, str]) -> None:
    parameters = catalogue.find("credit-options", "").parameters
    pattern = next(one.pattern for one in parameters if one.name == "delegated_trigger_threshold")
    found = re.search(pattern, said, re.IGNORECASE)
    assert found is not None
    assert (found["count"], found["days"], found["unit"]) == told
