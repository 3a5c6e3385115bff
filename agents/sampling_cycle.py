"""One tuning cycle put together from the evidence: whether it may move anything, roll back, or has to freeze."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from agents.case_view import CaseView
from agents.figures import Figure, first_number
from agents.records import label_of
from agents.sampling_drift import Stand, moved, stands
from agents.sampling_findings import Change, Found, Tally, change, cited, findings, window
from agents.sampling_hours import available, review_minutes
from agents.sampling_map import is_ours, map_changes
from agents.sampling_moves import Blocked, Cycle, Moves, Room, plan, shown
from agents.sampling_policy import Bounds, Cohort, Policy, active, bounds, cohort_of, day, policies, protected, trusted
from casefile.claims import Citation

# Bounds that block a move without freezing the cycle: a second move in a cooldown is rejected, and a move out of its
# band is for leadership.
PASSED_OVER = {"cooldown": "cohort_cooling", "band": "out_of_band"}


@dataclass(frozen=True, slots=True)
class Load:
    """What reviews of a cohort cost: hours a week for each percentage point, from these cells.

    The cells are cases and minutes; with `per_rate` hours and the rate at which they were spent; with `weeks` the
    cases of so many weeks, and the minutes last.
    """

    per_point: Fraction
    cells: list[Citation]
    per_rate: bool = False
    weeks: int = 0


@dataclass(slots=True)
class Tuning:
    """Everything that a cycle rests on, and what comes of it. `causes` are why it freezes, by the name of a signal;
    `notes` are blocked moves that freeze nothing, `coming` what will touch the cohorts later, `stands` the rates
    on record. `hours` is the sum of the `hours_cells`, where there are several."""

    policy: Policy | None = None
    trusted: Policy | None = None
    bounds: Bounds = field(default_factory=Bounds)
    found: Found = field(default_factory=Found)
    since: date | None = None
    until: date | None = None
    hours: Figure | None = None
    hours_cells: list[Citation] = field(default_factory=list)
    loads: dict[str, Load] = field(default_factory=dict)
    windows: dict[str, Tally] = field(default_factory=dict)
    changes: dict[str, list[Change]] = field(default_factory=dict)
    causes: list[tuple[str, str, str, list[Citation]]] = field(default_factory=list)
    notes: list[tuple[str, str, str, list[Citation]]] = field(default_factory=list)
    cycle: Cycle | None = None
    moves: Moves = field(default_factory=Moves)
    rollback: list[tuple[str, str, list[Citation]]] = field(default_factory=list)
    coming: list[str] = field(default_factory=list)
    stands: Mapping[str, Sequence[Stand]] = field(default_factory=dict)

    def freeze(self, signal: str, about: str, detail: str, cells: Sequence[Citation] = ()) -> None:
        """Name a cause that freezes the cycle."""
        self.causes.append((signal, about, detail, list(cells)[:4]))

    @property
    def open_causes(self) -> list[tuple[str, str, str, list[Citation]]]:
        """The causes that still stand. A freeze of leadership whose cause is recorded as closed is theirs to lift."""
        return [one for one in self.causes if one[0] != "freeze_active" or not self.bounds.cause_closed]

    @property
    def cohorts(self) -> Mapping[str, Cohort]:
        """The cohorts of the policy in force."""
        return self.policy.cohorts if self.policy else {}


def tune(view: CaseView) -> Tuning:
    """Run the cycle. What is unknown moves nothing (R9)."""
    this = Tuning()
    known = policies(view)
    this.policy = active(view, known)
    if this.policy is None:
        this.freeze("policy_missing", "policy", "no active sampling policy was found")
        return this
    this.trusted = trusted(known, this.policy)
    this.stands = stands(view, known)
    this.bounds = bounds(view, this.policy.cohorts)
    this.policy = protected(this.policy, this.bounds)
    this.found = findings(view)
    weeks = int(view.parameters["findings_window"]["weeks"])
    this.since, this.until = window(view.now.date(), weeks)
    _capacity(view, this)
    _configuration(view, this)
    for told in map_changes(view, this.policy, this.bounds, known):
        if told.since is None:
            this.freeze("map_changed", "cohort map", told.detail, told.cells)
        else:
            this.coming.append(f"{told.detail}, before {told.since.date()}")
    _trust(view, this)
    _compare(view, this)
    _roll_back(view, this)
    if not this.rollback:
        _plan(view, this)
    return this


def _capacity(view: CaseView, this: Tuning) -> None:
    items = view.of(*view.scenario.data["systems"]["capacity"])
    told = available(view, items)
    this.hours = told[0] if len(told) == 1 else _total(told)
    this.hours_cells = [one.citation for one in told]
    if this.hours is None or this.hours.number is None:
        this.freeze("capacity_unknown", "capacity", "the available review hours are not stated: no load can be checked")
    for item in items:
        for record in view.records(item):
            cohort = label_of(cohort_of(view, record))
            if cohort not in this.cohorts:
                continue
            cases, minutes = (first_number(view, item, record, view.words(r)) for r in ("cases", "minutes"))
            if cases and minutes and cases.number is not None and minutes.number is not None:
                per_point = Fraction(cases.number) * Fraction(minutes.number) / 60 / 100
                cells = [cases.citation, minutes.citation]
            else:
                hours, rate = (first_number(view, item, record, view.words(r)) for r in ("hours", "rate"))
                if not (hours and rate and hours.number is not None and rate.number):
                    continue
                per_point, cells = Fraction(hours.number) / Fraction(rate.number), [hours.citation, rate.citation]
            this.loads[cohort] = Load(per_point, cells, per_rate=not (cases and minutes))
    _usual_loads(view, this)
    for name, cohort_ in this.cohorts.items():
        if this.hours is not None and name not in this.loads:
            this.freeze("capacity_unknown", cohort_.name, f"{cohort_.name}: what a review costs is not stated")


def _total(told: Sequence[Figure]) -> Figure | None:
    numbers = [one.number for one in told if one.number is not None]
    return Figure(f"{sum(numbers):f}", told[0].citation) if numbers else None


def _usual_loads(view: CaseView, this: Tuning) -> None:
    """What reviews cost where no row says it of a cohort: its resolved cases in the window, by minutes of a review."""
    minutes = review_minutes(view, view.of(*view.scenario.data["systems"]["capacity"]), this.cohorts)
    if this.loads or this.since is None or this.until is None:
        return
    for name in this.cohorts:
        seen, told = this.found.over(name, this.since, this.until), minutes.get(name)
        cells = [one.citation for one in seen.parts if one.what == "resolved"]
        if told is not None and told.number and seen.counts["resolved"] and len(cells) >= _weeks(view):
            hours = Fraction(seen.counts["resolved"]) / _weeks(view) * Fraction(told.number) / 60
            this.loads[name] = Load(hours / 100, [*cells, told.citation], weeks=_weeks(view))


def _configuration(view: CaseView, this: Tuning) -> None:
    """Preconditions about policy, bounds and cohort map."""
    policy, limits = this.policy, this.bounds
    if policy is None:
        return
    if policy.trusted is None:
        this.freeze("no_trusted_policy", policy.version.text, "no last trusted policy is named that could be restored")
    ours, theirs = policy.cohort_map, limits.cohort_map
    if ours is not None and theirs is not None and not is_ours(view, policy, theirs.text):
        detail = (
            f"the policy is made for cohort map {ours.text}, governance has {theirs.text}: a person confirms the map"
        )
        this.freeze("map_changed", "cohort map", detail, [ours.citation, theirs.citation])
    missing = [one.name for name, one in policy.cohorts.items() if limits.version and name not in limits.high]
    if missing:
        this.freeze("map_changed", "cohort map", "no band is delegated for " + ", ".join(missing))
    for one in policy.cohorts.values():
        if one.protected and label_of(one.name) not in limits.floors:
            this.freeze("floor_missing", one.name, f"{one.name} is protected and has no floor")
    if limits.frozen is not None:
        identity = f" {limits.freeze_id.text}" if limits.freeze_id else ""
        this.freeze("freeze_active", f"freeze{identity}", "leadership has frozen the loop", [limits.frozen.citation])


def _trust(view: CaseView, this: Tuning) -> None:
    """Whether the findings may be relied on."""
    if not this.found.weeks:
        this.freeze("findings_missing", "findings", "no findings of any week were read")
    if this.found.doubled:
        shown = ", ".join(this.found.doubled[:4])
        detail = f"{len(this.found.doubled)} rows stand twice, for example {shown}: a duplicated import is not trusted"
        this.freeze("findings_untrusted", "findings", detail, this.found.doubled_cells)


def _compare(view: CaseView, this: Tuning) -> None:
    """Each cohort's window against its baseline, and what makes the comparison worthless."""
    if this.since is None or this.until is None or not this.found.weeks:
        return
    levels: dict[str, float] = view.scenario.data["chance"]
    least = float(view.parameters["rollback_trigger"]["percent"])
    for name, cohort in this.cohorts.items():
        now = this.windows[name] = this.found.over(name, this.since, this.until)
        before = this.found.baseline.get(name) or _before(view, this, name)
        this.found.baseline[name] = before
        changes = [change(what, now, before, least, level) for what, level in levels.items()]
        this.changes[name] = [one for one in changes if one is not None]
        reviewed, needed = now.counts["reviewed"], min_reviews(view, this)
        if reviewed < needed and (reviewed == 0 or _moving(this, name)):
            detail = f"{cohort.name}: {reviewed} reviews in the window, fewer than {needed}: too sparse to move a rate"
            this.freeze("findings_sparse", cohort.name, detail, now.cells)
        defects, reopens = (_of(this, name, what) for what in ("defects", "reopens"))
        if defects and reopens and defects.down and reopens.up:
            detail = (
                f"{cohort.name}: defects fell by {-defects.percent:.0f} % while reopens rose by {reopens.percent:.0f} %"
            )
            this.freeze("findings_contradictory", cohort.name, detail, now.cells)


