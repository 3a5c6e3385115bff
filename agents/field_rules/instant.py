"""A point in time: canonical UTC, with the original kept. A time without date or zone never becomes one.

Statements about one place ("first seen in Bergen") are about that place; they contradict the start of the whole
only where they lie before it. A tool's own log (a HAR file) bounds the start from above in the same way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from agents.field_rules.settling import weigh as settle_field
from agents.material import Findings, Material, stated, step
from agents.statements import DATED, Statement
from agents.times import UNDATED, TimeMention, mentions
from casefile.claims import Normalization
from casefile.precedence import Stated
from casefile.registers import Side
from casefile.scenario import FieldSpec
from runtime.clock import instant as utc

_ZONE_STEP = timedelta(minutes=30)  # what zones are apart
_LOCAL = re.compile(
    r"\s*(?:uhr|h(?:rs?)?\b)?,?\s*(?:\([^()\d]{2,40}\)|\(?(?:ortszeit|lokalzeit|local(?: time)?|hora local|heure locale"
    r"|ora locale|plaatselijke tijd|lokal tid)\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Found:
    """A time that a statement gives, and how."""

    mention: TimeMention
    instant: datetime
    by: Statement


def weigh(name: str, spec: FieldSpec, material: Material, findings: Findings) -> None:
    """The time at which it began."""
    tolerance = timedelta(minutes=float(material.parameters["timestamp_conflict_tolerance_minutes"]))
    whole: list[Stated[Found]] = []
    bounds: list[Stated[Found]] = []
    unclear: list[tuple[Statement, TimeMention]] = []
    for statement in material.statements.get(name, ()):
        mention = next(iter(mentions(statement.raw, statement.at)), None)
        if mention is None:
            continue
        if mention.instant is None:
            unclear.append((statement, mention))
            continue
        sure = DATED if mention.dated == "written" else 1.0
        one = stated(material, statement, Found(mention, mention.instant, statement), factor=sure)
        (bounds if statement.scope else whole).append(one)
    # Without a statement about the whole, the earliest place is where it began, as far as anyone says.
    if not whole and bounds:
        earliest = min(bounds, key=lambda one: one.value.instant)
        whole, bounds = [earliest], [one for one in bounds if one is not earliest]
    settlement = settle_field(
        name,
        spec,
        material,
        findings,
        # Of statements that agree, the one that loses least speaks: UTC before local time.
        sorted(whole, key=lambda one: (bool(_lossy(one)), one.value.instant)),
        same=lambda a, b: abs(a.instant - b.instant) <= tolerance,
        value=lambda found: utc(found.instant),
        steps=_steps,
    )
    if settlement.open_sides:
        detail = " / ".join(utc(side[0].value.instant) for side in settlement.open_sides)
        findings.signal("timing_uncertain", name, detail, [s[0].citation for s in settlement.open_sides])
    if settlement.chosen is not None:
        _before(name, settlement.chosen, bounds, tolerance, findings)
        if settlement.chosen.confidence < material.threshold(spec):
            findings.signal("timing_uncertain", name, "below the confidence threshold", [settlement.chosen.citation])
    chosen = settlement.chosen
    unclear = [
        one for one in unclear if not _same_clock(one[1], chosen, tolerance) and not _same_elsewhere(*one, chosen)
    ]
    unclear = _not_corrected(name, unclear, settlement.chosen, whole, tolerance, material, findings)
    _unclear(name, spec, unclear, settlement.chosen, material, findings)
    field = findings.fields[name]
    if unclear and field.status == "confirmed":
        # Both are kept, and neither is chosen: the other one may speak of another instant.
        said = [field.raw or "", *(mention.raw for _, mention in unclear)]
        also = [material.cite(statement) for statement, _ in unclear]
        findings.fields[name] = field.model_copy(
            update={
                "value": None,
                "status": "conflicting",
                "raw": " / ".join(said),
                "citations": [*field.citations, *also],
                "note": f"{field.value}, and {unclear[0][1].raw} ({unclear[0][1].problem})",
            }
        )


def _same_clock(mention: TimeMention, chosen: Stated[Found] | None, tolerance: timedelta) -> bool:
    """Whether a time without a date is the time of day of the chosen instant: "since 07:55 UTC" says no other thing."""
    if chosen is None or mention.problem != UNDATED:
        return False
    day = chosen.value.instant
    near = next((one.instant for one in mentions(mention.raw, day) if one.instant is not None), None)
    # The clock may stand just across midnight from it.
    return near is not None and min(abs(near - day), timedelta(days=1) - abs(near - day)) <= tolerance


def _same_elsewhere(statement: Statement, mention: TimeMention, chosen: Stated[Found] | None) -> bool:
    """Whether a clock that its text calls local, or puts at a place, is the chosen instant in some zone, whole half
    hours away. It says no other thing then; a clock of which nothing is said stays unclear."""
    behind = statement.raw.partition(mention.raw)[2]
    if chosen is None or mention.instant is not None or not _LOCAL.match(behind):
        return False
    clock = next((one.instant for one in mentions(f"{mention.raw} UTC", chosen.value.instant) if one.instant), None)
    if clock is None:
        return False
    off = (clock - chosen.value.instant) % _ZONE_STEP
    return min(off, _ZONE_STEP - off) < timedelta(minutes=1)


def _not_corrected(
    name: str,
    unclear: list[tuple[Statement, TimeMention]],
    chosen: Stated[Found] | None,
    whole: list[Stated[Found]],
    tolerance: timedelta,
    material: Material,
    findings: Findings,
) -> list[tuple[Statement, TimeMention]]:
    """The unclear times that stand. One whose author later gave the chosen instant is corrected by its own author:
    that stays visible, as settled, and nobody holds to the other time any more."""
    left = []
    for statement, mention in unclear:
        later = next((one for one in whole if chosen and _corrects(one, statement, chosen, tolerance)), None)
        if later is None or chosen is None:
            left.append((statement, mention))
            continue
        sides = [
            Side(value=utc(chosen.value.instant), citations=[later.citation]),
            Side(value=f"{mention.raw} ({mention.problem})", citations=[material.cite(statement)]),
        ]
        rule = "the author's own later word replaces an earlier one that names no instant"
        findings.contradict(name, sides, rule, settled=True, key=f"corrected:{statement.evidence}:{statement.locator}")
    return left


def _corrects(one: Stated[Found], earlier: Statement, chosen: Stated[Found], tolerance: timedelta) -> bool:
    said = one.value.by
    return (
        bool(earlier.author)
        and said.author.casefold() == earlier.author.casefold()
        and said.at is not None
        and earlier.at is not None
        and said.at > earlier.at
        and abs(one.value.instant - chosen.value.instant) <= tolerance
    )


def _before(
    name: str,
    chosen: Stated[Found],
    bounds: list[Stated[Found]],
    tolerance: timedelta,
    findings: Findings,
) -> None:
    for one in bounds:
        if one.value.instant < chosen.value.instant - tolerance:
            sides = [
                Side(value=utc(chosen.value.instant), citations=[chosen.citation]),
                Side(value=utc(one.value.instant), citations=[one.citation]),
            ]
            rule = "a part cannot have begun before the whole"
            findings.contradict(name, sides, rule, settled=False, key=f"before:{utc(one.value.instant)}")
            findings.signal("timing_uncertain", name, f"{one.raw} lies before {chosen.raw}", [one.citation])


def _unclear(
    name: str,
    spec: FieldSpec,
    unclear: list[tuple[Statement, TimeMention]],
    chosen: Stated[Found] | None,
    material: Material,
    findings: Findings,
) -> None:
    for statement, mention in unclear:
        citation = material.cite(statement)
        detail = f"{mention.raw!r} ({statement.evidence}): {mention.problem}"
        sides = [Side(value=f"{mention.raw} ({mention.problem})", citations=[citation])]
        if chosen is not None:
            sides.insert(0, Side(value=utc(chosen.value.instant), citations=[chosen.citation]))
        findings.contradict(name, sides, "no zone or date is guessed", settled=False, key=f"unclear:{detail}")
        findings.ask(name, f"{spec.title}: {detail}. Which instant is meant?", spec.owner, detail)
        findings.signal("timing_uncertain", name, detail, [citation])


def _lossy(one: Stated[Found]) -> bool:
    return any(step.lossy for step in _steps(one))


def _steps(one: Stated[Found]) -> list[Normalization]:
    mention, to = one.value.mention, utc(one.value.instant)
    steps = []
    if mention.dated == "written":
        steps.append(step("date-of-the-statement", mention.raw, to, lossy=True))
    if mention.shifted:
        steps.append(step("local-time-to-utc", mention.raw, to, lossy=True))
    elif not steps and mention.raw != to:
        steps.append(step("utc-form", mention.raw, to))
    return steps
