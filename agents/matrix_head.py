"""The head of the authority's papers: version, time in force, and by whom and when it was approved.

Each stands beside a label, or in a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from agents.approver_names import names_nobody
from agents.case_view import CaseView
from agents.labelled_places import Moment, Place, lines_of, moment, paired, places, sentences
from agents.option_spec import RankingSpec
from agents.records import Cell, label_of
from casefile.claims import Citation
from casefile.evidence import Author, Evidence
from guardrails.plain_text import folded

_APPROVAL = frozenset({"approved", "approval", "sign off", "signed off", "signed", "release"})
_PAIR = 2  # cells of a row that is a name and a value
_NAMING = 4  # words of a cell that names something: "approved by", "approval by name"
_DATE = r"\d{4}-\d\d-\d\d[\dT:.Z+-]*|\d{1,2}\.? \w+ \d{4}|\w+ \d{1,2}, \d{4}|\d{1,2}\.\d{1,2}\.\d{4}"
_DONE = r"(?<!be )(?<!not )(?<!yet )\b(?:approved|signed off|signed|released)"
_GIVEN = rf"(?:{_DONE}|^(?:approval|sign[ -]?off))"
_UNSIGNED = re.compile(
    r"(?:pending|open|draft|reject\w*|refused|declined|withdrawn|revoked|not (?:yet )?\w+|no|false)\b.*"
)
# What its author says of himself, in a letter or a mail.
_OWN = re.compile(
    r"^(?!.*\b(?:if|once|unless|subject to|provided|not yet)\b).*"
    rf"\bI (?:have |hereby |herewith )?(?:approved?|sign(?:ed)?(?: off)?)\b[^;\n]*?(?P<at>{_DATE})"
)
_UNTIL = re.compile(r"(?:to|until|till|through|bis|up to(?: and including)?|[-–—/])")
# When a paper is looked at again is no time in force.
_REVIEW = re.compile(
    rf"[,;(]?\s*(?:(?:next|last|due for) )?review\w*(?: (?:on|at|by|due|date|is))*:? (?:{_DATE})\)?",
    re.IGNORECASE,
)
_ROLE = r"(?:\s*\([^()\n]{2,80}\))?(?:,\s*(?!on\b|at\b)[^,;.\n\d]{2,80}?)?"
# A name, its id or role in brackets or after a comma, and the day; or the day, and then the name.
_BY_SENTENCE = (
    re.compile(
        rf"{_DONE} by:?\s*(?P<by>[^,;.\n(]{{2,60}}?){_ROLE}"
        rf"(?:,\s*|\s+)(?:(?:on|at)\s+)?(?P<at>{_DATE})",
        re.IGNORECASE,
    ),
    re.compile(
        rf"{_GIVEN}:?\s+(?:(?:on|at)\s+)?(?P<at>{_DATE})[^;.\n]{{0,20}}?,?\s+by:?\s+"
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
    columns = spec.matrix.columns
    read = ((places(view, item), paired(view, item, columns), _periods(view, item)) for item in items)
    found = [place for three in read for one in three for place in one]
    found = [place for place in found if _of_head(place, spec)]
    labels: list[str] = getattr(spec.matrix, part)
    for label in labels:
        named = [p for p in found if re.search(label, p.label) and p.value.strip() and p.label != label_of(p.value)]
        # A table of former versions, or of what was signed for each, is no head.
        named = [p for p in named if _is_pair(p)] or named
        if named:
            return list({(p.item.id, p.cell.locator): p for p in named}.values())
    patterns = spec.matrix.sentences.get(part, [])
    return [place for item in items for place, _ in sentences(view, item, patterns)]


def _periods(view: CaseView, item: Evidence) -> Iterator[Place]:
    """Rows such as `valid | 2026-01-01 | to | 2026-12-31`: what they name ends with the last cell."""
    for record in view.records(item):
        cells = list(record.cells.values())
        for first, mark, last in zip(cells, cells[2:], cells[3:], strict=False):
            if _UNTIL.fullmatch(folded(mark.text).strip()) and moment(last.text) is not None:
                yield Place(item, f"{label_of(first.text)} until", last.text, last)


def _is_pair(place: Place) -> bool:
    """Whether a name and a value stand alone beside each other, and not in one row of several of a table or list."""
    listed = any(part.isdecimal() for part in place.cell.locator.split("/")[1:-1])
    return (place.row is None or len(place.row.cells) <= _PAIR) and not listed


def _of_head(place: Place, spec: RankingSpec) -> bool:
    """Whether a place may speak of the whole paper: a row of a policy's table is one of its rules."""
    return place.row is None or len(place.row.cells) <= _PAIR or place.item.system not in spec.matrix.governed


def out_of_force(view: CaseView, spec: RankingSpec, items: Sequence[Evidence]) -> str:
    """Why such papers are not in force at the clock of the run, or nothing."""
    start, end = stating(view, spec, items, "effective_from"), stating(view, spec, items, "effective_to")
    first, within = _period(start[0].value) if start else (None, None)
    last, until = (moment(end[0].value), end[0].value) if end else (None, "")
    if within is not None and (last is None or within.at < last.at):
        last, until = within, start[0].value
    if last is not None and last.at + (timedelta(days=1) if not last.exact else timedelta(0)) <= view.now:
        return f"it was in force until {until}"
    if first is not None and first.at > view.now:
        return f"it is in force only from {start[0].value}"
    for item in items:
        for span in lines_of(view.readings(item.id)):
            if spec.matrix.superseded and re.search(spec.matrix.superseded, folded(span.text)):
                return f"it says of itself: {span.text.strip()}"
    return ""


