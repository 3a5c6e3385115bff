"""Raw signals out of ledgers and feeds: sessions, exports, near misses, emergency redactions, customers' reports.

What a feed delivered more than once counts once. What lies outside the frozen window is counted, never used.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from agents.case_view import CaseView
from agents.records import Cell
from agents.signal_cluster import RawSignal
from agents.signal_matrix import CONSOLE, DLP, EXPORT, REDACTION
from agents.signal_rows import Row, rows, tenant_of
from agents.signal_snapshots import Captured
from agents.signal_window import Window
from casefile.claims import Citation
from casefile.evidence import Evidence

_ID = re.compile(r"[A-Za-z]{1,8}[-_]?\d[\w-]*")
_NEGATIVE = re.compile(
    r"\b(?:no|not|none|un\w+|mis\w+|false|closed|expired|missing|n|0)\b|no_|_no\b|unmatched|\bnein\b|\bnon\b", re.I
)


@dataclass(slots=True)
class Feeds:
    """What was read. `repeated` counts deliveries beyond the first by id; `outside` and `routine` count by item."""

    signals: list[RawSignal] = field(default_factory=list)
    repeated: dict[tuple[str, str], int] = field(default_factory=dict)
    outside: dict[str, list[Citation]] = field(default_factory=dict)
    routine: dict[str, int] = field(default_factory=dict)
    undated: dict[str, list[str]] = field(default_factory=dict)
    delayed: list[RawSignal] = field(default_factory=list)
    said_matched: dict[str, tuple[bool, Citation]] = field(default_factory=dict)
    unlisted: dict[str, int] = field(default_factory=dict)
    resolved: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reader:
    """One pass over the feeds of a case."""

    view: CaseView
    words: Mapping[str, list[str]]
    captured: Captured
    within: Window
    found: Feeds

    def items(self, kind: str) -> list[Evidence]:
        """The readable, not excluded evidence of a kind of system."""
        found = self.view.of(*self.view.scenario.data["systems"][kind])
        return [i for i in found if self.view.rank(i) != "excluded" and not self.view.readings(i.id).unusable]

    def dated(self, item: Evidence, row: Row, names: Sequence[str], skew: int = 0) -> datetime | None:
        """The time of a row inside the window; what has none, or lies outside, is counted."""
        cell = row.time_cell(names)
        at = row.read_time(cell, self.words["zone"]) if cell is not None else None
        if at is None:
            if cell is not None:
                self.found.undated.setdefault(item.id, []).append(f"{cell.locator}: {cell.text.strip()[:40]}")
            return None
        edge = timedelta(seconds=skew)
        if not self.within.start - edge <= at <= self.within.end + edge:
            if cell is not None:
                self.found.outside.setdefault(item.id, []).append(self.view.cite(item, cell))
            return None
        return at

    def operator(self, row: Row) -> tuple[str, bool]:
        """Who acted, and whether that identity is unproven. A known alias is the operator that it stands for."""
        cell = self.operator_cell(row)
        name = cell.text.strip() if cell is not None else ""
        if name in self.captured.aliases:
            self.found.resolved[name] = self.captured.aliases[name]
            return self.captured.aliases[name], False
        return name, bool(name) and bool(self.captured.operators) and name not in self.captured.operators

    def operator_cell(self, row: Row) -> Cell | None:
        """Who acted: under a known name of the column, else a cell that is an operator of the roster."""
        told = row.first(self.words["operator"], around=True)
        people = {*self.captured.operators, *self.captured.aliases}
        return told or next((cell for cell in row.cells if cell.text.strip() in people), None)

    def tenant(self, item: Evidence, row: Row) -> str | None:
        """The tenant of a row; None where it is none of the case's."""
        tenant, cell = tenant_of(self.view, row, self.captured.names)
        if cell is not None and not tenant:
            self.found.unlisted[item.id] = self.found.unlisted.get(item.id, 0) + 1
            return None
        return tenant

    def cases(self, row: Row) -> frozenset[str]:
        """The cases that a row names: under a known column, else any case of the roster that stands in it."""
        told = frozenset(value for value, _ in row.all(self.words["case"]))
        return told or frozenset(v for v, _ in _values(row) if v in self.captured.snapshots.cases)

    def ref(self, item: Evidence, row: Row, names: Sequence[str]) -> str:
        """The name of a row: under a known column, else its first cell that looks like an id, else its place."""
        told = row.text_of([*names, *self.words["row_id"]])
        cells = row.cells
        like = next((cell.text.strip() for cell in cells[:2] if _ID.fullmatch(cell.text.strip())), "")
        return told or like or (f"{item.id} {cells[0].locator}" if cells else "")

    def once(self, item: Evidence, row: Row, seen: set[tuple[str, str]], ref: str) -> bool:
        """Whether a row is the first delivery of what it tells."""
        name = ref or row.text
        if (item.system, name) in seen:
            key = item.system, name[:80]
            self.found.repeated[key] = self.found.repeated.get(key, 0) + 1
            return False
        seen.add((item.system, name))
        return True

    def cite(self, item: Evidence, row: Row, *names: Sequence[str]) -> tuple[Citation, ...]:
        """The cells of a row under some names."""
        cells = [row.first(group) for group in names]
        return tuple(self.view.cite(item, cell) for cell in cells if cell is not None)


