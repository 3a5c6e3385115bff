"""Requests grouped by the card against whose boundary they are asked (`lists/cards_*.txt`)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from casefile.scenario import BoundaryLine
from graphs import catalogue
from graphs.boundary import of_people
from guardrails.boundary import Boundary, ask

FOLDER = Path(__file__).parent / "lists"
AT_WORK = ("Ken", "Dana", "Mei", "Priya", "Jonas", "Renate", "Nadia", "Viktor", "Ana", "Sandra", "Leo")


@cache
def card_boundary(slug: str) -> Boundary:
    """The boundary of a card, as `card_boundaries.yaml` maps it."""
    lines = _mapped()[slug]
    return Boundary([BoundaryLine(id=f"line_{n}", **line) for n, line in enumerate(lines)])


@cache
def own_boundary(slug: str) -> Boundary:
    """The boundary of the scenario itself, with the people that the lists name at work on the case."""
    scenario = next(s for s in catalogue.all_scenarios() if s.slug == slug)
    return of_people(scenario.short, AT_WORK)


@cache
def _mapped() -> dict[str, list[dict[str, object]]]:
    return dict(yaml.safe_load((FOLDER / "card_boundaries.yaml").read_text("utf-8")))


def cards() -> list[str]:
    """The slugs of all cards."""
    return list(_mapped())


def requests(name: str) -> list[tuple[str, str]]:
    """(card, request) of a list: `== slug` opens a card's group, `#` is a remark."""
    return [(slug, text) for slug, text, _ in cited(name)]


def cited(name: str) -> list[tuple[str, str, str | None]]:
    """(card, request, id of the line that it crosses) of a list; the id where the entry is `n | request`.

    `kind | request` says of an allowed request what it rests on; the head of the list says what the kinds mean.
    """
    found, slug = [], ""
    for line in (FOLDER / f"{name}.txt").read_text("utf-8").splitlines():
        if line.startswith("== "):
            slug = line[3:].strip()
        elif line.strip() and not line.startswith("#"):
            number, _, text = line.rpartition(" | ")
            found.append((slug, text.strip(), f"line_{int(number) - 1}" if number.isdigit() else None))
    return found


def allowed(name: str) -> list[tuple[str, str]]:
    """The requests of a list that the boundary of their card lets pass."""
    return [(slug, text) for slug, text in requests(name) if ask(text, card_boundary(slug)).allowed]
