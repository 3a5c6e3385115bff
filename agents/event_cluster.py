"""The cluster of events behind a delegated trigger: which count, in which window, by whose classification.

An event counts when it is the case's own, severe by its final classification, and proven (reconciled). The trigger is
met by the counted ones alone; it is missed only when even the unproven ones could not meet it; else it is uncertain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from agents.labelled_places import Moment, belongs, column, lines_of, moment
from agents.option_ground import Ground
from agents.option_spec import TableSpec, TriggerSpec
from agents.quantities import Figure, between, count
from agents.records import Cell, Record, label_of
from casefile.claims import Citation
from casefile.evidence import Evidence
from casefile.registers import ExceptionItem, Side
from guardrails.plain_text import folded

# What stands between the first and the last of a range.
_RANGE = re.compile(r"\s*(?:to|through|until|thru|bis|-|–|—|\.\.+|…)\s*", re.IGNORECASE)
# How a classification stands, where a cell says nothing else.
_STANDS = re.compile(
    r"(?:closed|finali[sz]ed|final|confirmed|completed?|settled|open|reopened|pending|provisional|draft|(?:under|in) "
    r"review)\b"
)
_OF_CLASS = re.compile(r"\b(?:severity|class|classification)\b")
State = Literal["met", "missed", "uncertain"]


@dataclass(slots=True)
class Event:
    """One event. `severe` None is not known; `closed` and `proven` are false where nothing says that they are."""

    id: str
    at: Moment | None = None
    at_cite: Citation | None = None
    severity: str = ""
    severity_cite: Citation | None = None
    was: str = ""
    severe: bool | None = None
    closed: bool = False
    state: str = ""
    state_cite: Citation | None = None
    proven: bool = False
    proven_said: str = ""
    proven_cite: Citation | None = None
    row: list[Citation] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Cluster:
    """The events of the case and what the trigger makes of them. `span` is from the first to the last counted one."""

    events: Sequence[Event]
    needed: int
    days: int
    threshold: str
    state: State
    detail: str
    counted: Figure | None
    span: Figure | None
    rule: str
    rule_cites: Sequence[Citation]

    @property
    def citations(self) -> list[Citation]:
        """Every cell that the trigger rests on."""
        cites = [*self.rule_cites]
        for event in self.events:
            cites += [c for c in (event.severity_cite, event.at_cite, event.proven_cite) if c is not None]
        return list({(c.evidence, c.locator, c.quote): c for c in cites}.values())


def cluster(ground: Ground) -> Cluster | None:
    """The case's cluster, or None where the scenario has no trigger."""
    spec = ground.spec.trigger
    if spec is None:
        return None
    events = _events(ground, spec)
    needed, days, threshold, rule, cites, unread = _threshold(ground, spec)
    named, recent = _named(ground.view.packet.instructions, events), _recent(events, days)
    chosen = [event for event in events.values() if event.id in named] if named else recent
    _left_out(ground, [event for event in recent if event not in chosen])
    state, detail, window = _judged(chosen, needed, days)
    if unread:
        state, detail = "uncertain", f"how many in how many days cannot be read from “{threshold}”"
    severities = [e.severity_cite for e in window if e.severity_cite is not None]
    counted = count(severities, " + ".join(e.id for e in window)) if severities else None
    return Cluster(chosen, needed, days, threshold, state, detail, counted, _span(window), rule, cites)


def _named(words: str, events: Mapping[str, Event]) -> set[str]:
    """The events that an instruction names, each by its id, or by the first and the last of a range."""
    places = {one: re.search(rf"(?<![\w-]){re.escape(one)}(?![\w-])", words) for one in events}
    named = {one: place for one, place in places.items() if place is not None}
    found = set(named)
    for first, start in named.items():
        for last, end in named.items():
            if _RANGE.fullmatch(words[start.end() : end.start()]):
                low, high = _numbered(first), _numbered(last)
                found |= {one for one in events if low <= _numbered(one) <= high and _numbered(one)[0] == low[0]}
    return found


def _numbered(name: str) -> tuple[str, int]:
    """An id as what stands before its last number, and the number."""
    found = re.search(r"(\d+)\D*$", name)
    return (name[: found.start()], int(found[1])) if found is not None else (name, 0)


def _left_out(ground: Ground, events: Sequence[Event]) -> None:
    """Events of the case near the cluster that the instruction does not name: not counted, and said to be."""
    for event in events:
        if event.row:
            about, reason = event.row[0].evidence, f"{event.id}: not named in the instruction, and not counted"
            item = ExceptionItem(
                key=f"not-named:{event.id}", kind="event_not_named", about=about, reason=reason, state="noted"
            )
            ground.findings.exceptions.append(item)


