"""The sampling policy in force, its bounds and its freeze state, each figure with the cell that it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from dateutil import parser as dates

from agents.case_view import CaseView
from agents.figures import Figure, figure, labelled, named, segments
from agents.records import Record, label_of
from casefile.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Cohort:
    """One cohort of a policy: its rate in whole percent of resolved cases, and what may not be done to it."""

    name: str
    rate: Figure
    protected: bool = False
    changed: Figure | None = None
    cooldown_until: Figure | None = None
    held: Figure | None = None

    @property
    def percent(self) -> int:
        """The rate as a number; a rate that is none was not taken in."""
        number = self.rate.number
        return int(number) if number is not None else 0


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of the policy."""

    item: Evidence
    version: Figure
    cohorts: Mapping[str, Cohort]
    trusted: Figure | None = None
    cohort_map: Figure | None = None
    activated: Figure | None = None


STATED = (
    "version",
    "approved_by",
    "approved_at",
    "status",
    "cohort_map",
    "step",
    "cooldown",
    "min_reviews",
    "ceiling",
    "drift_points",
    "drift_days",
)


@dataclass(slots=True)
class Bounds:
    """What governance delegated. A bound that no document states is None: nothing may be moved without it."""

    version: Figure | None = None
    approved_by: Figure | None = None
    approved_at: Figure | None = None
    status: Figure | None = None
    cohort_map: Figure | None = None
    step: Figure | None = None
    cooldown: Figure | None = None
    min_reviews: Figure | None = None
    ceiling: Figure | None = None
    drift_points: Figure | None = None
    drift_days: Figure | None = None
    frozen: Figure | None = None
    cause_closed: bool = False
    freeze_id: Figure | None = None
    low: dict[str, Figure] = field(default_factory=dict)
    high: dict[str, Figure] = field(default_factory=dict)
    floors: dict[str, Figure] = field(default_factory=dict)

    @property
    def approved(self) -> bool:
        """Whether the evidence shows by whom and when they were approved, and not that this lapsed."""
        word = label_of(self.status.text) if self.status else ""
        return bool(self.approved_by and self.approved_at and word in ("approved", "active", "in force", ""))


def policies(view: CaseView) -> list[Policy]:
    """Every policy version that the packet has, prior revisions first."""
    found = []
    for item in [*view.prior, *view.of(*view.listed("policy"))]:
        policy = _policy(view, item)
        if policy is not None:
            found.append(policy)
    return found


def active(view: CaseView, all_of: Sequence[Policy]) -> Policy | None:
    """The policy in force: the one that says so, else the last that came from the configuration store."""
    ours = [one for one in all_of if not one.item.prior]
    marked = [
        one
        for one in ours
        if (status := named(view, [one.item], view.words("status"))) and label_of(status.text) == "active"
    ]
    return (marked or ours or [None])[-1]  # type: ignore[list-item]


def trusted(all_of: Sequence[Policy], now: Policy) -> Policy | None:
    """The last trusted policy, where the packet has it and it can be restored."""
    if now.trusted is None:
        return None
    return next((one for one in all_of if one.version.text == now.trusted.text and one is not now), None)


def _policy(view: CaseView, item: Evidence) -> Policy | None:
    cohorts = {}
    for record in view.records(item):
        if is_past(view, record):
            continue
        name, rate = cohort_of(view, record), figure(view, item, record.first(view.words("rate")))
        if name and rate is not None and rate.number is not None:
            cohorts[label_of(name)] = _cohort(view, item, record, name, rate)
    version = named(view, [item], view.words("version"))
    if not cohorts or version is None:
        return None
    return Policy(
        item,
        version,
        cohorts,
        trusted=named(view, [item], view.words("trusted")),
        cohort_map=named(view, [item], view.words("cohort_map")),
        activated=named(view, [item], view.words("activated")),
    )


def is_past(view: CaseView, record: Record) -> bool:
    """Whether a record stands in a history: below a key, or on a sheet, that is named so. It says what was, not is."""
    cell = next(iter(record.cells.values()), None)
    if cell is None:
        return False
    sheet = re.match(r"sheet=([^,]+)", cell.locator)
    return not {label_of(word) for word in view.words("history")}.isdisjoint(
        [label_of(sheet[1])] if sheet else segments(cell)[:-1]
    )