def _period(value: str) -> tuple[Moment | None, Moment | None]:
    """From when and until when a text says: one day is when it begins, two with a `to` between them are both."""
    said = _REVIEW.sub("", value)
    days = list(re.finditer(_DATE, said))
    if len(days) > 1 and _UNTIL.fullmatch(folded(said[days[0].end() : days[-1].start()]).strip()):
        return moment(days[0][0]), moment(days[-1][0])
    return moment(said), None


def approval(view: CaseView, spec: RankingSpec, items: Sequence[Evidence], version: str) -> Approval:
    """By whom and when the version was approved: both, or it is not shown. What was approved of another counts not."""
    for text, citation in _told(view, spec, items):
        said = told_approval(text)
        if said is not None and not of_another(text, version):
            return _approved(view, spec, *said, [citation])
    for item in items:
        for span in lines_of(view.readings(item.id)):
            own = _OWN.search(span.text) if _is_governance(view, spec, span.author) else None
            if own is not None and span.author is not None and not of_another(span.text, version):
                cites = [view.cite(item, Cell(span.text, span.locator))]
                return _approved(view, spec, span.author.name, own["at"], cites)
        for who, when in _approving(view, spec, item):
            return _approved(view, spec, who.text, when.text, [view.cite(item, who), view.cite(item, when)])
        for who, when in _signed_for(view, spec, item, version):
            return _approved(view, spec, who.text, when.text, [view.cite(item, who), view.cite(item, when)])
    by, at = stating(view, spec, items, "approved_by"), stating(view, spec, items, "approved_at")
    by, at = ([one for one in said if _is_pair(one) or not _not_for(view, one, version)] for said in (by, at))
    if by and at and moment(at[0].value) is not None:
        return _approved(view, spec, by[0].value, at[0].value, [by[0].cite(view), at[0].cite(view)])
    return Approval()


def _is_governance(view: CaseView, spec: RankingSpec, author: Author | None) -> bool:
    owners = (one for one in view.packet.people if spec.governance_role in one.roles and one.name)
    return author is not None and any(folded(one.name) in folded(author.name) for one in owners)


def _told(view: CaseView, spec: RankingSpec, items: Sequence[Evidence]) -> Iterator[tuple[str, Citation]]:
    """What may be a sentence about an approval: a value with its label, and every line."""
    for place in stating(view, spec, items, "approved_by"):
        yield f"{place.label} {place.value}", place.cite(view)
    for item in items:
        for place in places(view, item):
            if place.label in _APPROVAL:
                yield f"{place.label} {place.value}", place.cite(view)
        for span in lines_of(view.readings(item.id)):
            yield span.text, view.cite(item, Cell(span.text, span.locator))


def of_another(text: str, version: str) -> bool:
    """Whether a text names versions of the same form, and not this one: `DA-11 was approved by …` for DA-12."""
    if not re.search(r"[A-Za-z]", version):
        named = re.findall(r"\b(?:version|edition|issue|release|revision) (\d[\w.]*\w|\d)", folded(text))
        return bool(named) and version.casefold() not in named
    form = re.sub(r"\d+", r"\\d+", re.escape(version))
    named = re.findall(rf"(?<![\w./-]){form}(?![\w/-]|\.\d)", text, re.IGNORECASE)
    return bool(named) and version.casefold() not in (one.casefold() for one in named)


def _signed_for(view: CaseView, spec: RankingSpec, item: Evidence, version: str) -> Iterator[tuple[Cell, Cell]]:
    """Who and when in a row or object that names the version: an entry of a register of what was signed."""
    for record in view.records(item):
        said = [cell.text.strip() for cell in record.cells.values()]
        if not version or version.casefold() not in map(str.casefold, said):
            continue
        if any(_UNSIGNED.fullmatch(folded(one)) for one in said):
            continue
        who = next((cell for name, cell in record.cells.items() if _named(name, spec.matrix.approved_by)), None)
        times = {name: cell for name, cell in record.cells.items() if cell is not who and moment(cell.text) is not None}
        named = [cell for name, cell in times.items() if _named(name, spec.matrix.approved_at)]
        when = next(iter(named or (times.values() if len(times) == 1 else ())), None)
        if who is not None and when is not None and moment(who.text) is None:
            yield who, when


def _named(name: str, labels: Sequence[str]) -> bool:
    return any(re.search(one, name) for one in labels)


def _not_for(view: CaseView, place: Place, version: str) -> bool:
    """Whether a place stands in a row or object that names another version than this one, or is not signed."""
    for record in view.records(place.item):
        if any(cell.locator == place.cell.locator for cell in record.cells.values()):
            said = [cell.text for cell in record.cells.values()]
            return any(of_another(one, version) or _UNSIGNED.fullmatch(folded(one).strip()) for one in said)
    return False


def told_approval(text: str) -> tuple[str, str] | None:
    """By whom and when, as one sentence says it; None where it does not say both."""
    for said in (found for one in _BY_SENTENCE if (found := one.search(text)) is not None):
        when = said["at"].rstrip(".")
        if moment(when) is not None and not names_nobody(said["by"]):
            return said["by"].strip(), when
    return None


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
    if when is None or names_nobody(by):
        return Approval()
    if when.at - when.slack > view.now:
        return Approval(doubt=f"its approval is dated {when.at:%Y-%m-%d}, after the clock of the run")
    known = next((p for p in view.packet.people if p.name and folded(p.name) in folded(by)), None)
    if known is not None and spec.governance_role not in known.roles:
        return Approval(doubt=f"it names {by.strip()} as its approver, who is no {spec.governance_role}")
    return Approval(by.strip(), f"{when.at:%Y-%m-%d}", "", cites)
