"""One time axis: every record of an identity, session or attachment log at its UTC time, with how its clock was read.

A time is placed only where its zone is known: written beside it, told for its node or for the whole log, or in the
name of its column. Where none is known, the record has no place on the axis and a question says so (R9).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from itertools import pairwise

from agents.records import label_of
from agents.times import known_zone as zone_name
from agents.times import mentions, zone_of
from casefile.evidence import Reading
from runtime.clock import instant

_STAMP = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})[T ](?P<time>\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,6})?)?)\s?(?P<zone>Z\b|UTC\b|GMT\b|[+\-−]\d{2}:?\d{2}\b)?"  # noqa: E501
    r"|(?P<day>\d{2})/(?P<month>[A-Z][a-z]{2})/(?P<year>\d{4}):(?P<time2>\d{2}:\d{2}:\d{2})(?: (?P<zone2>[+\-]\d{4}))?"
    r"|(?<!\d)(?P<d3>\d{1,2})\.(?P<m3>\d{1,2})\.(?P<y3>\d{4}),?[T ]+(?P<time3>\d{2}:\d{2}(?::\d{2})?)\s?(?P<zone3>Z\b|UTC\b|GMT\b|[+\-−]\d{2}:?\d{2}\b)?"  # noqa: E501
)
# A zone by its name after a time: `2026-08-12 16:03:05 CEST`, `… (Europe/Rome)`.
_AFTER = re.compile(
    r"\s?\(?(?P<name>[A-Z]{3,4}\b|(?:Africa|America|Asia|Atlantic|Australia|Europe|Indian|Pacific)/\w+)"
)
_HALF = re.compile(r"\s?(?P<half>[ap])\.?m\b\.?", re.IGNORECASE)
_NOON = 12
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?")
_TIME_LENGTH = 48  # characters of a cell that holds a time and nothing else
_MONTHS = {
    m: n for n, m in enumerate(["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], 1)
}
_PAIR = re.compile(r"(?P<key>[A-Za-z_][\w.]*)=(?P<value>\"[^\"]*\"|'[^']*'|\S+)")
# The common log format of web servers and gateways: host, ident, user, [time], "request", status.
_CLF = re.compile(r"^\S+ \S+ (?P<user>\S+) (?=\[)")
_REQUEST = re.compile(r'\] "(?P<method>[A-Z]+) (?P<path>[^ "]*)[^"]*" (?P<status>\d{3})\b')
# The members of a line that say what was done, where no word after its time does.
_WHAT = ("event", "action", "operation", "op", "verb", "method", "activity", "type")
_STEP = re.compile(r"[A-Za-z][A-Za-z_-]*")
_NAMED_FILE = re.compile(r"/[^/?\s]*\.\w{2,5}\b|\?")
_NODE_ZONE = re.compile(
    r"(?P<node>[\w-]+)\s+(?:nodes?\s+)?(?:writes?|logs?|uses?|is|are|in)\s+(?:UTC\s*)?(?P<zone>[+\-−]\d{2}:?\d{2}|UTC|Z)\b",
    re.I,
)
_ALL_ZONE = re.compile(
    r"(?:all )?(?:times?|timestamps?|clocks?|time[_ ]?zone|zeiten|zeitzone|uhrzeiten|heures|fuseau)\b[^\n\d]{0,40}?(?P<zone>UTC\s*[+\-−]\d{1,2}(?::?\d{2})?|[+\-−]\d{2}:?\d{2}|UTC|GMT|Z|CES?T|MES?Z|EES?T|[EP][DS]T|(?:Africa|America|Asia|Atlantic|Australia|Europe|Indian|Pacific)/\w+)(?![\w/])",  # noqa: E501
    re.I,
)
_SKEW = re.compile(
    r"(?P<node>[A-Za-z]+[\w-]*\d[\w-]*)[^\n;]{0,40}?(?P<amount>\d+(?:\.\d+)?)\s*(?P<unit>ms|s|sec|seconds|min|minutes)\b[^\n;]{0,12}?\b(?P<way>fast|ahead|slow|behind|skew|drift|off)",
    re.I,
)
_SKEW_AFTER = re.compile(
    r"(?:skew|drift)\w*[^\n;]{0,30}?(?P<node>[A-Za-z]+[\w-]*\d[\w-]*)?\D{0,12}(?P<way>[+\-−])?(?P<amount>\d+(?:\.\d+)?)\s*(?P<unit>ms|s|sec|seconds|min|minutes)\b",
    re.I,
)
# How far a declaration reaches: lines at the head of a text, characters of a sentence and of the zone in it.
ZONE_NAMES = ("time zone", "timezone", "tz", "zone", "utc offset", "zeitzone", "fuseau horaire")
_HEAD, _SENTENCE, _DECLARED = 60, 300, 40
_SOME = datetime(2026, 7, 1, tzinfo=UTC)  # zones are compared by their offset on one day
_WEEKS_DAYS = 14  # how far the other days of a log are looked at
_BUSY, _CHANCE = 20, 0.01  # records from which on a log is busy; how rarely its gaps may come by chance
_UNITS = {"ms": 0.001, "s": 1.0, "sec": 1.0, "seconds": 1.0, "min": 60.0, "minutes": 60.0}


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a log. `at` is None where its zone is not known; `quote` stands at `locator`.

    `skew` is by how many seconds its clock is said to be wrong at most; `beside` are further places of the same row.
    """

    evidence: str
    locator: str
    quote: str
    raw: str
    at: datetime | None
    zone: str
    what: str
    values: Mapping[str, str] = field(default_factory=dict)
    skew: int = 0
    beside: tuple[tuple[str, str], ...] = ()

    def first(self, names: Sequence[str]) -> str:
        """The value under the first of the names that it has."""
        return next((self.values[name] for name in names if self.values.get(name)), "")

    @property
    def shown(self) -> str:
        """Its time as the artifact states it."""
        return instant(self.at) if self.at is not None else f"{self.raw} (zone unknown)"


