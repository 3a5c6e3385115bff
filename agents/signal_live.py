"""A live signal as the clustering reads it: out of the row that a ledger or feed sends, by the scenario's own words.

What cannot be read is said with its place (`Unreadable`), and without repeating what stood there: the reason is shown
to people who may not see the content.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import orjson

from agents.incident_facts import moment
from agents.records import label_of, records
from agents.signal_cluster import RawSignal
from casefile.evidence import Reading
from lineage.canonical import Json

LONGEST = timedelta(hours=24)
MOST, LONG_VALUE, DEEP = 200, 200, 8
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)
_UNTIL = ("until", "until utc", "ended at", "ends at", "end", "to", "closed at")
_TEXT = ("observation", "scope")


class Unreadable(Exception):  # noqa: N818  it is the state of what came
    """A signal that cannot be read: its place and what was expected there."""

    def __init__(self, place: str, expected: str) -> None:
        super().__init__(f"{place}: {expected}")
        self.place, self.expected = place, expected


@dataclass(frozen=True, slots=True)
class Roster:
    """The operators of the role roster, and whose alias is whose. Without a roster nobody's identity is doubted."""

    operators: frozenset[str] = frozenset()
    aliases: Mapping[str, str] = field(default_factory=dict)

    def who(self, name: str) -> tuple[str, bool]:
        """The operator behind a name, and whether that is unproven."""
        known = self.aliases.get(name, name)
        return known, bool(known) and bool(self.operators) and known not in self.operators


def roster_of(readings: Iterable[Reading], words: Mapping[str, Sequence[str]]) -> Roster:
    """The roster out of its files."""
    operators: set[str] = set()
    aliases: dict[str, str] = {}
    for reading in readings:
        for record in records(reading):
            cell = record.first([*words["operator"], *words["person_id"]])
            if cell is None or " " in cell.text.strip():
                continue
            operators.add(cell.text.strip())
            alias = record.first(words["alias"])
            for one in _parts(alias.text) if alias is not None else ():
                aliases[one] = cell.text.strip()
    return Roster(frozenset(operators), aliases)


@dataclass(slots=True)
class LiveReader:
    """Reads the rows of one scenario. `words` are the scenario's names of columns."""

    words: Mapping[str, Sequence[str]]
    roster: Roster = Roster()
    _labels: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def read(self, feed: str, kind: str, name: str, at: datetime, data: Json) -> RawSignal:
        """The signal that a row tells. Raises Unreadable."""
        cells: dict[str, list[str]] = {}
        if not isinstance(data, dict):
            raise Unreadable("data", "a JSON object: the row as the ledger has it")
        _flatten(cells, data, "", 0)
        operator, alias = ("", False) if kind == "customer" else self.roster.who(self._first(cells, "operator"))
        tenant, session = self._first(cells, "tenant"), self._first(cells, "session")
        exports, cases = self._all(cells, "export"), self._all(cells, "case")
        if kind == "export" and not exports:
            exports = frozenset({name})
        if not (operator or tenant or session or exports or cases):
            raise Unreadable("data", "an operator, a tenant, a session, an export or a case: this one is about nothing")
        return RawSignal(
            feed=feed, id=name, kind=kind, at=at, until=self._until(cells, at), operator=operator, alias=alias,
            tenant=tenant, session=session, exports=exports, cases=cases,
            text=next((text for group in _TEXT if (text := self._first(cells, group, 4_000))), ""),
        )  # fmt: skip

    def _until(self, cells: Mapping[str, Sequence[str]], at: datetime) -> datetime | None:
        told = next((cells[label][0] for label in _UNTIL if cells.get(label)), "")
        until, unsure = moment(told) if told else (None, False)
        if until is None or unsure or until < at:
            return None
        if until - at > LONGEST:
            raise Unreadable("data", "an end at most 24 hours after `time`")
        return until

    def _names(self, group: str) -> tuple[str, ...]:
        if group not in self._labels:
            self._labels[group] = tuple(dict.fromkeys(label_of(name) for name in self.words[group]))
        return self._labels[group]

    def _first(self, cells: Mapping[str, Sequence[str]], group: str, longest: int = LONG_VALUE) -> str:
        for label in self._names(group):
            for text in cells.get(label, ()):
                if len(text) > longest:
                    raise Unreadable("data", f"{group}: at most {longest} characters")
                return text
        return ""

    def _all(self, cells: Mapping[str, Sequence[str]], group: str) -> frozenset[str]:
        found = frozenset(
            part for label in self._names(group) for text in cells.get(label, ()) for part in _parts(text)
        )
        if len(found) > MOST or any(len(one) > LONG_VALUE for one in found):
            raise Unreadable("data", f"{group}: at most {MOST} values of at most {LONG_VALUE} characters")
        return found


def _parts(text: str) -> Iterator[str]:
    yield from text.replace(";", " ").replace(",", " ").replace("|", " ").split()


def _flatten(cells: dict[str, list[str]], value: Json, label: str, depth: int) -> None:
    """Members by their compared label; those of objects inside also under `object member`."""
    if depth > DEEP:
        raise Unreadable("data", f"at most {DEEP} levels")
    match value:
        case dict():
            for key, one in value.items():
                own = label_of(key[:LONG_VALUE])
                _flatten(cells, one, own, depth + 1)
                if label and not isinstance(one, (dict, list)):
                    _put(cells, f"{label} {own}", one)
        case list():
            for one in value[: MOST + 1]:
                _flatten(cells, one, label, depth + 1)
        case _:
            _put(cells, label, value)


def _put(cells: dict[str, list[str]], label: str, value: Json) -> None:
    text = "" if value is None else str(value).strip()
    if text and text.casefold() not in ("null", "none", "n/a", "-"):
        cells.setdefault(label, []).append(text)


# --- as it is stored ---------------------------------------------------------------------------------------------


def micros(at: datetime) -> int:
    """Microseconds since 1970."""
    return (at - _EPOCH) // _MICRO


def from_micros(at: int) -> datetime:
    """A moment out of its microseconds."""
    return _EPOCH + timedelta(microseconds=at)


def stored(one: RawSignal) -> str:
    """A signal as one line of JSON; `restored` is its inverse."""
    return orjson.dumps(
        [one.feed, one.id, one.kind, micros(one.at), micros(one.until) if one.until else None, one.operator, one.alias,
         one.tenant, one.session, sorted(one.exports), sorted(one.cases), one.text, one.proven]
    ).decode()  # fmt: skip


def restored(line: str) -> RawSignal:
    """The signal of a stored line."""
    feed, name, kind, at, until, operator, alias, tenant, session, exports, cases, text, proven = orjson.loads(line)
    return RawSignal(
        feed, name, kind, from_micros(at), from_micros(until) if until is not None else None, operator, alias, tenant,
        session, frozenset(exports), frozenset(cases), text, proven,
    )  # fmt: skip
