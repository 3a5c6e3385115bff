"""Change windows of a change calendar: when a production change may run, and which window a plan means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from agents.axis import parsed
from agents.case_view import CaseView
from agents.documents import Node, below, unread
from agents.times import zone_of
from casefile.claims import Citation
from casefile.evidence import Evidence
from casefile.registers import ExceptionItem
from tools.readers import clock

_WORD = re.compile(r"\w+", re.UNICODE)
_SCOPE = re.compile(r"\bscope\s*[:=]\s*(?P<scope>[^\n.;]+)", re.IGNORECASE)
_MAIL_LINE = re.compile(r"/parts/\d+/messages/\d+/lines/\d+")
_DURATION = re.compile(r"P(?:(?P<d>\d+)D)?(?:T(?:(?P<h>\d+)H)?(?:(?P<m>\d+)M)?(?:(?P<s>\d+)S)?)?")


@dataclass(frozen=True, slots=True)
class Window:
    """A window: `opens` and `closes` in UTC, with the places that say so; `firm` is false where it is not confirmed."""

    id: str
    title: str
    opens: datetime
    closes: datetime
    scope: tuple[str, ...]
    firm: bool
    status: str
    opens_raw: str
    closes_raw: str
    opens_at: list[Citation]
    closes_at: list[Citation]
    named_at: list[Citation]
    text: str

    def covers(self, names: Iterable[str]) -> bool:
        """Whether its scope speaks of one of the names; one that states no scope speaks of all."""
        return not self.scope or any(_same_thing(entry, name) for entry in self.scope for name in names)


def windows_of(view: CaseView, words: Mapping[str, Any]) -> list[Window]:
    """Every window of the calendars in use, in order of time."""
    found = [
        window
        for item in view.of(*words["systems"])
        for entry in _entries(view, item, words["labels"])
        if (window := _window(view, entry, words)) is not None
    ]
    return sorted(found, key=lambda one: (one.opens, one.id))


def unplaced(view: CaseView, words: Mapping[str, Any]) -> Iterator[ExceptionItem]:
    """Calendars that have entries without a time that can be placed, or no entry at all: said, and not passed over."""
    for item in view.of(*words["systems"]):
        entries = _entries(view, item, words["labels"])
        timed = [one for one in entries if one.get(words["labels"]["start"]) is not None]
        lost = sum(_window(view, one, words) is None for one in timed)
        if not timed or lost:
            what = f"{lost} of {len(timed)} windows name no time that can be placed" if timed else "no window was found"
            yield unread(item, what)


def window_for(windows: Sequence[Window], name: str, touched: Sequence[str], now: datetime) -> Window | None:
    """The window that is meant: the one that the plan names, else those whose scope covers what is touched. Of several
    the one that is open or opens next; where all are over, the last."""
    if name:
        meant = [one for one in windows if _names(one, name)]
    else:
        meant = [one for one in windows if one.scope and one.covers(touched)]
    ahead = [one for one in meant if one.closes > now]
    return ahead[0] if ahead else meant[-1] if meant else None


def _names(window: Window, name: str) -> bool:
    pattern = rf"(?<![\w-]){re.escape(name)}(?![\w-]*\w)" if name else r"(?!)"
    return window.id == name or re.search(pattern, window.text, re.IGNORECASE) is not None


def _entries(view: CaseView, item: Evidence, labels: Mapping[str, list[str]]) -> list[Node]:
    """The mappings and table rows of an item that have a start."""
    reading = view.readings(item.id)
    found: list[Node] = []
    level = [Node(item, reading.data)]
    for _ in range(4):
        found += [node for node in level if node.get(labels["start"]) is not None]
        level = [child for node in level for child in below(node)]
    for table in [*reading.tables, *reading.drawn]:
        sheet = f"sheet={table.sheet}," if table.sheet else ""
        prefix = table.base if table.by_line else f"{sheet}row="
        found += [Node(item, dict(row.cells), f"{prefix}{row.number}") for row in table.rows]
    return found


def _window(view: CaseView, entry: Node, words: Mapping[str, Any]) -> Window | None:
    labels: Mapping[str, list[str]] = words["labels"]
    start, end = entry.get(labels["start"]), entry.get(labels["end"])
    zone = zone_of(entry.text(labels["zone"])) or view.zone(entry.item)
    opens = _time(entry, start, zone)
    closes = _time(entry, end, zone)
    if opens is not None and closes is None:
        closes = _after(opens, entry.text(labels["duration"]))
    if start is None or opens is None or closes is None or closes <= opens:
        return None
    status = entry.text(labels["status"]).casefold()
    told = " ".join(str(leaf.value) for leaf in entry.leaves())
    scope = entry.get(labels["scope"])
    said = _SCOPE.search(told)
    names = scope.texts() if scope is not None else said["scope"].split(",") if said is not None else []
    return Window(
        id=entry.text(labels["window_id"]),
        title=entry.text(labels["title"]),
        opens=opens,
        closes=closes,
        scope=tuple(name.strip(" \\") for name in names if name.strip(" \\")),
        firm=status in ("", *words["firm_words"]),
        status=status,
        opens_raw=str(start.value),
        closes_raw=str(end.value) if end is not None else entry.text(labels["duration"]),
        opens_at=_cite(view, start),
        closes_at=_cite(view, end) if end is not None else [],
        named_at=_cite(view, named) if (named := entry.get(labels["window_id"])) is not None else [],
        text=told,
    )


def _time(entry: Node, node: Node | None, zone: tzinfo | None) -> datetime | None:
    """A time in UTC, by the zone beside it, in the name of its column, of its row or of its calendar. One without a
    zone is none: nobody knows when it is."""
    if node is None:
        return None
    name = node.pointer.rpartition("/")[2]
    computed = entry.value.get(f"{name}_utc") if isinstance(entry.value, Mapping) else None
    text = str(computed or node.value).strip()
    told = zone_of(re.sub(r"(?i)\bgmt\b|\butc\b", "UTC", name.replace("_", " "))) or zone
    try:
        value = datetime.fromisoformat(text.replace("Z", "+00:00").replace("z", "+00:00"))
    except ValueError:
        return clock.instant(text) or parsed(text, told)[0]
    value = value if value.tzinfo is not None or told is None else value.replace(tzinfo=told)
    return value.astimezone(UTC) if value.tzinfo is not None else None


def _after(opens: datetime, duration: str) -> datetime | None:
    match = _DURATION.fullmatch(duration.strip().upper())
    if match is None or not any(match.groups()):
        return None
    parts = {name: int(value or 0) for name, value in match.groupdict().items()}
    return opens + timedelta(days=parts["d"], hours=parts["h"], minutes=parts["m"], seconds=parts["s"])


def _cite(view: CaseView, node: Node) -> list[Citation]:
    row, _, column = node.pointer.rpartition("/")
    drawn = row.startswith("line=") or _MAIL_LINE.fullmatch(row) is not None
    if not drawn and not row.startswith(("row=", "sheet=")):
        return node.cite(view)
    place = row if drawn else f"{row},col={column.replace('~1', '/').replace('~0', '~')}"
    return [Citation(evidence=node.item.id, locator=place, quote=str(node.value), sha256=node.item.sha256)]


def _same_thing(entry: str, name: str) -> bool:
    """Whether two names mean one thing: the words of one are all among the words of the other."""
    one, other = set(_WORD.findall(entry.casefold())), set(_WORD.findall(name.casefold()))
    return bool(one) and bool(other) and (one <= other or other <= one)
