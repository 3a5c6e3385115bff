"""Whether the cohort definitions still stand that the policy in force is made for, by what governance writes of them.

Bounds and policy name their map by a label (`agents.sampling_cycle`). A change is often only told: in a notice, a memo
or a table of maps, whatever the file. Card: "a change of policy or privacy rules that touches the cohort map freezes
tuning until people review it". What is not shown as confirmed is not confirmed (R9).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from functools import cached_property

from agents.case_view import CaseView
from agents.contract_text import sentences
from agents.figures import named
from agents.labelled import heading_over
from agents.labelled_places import lines_of, moment
from agents.prose import blocks, place_of
from agents.records import Cell, Record, label_of
from agents.sampling_papers import stated
from agents.sampling_policy import Bounds, Policy, instant
from agents.times import dates
from casefile.claims import Citation
from casefile.evidence import Evidence

_NUMBER = re.compile(r"\d+(?!.*\d)")
_RULES = re.compile(r"(?:freeze|hold|rollback)[ _-](?:rules?|triggers?|conditions?)\b", re.IGNORECASE)
_NUMBERED = re.compile(r"^(?:[-*•]|\(?\d+(?:\.\d+)*[.)]?)\s+")
_LONGEST = 2000  # characters of a cell or paragraph that is looked at


@dataclass(frozen=True, slots=True)
class MapChange:
    """What a document of governance says about the map: in what words of ours, where, and from when (None: now)."""

    detail: str
    cells: list[Citation]
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence or a row: what it says and where."""

    text: str
    cite: Citation
    rows: bool = False


@dataclass(slots=True)
class _Word:
    """What one document says: the maps that follow ours, changes of cohorts, what is unconfirmed, and whether it says
    that the definitions stand (`stands_by_name`: those of our map, by its name)."""

    item: Evidence
    at: datetime | None
    newer: dict[str, list[_Unit]] = field(default_factory=dict)
    changed: list[_Unit] = field(default_factory=list)
    unconfirmed: list[_Unit] = field(default_factory=list)
    stands: bool = False
    stands_by_name: bool = False
    since: datetime | None = None


class _Maps:
    """The words of the scenario and the names of the policy in force, as patterns."""

    def __init__(self, view: CaseView, policy: Policy) -> None:
        told: dict[str, list[str]] = view.scenario.data["cohort_changes"]
        self._told = {name: re.compile("|".join(f"(?:{one})" for one in words), re.I) for name, words in told.items()}
        self.ours = policy.cohort_map.text if policy.cohort_map else ""
        self._names = [label_of(name) for name in policy.cohorts]

    def has(self, what: str, text: str) -> bool:
        """Whether a text has one of the phrases of a kind."""
        return bool(self._told[what].search(text))

    @cached_property
    def _family(self) -> re.Pattern[str] | None:
        """Maps are named alike, but for their last number."""
        number = _NUMBER.search(self.ours)
        if number is None:
            return None
        head, tail = (re.escape(part) for part in (self.ours[: number.start()], self.ours[number.end() :]))
        return re.compile(rf"(?<![\w.-]){head}(\d+){tail}(?![\w-]|\.\d)", re.I)

    def newer(self, text: str) -> list[str]:
        """The maps that a text names and that come after ours. A bare version is a map only where it says so."""
        number = _NUMBER.search(self.ours)
        if self._family is None or number is None:
            return []
        if len(re.findall(r"[^\W\d_]", self.ours)) < 2 and not self.has("topic", text):
            return []
        return [m[0] for m in self._family.finditer(text) if int(m[1]) > int(number[0])]

    def names_ours(self, text: str) -> bool:
        """Whether a text names the map of the policy."""
        return bool(self.ours) and bool(re.search(rf"(?<![\w-]){re.escape(self.ours)}(?![\w-])", text, re.I))

    def about(self, text: str) -> bool:
        """Whether a text is about the cohorts or their map."""
        return self.has("topic", text) or self.names_ours(text) or bool(self.newer(text)) or bool(self._cohorts(text))

    def _cohorts(self, text: str) -> list[str]:
        plain = f" {label_of(text)} "
        return [name for name in self._names if f" {name} " in plain]

    def changes(self, text: str) -> bool:
        """Whether it tells that cohorts were merged, split, renamed or drawn anew. A cohort of ours that is only what
        came out of it is a change that the policy has already followed."""
        if not self.has("changed", text) or self.has("unchanged", text) or not self.definite(text):
            return False
        found = self._cohorts(text)
        if not found:
            return self.has("topic", text)
        before = " ".join(re.split(r"\b(?:into|to form|zu[mr]?|en)\b", label_of(text))[:1])
        return any(name in before for name in found)

    def definite(self, text: str) -> bool:
        """Whether it tells what is so, and not what would be, should be or is proposed."""
        return not self.has("possible", text) or self.has("in_force", text)