def _recent(events: Mapping[str, Event], days: int) -> list[Event]:
    """Where nobody names the events: those near the last one. Older ones are no part of this cluster."""
    times = [event.at.at for event in events.values() if event.at is not None]
    return [e for e in events.values() if e.at is None or e.at.at >= max(times) - timedelta(days=2 * days)]


def _threshold(ground: Ground, spec: TriggerSpec) -> tuple[int, int, str, str, list[Citation], bool]:
    """How many in how many days: as the matrix states it, else as the parameter does. The last says whether what the
    matrix states could not be read: then the parameter's stand in its place, and decide nothing."""
    row = ground.limit_row(spec.limit)
    default = ground.view.parameters[spec.parameter]
    pattern = next(p.pattern for p in ground.scenario.parameters if p.name == spec.parameter)
    days = int(default["days"]) * (7 if str(default["unit"]).lower().startswith("week") else 1)
    if row is not None and row.text("value"):
        said, cites = row.text("value"), row.cite(ground.view, "value")
        found = re.search(pattern, said, re.IGNORECASE)
        if found is None:
            return int(default["count"]), days, said, row.rule, cites, True
        days = int(found["days"]) * (7 if found["unit"].lower().startswith("week") else 1)
        return int(found["count"]), days, said, row.rule, cites, False
    words = f"{default['count']} in {days} days, by the parameter"
    return int(default["count"]), days, words, spec.limit.replace("_", " "), [], False


def _events(ground: Ground, spec: TriggerSpec) -> dict[str, Event]:
    """The case's own events by id, in the order of the table, with what the classification says about each."""
    events: dict[str, Event] = {}
    for item, record in _rows(ground, ground.spec.tables[spec.events]):
        _take_event(ground, spec, item, record, events)
    for item, record in _rows(ground, ground.spec.tables[spec.classes]):
        columns = ground.spec.tables[spec.classes].columns
        name = _id_of(record, columns["event"])
        if name is None or not (column(record, columns["severity"]) or column(record, columns["state"])):
            continue
        event = events.get(name.text.strip())
        if event is not None:
            _classify(ground, spec, item, record, event)
    for event in events.values():
        if event.state_cite is None:
            _classify_by_line(ground, spec, event)
    return events


def _rows(ground: Ground, table: TableSpec) -> Iterable[tuple[Evidence, Record]]:
    for item in ground.view.of(*table.systems):
        for record in ground.view.records(item):
            if belongs(record, ground.spec.subject_columns, ground.mine):
                yield item, record


def _id_of(record: Record, labels: list[str]) -> Cell | None:
    """The event that a row names, or the key of the object that it is."""
    cell = column(record, labels)
    if cell is not None:
        return cell
    first = next(iter(record.cells.values()), None)
    key = first.locator.rpartition("/")[0].rpartition("/")[2] if first is not None else ""
    keyed = bool(re.search(r"[A-Za-z].*\d", key))
    return Cell(key, first.locator) if keyed and first is not None else None


def _take_event(ground: Ground, spec: TriggerSpec, item: Evidence, record: Record, events: dict[str, Event]) -> None:
    columns = ground.spec.tables[spec.events].columns
    cell, start = _id_of(record, columns["event"]), column(record, columns["started"])
    if cell is None or start is None:
        return
    event = events.setdefault(cell.text.strip(), Event(cell.text.strip()))
    event.at, event.at_cite = moment(start.text), ground.view.cite(item, start)
    if (severity := column(record, columns["severity"])) is not None:
        event.severity, event.severity_cite = severity.text.strip(), ground.view.cite(item, severity)
        event.severe = bool(re.search(spec.severe, folded(event.severity)))
    if (proven := column(record, columns["proven"])) is not None:
        event.proven_said, event.proven_cite = proven.text.strip(), ground.view.cite(item, proven)
        event.proven = label_of(proven.text) in spec.proven
    elif (done := column(record, columns["proven_at"])) is not None and moment(done.text) is not None:
        event.proven_said, event.proven_cite, event.proven = done.text.strip(), ground.view.cite(item, done), True
    named = [c for c in (cell, column(record, columns["minutes"])) if c is not None and c in record.cells.values()]
    event.row = [ground.view.cite(item, c) for c in named]


