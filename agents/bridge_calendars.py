"""When responders are busy, out of the calendars of the case: iCalendar files, and lists in tables or objects.

A calendar counts as read where it says something of a person, be it that nothing stands in it. A list that reports an
error for somebody was not read for him, and unknown is not free (R9). Of a private entry only its times are used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from agents.bridge_inputs import local_time
from agents.bridge_kinds import people_in
from agents.bridge_rows import above, first_of, pointer, rows
from agents.case_view import CaseView
from agents.entries import Entry
from agents.records import Cell, label_of
from casefile.claims import Citation
from casefile.evidence import Evidence
from tools.calendars.busy import Busy, busy, known

_CLOCK = re.compile(r"\d{1,2}:\d{2}|\d{1,2}\s*[ap]\.?m\b", re.IGNORECASE)
_FOCUS = re.compile(r"focus|protected", re.IGNORECASE)
# What a calendar's own words say of a read that failed.
_FAILED = re.compile(
    r"\b(?:fail\w*|errors?|denied|forbidden|timed? ?out|unavailable|unreachable|not read|unread|no)\b", re.I
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{4}|\d{1,2}\.? [A-Z][a-z]+ \d{4}")


@dataclass(slots=True)
class Calendars:
    """What was read: whose calendars, and every stretch with the cell that says when it starts. Whose reading
    `failed`, in the last word on it, was not seen; `failures` are the items that say so."""

    seen: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    failures: list[tuple[str, Evidence]] = field(default_factory=list)
    busy: list[tuple[Busy, Citation | None]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Span:
    """Over which time is looked; what the roster calls the people, by each of their names; and their zones."""

    since: datetime
    until: datetime
    names: Mapping[str, str]
    zones: Mapping[str, str]


def calendars(view: CaseView, span: Span) -> Calendars:
    """Read every calendar of the case. What the run's own acts showed is none: its hold keeps nobody from the slot."""
    found, last = Calendars(), dict[str, tuple[datetime, bool]]()
    own = tuple(f"result-{one.due.action.id}-" for one in view.effects)
    for item in view.of(*view.scenario.data["systems"]["calendars"]):
        if item.id.startswith(own):
            continue
        one = _read(view, item, span)
        found.busy += one.busy
        found.failures += [(who, item) for who in sorted(one.failed)]
        for who in one.seen | one.failed:
            # Of two that came together the one that failed counts, in whatever order they stand (R9).
            told = (item.arrived_at, who in one.failed)
            last[who] = max(told, last.get(who, told))
    found.failed = {who for who, (_, failed) in last.items() if failed}
    found.seen = set(last) - found.failed
    found.failures = [(who, item) for who, item in found.failures if who in found.failed]
    return found


def _read(view: CaseView, item: Evidence, span: Span) -> Calendars:
    """What one item says."""
    found, data = Calendars(), view.readings(item.id).data
    text = data.get("freebusy") if isinstance(data, dict) else None
    if isinstance(data, dict) and isinstance(text, str) and text:
        owner = span.names.get(str(data.get("x-wr-calname", "")).strip().casefold(), "")
        _of_file(view, item, text, owner, span, found)
    else:
        _of_rows(view, item, span, found)
        _of_lists(view, data, span, found, depth=4)
    return found


def _of_file(view: CaseView, item: Evidence, text: str, owner: str, span: Span, found: Calendars) -> None:
    found.seen |= known(text, owner)
    for one in busy(text, span.since, span.until, span.zones, owner):
        cell = next((s for s in view.readings(item.id).spans if s.locator == f"{one.place}/dtstart"), None)
        cited = view.cite(item, Cell(cell.text, cell.locator)) if cell is not None else None
        found.busy.append((one, cited))


