"""How long something is ago is no term of a contract, whatever it is said of."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from agents.synthesis_sources import sayings
from agents.synthesis_words import words_of
from casefile.claims import Citation
from graphs.catalogue import scenario
from tools.readers import read

WORDS = words_of(scenario("obligations"))


def values(text: str) -> list[str]:
    """The values that a note gives as terms."""
    reading = read(text.encode(), "note.txt")
    view: Any = SimpleNamespace(
        readings=lambda _: reading,
        cite=lambda item, cell: Citation(
            evidence="n", locator=cell.locator, quote=cell.text, sha256="sha256:" + "0" * 64
        ),
    )
    item: Any = SimpleNamespace(id="n")
    return [one.value for one in sayings(view, item, WORDS) if one.value]


@pytest.mark.parametrize(
    "text",
    [
        "Your last status update is 40 minutes old by now.",
        "The last status update came 2 hours ago, as you know.",
        "That status update is 25 minutes late again today.",
        "We are waiting for 45 minutes for a status update.",
        "It is 3 hours without a status update for us.",
    ],
)
def test_elapsed_time_is_no_term(text: str) -> None:
    assert values(text) == []


@pytest.mark.parametrize(
    "text",
    ["We are promised a status update every 15 minutes here.", "Status updates are due at a cadence of 15 minutes."],
)
def test_a_cadence_is_one(text: str) -> None:
    assert values(text) == ["15 minutes"]