def cohort_of(view: CaseView, record: Record) -> str:
    """The cohort that a row or an object is about: by its own cell, or by its key below the cohorts; else nothing."""
    named_by = record.first(view.words("cohort"))
    if named_by is not None:
        return named_by.text.strip()
    path = next((cell.locator.split("/") for cell in record.cells.values()), [])
    below = len(path) > 3 and label_of(path[-3]) in view.words("cohorts") and not path[-2].isdecimal()
    return path[-2].replace("~1", "/").replace("~0", "~") if below else ""


def _cohort(view: CaseView, item: Evidence, record: Record, name: str, rate: Figure) -> Cohort:
    def cell(role: str) -> Figure | None:
        return figure(view, item, record.first(view.words(role)))

    kind, hold = cell("class"), cell("temporary_hold")
    held = hold is not None and label_of(hold.text) not in ("none", "no", "false", "null", "")
    return Cohort(
        name=name,
        rate=rate,
        protected=kind is not None and label_of(kind.text).startswith("protected"),
        changed=cell("changed"),
        cooldown_until=cell("cooldown_until"),
        held=hold if held else None,
    )


def bounds(view: CaseView, cohorts: Mapping[str, Cohort]) -> Bounds:
    """The delegated bounds, from the governance documents; per cohort from a table or from keys that name it."""
    items = view.of(*view.listed("bounds"))
    documents = [item for item in items if named(view, [item], view.words("bounds_version"))]
    found = Bounds()
    for role in STATED:
        words = "bounds_version" if role == "version" else role
        setattr(found, role, named(view, documents, view.words(words)))
    found.frozen, found.freeze_id = _freeze(view, items)
    cause = named(view, items, view.words("cause_state"))
    found.cause_closed = cause is not None and label_of(cause.text) in ("closed", "resolved", "settled", "done")
    for item in [*view.of(*view.listed("policy")), *documents]:
        for cohort, role, figure_ in _per_cohort(view, item, cohorts):
            {"low": found.low, "high": found.high, "floor": found.floors}[role][cohort] = figure_
    return found


def _per_cohort(view: CaseView, item: Evidence, cohorts: Mapping[str, Cohort]) -> Iterator[tuple[str, str, Figure]]:
    for record in view.records(item):
        named_by = record.first(view.words("cohort"))
        for label, cell in record.cells.items():
            steps = segments(cell)
            cohort = label_of(named_by.text) if named_by else next((s for s in steps[::-1] if s in cohorts), None)
            if cohort is None or cohort not in cohorts:
                continue
            over = label if label != cohort else (steps[-2] if len(steps) > 1 else "")
            for role in ("floor", "low", "high"):
                found = figure(view, item, cell)
                if over in {label_of(word) for word in view.words(role)} and found and found.number is not None:
                    yield cohort, role, found
                    break


def _freeze(view: CaseView, items: Sequence[Evidence]) -> tuple[Figure | None, Figure | None]:
    """The newest word on a freeze: what says that one is active now, and its id."""
    identity = named(view, items, view.words("freeze_id"))
    words = {label_of(word) for word in view.words("freeze_state")}
    for item in items[::-1]:
        for label, cell in labelled(view, item):
            if label not in words and not (label == "active" and "freeze state" in segments(cell)):
                continue
            said = label_of(cell.text)
            if said in ("active", "true", "yes", "frozen", "in force", "on"):
                return figure(view, item, cell), identity
            if said in ("lifted", "false", "no", "none", "closed", "off", "inactive", "ended"):
                return None, identity
    return None, identity


def day(found: Figure | None) -> date | None:
    """A day as the cell gives it."""
    moment = instant(found)
    return moment.date() if moment is not None else None


def instant(found: Figure | None) -> datetime | None:
    """A moment as the cell gives it; a day alone is its beginning in UTC."""
    if found is None:
        return None
    try:
        moment = dates.isoparse(found.text.replace(" ", "T", 1))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