@dataclass(frozen=True, slots=True)
class Clocks:
    """What a log says about its own clocks: a zone by node, one for all, and errors in seconds by node."""

    zones: Mapping[str, tzinfo]
    everywhere: tzinfo | None
    skews: Mapping[str, int]

    def zone_of(self, node: str) -> tzinfo | None:
        """The zone of a node's records."""
        return next((zone for name, zone in self.zones.items() if node.startswith(name)), self.everywhere)

    def skew_of(self, node: str) -> int:
        """By how much a node's clock may be wrong, in seconds."""
        return next((s for name, s in self.skews.items() if name and node.startswith(name)), self.skews.get("", 0))


def clocks(lines: Sequence[str]) -> Clocks:
    """Read what the lines of a log that are no records say about its clocks."""
    said = [line for line in lines if is_comment(line) or _STAMP.match(line.lstrip("[(| ")) is None]
    zones: dict[str, tzinfo] = {}
    everywhere: tzinfo | None = None
    skews: dict[str, int] = {}
    for line in said:
        for match in _NODE_ZONE.finditer(line):
            if any(char.isdigit() for char in match["node"]):
                zones[match["node"]] = offset(match["zone"])
        if not zones and not _PAIR.search(line):
            everywhere = told_zone(line) or everywhere
        if re.search(r"skew|drift|fast|slow|ahead|behind", line, re.I):
            for match in [*_SKEW.finditer(line), *_SKEW_AFTER.finditer(line)]:
                seconds = round(float(match["amount"]) * _UNITS[match["unit"].lower()] + 0.499)
                skews.setdefault(match["node"] or "", seconds)
    return Clocks(zones, everywhere, skews)


def told_zone(text: str) -> tzinfo | None:
    """The zone that a sentence declares for all times of its source: `All times UTC`, `local time (Europe/Rome)`."""
    match = _ALL_ZONE.search(text)
    if match is None:
        return None
    return offset(match["zone"]) if match["zone"][0] in "+-−" else zone_of(text[match.start("zone") :][:_DECLARED])


