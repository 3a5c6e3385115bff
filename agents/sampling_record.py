"""The sampling policy version and its change record: fields, sections and signals out of one tuning cycle."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agents.case_view import Assessment, CaseView
from agents.figures import Figure
from agents.material import Findings, step
from agents.sampling_cycle import Tuning, floor, min_reviews, rose
from agents.sampling_cycle import step as largest_step
from agents.sampling_findings import cited
from agents.sampling_moves import shown
from agents.sampling_numbers import numbers, share
from casefile.claims import Citation, Claim, FieldValue, Section, Status

AUTHOR = "agent:sampling-tuning"
_SURE = 97
_LAST_NUMBER = re.compile(r"(\d+)(?!.*\d)")


def record(view: CaseView, tuning: Tuning, done: Assessment, *, frozen: bool) -> None:
    """Write the record into the assessment. With `frozen` nothing moves, whatever was computed."""
    findings = done.findings
    moves = {} if frozen else tuning.moves.moves
    for name, title, figure in _figures(tuning):
        if figure is not None:
            findings.fields[name] = FieldValue(
                title=title, value=figure.text, raw=figure.text, status="confirmed", confidence=_SURE,
                citations=[figure.citation],
            )  # fmt: skip
    _computed(view, tuning, moves, findings)
    done.sections = [
        Section(id="rates", title="Rates per cohort, old and new", claims=list(_rates(view, tuning, moves))),
        Section(id="floors", title="Protected floors", claims=list(_floors(view, tuning))),
        Section(id="cooldowns", title="Cooldowns and temporary holds", claims=list(_cooldowns(tuning))),
        Section(id="window", title="Findings window, baseline and capacity", claims=list(_window(view, tuning, moves))),
        Section(id="blocked", title="Blocked moves and what blocked each", claims=list(_blocked(tuning))),
        Section(
            id="rollback",
            title="Rollback triggers and the version to restore",
            claims=list(_rollback(view, tuning, moves)),
        ),
    ]


def next_version(text: str) -> str:
    """The version after this one: its last number, plus one."""
    return _LAST_NUMBER.sub(lambda match: str(int(match[1]) + 1).zfill(len(match[1])), text, count=1)


def _published(tuning: Tuning, moves: dict[str, int]) -> str:
    """The version that the record publishes: the next, the one that is restored, or none."""
    if tuning.rollback and tuning.trusted is not None:
        return tuning.trusted.version.text
    return next_version(tuning.policy.version.text) if tuning.policy is not None and moves else ""


def _figures(tuning: Tuning) -> Iterator[tuple[str, str, Figure | None]]:
    policy, bounds = tuning.policy, tuning.bounds
    if policy is not None:
        yield "active_policy_version", "Policy version in force", policy.version
        yield "last_trusted_policy_version", "Last trusted version, to be restored", policy.trusted
        yield "cohort_map", "Cohort definitions of the policy in force", policy.cohort_map
    yield "bounds_version", "Version of the delegated bounds", bounds.version
    yield "bounds_approved_by", "Bounds approved by", bounds.approved_by
    yield "bounds_approved_at", "Bounds approved at", bounds.approved_at
    yield "load_ceiling_percent", "Load ceiling, percent of the available review hours", bounds.ceiling
    yield (
        "available_review_hours",
        "Available review hours a week",
        tuning.hours if len(tuning.hours_cells) == 1 else None,
    )
    yield "cumulative_drift_limit_points", "Limit of cumulative drift, percentage points", bounds.drift_points
    yield "freeze_on_record", "Freeze that is on record", bounds.freeze_id


def _computed(view: CaseView, tuning: Tuning, moves: dict[str, int], findings: Findings) -> None:
    policy = tuning.policy
    if tuning.since and tuning.until:
        for name, title, at in (
            ("findings_window_from", "Findings window from", tuning.since),
            ("findings_window_until", "Findings window until", tuning.until),
        ):
            weeks = view.parameters["findings_window"]["weeks"]
            note = f"by the parameter findings_window: {weeks} weeks before the clock of the run"
            findings.fields[name] = FieldValue(
                title=title, value=at.isoformat(), status="unverified", origin="defaulted", note=note
            )
    findings.fields |= {name: _trusted(tuning, field) for name, field in numbers(tuning, moves).items()}
    value = _published(tuning, moves)
    if policy is not None and value:
        restored = bool(tuning.rollback and tuning.trusted)
        source = tuning.trusted.version if restored and tuning.trusted else policy.version
        findings.fields["new_policy_version"] = FieldValue(
            title="Policy version that this record publishes",
            value=value,
            raw=source.text,
            status="confirmed",
            confidence=_SURE,
            citations=[source.citation],
            normalization=[step("restored" if restored else "next version", source.text, value)],
        )


def _doubtful(tuning: Tuning, cells: Sequence[Citation]) -> bool:
    return any(one.evidence in tuning.found.doubtful for one in cells)


def _trusted(tuning: Tuning, field: FieldValue) -> FieldValue:
    """A number as it is, or held where it rests on findings that are not trusted."""
    if not _doubtful(tuning, field.citations):
        return field
    return field.model_copy(update={"status": "held", "note": "it rests on findings that stand twice"})


def _claim(name: str, text: str, cells: Sequence[Citation], status: Status | None = None) -> Claim:
    settled: Status = status or ("confirmed" if cells else "unverified")
    return Claim(id=name, text=text, status=settled, author=AUTHOR, citations=list(cells))


def _rates(view: CaseView, tuning: Tuning, moves: dict[str, int]) -> Iterator[Claim]:
    for name, cohort in tuning.cohorts.items():
        move = moves.get(cohort.name, 0)
        now, before = tuning.windows.get(name), tuning.found.baseline.get(name)
        restored = tuning.trusted.cohorts.get(name) if tuning.rollback and tuning.trusted else None
        after = restored.percent if restored else cohort.percent + move
        text = f"{cohort.name}: {cohort.percent} percent → {after} percent (step {after - cohort.percent:+d})."
        cells = [cohort.rate.citation, *([restored.rate.citation] if restored else [])]
        if now is not None and before is not None and before.counts["reviewed"] and now.counts["reviewed"]:
            text += (
                f" Window: {now.counts['defects']} defects in {now.counts['reviewed']} reviews"
                f" ({share(now)} percent); baseline: {before.counts['defects']} in"
                f" {before.counts['reviewed']} ({share(before)} percent)."
            )
            cells += [*now.cells, *before.cells]
        risen = rose(tuning, name)
        if risen is not None:
            text += f" {risen.what.capitalize()} rose by {risen.percent:.0f} percent; by chance {risen.chance:.4f}."
        yield _claim(f"rate-{name.replace(' ', '-')}", text, cells, "held" if _doubtful(tuning, cells) else None)


def _floors(view: CaseView, tuning: Tuning) -> Iterator[Claim]:
    for name, cohort in tuning.cohorts.items():
        if cohort.protected:
            stated = tuning.bounds.floors.get(name)
            text = f"{cohort.name}: protected, never below {floor(view, tuning, cohort)} percent."
            yield _claim(f"floor-{name.replace(' ', '-')}", text, cited([stated]), None if stated else "missing")


def _cooldowns(tuning: Tuning) -> Iterator[Claim]:
    rooms = {one.name: one for one in tuning.cycle.cohorts} if tuning.cycle else {}
    for name, cohort in tuning.cohorts.items():
        cooling = rooms[cohort.name].cooling if cohort.name in rooms else ""
        state = f"in cooldown until {cooling}" if cooling else "not in cooldown"
        held = f"; temporary hold: {cohort.held.text}" if cohort.held else ""
        cells = cited([cohort.changed, cohort.cooldown_until, cohort.held])
        yield _claim(f"cooldown-{name.replace(' ', '-')}", f"{cohort.name}: {state}{held}.", cells)


def _window(view: CaseView, tuning: Tuning, moves: dict[str, int]) -> Iterator[Claim]:
    if tuning.since and tuning.until:
        text = (
            f"Findings from {tuning.since} until {tuning.until}, against the baseline of"
            f" {view.parameters['findings_window']['baseline']} weeks; at least {min_reviews(view, tuning)} reviews per"
            f" cohort; steps of at most {largest_step(view, tuning)} points."
        )
        yield _claim("window", text, cited([tuning.bounds.min_reviews, tuning.bounds.step]))
    for n, item in enumerate(tuning.found.items, 1):
        yield _claim(f"source-{n}", f"Findings used as aggregates: {item.id} ({item.file}).", [], "unverified")
    if tuning.cycle is not None and tuning.hours is not None:
        now, after = shown(tuning.cycle.load({})), shown(tuning.cycle.load(moves))
        text = (
            f"Capacity assumed: {tuning.hours.text} available review hours a week. Expected load: {now} hours at the"
            f" rates in force, {after} after this record, of at most {shown(tuning.cycle.ceiling)}."
        )
        cells = [c for load in tuning.loads.values() for c in load.cells]
        yield _claim("capacity", text, [tuning.hours.citation, *cited([tuning.bounds.ceiling]), *cells])


def _blocked(tuning: Tuning) -> Iterator[Claim]:
    for n, (signal, _, detail, cells) in enumerate([*tuning.causes, *tuning.notes], 1):
        yield _claim(f"blocked-{n}", f"{detail} ({signal.replace('_', ' ')}).", cells, "held")


def _rollback(view: CaseView, tuning: Tuning, moves: dict[str, int]) -> Iterator[Claim]:
    trigger = view.parameters["rollback_trigger"]
    text = (
        f"Escapes up {trigger['percent']} percent, or {trigger['severe']} severe escapes, after a cut restore"
        f" {tuning.policy.trusted.text if tuning.policy and tuning.policy.trusted else 'the last trusted version'}."
    )
    yield _claim("trigger", text, cited([tuning.policy.trusted if tuning.policy else None]))
    for n, (_, detail, cells) in enumerate(tuning.rollback, 1):
        yield _claim(f"triggered-{n}", f"{detail}.", cells)
    share, new = view.parameters["sampled_audit_share"], _published(tuning, moves)
    if new:
        number = int((_LAST_NUMBER.search(new) or ["0"])[0])
        chosen = "is" if number % int(share["of"]) < int(share["part"]) else "is not"
        text = f"Audited by sample, {share['part']} in {share['of']} published cycles: {new} {chosen} in the sample."
        yield _claim("audit", text, [])
    if tuning.trusted is not None:
        rates = ", ".join(f"{one.name} {one.percent}" for one in tuning.trusted.cohorts.values())
        cells = [tuning.trusted.version.citation, *(one.rate.citation for one in tuning.trusted.cohorts.values())]
        yield _claim("restores", f"Rates of {tuning.trusted.version.text}, in percent: {rates}.", cells)