def _of_rows(view: CaseView, item: Evidence, span: Span, found: Calendars) -> None:
    """Rows and objects that say who is busy from when until when."""
    words: Mapping[str, list[str]] = view.scenario.data["words"]
    told = rows(view, item)
    at = {place: one for one in told if (place := pointer(one)) is not None}
    for entry in told:
        start, end = first_of(entry, words["busy_from"]), first_of(entry, words["busy_to"])
        who = _who(entry, start, words, span) or next(
            (name for one in above(start, at) if (name := _named_in(one, words, span))), ""
        )
        if (state := entry.first(words["read_state"])) is not None and _FAILED.search(state.text):
            found.failed |= {name for one in (who, _named_in(entry, words, span)) if (name := one)}
        told_of = [who] if who else people_in(entry, span.names)
        said = {label_of(c.text) for name in ("busy_state", "busy_kind") for c in entry.all(words[name])}
        if start is None or end is None or not told_of or not _timed(entry, start, words):
            continue
        # Focus blocks of a policy bind, and are nobody's calendar. Nor is a row that names several people.
        block = _FOCUS.search(start.locator) is not None
        found.seen |= {who} if who and not block else set()
        if said & set(map(label_of, words["not_busy"])):
            continue
        kinds = frozenset(c.text.strip().upper() for c in entry.all(words["busy_kind"]))
        kinds |= {"FOCUS"} if block else frozenset()
        for one in told_of:
            placed = _placed(view, entry, start, end, span.zones.get(one, ""))
            if placed is None:
                found.failed.add(one)  # what could not be placed may be at any time
            elif placed[1] > span.since and placed[0] < span.until:
                found.busy.append((Busy(one, *placed, start.locator, kinds), view.cite(item, start)))


def _timed(entry: Entry, start: Cell, words: Mapping[str, list[str]]) -> bool:
    """Whether a row is of a day, and of a time in it or all of it; hours of every day are no appointment."""
    if _CLOCK.search(start.text):
        return _DAY.search(start.text) is not None or entry.first(words["busy_day"]) is not None
    return _DAY.search(start.text) is not None and bool(entry.all([*words["busy_state"], *words["busy_kind"]]))


def _placed(view: CaseView, entry: Entry, start: Cell, end: Cell, zone: str) -> tuple[datetime, datetime] | None:
    """From when until when a row is: over midnight where its end is earlier, and whole days where it names no clock."""
    whole = not _CLOCK.search(start.text)
    cells = [Cell(f"{cell.text.strip()} 00:00", cell.locator) for cell in (start, end)] if whole else [start, end]
    first, last = (local_time(view, entry, cell, zone) for cell in cells)
    if first is None or last is None:
        return None
    if whole or (last <= first and not _DAY.search(end.text)):
        last += timedelta(days=1)
    return (first, last) if first < last else None


def _who(entry: Entry, start: Cell | None, words: Mapping[str, list[str]], span: Span) -> str:
    """Whose row it is: a cell that names a person of the roster, else a key above it that does."""
    if name := _named_in(entry, words, span):
        return name
    steps = start.locator.split("/") if start is not None and start.locator.startswith("/") else []
    keys = (step.replace("~1", "/").replace("~0", "~").casefold() for step in reversed(steps))
    return next((span.names[key] for key in keys if key in span.names), "")


def _named_in(entry: Entry, words: Mapping[str, list[str]], span: Span) -> str:
    told = (cell.text.strip().casefold() for cell in entry.all(words["busy_who"]))
    listed = people_in(entry, span.names)  # under whatever name
    return next((span.names[name] for name in told if name in span.names), listed[0] if len(listed) == 1 else "")


def _of_lists(view: CaseView, data: Any, span: Span, found: Calendars, *, depth: int) -> None:
    """Lists by person, as a free-busy service answers: an empty one is read, one with an error is not."""
    if not depth or not isinstance(data, Mapping | list):
        return
    if isinstance(data, list):
        for one in data:
            _of_lists(view, one, span, found, depth=depth - 1)
        return
    words: Mapping[str, list[str]] = view.scenario.data["words"]
    told = [(span.names.get(str(key).casefold(), ""), value) for key, value in data.items()]
    told += [(who, data) for who in _named(data, words["busy_who"], span)]
    for who, value in told:
        if who and _failed(value, words["unread"]):
            found.failed.add(who)
        elif who and _lists(value, words["busy_list"]):
            found.seen.add(who)
    for value in data.values():
        _of_lists(view, value, span, found, depth=depth - 1)


def _named(data: Mapping[str, Any], words: Sequence[str], span: Span) -> Iterator[str]:
    labels = set(map(label_of, words))
    for key, value in data.items():
        if label_of(str(key)) in labels and isinstance(value, str) and value.strip().casefold() in span.names:
            yield span.names[value.strip().casefold()]


def _failed(value: Any, words: Sequence[str]) -> bool:
    labels = set(map(label_of, words))
    return isinstance(value, Mapping) and any(label_of(str(key)) in labels and value[key] for key in value)


def _lists(value: Any, words: Sequence[str]) -> bool:
    """Whether a value is a list of times, or an object that has one."""
    labels = set(map(label_of, words))
    if isinstance(value, list):
        return True
    return isinstance(value, Mapping) and any(
        label_of(str(key)) in labels and isinstance(value[key], list) for key in value
    )
