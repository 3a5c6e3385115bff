"""The sampling policy in force, its bounds and its freeze state, each figure with the cell that it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time

from dateutil import parser as dates

from agents.case_view import CaseView
from agents.figures import Figure, figure, segments
from agents.labelled import heading_over
from agents.records import Record, label_of
from agents.sampling_papers import approval, column, days, doubt, edges, labels, out_of_force, stated
from casefile.evidence import Evidence

_ID = re.compile(r"[^\W\d_]+[\w.-]*\d[\w.-]*")
_NOT_NOW = re.compile(
    r"\b(?:trusted|restorable|retired|superseded|replaced|archived?|previous|prior|former|inactive|ended|old"
    r"|draft|proposed|test)\b"
)
_CLOSED = re.compile(r"(?:closed|resolved|settled|done)\b(?!.*\b(?:not|no|never|pending|reopened|until|if|once)\b)")
_SOUND = re.compile(r"^(?:approved|active|in force|current)\b")
_UNSOUND = re.compile(
    r"\b(?:lapsed|expired|revoked|withdrawn|superseded|suspended|until|not|no longer|pending|draft|proposed|awaits?"
    r"|awaiting|renewal)\b"
)
_THAWED = re.compile(
    r"^(?:lifted|false|none|closed|off|inactive|ended|thawed)\b|^not (?:active|frozen|in force)\b"
    r"|^no(?: freeze\b.*| active freeze\b.*| longer\b.*)?$"
)
_SHARE = r"(\d+(?:\.\d+)?) ?(?:%|percent)?"
_RANGE = re.compile(rf"^\D{{0,12}}?{_SHARE}\s*(?:to|-|–|—|bis|à|a|until|and)\s*{_SHARE}\.?$", re.IGNORECASE)


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
    """What governance delegated. A bound that no document states is None: nothing may be moved without it. `doubt` says
    why an approval on record does not count now, `edges` are when they come into force, and out of it."""

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
    doubt: str = ""
    edges: list[datetime] = field(default_factory=list)
    low: dict[str, Figure] = field(default_factory=dict)
    high: dict[str, Figure] = field(default_factory=dict)
    floors: dict[str, Figure] = field(default_factory=dict)
    protected: set[str] = field(default_factory=set)

    @property
    def approved(self) -> bool:
        """Whether the evidence shows by whom and when they were approved, and not that this lapsed."""
        word = label_of(self.status.text) if self.status else "approved"
        sound = bool(_SOUND.search(word)) and not _UNSOUND.search(word)
        return bool(self.approved_by and self.approved_at and sound and not self.doubt)


def policies(view: CaseView) -> list[Policy]:
    """Every policy version that the packet has, prior revisions first."""
    found = []
    for item in [*view.prior, *view.of(*view.listed("policy"))]:
        policy = _policy(view, item)
        if policy is not None:
            found.append(policy)
    return found


def active(view: CaseView, all_of: Sequence[Policy]) -> Policy | None:
    """The policy in force: the one that says so, else the last that came from the configuration store and does not say
    that it is past, and that no other one names as the version before it."""
    ours = [one for one in all_of if not one.item.prior]
    told = [(one, label_of(status.text) if (status := stated(view, [one.item], "status")) else "") for one in ours]
    marked = [one for one, word in told if word == "active" or (_SOUND.search(word) and not _NOT_NOW.search(word))]
    before = {one.trusted.text for one in ours if one.trusted is not None}
    later = [one for one, word in told if not _NOT_NOW.search(word) and one.version.text not in before]
    return (marked or later or ours or [None])[-1]  # type: ignore[list-item]


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
        name, rate = cohort_of(view, record), figure(view, item, column(view, record, "rate"))
        if name and rate is not None and rate.number is not None:
            cohorts[label_of(name)] = _cohort(view, item, record, name, rate)
    version = stated(view, [item], "version")
    if not cohorts or version is None:
        return None
    return Policy(
        item,
        version,
        cohorts,
        trusted=stated(view, [item], "trusted"),
        cohort_map=_map(view, [item]),
        activated=stated(view, [item], "activated"),
    )


def _map(view: CaseView, items: Sequence[Evidence]) -> Figure | None:
    """The cohort map that a policy names: its id alone, where nothing around it puts it in doubt or names another."""
    told = stated(view, items, "cohort_map")
    words = view.scenario.data["cohort_changes"]
    doubts = [one for kind in ("unconfirmed", "withdrawn", "changed") for one in words[kind]]
    if told is None or any(re.search(one, told.text, re.IGNORECASE) for one in doubts):
        return told
    ids = _ID.findall(told.text)
    if len(ids) != 1:
        return told
    return Figure(ids[0], told.citation.model_copy(update={"quote": ids[0]}))


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
    above = {label_of(word) for word in view.words("cohorts")}
    below = len(path) > 3 and label_of(path[-3]) in above and not path[-2].isdecimal()
    return path[-2].replace("~1", "/").replace("~0", "~") if below else ""


def _cohort(view: CaseView, item: Evidence, record: Record, name: str, rate: Figure) -> Cohort:
    def cell(role: str) -> Figure | None:
        return figure(view, item, column(view, record, role))

    hold = cell("temporary_hold")
    held = hold is not None and label_of(hold.text) not in ("none", "no", "false", "null", "")
    return Cohort(
        name=name,
        rate=rate,
        protected=_protected(view, item, record),
        changed=cell("changed"),
        cooldown_until=cell("cooldown_until"),
        held=hold if held else None,
    )


def _protected(view: CaseView, item: Evidence, record: Record) -> bool:
    """Whether a cohort's own cell says so, or what it stands under: a key, a sheet, a heading."""
    kind, cell = column(view, record, "class"), next(iter(record.cells.values()))
    sheet = re.match(r"sheet=([^,]+)", cell.locator)
    told = [*segments(cell)[:-2], sheet[1] if sheet else "", heading_over(view.readings(item.id), cell.locator)]
    told.append(kind.text if kind is not None else "")
    return any(label_of(one).startswith(word) for one in told for word in view.words("protected"))


