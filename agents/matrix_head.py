"""The head of the authority's papers: version, time in force, and by whom and when it was approved.

Each stands beside a label, or in a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from agents.case_view import CaseView
from agents.labelled_places import Place, lines_of, moment, paired, places, sentences
from agents.option_spec import RankingSpec
from agents.records import Cell, label_of
from casefile.claims import Citation
from casefile.evidence import Evidence
from guardrails.plain_text import folded

_PAIR = 2  # cells of a row that is a name and a value
_NAMING = 4  # words of a cell that names something: "approved by", "approval by name"
_DATE = r"\d{4}-\d\d-\d\d[\dT:.Z+-]*|\d{1,2}\.? \w+ \d{4}|\w+ \d{1,2}, \d{4}|\d{1,2}\.\d{1,2}\.\d{4}"
_DONE = r"(?<!be )(?<!not )(?<!yet )\b(?:approved|signed off|released)"
_ROLE = r"(?:\s*\([^()\n]{2,80}\))?(?:,\s*(?!on\b|at\b)[^,;.\n\d]{2,80}?)?"
# A name, its id or role in brackets or after a comma, and the day; or the day, and then the name.
_BY_SENTENCE = (
    re.compile(
        rf"{_DONE} by:?\s*(?P<by>[^,;.\n(]{{2,60}}?){_ROLE}"
        rf"(?:,\s*|\s+)(?:(?:on|at)\s+)?(?P<at>{_DATE})",
        re.IGNORECASE,
    ),
    re.compile(
        rf"{_DONE}:?\s+(?:(?:on|at)\s+)?(?P<at>{_DATE})[^;.\n]{{0,20}}?,?\s+by:?\s+"
        r"(?P<by>[^,;.\n(]{2,60}(?:\([^()\n]{2,80}\))?)",
        re.IGNORECASE,
    ),
)


@dataclass(frozen=True, slots=True)
class Approval:
    """By whom and when, with its places; `doubt` says why it does not count."""

    by: str = ""
    on: str = ""
    doubt: str = ""
    cites: list[Citation] = field(default_factory=list)


def stating(view: CaseView, spec: RankingSpec, items: Sequence[Evidence], part: str) -> list[Place]:
    """The places that state a part of the head: under the first label that names any, else in sentences.

    Labels are in the order in which they are believed.
    """
    found = [place for item in items for place in [*places(view, item), *paired(view, item, spec.matrix.columns)]]
    found = [place for place in found if _of_head(place, spec)]
    labels: list[str] = getattr(spec.matrix, part)
    for label in labels:
        named = [p for p in found if re.search(label, p.label) and p.value.strip() and p.label != label_of(p.value)]
        if named:
            return list({(p.item.id, p.cell.locator): p for p in named}.values())
    patterns = spec.matrix.sentences.get(part, [])
    return [place for item in items for place, _ in sentences(view, item, patterns)]


def _of_head(place: Place, spec: RankingSpec) -> bool:
    """Whether a place may speak of the whole paper: a row of a policy's table is one of its rules."""
    return place.row is None or len(place.row.cells) <= _PAIR or place.item.system not in spec.matrix.governed


def out_of_force(view: CaseView, spec: RankingSpec, items: Sequence[Evidence]) -> str:
    """Why such papers are not in force at the clock of the run, or nothing."""
    start, end = stating(view, spec, items, "effective_from"), stating(view, spec, items, "effective_to")
    first, last = (moment(p[0].value) if p else None for p in (start, end))
    if last is not None and last.at + (timedelta(days=1) if not last.exact else timedelta(0)) <= view.now:
        return f"it was in force until {end[0].value}"
    if first is not None and first.at > view.now:
        return f"it is in force only from {start[0].value}"
    for item in items:
        for span in lines_of(view.readings(item.id)):
            if spec.matrix.superseded and re.search(spec.matrix.superseded, folded(span.text)):
                return f"it says of itself: {span.text.strip()}"
    return ""


def approval(view: CaseView, spec: RankingSpec, items: Sequence[Evidence]) -> Approval:
    """By whom and when: both, or it is not shown."""
    by, at = stating(view, spec, items, "approved_by"), stating(view, spec, items, "approved_at")
    told = [(f"{place.label} {place.value}", place.cite(view)) for place in by]
    for item in items:
        for span in lines_of(view.readings(item.id)):
            told.append((span.text, view.cite(item, Cell(span.text, span.locator))))
    for text, citation in told:
        for said in (found for one in _BY_SENTENCE if (found := one.search(text)) is not None):
            if moment(said["at"]) is not None:
                return _approved(view, spec, said["by"], said["at"], [citation])
    for item in items:
        for who, when in _approving(view, spec, item):
            return _approved(view, spec, who.text, when.text, [view.cite(item, who), view.cite(item, when)])
    if by and at and moment(at[0].value) is not None:
        return _approved(view, spec, by[0].value, at[0].value, [by[0].cite(view), at[0].cite(view)])
    return Approval()


def told_approval(text: str) -> tuple[str, str] | None:
    """By whom and when, as one sentence says it; None where it does not say both."""
    said = next((found for one in _BY_SENTENCE if (found := one.search(text)) is not None), None)
    when = said["at"].rstrip(".") if said is not None else ""
    return (said["by"].strip(), when) if said is not None and moment(when) is not None else None


def _approving(view: CaseView, spec: RankingSpec, item: Evidence) -> Iterator[tuple[Cell, Cell]]:
    """Who and when in rows of a table for everything, behind a cell that begins as the name of an approval."""
    names = [one for one in spec.matrix.approved_by if one.startswith("^")]  # "to be approved by" is none
    for record in view.records(item):
        cells = [cell for cell in record.cells.values() if cell.text.strip()]
        for n, cell in enumerate(cells):
            if len(cell.text.split()) <= _NAMING and any(re.search(one, label_of(cell.text)) for one in names):
                behind = cells[n + 1 :]
                when = next((one for one in behind if moment(one.text) is not None), None)
                who = next((one for one in behind if one is not when and not moment(one.text)), None)
                if who is not None and when is not None:
                    yield who, when


def _approved(view: CaseView, spec: RankingSpec, by: str, at: str, cites: list[Citation]) -> Approval:
    when = moment(at)
    if when is None:
        return Approval()
    if when.at - when.slack > view.now:
        return Approval(doubt=f"its approval is dated {when.at:%Y-%m-%d}, after the clock of the run")
    known = next((p for p in view.packet.people if p.name and folded(p.name) in folded(by)), None)
    if known is not None and spec.governance_role not in known.roles:
        return Approval(doubt=f"it names {by.strip()} as its approver, who is no {spec.governance_role}")
    return Approval(by.strip(), f"{when.at:%Y-%m-%d}", "", cites)
