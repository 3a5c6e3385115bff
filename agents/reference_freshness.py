"""How old the records are that a packet cites, by the evidence's own time (contract §4), and until when they are fresh.

What came with the packet is as old as the older of the two says: the packet and the system whose record it is. What
came later speaks for itself, an export of the system or of the packet: that is the refresh upstream. Nothing of what
a record says is taken over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from agents.case_view import CaseView
from agents.governed_packet import GovernedPacket, Reference
from agents.records import Cell, Record, records
from casefile.claims import Citation
from casefile.evidence import Evidence, Reading
from guardrails.freshness import stale
from tools.readers import clock, line_spans


@dataclass(frozen=True, slots=True)
class Aged:
    """A cited record: when it was last verified, until when that is fresh, and why it is not, if so.

    `timed` is false for records that the card sets no window for. `found` are its places in the systems' evidence.
    """

    reference: Reference
    timed: bool
    verified: datetime | None
    until: datetime | None
    stale: str
    citations: tuple[Citation, ...]
    found: tuple[Citation, ...]


def aged(view: CaseView, packet: GovernedPacket, window: timedelta) -> list[Aged]:
    """Every cited record with its age under the run's clock."""
    return [_age(view, packet, one, window) for one in packet.references]


def lost_systems(view: CaseView, packet: GovernedPacket) -> list[str]:
    """Systems whose evidence was in the ledger, is cited, and can no longer be read."""
    cited = [system for one in packet.references for system in _row(view, one)[0]]
    given = {item.system for item in view.evidence if not item.prior}
    left = {item.system for item in view.usable if not view.readings(item.id).unusable}
    return [system for system in dict.fromkeys(cited) if system in given and system not in left]


def _age(view: CaseView, packet: GovernedPacket, one: Reference, window: timedelta) -> Aged:
    systems, timed = _row(view, one)
    cited = view.cite(packet.evidence, one.record)
    claimed = clock.instant(one.verified.text) if one.verified is not None else None
    at_start: list[datetime] = [claimed] if claimed is not None else []
    later: list[datetime] = []
    places = []
    for item in view.of(*systems):
        place = _place(view, item, one.record.text)
        if place is None:
            continue
        cell, own = place
        places.append(view.cite(item, cell, one.record.text))
        said = own or view.readings(item.id).made_at
        if item.arrived_at > packet.evidence.arrived_at:
            later += [moment for moment in [said or item.captured_at] if moment is not None]
        elif claimed is None or (said is not None and item.arrived_at == packet.evidence.arrived_at):
            at_start += [moment for moment in [said or item.captured_at] if moment is not None]
    verified = max(later) if later else min(at_start, default=None)
    finding = stale(verified, None, view.now, window) if timed else None
    verified_cell = [view.cite(packet.evidence, one.verified)] if one.verified is not None else []
    return Aged(
        reference=one,
        timed=timed,
        verified=verified,
        until=verified + window if verified is not None and timed else None,
        stale=_why(finding.text, verified) if finding is not None else "",
        citations=(cited, *verified_cell),
        found=tuple(places),
    )


def _why(text: str, verified: datetime | None) -> str:
    """The reason without the age, which changes with every minute: content changes when a fact does."""
    if verified is None:
        return "no time of verification is stated"
    return "its verification lies in the future" if "ahead" in text else "its verification is older than the window"


def _row(view: CaseView, one: Reference) -> tuple[tuple[str, ...], bool]:
    """The systems whose record it is, and whether the window applies. An unknown source is timed: fail closed."""
    words = one.source.casefold()
    rows = view.scenario.data["reference_systems"]
    untimed = next((r for r in rows if not r.get("timed", True) and any(w in words for w in r["words"])), None)
    row = untimed or next((r for r in rows if any(word in words for word in r["words"])), None)
    if row is None:
        return tuple(system for r in rows for system in r["systems"]), True
    return tuple(row["systems"]), bool(row.get("timed", True))


def _place(view: CaseView, item: Evidence, record: str) -> tuple[Cell, datetime | None] | None:
    """Where the record stands in an item, with the time at which its own row says that it was verified."""
    reading = view.readings(item.id)
    exact = re.compile(rf"(?<![\w-]){re.escape(record)}(?![\w-])", re.IGNORECASE)
    labels: Sequence[str] = view.scenario.data["packet"]["verified"]
    for row in records(reading):
        cell = next((cell for cell in row.cells.values() if exact.search(cell.text)), None)
        if cell is not None and not view.foreign(row):
            return Cell(record, cell.locator), _verified(row, labels)
    return next(_in_lines(reading, exact, record), None)


def _verified(row: Record, labels: Sequence[str]) -> datetime | None:
    cell = row.first(labels)
    return clock.instant(cell.text) if cell is not None else None


def _in_lines(reading: Reading, exact: re.Pattern[str], record: str) -> Iterator[tuple[Cell, None]]:
    for number, text in enumerate(reading.lines, 1):
        if exact.search(text):
            span = line_spans(reading, [number])[0]
            yield Cell(record, span.locator), None
