"""The investigation as its reviewers think of it: hypotheses against sources, and one time line over all systems."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from agents.case_view import CaseView
from agents.incident_analysis import Analysis
from agents.incident_facts import Fact
from agents.incident_hypotheses import Argument as Found
from agents.incident_hypotheses import Tested
from agents.incident_record import arguments, line_rows, standing
from casefile.claims import Citation, Section
from casefile.exhibits import Argument, Axis, Column, Drawn, Lane, Mark, Matrix, MatrixRow, Moment, Shown, Stance

_CLOCK = re.compile(r"(?<!\d)(\d{1,2}):(\d{2})")
# The time of a record at the beginning of its text: it stands beside it already.
_TIMED = re.compile(r"^(?:[\w ]{1,40}: )?\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)?[; ]+")
_IMPACT = "impact"


def exhibits(view: CaseView, found: Analysis, sections: Sequence[Section]) -> dict[str, Drawn]:
    """The matrix and the time line, over the statements of the record that they draw."""
    stated = {f"{s.id}/{c.id}" for s in sections for c in s.claims}
    made: dict[str, Drawn] = {}
    if found.ranking.tested:
        made["hypotheses"] = _matrix(view, found, stated)
    if found.scope.since is not None and found.scope.until is not None:
        made["timeline"] = _axis(view, found, found.scope.since, found.scope.until)
    return made


def _groups(view: CaseView) -> dict[str, str]:
    """The group of systems of each item."""
    groups: dict[str, list[str]] = view.scenario.data["groups"]
    return {item.id: group for group, systems in groups.items() for item in view.of(*systems)}


def _matrix(view: CaseView, found: Analysis, stated: set[str]) -> Matrix:
    of_item = _groups(view)
    groups = [*view.scenario.data["groups"], _IMPACT]
    tables = {c.evidence for loss in found.impact.losses for c in loss.citations}
    tables |= {c.evidence for cited in found.impact.spared.values() for c in cited}
    of_item |= dict.fromkeys(tables, _IMPACT)
    rows = [_row(one, found, of_item, stated) for one in sorted(found.ranking.tested, key=lambda t: t.hypothesis.id)]
    used = {argument.column for row in rows for argument in row.arguments}
    columns = [
        Column(id=group, title=_title(group), note="no records" if group in found.missing else "")
        for group in dict.fromkeys(groups)
        if group in used or found.facts.get(group) or group in found.missing
    ]
    return Matrix(rows_are="hypothesis", columns=columns, rows=rows)


def _title(group: str) -> str:
    return group.replace("_", " ")


def _row(one: Tested, found: Analysis, of_item: dict[str, str], stated: set[str]) -> MatrixRow:
    name = one.hypothesis.id
    made: list[Argument] = []
    for claim, argument, stance in arguments(one):
        of = f"hypotheses/{claim}" if f"hypotheses/{claim}" in stated else ""
        made += _by_column(argument, stance, of, of_item, one.hypothesis.group)
    if one.untested:
        of = f"hypotheses/{name.lower()}-untested"
        said = Shown(text=one.untested, status="missing", of=of if of in stated else "")
        made.append(Argument(column=one.hypothesis.group, stance="open", said=said))
    return MatrixRow(
        id=name,
        title=one.hypothesis.text,
        standing=Shown(
            text=f"{standing(one, found)}; explains {len(one.explained)} of {len(found.impact.losses)} losses",
            status="unverified",
            of=f"{name.lower()}_standing",
        ),
        leads=one in found.ranking.leaders,
        arguments=made,
    )


def _by_column(argument: Found, stance: Stance, of: str, of_item: dict[str, str], own: str) -> Iterator[Argument]:
    """An argument under each source that carries it; one from silence stands under the source that is silent."""
    columns = dict.fromkeys(of_item.get(c.evidence, own) for c in argument.citations) or {own: None}
    for column in columns:
        mine = [c for c in argument.citations if of_item.get(c.evidence, own) == column]
        said = Shown(text=argument.text, status="confirmed" if mine else "unverified", citations=mine, of=of)
        yield Argument(column=column, stance=stance, strength=argument.strength, said=said)


def _axis(view: CaseView, found: Analysis, since: datetime, until: datetime) -> Axis:
    return Axis(
        since=f"{since:%Y-%m-%dT%H:%M:%SZ}",
        until=f"{until:%Y-%m-%dT%H:%M:%SZ}",
        lanes=[_lane(view, group, found) for group in view.scenario.data["groups"]],
        marks=list(_marks(found)),
        moments=list(_moments(found)),
        tolerance_seconds=int(view.parameters["clock_skew_tolerance_seconds"]),
    )


def _lane(view: CaseView, group: str, found: Analysis) -> Lane:
    facts = found.facts.get(group, [])
    zones = dict.fromkeys(_zone(fact) for fact in facts)
    return Lane(
        id=group,
        title=_title(group),
        zone=", ".join(zone for zone in zones if zone),
        skew_seconds=max((fact.skew for fact in facts), default=0),
        missing=group in found.missing,
    )


def _zone(fact: Fact) -> str:
    """The zone in which a record was written: by how much its own clock differs from UTC."""
    if fact.uncertain:
        return "names no zone"
    told = _CLOCK.search(fact.citations[0].quote) if fact.citations else None
    if told is None:
        return ""
    minutes = int(told[1]) * 60 + int(told[2]) - (fact.at.hour * 60 + fact.at.minute)
    minutes = (minutes + 12 * 60) % (24 * 60) - 12 * 60
    sign = "-" if minutes < 0 else "+"
    return f"UTC{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}" if minutes else "UTC"


def _marks(found: Analysis) -> Iterator[Mark]:
    facts = {id(fact): fact for fact in found.on_line}
    for name, source, text, cells, status in line_rows(found):
        told = _TIMED.sub("", text.split(" · ", 2)[-1]).removeprefix("gap: ").replace(" : ", ": ", 1)
        said = Shown(text=told, status=status, citations=cells, of=f"timeline/{name}")
        if id(source) in facts:
            fact = facts[id(source)]
            raw = fact.citations[0].quote if fact.citations else ""
            yield Mark(lane=fact.group, at=fact.shown, said=said, raw=raw[:60], doubt=fact.doubt)
            continue
        gap = next(one for one in found.gaps if one is source)
        yield Mark(
            lane=gap.group,
            kind="gap",
            at=f"{gap.since:%Y-%m-%dT%H:%M:%SZ}",
            until=f"{gap.until:%Y-%m-%dT%H:%M:%SZ}",
            said=said,
        )


def _moments(found: Analysis) -> Iterator[Moment]:
    scope, first = found.scope, found.impact.first
    for at, name, title in (
        (first.at if first is not None else None, "first_loss_reported_at", "first loss"),
        (scope.report_at, "first_report_at", "first report"),
        (scope.confirmed_at, "triage_confirmed_at", "triage confirmed"),
    ):
        if at is not None:
            cells: list[Citation] = list(first.citations) if first is not None and title == "first loss" else []
            yield Moment(at=f"{at:%Y-%m-%dT%H:%M:%SZ}", said=Shown(text=title, citations=cells, of=name))
