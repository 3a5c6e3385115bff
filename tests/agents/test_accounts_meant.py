"""Whom a case is about after the lead has changed the direction."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from agents.accounts_meant import meant
from agents.compared import Account

ASKED = "A contractor called Marek left; we start with usr-c-5512."
DVORSKY, DVORAK = Account("usr-c-5512", "Marek Dvorský"), Account("usr-c-5521", "Marek Dvořák")


def chosen(goal: str, asked: str = ASKED) -> list[str]:
    loop: Any = SimpleNamespace(goal=goal, asked=asked)
    return [account.id for account in meant(loop, [DVORSKY, DVORAK])]


@pytest.mark.parametrize(
    ("goal", "first"),
    [
        ("", ["usr-c-5512"]),
        ("The case is about usr-c-5521, not usr-c-5512.", ["usr-c-5521", "usr-c-5512"]),
        ("Focus on Marek Dvořák instead of Marek Dvorský.", ["usr-c-5521", "usr-c-5512"]),
        ("Focus on usr-c-5521 from now on.", ["usr-c-5521", "usr-c-5512"]),
        ("Forget usr-c-5512.", ["usr-c-5512"]),  # it names nobody else: the account stays the subject
        ("Focus on the token only.", ["usr-c-5512"]),
    ],
)
def test_a_new_direction_that_names_an_account_decides(goal: str, first: list[str]) -> None:
    assert chosen(goal) == first


def test_an_account_that_is_left_behind_is_still_watched() -> None:
    chosen("The case is about usr-c-5521, not usr-c-5512.")
    assert (DVORSKY.left, DVORAK.left) == (True, False)
    chosen("Forget usr-c-5512.")
    assert not DVORSKY.left