def _classify(ground: Ground, spec: TriggerSpec, item: Evidence, record: Record, event: Event) -> None:
    """The final classification speaks for the severity; one that the table of events has otherwise is on record."""
    columns = ground.spec.tables[spec.classes].columns
    state, severity, was = (column(record, columns[name]) for name in ("state", "severity", "was"))
    state = state or _state_among(record, columns["severity"], severity)
    if state is not None:
        event.state, event.state_cite = state.text.strip(), ground.view.cite(item, state)
        event.closed = label_of(state.text) in spec.closed
    if was is not None:
        event.was = was.text.strip()
    if severity is None:
        return
    citation = ground.view.cite(item, severity)
    severe = bool(re.search(spec.severe, folded(severity.text)))
    if event.severity_cite is not None and severe != event.severe:
        sides = [Side(value=severity.text.strip(), citations=[citation])]
        sides.append(Side(value=event.severity, citations=[event.severity_cite]))
        rule = "the classification of record speaks for the severity, over the copy in the table of events"
        ground.findings.contradict(f"severity of {event.id}", sides, rule, settled=True, key="severity")
        event.was = event.was or event.severity
    event.severity, event.severity_cite, event.severe = severity.text.strip(), citation, severe


def _state_among(record: Record, labels: Sequence[str], severity: Cell | None) -> Cell | None:
    """A second cell under a name of the classification, where it says how it stands: `Classification: closed`."""
    others = (cell for one in labels if (cell := column(record, [one])) is not None and cell is not severity)
    return next((cell for cell in others if _STANDS.match(label_of(cell.text))), None)


def _classify_by_line(ground: Ground, spec: TriggerSpec, event: Event) -> None:
    """A classification that is told in a line: the line that names the event and a closed word last."""
    for item in ground.view.of(*ground.spec.tables[spec.classes].systems):
        for span in lines_of(ground.view.readings(item.id)):
            plain = folded(span.text)
            if span.kind in ("leaf", "cell") or folded(event.id) not in plain or not _OF_CLASS.search(plain):
                continue
            citation = ground.view.cite(item, Cell(span.text, span.locator))
            words = [word for word in spec.closed if re.search(rf"\b{word}\b", plain)]
            still = re.search(r"\b(?:not|still|yet|reopened|pending|under review|in review)\b", plain)
            event.state, event.state_cite = (words[0] if words else "not closed"), citation
            event.closed = bool(words) and still is None
            if severe := re.search(spec.severe, plain):
                event.severity, event.severity_cite, event.severe = severe[0], citation, True


def _judged(events: Sequence[Event], needed: int, days: int) -> tuple[State, str, list[Event]]:
    counted = [e for e in events if e.severe and e.closed and e.proven]
    possible = [e for e in events if e.severe is not False and e.severity_cite is not None]
    sure = _window(counted, needed, days, surely=True)
    if sure:
        return "met", f"{len(sure)} severe events inside {days} days; {needed} are needed", sure
    widest = _window(counted, 1, days, surely=False)
    if not events:
        return "uncertain", "no event of the case is in evidence, and absence proves nothing", []
    if _window(possible, needed, days, surely=False):
        open_ = [e.id for e in possible if not (e.closed and e.proven)] or ["the window's edge"]
        return "uncertain", f"it depends on {', '.join(open_)}", widest
    return "missed", f"{len(widest)} severe events inside {days} days; {needed} are needed", widest


def _window(events: Sequence[Event], needed: int, days: int, *, surely: bool) -> list[Event]:
    """The most events that lie within `days`, if they are at least `needed`. At the edge only what is exact is sure."""
    if not surely and any(e.at is None for e in events) and len(events) >= needed:
        return list(events)
    placed = sorted((e for e in events if e.at is not None), key=lambda e: (e.at.at, e.id))  # type: ignore[union-attr]
    best: list[Event] = []
    for n, first in enumerate(placed):
        inside = [e for e in placed[n:] if _apart(first, e, surely) <= timedelta(days=days)]
        best = max(best, inside, key=len)
    return best if len(best) >= needed else []


def _apart(first: Event, last: Event, surely: bool) -> timedelta:
    if first.at is None or last.at is None:
        return timedelta.max
    slack = first.at.slack + last.at.slack if first is not last else timedelta(0)
    apart = last.at.at - first.at.at
    return apart + slack if surely else apart - slack


def _span(window: Sequence[Event]) -> Figure | None:
    """From the first to the last counted event, in minutes."""
    placed = sorted((e for e in window if e.at is not None), key=lambda e: e.at.at)  # type: ignore[union-attr]
    if len(placed) < 2:
        return None
    first, last = placed[0], placed[-1]
    if first.at is None or last.at is None or first.at_cite is None or last.at_cite is None:
        return None
    return between(first.at_cite, last.at_cite, last.at.at - first.at.at)
