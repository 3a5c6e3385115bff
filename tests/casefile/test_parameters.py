"""Parameters in the wording of the card: numbers with units, options by alias, sentences with numbers in them."""

from __future__ import annotations

from typing import Any

import pytest

from casefile.choices import Parameter
from casefile.parameters import ParameterError, _value

THRESHOLD = Parameter(
    name="delegated_trigger_threshold",
    default="3 severe incidents in 42 days",
    why="x",
    type="parts",
    pattern=r"(?P<incidents>\d+) severe incidents? in (?P<days>\d+) days",
)


@pytest.mark.parametrize(
    ("given", "parts"),
    [
        ("3 severe incidents in 42 days with reconciled impact", {"incidents": 3, "days": 42}),
        ("1 severe incident in 7 days", {"incidents": 1, "days": 7}),
    ],
)
def test_a_sentence_gives_its_numbers(given: str, parts: dict[str, int]) -> None:
    assert _value(THRESHOLD, given) == parts


@pytest.mark.parametrize("given", ["three incidents", "", 3, None, {"incidents": 3}])
def test_a_sentence_of_another_form_is_refused_with_the_form_that_was_expected(given: Any) -> None:
    with pytest.raises(ParameterError, match="3 severe incidents in 42 days"):
        _value(THRESHOLD, given)
