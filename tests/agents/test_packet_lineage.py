"""What duty managers write about their escalations: which one it is, and whether it goes its own way."""

from __future__ import annotations

import pytest

from agents.packet_lineage import in_sentence, queued_apart
from agents.records import Cell


def said(text: str) -> list[Cell]:
    return [Cell("Hello,", "line=1"), Cell(text, "line=3")]


@pytest.mark.parametrize(
    "text",
    [
        "Escalation ESC-88 is about the same session.",
        "Unsere Eskalation Nr. ESC-88 betrifft denselben Fall.",
        "Le signalement ESC-88 porte sur la même session.",
        "We have a duplicate ESC-88 here.",
    ],
)
def test_the_id_that_a_sentence_calls_an_escalation(text: str) -> None:
    found = in_sentence(said(text))
    assert found is not None
    assert (found.text, found.locator) == ("ESC-88", "line=3")


@pytest.mark.parametrize("text", ["Case SC-9 is with us.", "The escalation is open.", "See SSP-661."])
def test_another_id_is_no_escalation(text: str) -> None:
    assert in_sentence(said(text)) is None


@pytest.mark.parametrize(
    ("text", "apart"),
    [
        ("I put it in the queue as a separate packet.", True),
        ("It needs a packet of its own.", True),
        ("Wir haben dafür ein eigenes Paket angelegt.", True),
        ("Nous l'avons mis dans un paquet séparé.", True),
        ("Va en un paquete aparte.", True),
        ("Already folded into your packet, as agreed.", False),
        ("Gehört in Ihr Paket.", False),
    ],
)
def test_whether_it_goes_its_own_way(text: str, apart: bool) -> None:
    assert queued_apart(said(text)) is apart