def declared(reading: Reading) -> tzinfo | None:
    """The one zone that a source declares for its clocks beside its records; None where it declares none, or two."""
    drawn = {row.number for table in reading.drawn for row in table.rows}
    texts = [line for n, line in enumerate(reading.lines[:_HEAD], 1) if n not in drawn and not _PAIR.search(line)]
    texts += [span.text for span in reading.spans if not span.hidden and len(span.text) <= _SENTENCE]
    # A sheet of one name and one value reads as a header without rows.
    for table in reading.tables:
        texts += table.columns
        texts += [f"time zone {value}" for name, value in pairwise(table.columns) if label_of(name) in ZONE_NAMES]
    zones = [told_zone(text) for text in texts]
    zones += [zone_of(span.text) for span in reading.spans if label_of(span.label) in ZONE_NAMES]
    found = {_SOME.astimezone(zone).utcoffset(): zone for zone in zones if zone is not None}
    return next(iter(found.values())) if len(found) == 1 else None


def offset(text: str) -> timezone:
    """`-0700`, `+02:00`, `UTC+2`, `Z` as a zone."""
    match = re.search(r"([+\-−])(\d{1,2}):?(\d{2})?", text)
    if match is None:
        return UTC
    shift = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    return timezone(shift if match[1] == "+" else -shift)


def parsed(text: str, fallback: tzinfo | None = None) -> tuple[datetime | None, str, str]:
    """The first time in a text: its UTC time or None, the zone as it was found, and the time as written."""
    match = _STAMP.search(text)
    if match is None:
        return _worded(text, fallback)
    written = match["zone"] or match["zone2"] or match["zone3"]
    zone = offset(written) if written else fallback
    raw = match[0].strip()
    half = _HALF.match(text, match.end())
    end = half.end() if half else match.end()
    if not written and (named := _AFTER.match(text, end)) and (told := zone_of(named["name"])) is not None:
        zone, written, raw = told, named["name"], text[match.start() : named.end()]
    clock = (match["time"] or match["time2"] or match["time3"]).replace(",", ".")
    day = match["date"] or (
        f"{match['year']}-{_MONTHS.get(match['month'], 0):02}-{match['day']}"
        if match["year"]
        else f"{match['y3']}-{match['m3']:0>2}-{match['d3']:0>2}"
    )
    try:
        naive = datetime.fromisoformat(f"{day}T{clock}")
    except ValueError:
        return None, "", match[0]
    if half is not None and naive.hour <= _NOON:
        naive = naive.replace(hour=naive.hour % _NOON + (_NOON if half["half"] in "pP" else 0))
        raw = text[match.start() : max(end, match.start() + len(raw))].strip()
    if zone is None:
        return None, "", raw
    return naive.replace(tzinfo=zone).astimezone(UTC), written or zone.tzname(naive) or "", raw


def _worded(text: str, fallback: tzinfo | None) -> tuple[datetime | None, str, str]:
    """A time that is no stamp: seconds since 1970, or a date in words. Long texts are sentences, and no time."""
    plain = text.strip()
    if _EPOCH.fullmatch(plain):
        return datetime.fromtimestamp(int(plain[:10]), UTC), "UTC", plain
    if len(plain) > _TIME_LENGTH:
        return None, "", ""
    told = next(mentions(plain), None)
    if told is not None and told.instant is not None:
        return told.instant, zone_name(plain), plain
    told = next(mentions(f"{plain} UTC"), None) if told is not None else None
    if told is None or told.instant is None or fallback is None:
        return None, "", plain if told is not None else ""
    local = told.instant.replace(tzinfo=fallback)
    return local.astimezone(UTC), local.tzname() or "", plain


def log_records(evidence: str, reading: Reading, shown: frozenset[str]) -> Iterator[Record]:
    """The records of a line-oriented log. A quote ends before the first member that is not in `shown`."""
    told = clocks(reading.lines)
    drawn = {row.number for table in reading.drawn for row in table.rows}
    for number, line in enumerate(reading.lines, 1):
        if is_comment(line) or number in drawn:
            continue
        stamp, served = _STAMP.search(line), _CLF.match(line)
        if served is not None and stamp is not None and stamp.start() == served.end() + 1:
            yield _served(evidence, number, line, served, told)
        elif stamp is not None and stamp.start() <= 20:
            yield _written(evidence, number, line, stamp, told, shown)


