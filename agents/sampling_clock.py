"""On which days a tuning cycle finds something else by the clock alone: the one place that tells its days beforehand.

A cooldown ends, weeks of findings enter the window and leave it for the baseline, a drift span is over, hours of a
later week begin, bounds come into force or lapse. A day begins at midnight UTC, as the cycle counts days.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from agents.case_view import CaseView
from agents.figures import figure
from agents.sampling_cycle import Tuning, cooldown_end, drift_days
from agents.sampling_policy import day

_DAY, _SECOND = timedelta(days=1), timedelta(seconds=1)


def ends(view: CaseView, this: Tuning) -> list[datetime]:
    """The last moments at which what was found still holds, of those that are to come, in order."""
    begins = {_midnight(one) for one in _days(view, this)} | set(this.bounds.edges)
    return sorted(one - _SECOND for one in begins if one > view.now)


def _days(view: CaseView, this: Tuning) -> Iterator[date]:
    span, before = (timedelta(weeks=int(view.parameters["findings_window"][name])) for name in ("weeks", "baseline"))
    for week in this.found.weeks:
        # A week counts in [today - span, today), and before that in the baseline.
        yield from (week.start + _DAY + past for past in (timedelta(), span, span + before))
    drift = drift_days(this)
    for name, cohort in this.cohorts.items():
        cooled, changed = cooldown_end(view, this, cohort), day(cohort.changed)
        if cooled is not None:
            yield cooled
        since = {stand.since for stand in this.stands.get(name, ())} | ({changed} if changed is not None else set())
        yield from since  # a rate that is on record for a later day
        if drift is not None:
            yield from (one + drift + _DAY for one in since)
    words = view.scenario.data["words"]
    for item in view.of(*view.scenario.data["systems"]["capacity"]):
        for record in view.records(item):
            start = day(figure(view, item, record.first(words["week"])))
            if start is not None:
                yield start


def _midnight(one: date) -> datetime:
    return datetime.combine(one, time(), UTC)