def _moving(this: Tuning, name: str) -> bool:
    """Whether a sparse cohort looks as if it ought to be moved, up or down: too few reviews cannot carry that."""
    return any(abs(one.percent) >= 25 and one.what == "defects" for one in this.changes[name])


def _before(view: CaseView, this: Tuning, name: str) -> Tally:
    """A baseline from the weeks before the window, where no table of baselines has the cohort."""
    if this.since is None:
        return Tally()
    weeks = int(view.parameters["findings_window"]["baseline"])
    first = min((w.start for w in this.found.weeks if w.cohort == name), default=this.since)
    tally = this.found.over(name, max(first, this.since - timedelta(weeks=weeks)), this.since)
    return tally


def _of(this: Tuning, name: str, what: str) -> Change | None:
    return next((one for one in this.changes.get(name, ()) if one.what == what), None)


def rose(this: Tuning, name: str) -> Change | None:
    """The escape signal of a cohort that rose beyond chance, or None."""
    return next((one for one in this.changes.get(name, ()) if one.up), None)


def min_reviews(view: CaseView, this: Tuning) -> int:
    """The stricter of the parameter and the delegated bound."""
    stated = this.bounds.min_reviews.number if this.bounds.min_reviews else None
    return max(int(view.parameters["min_reviews_in_window"]), int(stated or 0))