def is_comment(line: str) -> bool:
    """Whether a line of a log speaks about the log."""
    return line.lstrip().startswith(("#", "//", ";"))


def _written(
    evidence: str, number: int, line: str, stamp: re.Match[str], told: Clocks, shown: frozenset[str]
) -> Record:
    pairs = [(m["key"].casefold(), m["value"].strip("\"'"), m.end()) for m in _PAIR.finditer(line)]
    values = {key: value for key, value, _ in reversed(pairs)}
    node = values.get("node") or values.get("host") or ""
    at, zone, raw = parsed(line, told.zone_of(node))
    end = _quoted(line, stamp.end(), pairs, shown)
    verb = re.match(r"\W*([A-Za-z_]+)\b(?!=)", line[stamp.end() :])
    what = verb[1] if verb else next((values[key] for key in _WHAT if values.get(key)), "")
    quote = line[stamp.start() : end].rstrip()
    return Record(evidence, f"line={number}", quote, raw, at, zone, what, values, told.skew_of(node))


def _served(evidence: str, number: int, line: str, served: re.Match[str], told: Clocks) -> Record:
    """A line of an access log: what was asked for stands in the request. Addresses and file names are not quoted."""
    at, zone, raw = parsed(line, told.everywhere)
    request = _REQUEST.search(line)
    path = request["path"].partition("?")[0] if request else ""
    steps = [step for step in path.split("/") if step]
    ids = [step for step in steps if any(char.isdigit() for char in step) and "." not in step]
    verb = steps[-1] if steps and steps[-1] not in ids and _STEP.fullmatch(steps[-1]) and len(steps) > 1 else ""
    values = {
        "user": served["user"],
        "attachment": ids[-1] if ids else "",
        "status": request["status"] if request else "",
    }
    named = _NAMED_FILE.search(line, request.start("path")) if request else None
    end = (named.start() if named else request.end()) if request else line.index("]") + 1
    what = (verb if ids else "") or (request["method"] if request else "")
    return Record(evidence, f"line={number}", line[served.start("user") : end], raw, at, zone, what.upper(), values)