def is_ours(view: CaseView, policy: Policy, told: str) -> bool:
    """Whether a cell of governance names the map that the policy is made for: alone, or with a word that it stands
    ("MAP-3, unchanged")."""
    maps = _Maps(view, policy)
    if told == maps.ours:
        return True
    if not maps.names_ours(told) or maps.newer(told) or maps.has("unconfirmed", told) or maps.has("withdrawn", told):
        return False
    return maps.has("unchanged", told) or (maps.has("confirmed", told) and not maps.has("changed", told))


def map_changes(view: CaseView, policy: Policy, bounds: Bounds, known: Sequence[Policy]) -> list[MapChange]:
    """Every document of the configuration store or of governance by which the policy's definitions do not stand."""
    maps = _Maps(view, policy)
    versions = {one.item.id for one in known}
    items = view.of(*dict.fromkeys((*view.listed("policy"), *view.listed("bounds"))))
    notices = [
        item for item in items
        if item.id not in versions and not view.readings(item.id).unusable
        and not stated(view, [item], "bounds_version")
    ]  # fmt: skip
    words = [_word(view, maps, item) for item in notices]
    changes = (_change(maps, one, words, policy, bounds, view.now) for one in words)
    return [one for one in changes if one is not None]


def _word(view: CaseView, maps: _Maps, item: Evidence) -> _Word:
    told = named(view, [item], view.words("effective"))
    effective = moment(told.text) if told is not None else None
    made = view.readings(item.id).made_at
    word = _Word(item, made or (effective.at if effective else item.captured_at))
    starts = [effective.at] if effective is not None else []
    for unit in _units(view, item):
        if maps.about(unit.text):
            _take(maps, unit, word, starts)
    word.since = (
        min((at for at in starts if at > view.now), default=None) if all(a > view.now for a in starts) else None
    )
    return word


def _take(maps: _Maps, unit: _Unit, word: _Word, starts: list[datetime]) -> None:
    text = unit.text
    newer = [one for one in maps.newer(text) if not maps.has("withdrawn", _after(text, one))]
    if maps.definite(text):
        for one in newer:
            word.newer.setdefault(one, []).append(unit)
    changed = maps.changes(text)
    if changed:
        word.changed.append(unit)
    if (newer or changed) and not unit.rows:
        starts += [datetime.combine(day, time(), UTC) for _, day in dates(text)]
    if maps.has("unconfirmed", text) and not maps.has("general", text):
        word.unconfirmed.append(unit)
    elif maps.has("confirmed", text) and not newer and maps.definite(text):
        word.stands_by_name |= maps.names_ours(text)
        word.stands |= word.stands_by_name or maps.has("definitions", text)


def _after(text: str, name: str) -> str:
    """What a text says right after a name: up to the end of the sentence part, a few words."""
    rest = re.split(r"[.;,]", text[text.casefold().find(name.casefold()) + len(name) :], maxsplit=1)[0]
    return " ".join(rest.split()[:5])


