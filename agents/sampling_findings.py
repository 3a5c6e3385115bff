"""What reviews found: each cohort's window against its baseline, and whether the records can be trusted.

A rise is one that chance does not explain: at least the stated share above the baseline, and rarer than the stated
level in a one-sided exact binomial test. Small cohorts jump by a third every other week.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from agents.case_view import CaseView
from agents.figures import Figure, figure, first_number, named
from agents.labelled_places import lines_of
from agents.records import Record, label_of
from agents.sampling_papers import days
from agents.sampling_policy import day
from casefile.claims import Citation
from casefile.evidence import Evidence

_WEEKS = re.compile(r"(?<!\d)(\d{1,2})[-_ ]?(?:w\b|weeks?)", re.IGNORECASE)
_SHEET = re.compile(r"sheet=[^,]+,")
COUNTS = ("resolved", "reviewed", "defects", "severe", "reopens", "escapes")


@dataclass(frozen=True, slots=True)
class Part:
    """A cell that was counted: what it says how many of, or one review that is of that kind (`single`)."""

    what: str
    citation: Citation
    single: bool = False


@dataclass(slots=True)
class Tally:
    """Counts over a span of days, with the cells that they were added up from. `stated` is what was counted at all."""

    since: date | None = None
    until: date | None = None
    counts: Counter[str] = field(default_factory=Counter)
    cells: list[Citation] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    stated: frozenset[str] = frozenset()

    def rate(self, what: str) -> float:
        """Findings of a kind per review; 0 without reviews."""
        return self.counts[what] / self.counts["reviewed"] if self.counts["reviewed"] else 0.0

    @property
    def days(self) -> int:
        """How many days it covers."""
        return (self.until - self.since).days if self.since and self.until else 0


@dataclass(frozen=True, slots=True)
class Week:
    """One row of findings: a cohort in a week, or one review."""

    cohort: str
    start: date
    counts: Counter[str]
    cells: list[Citation]
    key: str
    parts: list[Part] = field(default_factory=list)


@dataclass(slots=True)
class Found:
    """All findings: per cohort the window, the baseline, and the time since a change. `doubled` are rows that stand
    twice, in `doubled_cells`, and `doubtful` the evidence that has them: nothing that rests on it is confirmed."""

    weeks: list[Week] = field(default_factory=list)
    baseline: dict[str, Tally] = field(default_factory=dict)
    doubled: list[str] = field(default_factory=list)
    doubled_cells: list[Citation] = field(default_factory=list)
    items: list[Evidence] = field(default_factory=list)

    @property
    def doubtful(self) -> frozenset[str]:
        return frozenset(one.evidence for one in self.doubled_cells)

    def over(self, cohort: str, since: date, until: date) -> Tally:
        """What was found of a cohort in [since, until)."""
        tally = Tally(since, until)
        for week in self.weeks:
            if week.cohort == cohort and since <= week.start < until:
                tally.counts += week.counts
                tally.stated |= week.counts.keys()
                tally.cells += week.cells
                tally.parts += week.parts
        return tally


def findings(view: CaseView) -> Found:
    """Read every table of findings; rows that come twice are named, and counted once."""
    found = Found()
    seen: dict[str, list[Week]] = {}
    for item in view.of(*_systems(view)):
        rows = list(_weeks(view, item))
        bases = list(_baselines(view, item, beside=bool(rows)))
        found.items += [item] if rows or bases else []
        for week in rows:
            seen.setdefault(week.key, []).append(week)
            if len(seen[week.key]) == 1:
                found.weeks.append(week)
        for cohort, tally in bases:
            found.baseline[cohort] = tally
    twice = {key: rows for key, rows in seen.items() if len(rows) > 1}
    found.doubled = list(twice)
    found.doubled_cells = [cell for rows in twice.values() for week in rows for cell in week.cells[:1]]
    return found


def _weeks(view: CaseView, item: Evidence) -> Iterator[Week]:
    for record in view.records(item):
        cohort, start = record.first(_words(view, "cohort")), figure(view, item, record.first(_words(view, "week")))
        when = day(start)
        if cohort is None or start is None or when is None:
            continue
        counts, parts = _counted(view, item, record)
        cells = [one.citation for one in parts if one.what != "resolved"]
        if not counts["reviewed"]:
            counts, cells, parts = _one_review(view, item, record)
        if counts["reviewed"] or counts["resolved"]:
            identity = record.first(_words(view, "review_id"))
            key = identity.text.strip() if identity else f"{cohort.text.strip()} {when}"
            yield Week(label_of(cohort.text), when, counts, [start.citation, *cells], key, parts)


def _baselines(view: CaseView, item: Evidence, *, beside: bool) -> Iterator[tuple[str, Tally]]:
    """Rows of counts over a span: that of the row, that of its sheet, else that of the whole item. `beside` rows of
    weeks only those of which the row or the sheet gives a span."""
    whole = None if beside else _span(view, item)
    for record in view.records(item):
        cohort = record.first(_words(view, "cohort"))
        if beside and record.first(_words(view, "week")) is not None:
            continue
        since, until = _own_span(view, item, record) or _span_of_sheet(view, item, record) or whole or (None, None)
        if cohort is not None and since is not None and until is not None:
            counts, parts = _counted(view, item, record)
            cells = [one.citation for one in parts if one.what != "resolved"]
            if counts["reviewed"]:
                yield label_of(cohort.text), Tally(since, until, counts, cells, parts, frozenset(counts))


def _own_span(view: CaseView, item: Evidence, record: Record) -> tuple[date, date] | None:
    """From and to of a row, in a cell each or both in one."""
    since, until = (day(figure(view, item, record.first(_words(view, role)))) for role in ("from", "to"))
    period = record.first(_words(view, "period"))
    both = days(period.text) if period is not None else []
    if len(both) == len(("from", "to")):
        return both[0], both[1]
    return (since, until) if since is not None and until is not None else None


def _span_of_sheet(view: CaseView, item: Evidence, record: Record) -> tuple[date, date] | None:
    """The two days that one line of a sheet names above its table ("26 weeks, 2026-02-02 to 2026-08-02")."""
    cell = next(iter(record.cells.values()), None)
    sheet = _SHEET.match(cell.locator) if cell is not None else None
    if sheet is None:
        return None
    table = {one.locator for row in view.records(item) for one in row.cells.values()}
    over = [s for s in lines_of(view.readings(item.id)) if s.locator.startswith(sheet[0]) and s.locator not in table]
    spans = {(found[0], found[1]) for one in over if len(found := days(one.text)) == len(("from", "to"))}
    since, until = spans.pop() if len(spans) == 1 else (None, None)
    return (since, until) if since is not None and until is not None and since < until else None


def _span(view: CaseView, item: Evidence) -> tuple[date, date] | None:
    """What a table of counts covers: from and to, or a number of weeks that it or its name states, up to the window."""
    since, until = (day(named(view, [item], _words(view, role))) for role in ("from", "to"))
    if since is not None and until is not None:
        return since, until
    stated, in_name = named(view, [item], _words(view, "weeks")), _WEEKS.search(item.file)
    weeks = int(stated.number) if stated and stated.number else int(in_name[1]) if in_name else 0
    if not weeks:
        return None
    end = until or window(view.now.date(), int(view.parameters["findings_window"]["weeks"]))[0]
    return end - timedelta(weeks=weeks), end


def _counted(view: CaseView, item: Evidence, record: Record) -> tuple[Counter[str], list[Part]]:
    """What a row counts. Escapes in the column that the defects are read from are not counted twice."""
    counts: Counter[str] = Counter()
    parts, columns = [], set[str]()
    for what in COUNTS:
        told = ((label_of(one), first_number(view, item, record, [one])) for one in _words(view, what))
        column, cell = next(((one, found) for one, found in told if found is not None), ("", None))
        if cell is not None and cell.number is not None and column not in columns:
            columns.add(column)
            counts[what] += int(cell.number)
            parts.append(Part(what, cell.citation))
    return counts, parts


def _one_review(view: CaseView, item: Evidence, record: Record) -> tuple[Counter[str], list[Citation], list[Part]]:
    """A row that is one review: it has an id, and says whether there was a defect."""
    identity = figure(view, item, record.first(_words(view, "review_id")))
    defect = figure(view, item, record.first(_words(view, "defect")))
    severity = figure(view, item, record.first(_words(view, "severity")))
    if identity is None or defect is None:
        return Counter(), [], []
    bad = label_of(defect.text) in ("yes", "true", "1", "defect", "fail", "failed", "y")
    severe = bad and severity is not None and label_of(severity.text) in ("severe", "critical", "high", "major")
    parts = [Part("reviewed", identity.citation, single=True)]
    parts += [Part("defects", defect.citation, single=True)] if bad else []
    return Counter(reviewed=1, defects=int(bad), severe=int(severe)), [identity.citation, defect.citation], parts


@dataclass(frozen=True, slots=True)
class Change:
    """How a rate of findings moved: `percent` above the baseline, and how probable that is by chance."""

    what: str
    percent: float
    chance: float
    up: bool
    down: bool


def change(what: str, now: Tally, before: Tally, least_percent: float, level: float) -> Change | None:
    """A cohort's change, or None where one side has no reviews to compare, or does not count what is compared: what
    nobody counted is not nothing (R9)."""
    from scipy.stats import binom

    seen, reviewed = now.counts[what], now.counts["reviewed"]
    if not reviewed or not before.counts["reviewed"] or what not in now.stated & before.stated:
        return None
    usual = before.rate(what)
    percent = 100.0 * (now.rate(what) / usual - 1) if usual else (100.0 if seen else 0.0)
    share = min(1.0, max(usual, 0.5 / before.counts["reviewed"]))
    above = float(binom.sf(seen - 1, reviewed, share)) if seen else 1.0
    below = float(binom.cdf(seen, reviewed, share))
    return Change(
        what,
        percent,
        above,
        up=percent >= least_percent and above <= level,
        down=percent <= -least_percent and below <= level,
    )


def window(now: date, weeks: int) -> tuple[date, date]:
    """The span of the findings window: the given number of weeks before this day."""
    return now - timedelta(weeks=weeks), now


def _words(view: CaseView, role: str) -> Sequence[str]:
    found: list[str] = view.scenario.data["words"][role]
    return found


def _systems(view: CaseView) -> Sequence[str]:
    found: list[str] = view.scenario.data["systems"]["findings"]
    return found


def cited(figures: Sequence[Figure | None], most: int = 8) -> list[Citation]:
    """The citations of figures that are there."""
    return [one.citation for one in figures if one is not None][:most]
