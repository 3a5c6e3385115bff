"""The review hours of the week: one stated figure, that of the newest week of a table, or the sum over the analysts.
And the minutes of a review, one figure for all cohorts or one for each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from agents.case_view import CaseView
from agents.figures import Figure, figure, named, parsed
from agents.records import Cell, label_of
from agents.sampling_papers import labels
from agents.sampling_policy import day
from casefile.evidence import Evidence

_MINUTES = re.compile(r"\b(?:review )?minutes (?:per|a|for a|for each|each) review\b|\breview minutes\b|\bminutes$")
_EACH = re.compile(r"(?P<name>[^\W\d_][^\d,;:]*?)[\s:=(]+(?P<number>\d+(?:\.\d+)?)(?![\d-])")


def available(view: CaseView, items: Sequence[Evidence]) -> list[Figure]:
    """The cells that the available hours are the sum of, one where a document states them. Empty where none does."""
    words = view.scenario.data["words"]
    weeks: list[tuple[date, Figure]] = []
    people: list[Figure] = []
    for item in items:
        for record in view.records(item):
            hours = figure(view, item, record.first(words["available_hours"]))
            if hours is None or hours.number is None:
                continue
            start, who = day(figure(view, item, record.first(words["week"]))), record.first(words["analyst"])
            if who is not None and label_of(who.text) in map(label_of, words["sum_row"]):
                return [hours]
            if who is not None:
                people.append(hours)
            elif start is not None and start <= view.now.date():
                weeks.append((start, hours))
    if weeks:
        return [max(weeks, key=lambda one: one[0])[1]]
    cells = {one.citation.locator for one in people}
    stated = named(view, items, words["available_hours"])
    if stated is not None and stated.citation.locator not in cells:
        return [stated]
    total = named(view, items, words["total_hours"])
    return [total] if total is not None and total.number is not None else people


def review_minutes(view: CaseView, items: Sequence[Evidence], cohorts: Iterable[str]) -> Mapping[str, Figure]:
    """The minutes of a review of each cohort: behind a label that names it, in a list of cohorts, else one for all."""
    known, found = list(cohorts), dict[str, Figure]()
    for item in items:
        for label, cell in labels(view, item):
            if _MINUTES.search(label):
                for name, told in _of_cohorts(view, item, label, cell, known):
                    found.setdefault(name, told)
    if found:
        return found
    all_of_them = named(view, items, [one for one in view.words("minutes") if not one.startswith("~")])
    return dict.fromkeys(known, all_of_them) if all_of_them is not None and all_of_them.number else {}


def _of_cohorts(
    view: CaseView, item: Evidence, label: str, cell: Cell, known: Sequence[str]
) -> Iterator[tuple[str, Figure]]:
    about = _cohort(_MINUTES.sub(" ", label), known)
    told = figure(view, item, cell)
    if about and told is not None and told.number is not None:
        yield about, told
    elif not about:
        for each in _EACH.finditer(cell.text):
            name = _cohort(label_of(each["name"]), known)
            if name and parsed(each["number"]) is not None:
                yield name, Figure(each["number"], view.cite(item, Cell(each["number"], cell.locator)))


def _cohort(told: str, known: Sequence[str]) -> str:
    """The one cohort that a label names, in full or by some of its words; nothing where it may be several."""
    words = told.split()
    if not words or " ".join(words) in known:
        return " ".join(words)
    meant = [name for name in known if set(words) <= set(name.split())]
    return meant[0] if len(meant) == 1 else ""