def _change(
    maps: _Maps, one: _Word, words: Sequence[_Word], policy: Policy, bounds: Bounds, now: datetime
) -> MapChange | None:
    if any(other.stands_by_name and other is not one and _at(other) >= _at(one) for other in words):
        return None  # what came after, or with it, says that ours stands; that "the new map" is confirmed would not
    if one.newer:
        name, units = next(iter(one.newer.items()))
        detail = f"{one.item.id}: the cohort map {name} follows {maps.ours}, for which the policy in force is made"
        if one.unconfirmed:
            detail += f"; it is not confirmed (“{_short(one.unconfirmed[0].text)}”)"
        units = [*units, *one.changed, *one.unconfirmed]
    elif one.changed or one.unconfirmed:
        if (one.stands and not one.unconfirmed) or _approved_since(maps, bounds, one):
            return None
        units = [*one.changed, *one.unconfirmed]
        detail = f"{one.item.id}: cohort definitions changed or are not confirmed (“{_short(units[0].text)}”)"
    else:
        return None
    cells = list(dict.fromkeys((unit.cite.locator, unit.cite.quote) for unit in units))
    cited = [next(u.cite for u in units if (u.cite.locator, u.cite.quote) == key) for key in cells][:3]
    ours = [policy.cohort_map.citation] if policy.cohort_map is not None else []
    return MapChange(f"{detail}: a person confirms the map", [*cited, *ours], one.since)


def _approved_since(maps: _Maps, bounds: Bounds, one: _Word) -> bool:
    """Whether governance approved bounds for the policy's own map after the document was written."""
    at = instant(bounds.approved_at)
    same = bounds.cohort_map is not None and bounds.cohort_map.text == maps.ours
    return bounds.approved and same and at is not None and one.at is not None and at > one.at


def _at(one: _Word) -> datetime:
    return one.at or datetime.min.replace(tzinfo=UTC)


def _short(text: str) -> str:
    plain = _NUMBERED.sub("", text)
    return plain if len(plain) <= 160 else f"{plain[:157].rsplit(' ', 1)[0]} …"


def _units(view: CaseView, item: Evidence) -> Iterator[_Unit]:
    """Every sentence of the text, and every row or object as one line of `name: value`."""
    reading = view.readings(item.id)
    spans = [span for span in lines_of(reading) if span.kind not in ("cell", "leaf")]
    whole = {span.locator for span in spans if span.kind in ("paragraph", "header")}
    joined = [[span] for span in spans if span.kind in ("paragraph", "header")]
    joined += blocks(span for span in spans if span.locator not in whole)  # lines may be wrapped
    for block in joined:
        locator = place_of([span.locator for span in block])
        if _RULES.search(heading_over(reading, block[0].locator)):
            continue  # what freezes is told there, and not that it happened
        for part in sentences("\n".join(span.text for span in block)[:_LONGEST]):
            yield _Unit(" ".join(part.split()), view.cite(item, Cell(part.strip(), locator)))
    for record in view.records(item):
        yield from _of_record(view, item, record)


def _of_record(view: CaseView, item: Evidence, record: Record) -> Iterator[_Unit]:
    """A row is one unit; a cell of several sentences (a note in a tree) is also read sentence by sentence."""
    cells = [cell for cell in record.cells.values() if len(cell.text) <= _LONGEST and not _RULES.search(cell.locator)]
    if not cells:
        return
    row = "; ".join(f"{label}: {cell.text}" for label, cell in record.cells.items() if cell in cells)
    longest = max(cells, key=lambda cell: len(cell.text))
    if len(sentences(longest.text)) == 1:
        yield _Unit(row, view.cite(item, longest), rows=True)
        return
    for cell in cells:
        for part in sentences(cell.text):
            yield _Unit(" ".join(part.split()), view.cite(item, Cell(part.strip(), cell.locator)))
