"""What cells are by what stands in them, where no known name stands over them: scoped roles, zones, clocks, pairs.

Teams name their columns as they like; a role, a person of the roster, a zone id and two clocks look alike anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import time

from agents.bridge_zones import zone_of, zone_said
from agents.case_view import CaseView
from agents.entries import Entry
from agents.figures import labelled
from agents.records import Cell, label_of
from agents.stated_values import spans_of
from casefile.evidence import Evidence
from tools.readers import line_spans

# Between a role and what it is for: `Engineering owner (billing)`, `Engineering owner: billing`, `owner for billing`.
_SCOPED = re.compile(
    r"(?P<role>[^(:]+?)\s*(?:\((?P<aside>[^()]*)\)|(?::|\s[-–—]|\sfor|\sof)\s+(?P<scope>.+))\s*$", re.I
)
_LEVELLED = re.compile(r"(?P<role>.+?)\s+(?P<scope>(?:sev|severity|s|p|prio|priority)[\s_-]*\d)\s*$", re.IGNORECASE)
_ID = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z_]+(?:/[A-Za-z_]+)?")
# A label and its value in columns, or over dots: `Required roles .. support lead`.
_LEADER = re.compile(r"\s*(?P<label>[^\W\d][^.:|]{2,60}?)(?:\s*\.{2,}\s*|\s{3,}|\t+)(?P<value>\S.*)$")
_NEXT_LABEL = re.compile(r"\s(?P<label>[A-Z][a-z]+(?: [a-z]+)?):\s+(?=\S)")
_ABOUT_TIMES = re.compile(r"\b(?:times?|shifts?|hours|clocks?)\b", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d_][\w'’.-]*(?: [^\W\d_][\w'’.-]*){1,3}")
_ONE_CLOCK = r"(\d{1,2})(?:[:.h](\d{2}))?\s*([ap])?(?:\.?m\b\.?)?"
_HOURS = re.compile(rf"[^\d]*?\b{_ONE_CLOCK}\s*(?:-|–|—|to|until|till|bis)\s*{_ONE_CLOCK}[^\d]*", re.IGNORECASE)
_CLOCK = re.compile(rf"[^\d]*?\b{_ONE_CLOCK}[^\d]*", re.IGNORECASE)


def role_of(known: Mapping[str, list[str]], text: str) -> str:
    """The role that words mean, or nothing."""
    compared = label_of(text)
    return next((role for role, names in known.items() if compared in {label_of(n) for n in (role, *names)}), "")


def scoped_role(known: Mapping[str, list[str]], text: str) -> tuple[str, str]:
    """The role that words mean, and for what it is where they say so: a service, a customer, a severity."""
    if role := role_of(known, text):
        return role, ""
    for form in (_SCOPED, _LEVELLED):
        if (found := form.match(text.strip())) and (role := role_of(known, found["role"])):
            told = found.groupdict()
            return role, (told.get("scope") or told.get("aside") or "").strip()
    return "", ""


def zone_cell(view: CaseView, entry: Entry) -> Cell | None:
    """The cell that says a row's zone: by its name, else the only one that is a zone id."""
    named = entry.first(view.words("zone"))
    if named is not None:
        return named
    ids = [
        c for cells in entry.cells.values() for c in cells if _ID.fullmatch(c.text.strip()) and zone_of(view, c.text)
    ]
    return ids[0] if len({cell.text.strip() for cell in ids}) == 1 else None


def scope_cells(view: CaseView, entry: Entry, ours: Sequence[str]) -> list[Cell]:
    """The cells that say for what a row is: by a name, by a name made of such names, or where one of `ours` stands
    under that label somewhere in the list."""
    words = {label_of(word) for word in view.words("service")}
    told = [label for label in entry.cells if label in words] or [
        label for label in entry.cells if label in ours or set(label.split()) - {"or", "and"} <= words
    ]
    return [cell for label in told for cell in entry.cells[label][:1]]


def people_in(entry: Entry, names: Mapping[str, str]) -> list[str]:
    """Whom of the roster the cells of a row name, by cells that are a name or an address of somebody."""
    told = (cell.text.strip().casefold() for cells in entry.cells.values() for cell in cells)
    return list(dict.fromkeys(names[one] for one in told if one in names))


def zone_of_times(view: CaseView, item: Evidence) -> str:
    """The one zone of all clocks of an item, where a sentence of it says so: "Times below are UTC"."""
    return view.once("bridge zone of times", item, lambda: _zone_of_times(view, item))


def _zone_of_times(view: CaseView, item: Evidence) -> str:
    said = {
        area
        for span in spans_of(view, item)
        if span.kind not in ("leaf", "cell") and not span.hidden
        for part in re.split(r"(?<=[.;!?])\s+", span.text)
        if _ABOUT_TIMES.search(part) and not re.search(r"\d", part) and (area := zone_said(view, part))
    }
    return said.pop() if len(said) == 1 else ""


def pairs(view: CaseView, item: Evidence) -> Iterator[tuple[str, Cell]]:
    """Every value with the label before it: also in columns of text, over dots, and behind another value of a line."""
    for label, cell in labelled(view, item):
        yield label, cell
        for found in _NEXT_LABEL.finditer(cell.text):
            yield label_of(found["label"]), Cell(first_value(cell.text[found.end() :]), cell.locator)
    for span in line_spans(view.readings(item.id)):
        led = _LEADER.match(span.text) if not span.label and not span.hidden else None
        if led is not None:
            yield label_of(led["label"]), Cell(led["value"].strip(), span.locator)


def first_value(text: str) -> str:
    """A value without the labels and values that stand behind it in its line."""
    found = _NEXT_LABEL.search(text)
    return text[: found.start()].strip() if found else text.strip()


def is_name(text: str) -> bool:
    """Whether a text could be somebody's name: two to four words, each with a capital."""
    told = text.strip()
    return _NAME.fullmatch(told) is not None and all(word[0].isupper() for word in told.split())


def clock_of(text: str) -> time | None:
    """The only clock of a cell."""
    found = _CLOCK.fullmatch(text.strip())
    return _time(*found.groups()) if found else None


def clocks_of(text: str) -> tuple[time, time] | None:
    """The two clocks of a cell that is one range of hours; nothing for several ranges."""
    found = _HOURS.fullmatch(text.strip())
    if found is None:
        return None
    first, last = _time(*found.groups()[:3]), _time(*found.groups()[3:])
    return (first, last) if first is not None and last is not None else None


def _time(hour: str, minute: str | None, half: str | None) -> time | None:
    number = int(hour) % 12 + (12 if half in ("p", "P") else 0) if half else int(hour)
    if number == 24 and not int(minute or 0):
        return time(23, 59)
    return time(number, int(minute or 0)) if number < 24 and int(minute or 0) < 60 else None
