"""What a paper of the tuning loop says of itself and of its limits, in whatever layout: beside a label, under a key or
a column, in one of several statements on a line, or in a sentence.

Words come from the scenario's data: those of a role (one that begins with `~` is a regex on the compared label), and
`sentences`, patterns with a group `value`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

from agents.approver_names import names_nobody
from agents.case_view import CaseView
from agents.figures import Figure, figure
from agents.labelled_places import lines_of, moment, path_label, sentences, standing
from agents.matrix_head import told_approval
from agents.records import NULLS, Cell, Record, label_of
from casefile.evidence import Evidence
from guardrails.plain_text import folded

_PART = re.compile(r"(?<=[.;])\s+(?=[^\W\d_][^.;:]{1,60}:\s)")
_PAIR = re.compile(r"^\W*(?P<label>[^\W\d_][^:|]{1,60}?)\s*:\s+(?P<value>\S.*?)\s*$")
_DATED = re.compile(r"\b(?:(?:on|of|at|as of|am|vom|le|du)\s+)?\d{4}-\d\d-\d\d\S*")
_DAYS = re.compile(
    r"\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?|\d{1,2}\.? [^\W\d_]+ \d{4}|[^\W\d_]+ \d{1,2}, \d{4}"
    r"|\d{1,2}\.\d{1,2}\.\d{4}"
)
_OPEN_END = re.compile(r"\b(?:further notice|open|unlimited|indefinite\w*|none|no end|unbefristet)\b", re.IGNORECASE)


def stated(view: CaseView, items: Iterable[Evidence], role: str) -> Figure | None:
    """What papers say in a role: under its words, in their order, the newest paper first; else in a sentence."""
    ordered = list(items)[::-1]
    for word in view.words(role):
        for item in ordered:
            for label, cell in labels(view, item):
                if is_named(label, word):
                    return figure(view, item, cell)
    patterns: list[str] = view.scenario.data["sentences"].get(role, [])
    for item in ordered:
        for place, sentence in sentences(view, item, patterns):
            texts = (place.value, sentence.strip())
            cell = standing(item, view.readings(item.id), place.cell.locator, texts)
            return Figure(place.value, view.cite(item, cell))
    return None


def bounds_version(view: CaseView, item: Evidence) -> Figure | None:
    """The version of a paper that delegates bounds: told as theirs, or as its own where it limits steps and load."""
    told = stated(view, [item], "bounds_version")
    if told is None and stated(view, [item], "step") and stated(view, [item], "ceiling"):
        return stated(view, [item], "version")
    return told


def labels(view: CaseView, item: Evidence) -> list[tuple[str, Cell]]:
    """Every value of a paper that something names, with the compared name."""
    return view.once("sampling_labels", item, lambda: list(_labels(view, item)))


def column(view: CaseView, record: Record, role: str) -> Cell | None:
    """The cell of a row under the first word of a role that it has."""
    for word in view.words(role):
        for label, cell in record.cells.items():
            if cell.text.strip() and is_named(label, word):
                return cell
    return None


def is_named(label: str, word: str) -> bool:
    """Whether a compared label is a word of a role."""
    return bool(re.search(word[1:], label)) if word.startswith("~") else label == label_of(word)


def _labels(view: CaseView, item: Evidence) -> Iterator[tuple[str, Cell]]:
    for record in view.records(item):
        for label, cell in record.cells.items():
            if cell.text.strip():
                yield label, cell
        for (_, left), (_, right) in pairwise(record.cells.items()):
            if right.text.strip():
                yield label_of(left.text), right
    others = view.of_others(item)
    for span in lines_of(view.readings(item.id)):
        if span.locator in others or not span.text.strip():
            continue
        if span.kind == "leaf":
            if span.text in NULLS:
                continue
            yield path_label(span.pointer), Cell(span.text, span.locator)
        elif span.kind == "cell":
            if span.label:
                yield label_of(span.label), Cell(span.value or span.text, span.locator)
        elif not span.text.lstrip().startswith("|"):
            yield from _of_line(span.text, span.locator)


def _of_line(text: str, locator: str) -> Iterator[tuple[str, Cell]]:
    """Each statement of a line, without the day that its name has ("State on 2026-05-11: lapsed")."""
    for part in _PART.split(text):
        said = _PAIR.match(part)
        if said is not None:
            yield label_of(_DATED.sub(" ", said["label"])), Cell(said["value"].rstrip(" .;"), locator)


def approval(view: CaseView, items: Sequence[Evidence]) -> tuple[Figure | None, Figure | None]:
    """By whom and when papers were approved: beside labels, else in one sentence. A place for it that names nobody, or
    no time, says that nobody did (R9)."""
    by, at = (stated(view, items, role) for role in ("approved_by", "approved_at"))
    by = by if by is not None and not names_nobody(by.text) else None
    at = at if at is not None and moment(at.text) is not None else None
    if by is not None and at is not None:
        return by, at
    for item in list(items)[::-1]:
        for span in lines_of(view.readings(item.id)):
            said = told_approval(span.text)
            if said is not None:
                who, when = (view.cite(item, Cell(text, span.locator)) for text in said)
                return Figure(said[0], who), Figure(said[1], when)
    return by, at


def doubt(view: CaseView, by: Figure | None, at: Figure | None, roles: Iterable[str]) -> str:
    """Why such an approval does not count, or nothing: dated after the clock, or by somebody of the case without the
    role."""
    if by is None or at is None:
        return ""
    when = moment(at.text)
    if when is not None and when.at - when.slack > view.now:
        return f"its approval is dated {when.at:%Y-%m-%d}, after the clock of the run"
    known = next((one for one in view.packet.people if one.name and folded(one.name) in folded(by.text)), None)
    if known is not None and set(known.roles).isdisjoint(roles):
        return f"it names {by.text} as its approver, who does not have the role"
    return ""


def days(text: str) -> list[date]:
    """The days that a text names, in order."""
    return [found.at.date() for one in _DAYS.findall(text) if (found := moment(one)) is not None]


def out_of_force(view: CaseView, items: Sequence[Evidence]) -> tuple[str, Figure] | None:
    """Why papers are not in force at the clock of the run, with the cell that says so. What cannot be read is no end
    that is to come (R9)."""
    start, end = _in_force(view, items)
    if end is not None:
        last = _last(end.text)
        if last is None and not _OPEN_END.search(end.text):
            return f"until when it is in force cannot be read: {end.text}", end
        if last is not None and last <= view.now:
            return f"it was in force until {days(end.text)[-1]}", end
    first = _first(start.text) if start is not None else None
    if start is not None and first is not None and first > view.now:
        return f"it is in force only from {first.date()}", start
    return None


def edges(view: CaseView, items: Sequence[Evidence]) -> list[datetime]:
    """The moments at which papers come into force, are out of it, and at which their approval begins to count."""
    (start, end), (_, signed) = _in_force(view, items), approval(view, items)
    found = [_first(start.text) if start is not None else None, _last(end.text) if end is not None else None]
    when = moment(signed.text) if signed is not None else None
    found.append(when.at - when.slack if when is not None else None)
    return [one for one in found if one is not None]


def _in_force(view: CaseView, items: Sequence[Evidence]) -> tuple[Figure | None, Figure | None]:
    """The cells that say from when and to when: one each, or one for both."""
    span, until, since = (stated(view, items, role) for role in ("in_force", "in_force_to", "in_force_from"))
    return since or span, until or (span if span is not None and len(days(span.text)) > 1 else None)


def _first(text: str) -> datetime | None:
    found = next(iter(_DAYS.findall(text)), None)
    begin = moment(found) if found is not None else None
    return begin.at if begin is not None else None


def _last(text: str) -> datetime | None:
    """The moment at which a time in force is over: a day counts to its end."""
    found = _DAYS.findall(text)
    end = moment(found[-1]) if found else None
    return None if end is None else end.at + (timedelta(0) if end.exact else timedelta(days=1))
