"""By how many points each sampling rate moved in the span of drift, from every version and change that is on record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta

from dateutil import parser as dates

from agents.case_view import CaseView
from agents.figures import Figure, figure
from agents.records import Record, label_of
from agents.sampling_policy import Cohort, Policy, cohort_of, day, is_past
from casefile.claims import Citation
from casefile.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Stand:
    """A rate in whole percent and the day from which it stood, with the cell that says so."""

    since: date
    percent: int
    cell: Citation


def stands(view: CaseView, known: Sequence[Policy]) -> dict[str, list[Stand]]:
    """Each cohort's rates in the order of time: what the versions say, and what a record of changes says.

    A version says of a cohort when its rate was last changed, else the version's own day counts. A change on record
    is a row with a day and a rate: of one cohort in a cell, or of each in a column of its own.
    """
    found: dict[str, list[Stand]] = {name: [] for one in known for name in one.cohorts}
    for policy in known:
        for name, cohort in policy.cohorts.items():
            since = _since(policy, cohort)
            if since is not None:
                found[name].append(Stand(since, cohort.percent, cohort.rate.citation))
    for item in [*view.prior, *view.of(*view.listed("policy"), *view.listed("bounds"))]:
        for record in view.records(item):
            for name, stand in _changes(view, item, record, found):
                found[name].append(stand)
    return {name: sorted(each, key=lambda one: one.since) for name, each in found.items()}


def moved(view: CaseView, known: Sequence[Stand], cohort: Cohort, days: int, trusted: Cohort | None) -> int:
    """By how many points a rate moved within so many days: from the rate that stood when they began.

    Where nothing says what stood then, from the oldest rate since; where only the present rate is dated, from the
    trusted version.
    """
    begin = view.now.date() - timedelta(days=days)
    past = [one for one in known if one.since <= view.now.date()]
    before = [one for one in past if one.since < begin]
    if before:
        return cohort.percent - before[-1].percent
    if len(past) > 1 or trusted is None or day(cohort.changed) is None:
        return cohort.percent - past[0].percent if past else 0
    return cohort.percent - trusted.percent


def _since(policy: Policy, cohort: Cohort) -> date | None:
    return day(cohort.changed) or day(policy.activated)


def _changes(
    view: CaseView, item: Evidence, record: Record, cohorts: Mapping[str, object]
) -> Iterator[tuple[str, Stand]]:
    """What a row or an object of a record of changes says: the rate before, up to its day, and the rate after."""
    when = _day(figure(view, item, record.first(view.words("change_day"))))
    if when is None:
        return
    name = label_of(cohort_of(view, record))
    if name in cohorts:
        roles = [("rate_after", when), ("rate_before", when - timedelta(days=1))]
        if is_past(view, record):
            roles.append(("rate", when))
        cells = [(name, figure(view, item, record.first(view.words(role))), since) for role, since in roles]
    else:
        cells = [(label, figure(view, item, cell), when) for label, cell in record.cells.items() if label in cohorts]
    for cohort, told, since in cells:
        if told is not None and told.number is not None:
            yield cohort, Stand(since, int(told.number), told.citation)


def _day(told: Figure | None) -> date | None:
    if told is None:
        return None
    try:
        moment = dates.isoparse(told.text.replace(" ", "T", 1))
    except ValueError:
        return None
    return (moment.astimezone(UTC) if moment.tzinfo else moment).date()