def read_feeds(view: CaseView, captured: Captured, within: Window) -> Feeds:
    """Every raw signal of the case inside the window, but customers' reports (`agents.signal_reports`)."""
    found = Feeds()
    reader = Reader(view, view.scenario.data["words"], captured, within, found)
    exports = list(_exports(reader))
    known = {one.id for one in exports}
    found.signals += [*exports, *_sessions(reader, known), *_near_misses(reader, known), *_redactions(reader)]
    return found


def _exports(reader: Reader) -> Iterator[RawSignal]:
    words, seen = reader.words, set[tuple[str, str]]()
    for item in reader.items("export"):
        for row in rows(reader.view, item):
            ref, tenant = reader.ref(item, row, words["export"]), reader.tenant(item, row)
            operator, alias = reader.operator(row)
            if not ref or tenant is None or not operator or row.time_cell(words["export_at"]) is None:
                continue
            if not reader.once(item, row, seen, ref):
                continue
            at = reader.dated(item, row, words["export_at"])
            if at is None:
                continue
            match = row.first(words["case_match"])
            if match is not None:
                reader.found.said_matched[ref] = not _NEGATIVE.search(match.text), reader.view.cite(item, match)
            yield RawSignal(
                feed=item.system, id=ref, kind=EXPORT, at=at, operator=operator, alias=alias, tenant=tenant,
                exports=frozenset({ref}), cases=reader.cases(row),
                text=row.text_of(words["scope"]),
                citations=reader.cite(item, row, [*words["export"], *words["row_id"]], words["operator"],
                                      words["case_match"], words["export_at"], words["tenant"]),
            )  # fmt: skip