def step(view: CaseView, this: Tuning) -> int:
    """The stricter of the parameter and the delegated bound, in points."""
    stated = this.bounds.step.number if this.bounds.step else None
    return min(int(view.parameters["max_step_per_cycle"]), int(stated if stated is not None else 100))


def floor(view: CaseView, this: Tuning, cohort: Cohort) -> int:
    """The highest floor that any document or the parameter gives a cohort; only protected ones have the parameter's."""
    stated = this.bounds.floors.get(label_of(cohort.name))
    number = int(stated.number) if stated is not None and stated.number is not None else 0
    return max(number, int(view.parameters["protected_floor"])) if cohort.protected else number


def cooldown_end(view: CaseView, this: Tuning, cohort: Cohort) -> date | None:
    """The first day on which a cohort may be moved again, also where it is past."""
    days = max(int(view.parameters["cooldown"]), int((this.bounds.cooldown and this.bounds.cooldown.number) or 0))
    ends = [day(cohort.cooldown_until)]
    changed = day(cohort.changed)
    ends.append(changed + timedelta(days=days) if changed else None)
    return max((one for one in ends if one is not None), default=None)


def cooling(view: CaseView, this: Tuning, cohort: Cohort) -> str:
    """Until when a cohort may not be moved, or nothing."""
    last = cooldown_end(view, this, cohort)
    return last.isoformat() if last is not None and view.now.date() < last else ""


