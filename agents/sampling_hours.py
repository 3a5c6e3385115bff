"""The review hours of the week: one stated figure, that of the newest week of a table, or the sum over the analysts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from agents.case_view import CaseView
from agents.figures import Figure, figure, named
from agents.records import label_of
from agents.sampling_policy import day
from casefile.evidence import Evidence


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
