"""From when until when a document runs: by dates that it states, or by a day that its signatures or its length tell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from agents.amounts import durations
from agents.records import Cell
from agents.synthesis_words import Words, regex
from agents.times import dates

_MONTHS = re.compile(r"(\d+)[\s-]*(?:\(\d+\)\s*)?(month|year)s?", re.IGNORECASE)
_SIGNED = re.compile(r"\W*(?:date|signed|executed|datum|fecha|unterzeichnet)\b|.*(?:/s/|\bgez\.)", re.IGNORECASE)
_LENGTH = re.compile(r"(\d+) (day|week|month|year)s?")


@dataclass(slots=True)
class Dated:
    """The first and the last day, where the document tells them, and the places that do."""

    effective: date | None = None
    ends: date | None = None
    renews_itself: bool = False
    at: dict[str, Cell] = field(default_factory=dict)


def dated(start: Cell | None, end: Cell | None, lines: Sequence[Cell], words: Words) -> Dated:
    """What the label lines `start` and `end` and the text say. A start that a document names and that is no day (“the
    date of acceptance”) stays unknown; only a document that names none starts when it was signed."""
    found, signed = Dated(), _signed(lines)
    if start is not None:
        found.effective = _starts(start.text, signed, words)
        found.at["effective"] = start
    if end is not None:
        found.ends = _end(end.text, found.effective)
        found.at["ends"] = end
    for cell in lines:
        said = regex(words.effective_said).search(cell.text)
        if found.effective is None and said is not None:
            found.effective = _starts(cell.text[said.start() :], signed, words)
            if found.effective is not None:
                found.at["effective"] = cell
        if found.ends is None and regex(words.ends).search(cell.text) and not regex(words.sunset).search(cell.text):
            found.ends = _end(cell.text, found.effective)
            if found.ends is not None:
                found.at["ends"] = cell
        found.renews_itself = found.renews_itself or bool(regex(words.renews_itself).search(cell.text))
    if start is None and found.effective is None:
        found.effective = signed
    return found


def _signed(lines: Sequence[Cell]) -> date | None:
    """The day of the last signature."""
    return max((day for cell in lines if _SIGNED.match(cell.text) for _, day in dates(cell.text)), default=None)


def _starts(text: str, signed: date | None, words: Words) -> date | None:
    """The first day that a text names: a date, or a day that is counted from the last signature."""
    if told := dates(text):
        return told[0][1]
    if signed is None or not regex(words.from_signature).search(text):
        return None
    if regex(words.first_of_month).search(text):
        return _after_months(signed.replace(day=1), 1)
    amounts = durations(text)
    if not amounts:
        return signed
    length = _LENGTH.fullmatch(amounts[0].value)
    if length is None:  # business days depend on a calendar that nobody gave
        return None
    count, unit = int(length[1]), length[2]
    if unit in ("day", "week"):
        return signed + timedelta(days=count * (7 if unit == "week" else 1))
    return _after_months(signed, count * (12 if unit == "year" else 1))


def _end(text: str, start: date | None) -> date | None:
    """The last day of a term: a date, the later of two, or a length from the start."""
    told = [day for _, day in dates(text)]
    if told:
        return told[-1]
    length = _MONTHS.search(text)
    if length is None or start is None:
        return None
    months = int(length[1]) * (12 if length[2].casefold() == "year" else 1)
    return _after_months(start, months) - timedelta(days=1)


def _after_months(start: date, months: int) -> date:
    year, month = divmod(start.month - 1 + months, 12)
    first = date(start.year + year, month + 1, 1)
    last = date(first.year + first.month // 12, first.month % 12 + 1, 1) - timedelta(days=1)
    return first.replace(day=min(start.day, last.day))