def drift_days(this: Tuning) -> timedelta | None:
    """How long a change of rate counts towards the drift of its cohort."""
    days = this.bounds.drift_days.number if this.bounds.drift_days else None
    return timedelta(days=int(days)) if days is not None else None


def _roll_back(view: CaseView, this: Tuning) -> None:
    """Escapes that rose after a cut restore the last trusted version; where it cannot be had, the cycle freezes."""
    if this.policy is None or this.open_causes:
        return
    since = day(this.policy.activated)
    limit = view.parameters["rollback_trigger"]
    for name, cohort in this.cohorts.items():
        earlier = this.trusted.cohorts.get(name) if this.trusted else None
        if earlier is None or cohort.percent >= earlier.percent or since is None or this.until is None:
            continue
        after = this.found.over(name, since, this.until)
        severe = after.counts["severe"]
        risen = rose(this, name)
        if severe >= int(limit["severe"]) or risen is not None:
            why = f"{severe} severe escapes" if severe >= int(limit["severe"]) else ""
            more = f"{risen.what} {risen.percent:+.0f} % against the baseline" if risen else ""
            detail = f"{cohort.name}: {' and '.join(x for x in (why, more) if x)} after the cut of {since.isoformat()}"
            this.rollback.append((cohort.name, detail, after.cells[-6:]))
    if this.rollback and this.trusted is not None:
        why, back = this.rollback[0][1], this.trusted
        for signal, about, detail, cells in list(unfit(view, this, back)):
            this.freeze(signal, about, f"{why}; {back.version.text} cannot be restored alone: {detail}", cells)
    this.rollback = [] if this.open_causes else this.rollback


def unfit(view: CaseView, this: Tuning, back: Policy) -> Iterator[tuple[str, str, str, list[Citation]]]:
    """Why nobody but people may restore a version: other cohorts, or a floor, a band or the load ceiling crossed."""
    ours, theirs = this.policy.cohort_map if this.policy else None, back.cohort_map
    if (ours and theirs and label_of(ours.text) != label_of(theirs.text)) or set(this.cohorts) != set(back.cohorts):
        yield "map_changed", "cohort map", "it is made for other cohorts", cited([ours, theirs])
    for name, cohort in this.cohorts.items():
        if (one := back.cohorts.get(name)) is None or one.percent == cohort.percent:
            continue
        low, high = (side.get(name) for side in (this.bounds.low, this.bounds.high))
        least = max(floor(view, this, cohort), int((low and low.number) or 0))
        if one.percent < least or (high is not None and high.number is not None and one.percent > high.number):
            detail = f"{cohort.name} would be at {one.percent} percent, out of its band or below its floor"
            yield "bound_crossed", cohort.name, detail, cited([one.rate, this.bounds.floors.get(name), low, high])
    share, hours = (one.number if one else None for one in (this.bounds.ceiling, this.hours))
    load = sum(
        (this.loads[n].per_point * one.percent for n, one in back.cohorts.items() if n in this.loads), Fraction()
    )
    if share is not None and hours is not None and load > Fraction(hours) * Fraction(share) / 100:
        detail = f"its rates need {shown(load)} review hours a week, above the load ceiling"
        yield "bound_crossed", "all cohorts", detail, cited([this.hours, this.bounds.ceiling])