def _quoted(line: str, after: int, pairs: Sequence[tuple[str, str, int]], shown: frozenset[str]) -> int:
    end = pairs[0][2] - len(pairs[0][0]) - 1 - len(pairs[0][1]) if pairs else len(line)
    end = max(after, end)
    for key, _, stop in pairs:
        if key not in shown:
            break
        end = stop
    return end


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time that a log speaks about: that it covers, or that it lacks. `quote` says so at `locator`."""

    evidence: str
    start: datetime
    end: datetime
    locator: str
    quote: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{instant(self.start)} to {instant(self.end)}"


_COVERED = re.compile(r"\bcomplete\b|\bcovers?\b|\bcoverage\b|\bcontains all\b", re.I)
_LACKING = re.compile(
    r"\bmissing\b|\bgap\b|\bno (?:data|records|entries|logs?)\b|\bnot available\b|\bunavailable\b|\blost\b|\bdropped\b|\bincomplete\b|\bcollector (?:was )?down\b|\bnot (?:collected|recorded|exported)\b", re.I  # noqa: E501
)  # fmt: skip

_SPAN_OF = re.compile(r"complet|cover|window|period|range|retention")
_GAP_OF = re.compile(r"\bgaps?\b|missing|lacking|unavailable|no_data|not_collected|holes?\b")
_SIDE = re.compile(r"(?:^|_|\b)(?:from|start|since|begin)|(?P<end>(?:^|_|\b)(?:to|until|till|end)(?:$|_|\b))")


def windows(evidence: str, reading: Reading) -> tuple[list[Window], list[Window]]:
    """What a log says that it covers, and what it says that it lacks."""
    texts = [(f"line={n}", line) for n, line in enumerate(reading.lines, 1) if not _PAIR.search(line)]
    texts += [(span.locator, span.text) for span in reading.spans if len(span.text) > 12]
    covered: list[Window] = []
    lacking: list[Window] = []
    for locator, text in texts:
        lacks, covers = _LACKING.search(text), _COVERED.search(text)
        if not lacks and not covers:
            continue
        stamps = list(_STAMP.finditer(text))
        if len(stamps) > 2 and not text[: stamps[0].start()].strip(" [("):
            stamps = stamps[1:]  # the record's own
        known = [time for time in (parsed(match[0], UTC)[0] for match in stamps) if time is not None]
        if len(known) < 2 or known[0] >= known[1]:
            continue
        window = Window(evidence, known[0], known[1], locator, text.strip())
        (lacking if lacks else covered).append(window)
    return [*covered, *_stated(evidence, reading, _SPAN_OF)], [*lacking, *_stated(evidence, reading, _GAP_OF)]


def _stated(evidence: str, reading: Reading, kind: re.Pattern[str]) -> Iterator[Window]:
    """A stretch that an export states as two members of one object, or two cells of one row: `complete_from`,
    `complete_to`; `gaps/0/from`; a sheet "Coverage"."""
    begins: dict[str, datetime] = {}
    for span in reading.spans:
        cell = span.kind == "cell"
        parent, _, name = span.locator.rpartition(",col=" if cell else "/")
        name = (span.label or name if cell else name).casefold()
        told = _told_in_cells(parent, name, kind) if cell else kind.search(f"{parent.casefold()}/{name}")
        side = _SIDE.search(name) if span.kind in ("leaf", "cell") and told else None
        at = parsed(span.text, UTC)[0] if side else None
        if side is None or at is None:
            continue
        if side["end"] is None:
            begins[parent] = at
        elif parent in begins:
            yield Window(evidence, begins[parent], at, span.locator, span.text)


def _told_in_cells(row: str, column: str, kind: re.Pattern[str]) -> bool:
    """Whether a row speaks of a whole log: its column or its sheet says so. Records have periods of their own."""
    sheet = row.partition("sheet=")[2].rpartition(",row=")[0].casefold()
    return any(re.search(r"complet|cover", one) if kind is _SPAN_OF else kind.search(one) for one in (sheet, column))


def silence(evidence: str, records: Sequence[Record], around: datetime) -> Window | None:
    """A stretch around `around` in which a busy log has no record of anybody: longer than comes by chance."""
    placed = sorted((record for record in records if record.at is not None), key=lambda r: r.at or around)
    if len(placed) < _BUSY:
        return None
    gaps = [(b.at - a.at, a, b) for a, b in pairwise(placed) if a.at is not None and b.at is not None]
    whole = sum((gap for gap, _, _ in gaps), timedelta())
    for gap, before, after in gaps:
        # Records that come at random, `usual` apart, leave a gap so long once in a hundred logs of this length.
        usual = (whole - gap) / (len(gaps) - 1)
        least = max(usual * math.log(len(gaps) / _CHANCE), timedelta(hours=1))
        if gap < least or before.at is None or after.at is None:
            continue
        if before.at - timedelta(hours=1) <= around <= after.at and not _usual_hours(placed, before.at, after.at):
            minutes = round(usual.total_seconds() / 60)
            detail = f"no record of anybody; records usually come {minutes} minutes apart"
            return Window(evidence, before.at, after.at, before.locator, before.quote, detail)
    return None


def _usual_hours(placed: Sequence[Record], start: datetime, end: datetime) -> bool:
    """Whether most of the other days of a log are silent at the same hours: a night or a weekend is no hole."""
    times = [record.at for record in placed if record.at is not None]
    days = {d for d in range(-_WEEKS_DAYS, _WEEKS_DAYS + 1) if d} if end - start < timedelta(days=1) else {-7, 7}
    others = [(start + timedelta(days=d), end + timedelta(days=d)) for d in days]
    others = [(a, b) for a, b in others if times[0] <= a and b <= times[-1]]
    return sum(not any(a < at < b for at in times) for a, b in others) * 2 > len(others)