def bounds(view: CaseView, cohorts: Mapping[str, Cohort]) -> Bounds:
    """The delegated bounds, from the governance documents; per cohort from a table or from keys that name it."""
    items = view.of(*view.listed("bounds"))
    documents = _current(view, [item for item in items if stated(view, [item], "bounds_version")])
    found = Bounds()
    for role in STATED:
        setattr(found, role, stated(view, documents, "bounds_version" if role == "version" else role))
    found.approved_by, found.approved_at = approval(view, documents)
    found.edges = [edge for item in items for edge in edges(view, [item])]
    past = out_of_force(view, documents)
    found.doubt = past[0] if past else doubt(view, found.approved_by, found.approved_at, _approvers(view))
    found.frozen, found.freeze_id = _freeze(view, items)
    cause = stated(view, items, "cause_state")
    found.cause_closed = cause is not None and _CLOSED.match(label_of(cause.text)) is not None
    for item in [*view.of(*view.listed("policy")), *documents]:
        for cohort, role, figure_, over in _per_cohort(view, item, cohorts):
            {"low": found.low, "high": found.high, "floor": found.floors}[role][cohort] = figure_
            if role == "floor" and "protected" in over:
                found.protected.add(cohort)
    return found


def _current(view: CaseView, documents: Sequence[Evidence]) -> list[Evidence]:
    """The papers of one version of the bounds: the last that is in force, else the last. What another version allowed,
    or who approved it, says nothing of this one."""
    live = [item for item in documents if out_of_force(view, [item]) is None]
    versions = [(item, told.text) for item in documents if (told := stated(view, [item], "bounds_version")) is not None]
    last = next((text for item, text in reversed(versions) if not live or item in live), "")
    return [item for item, text in versions if text == last]


def protected(policy: Policy, limits: Bounds) -> Policy:
    """The policy with every cohort protected that it protects itself, or to which the bounds give a protected floor."""
    cohorts = {
        name: replace(one, protected=one.protected or name in limits.protected) for name, one in policy.cohorts.items()
    }
    return replace(policy, cohorts=cohorts)


def _approvers(view: CaseView) -> list[str]:
    """The roles that may approve bounds: those of the gate about configuration."""
    return [role for gate in view.scenario.gates if gate.subject == "configuration" for role in gate.roles]


def _per_cohort(
    view: CaseView, item: Evidence, cohorts: Mapping[str, Cohort]
) -> Iterator[tuple[str, str, Figure, str]]:
    """What an item says of a cohort in a role, with the name that it stands under."""
    for record in view.records(item):
        named_by = record.first(view.words("cohort"))
        for label, cell in record.cells.items():
            steps = segments(cell)
            cohort = label_of(named_by.text) if named_by else next((s for s in steps[::-1] if s in cohorts), None)
            found = figure(view, item, cell)
            if cohort is None or cohort not in cohorts or found is None:
                continue
            over = steps[steps.index(cohort) - 1] if cohort in steps[1:-1] and label.isdecimal() else label
            over = over if over != cohort else (steps[-2] if len(steps) > 1 else "")
            role = next((one for one in ("floor", "low", "high", "band") if _names(view, one, over)), "")
            for told, side in _sides(found, role, label):
                yield cohort, told, side, over


def _names(view: CaseView, role: str, label: str) -> bool:
    return label in {label_of(word) for word in view.words(role)}


def _sides(found: Figure, role: str, label: str) -> Iterator[tuple[str, Figure]]:
    """The lower and the upper end of a band: its two numbers in one cell, or one of them in a list of two."""
    if role == "band" and label in ("0", "1"):
        role = ("low", "high")[int(label)]
    ends = _RANGE.match(found.text) if role == "band" else None
    if ends is not None:
        yield "low", Figure(ends[1], found.citation)
        yield "high", Figure(ends[2], found.citation)
    elif role and role != "band" and found.number is not None:
        yield role, found


def _freeze(view: CaseView, items: Sequence[Evidence]) -> tuple[Figure | None, Figure | None]:
    """The newest word on a freeze: what says that one is active now, and its id. What says neither is one (R9)."""
    identity = stated(view, items, "freeze_id")
    words = {label_of(word) for word in view.words("freeze_state")}
    for item in items[::-1]:
        for label, cell in labels(view, item):
            inside = label == "active" and not {"freeze state", "freeze"}.isdisjoint(segments(cell))
            if (label in words or inside) and cell.text.strip():
                thawed = _THAWED.search(label_of(cell.text))
                return None if thawed else figure(view, item, cell), identity
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
        named = days(found.text)
        return datetime.combine(named[-1], time(), UTC) if named else None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