def _plan(view: CaseView, this: Tuning) -> None:
    if this.policy is None or this.hours is None or this.hours.number is None or set(this.loads) < set(this.cohorts):
        return
    limits = this.bounds
    share = limits.ceiling.number if limits.ceiling else None
    if share is None or limits.version is None:
        this.freeze("bounds_missing", "bounds", "the delegated load ceiling is not stated")
        return
    drift = limits.drift_points.number if limits.drift_points else None
    baseline_days = 7 * int(view.parameters["findings_window"]["baseline"])
    rooms = [_room(view, this, name, cohort, baseline_days) for name, cohort in this.cohorts.items()]
    this.cycle = Cycle(
        rooms, step(view, this), Fraction(this.hours.number) * Fraction(share) / 100, int(drift) if drift else None
    )
    this.moves = plan(this.cycle)
    for blocked in this.moves.blocked:
        detail, cells = f"{blocked.cohort}: {blocked.detail}", _cells(this, blocked)
        if blocked.bound in PASSED_OVER:
            this.notes.append((PASSED_OVER[blocked.bound], blocked.cohort, detail, cells))
        else:
            this.freeze("drift_near" if blocked.bound == "drift" else "bound_crossed", blocked.cohort, detail, cells)


def _cells(this: Tuning, blocked: Blocked) -> list[Citation]:
    """What the bound that blocked a move rests on: the cohort's own cells, or the limit that would be crossed."""
    name, limits = label_of(blocked.cohort), this.bounds
    cohort, figures = this.cohorts.get(name), [this.hours, limits.ceiling, limits.floors.get(name)]
    if blocked.bound == "cooldown" and cohort is not None:
        figures = [cohort.changed, cohort.cooldown_until, limits.cooldown]
    elif blocked.bound == "hold" and cohort is not None:
        figures = [cohort.held]
    elif blocked.bound == "band" and cohort is not None:
        figures = [cohort.rate, limits.high.get(name), limits.step]
    elif blocked.bound == "drift" and cohort is not None:
        figures = [cohort.rate, limits.drift_points, limits.drift_days, cohort.changed]
    else:
        return cited(figures) + (this.loads[name].cells if name in this.loads else [])
    return cited(figures)


def _room(view: CaseView, this: Tuning, name: str, cohort: Cohort, baseline_days: int) -> Room:
    before, now = this.found.baseline.get(name, Tally()), this.windows.get(name, Tally())
    low, high = (side.get(name) for side in (this.bounds.low, this.bounds.high))
    minutes = this.loads[name].per_point
    risen = rose(this, name)
    reviews_per_point = float(minutes) and now.counts["resolved"] / 100 / max(1, _weeks(view))
    return Room(
        name=cohort.name,
        rate=cohort.percent,
        protected=cohort.protected,
        floor=floor(view, this, cohort),
        low=int(low.number) if low and low.number is not None else cohort.percent,
        high=int(high.number) if high and high.number is not None else cohort.percent,
        hours=minutes,
        value=max(before.rate("defects"), now.rate("defects")) * reviews_per_point,
        moved=_moved(view, this, name, cohort),
        cooling=cooling(view, this, cohort),
        held=cohort.held is not None,
        baseline_long_enough=before.days >= baseline_days - 7,
        wanted=risen is not None,
        rose=risen is not None,
    )


def _weeks(view: CaseView) -> int:
    return int(view.parameters["findings_window"]["weeks"])


def _moved(view: CaseView, this: Tuning, name: str, cohort: Cohort) -> int:
    """By how many points the rate moved inside the drift span; nothing where the bounds name no span."""
    span = drift_days(this)
    earlier = this.trusted.cohorts.get(name) if this.trusted else None
    return 0 if span is None else moved(view, this.stands.get(name, ()), cohort, span.days, earlier)