def _sessions(reader: Reader, exports: set[str]) -> Iterator[RawSignal]:
    """One signal for each session: from its first event in the window to its last."""
    words, seen = reader.words, set[tuple[str, str]]()
    events: dict[tuple[str, str], list[tuple[datetime, Evidence, Row]]] = defaultdict(list)
    for item in reader.items("console"):
        for row in rows(reader.view, item):
            tenant = reader.tenant(item, row)
            if tenant is None or reader.operator_cell(row) is None or row.time_cell(words["at"]) is None:
                continue
            if not reader.once(item, row, seen, row.text_of([*words["event_ref"], *words["row_id"]])):
                continue
            at = reader.dated(item, row, words["at"])
            if at is not None:
                session = row.text_of(words["session"], around=True) or f"{reader.operator(row)[0]} in {tenant}"
                events[session, tenant].append((at, item, row))
    for (session, tenant), told in events.items():
        told.sort(key=lambda one: (one[0], one[2].text))
        at, item, row = told[0]
        operator, alias = reader.operator(row)
        values = [(value, cell) for _, _, r in told for value, cell in _values(r)]
        refs = [c for _, i, r in told for c in reader.cite(i, r, words["event_ref"])]
        yield RawSignal(
            feed=item.system, id=session, kind=CONSOLE, at=at, until=told[-1][0], operator=operator, alias=alias,
            tenant=tenant, session=session, exports=frozenset(v for v, _ in values if v in exports),
            cases=frozenset().union(*(reader.cases(r) for _, _, r in told)),
            text=f"{len(told)} events",
            citations=(*reader.cite(item, row, words["operator"], words["session"], words["at"], words["tenant"]),
                       *refs[:8]),
        )  # fmt: skip


def _values(row: Row) -> Iterator[tuple[str, Cell]]:
    for cell in row.cells:
        for part in re.split(r"[\s;,|()\"']+", cell.text):
            yield part, cell


def _near_misses(reader: Reader, exports: set[str]) -> Iterator[RawSignal]:
    words, data, seen = reader.words, reader.view.scenario.data, set[tuple[str, str]]()
    for item in reader.items("dlp"):
        for row in rows(reader.view, item):
            ref, tenant = reader.ref(item, row, words["alert"]), reader.tenant(item, row)
            if not ref or tenant is None or row.time_cell(words["at"]) is None or not reader.once(item, row, seen, ref):
                continue
            if re.search(data["routine"]["dlp"], row.text_of(words["disposition"]), re.IGNORECASE):
                reader.found.routine[item.id] = reader.found.routine.get(item.id, 0) + 1
                continue
            at = reader.dated(item, row, words["at"], int(reader.view.parameters["clock_skew_tolerance"]))
            if at is None:
                continue
            operator, alias = reader.operator(row)
            late = re.search(data["not_final"], row.text_of(words["replay"]), re.IGNORECASE) is not None
            one = RawSignal(
                feed=item.system, id=ref, kind=DLP, at=at, operator=operator, alias=alias, tenant=tenant,
                session=row.text_of(words["session"]),
                exports=frozenset(v for v, _ in _values(row) if v in exports),
                cases=reader.cases(row), text=row.text_of(words["observation"]),
                proven=not late,
                citations=reader.cite(item, row, [*words["alert"], *words["row_id"]], words["replay"],
                                      words["disposition"], words["at"], words["operator"]),
            )  # fmt: skip
            if late:
                reader.found.delayed.append(one)
            yield one


def _redactions(reader: Reader) -> Iterator[RawSignal]:
    words, data, seen = reader.words, reader.view.scenario.data, set[tuple[str, str]]()
    for item in reader.items("redaction"):
        for row in rows(reader.view, item):
            ref, tenant = reader.ref(item, row, words["event_ref"]), reader.tenant(item, row)
            if not ref or tenant is None or row.time_cell(words["at"]) is None or not reader.once(item, row, seen, ref):
                continue
            if not re.search(data["emergency"], row.text_of(words["mode"]) or row.text, re.IGNORECASE):
                reader.found.routine[item.id] = reader.found.routine.get(item.id, 0) + 1
                continue
            at = reader.dated(item, row, words["at"], int(reader.view.parameters["clock_skew_tolerance"]))
            if at is None:
                continue
            operator, alias = reader.operator(row)
            yield RawSignal(
                feed=item.system, id=ref, kind=REDACTION, at=at, operator=operator, alias=alias, tenant=tenant,
                session=row.text_of(words["session"]), cases=reader.cases(row),
                citations=reader.cite(item, row, [*words["event_ref"], *words["row_id"]], words["mode"], words["at"],
                                      words["case"], words["operator"]),
            )  # fmt: skip
