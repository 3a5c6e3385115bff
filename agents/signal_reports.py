"""Customers' reports as signals: the times that they list, in the zone that they declare, and what they deny.

A report corroborates the timing of an impact. It never outranks a ledger (card: source precedence).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from agents.case_view import CaseView
from agents.records import Cell
from agents.row_times import dated
from agents.signal_cluster import RawSignal
from agents.signal_matrix import CUSTOMER
from agents.signal_rows import TENANT, rows
from agents.signal_snapshots import Captured
from agents.signal_window import Window
from agents.times import known_zone, mentions
from casefile.claims import Citation
from casefile.evidence import Evidence, Span
from tools.readers import line_spans

_CLOCK = re.compile(
    r"(?<![\d:./-])((?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?:\s*[ap]\.?m\.?)?)(?![\d:])", re.IGNORECASE
)
_HEADS = frozenset({"from", "to", "cc", "date", "message-id", "in-reply-to", "references", "mime-version"})
_DENIED = re.compile(
    r"\b(?:no|never|not|nothing|none|without|kein\w*|nicht\w*|aucun\w*|ningun\w*)\b[^.!?\n]{0,60}"
    r"\b(?:export\w*|bundle\w*|download\w*|staged|extract\w*)\b"
    r"|\b(?:export\w*|bundle\w*|download\w*)\b[^.!?\n]{0,40}"
    r"\b(?:did not|didn't|never|was not|wasn't|were not|has not|no such)\b",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Reports:
    """What customers reported. `denials` say that no export happened; `unread` are times without a zone."""

    signals: list[RawSignal] = field(default_factory=list)
    denials: list[tuple[str, Citation]] = field(default_factory=list)
    unread: dict[str, list[str]] = field(default_factory=dict)
    silent: list[str] = field(default_factory=list)
    outside: dict[str, list[Citation]] = field(default_factory=dict)


def read_reports(view: CaseView, captured: Captured, within: Window) -> Reports:
    """Every customer's report of the case."""
    found = Reports()
    skew = timedelta(seconds=int(view.parameters["clock_skew_tolerance"]))
    for item in view.of(*view.scenario.data["systems"]["customer"]):
        if view.rank(item) == "excluded" or view.readings(item.id).unusable:
            continue
        spans = own_words(view, item)
        text = "\n".join(span.text for span in spans)
        tenants = sorted(_tenants(view, text, captured))
        times = list(_times(view, item, spans, text, found))
        inside = [one for one in times if within.start - skew <= one[0] <= within.end + skew]
        inside.sort(key=lambda told: told[0])
        found.outside |= {item.id: [c for at, c in times if (at, c) not in inside]} if len(inside) < len(times) else {}
        for span in spans:
            if _DENIED.search(span.text) and not span.text.lstrip().startswith(">"):
                found.denials.append((item.id, view.cite(item, Cell(span.text.strip(), span.locator))))
        if not inside or len(tenants) != 1:
            found.silent.append(item.id)
            continue
        found.signals.append(
            RawSignal(
                feed=item.system,
                id=_ticket(view, item) or item.id,
                kind=CUSTOMER,
                at=min(at for at, _ in inside),
                until=max(at for at, _ in inside),
                tenant=tenants[0],
                text=text[:500],
                citations=tuple(cited for _, cited in [*inside[:5], inside[-1]]),
            )
        )
    return found


def own_words(view: CaseView, item: Evidence) -> list[Span]:
    """What the author of an item wrote himself: no heads, nothing quoted or hidden."""
    reading = view.readings(item.id)
    spans = [*reading.spans, *line_spans(reading)]
    return [s for s in spans if not s.hidden and s.depth == 0 and s.label.casefold() not in _HEADS and s.text.strip()]


def _tenants(view: CaseView, text: str, captured: Captured) -> set[str]:
    """The tenants of the case that a report names: by id, by name, by a case of theirs."""
    listed = view.packet.tenant_ids()
    found = set(TENANT.findall(text)) & listed
    found |= {tenant for name, tenant in captured.names.items() if name in text.casefold() and tenant in listed}
    cases = captured.snapshots.cases
    found |= {
        state.tenant for name, state in cases.items() if state.tenant and re.search(rf"\b{re.escape(name)}\b", text)
    }
    return found & listed


def _times(
    view: CaseView, item: Evidence, spans: Sequence[Span], text: str, found: Reports
) -> Iterator[tuple[datetime, Citation]]:
    """The times that a report lists. A zone that it declares holds for every clock that names none."""
    zone = known_zone(text)
    reading = view.readings(item.id)
    if reading.tables:
        words = view.scenario.data["words"]
        for row in rows(view, item):
            cell = row.time_cell(words["at"])
            at = row.read_time(cell, words["zone"]) if cell is not None else None
            if cell is not None and at is not None:
                yield at, view.cite(item, cell)
    day = ""
    for span in spans:
        line = dated(span.text, None)
        stated = re.search(r"\d{4}-\d\d-\d\d|\d{1,2}\.\d{1,2}\.\d{4}|\d{1,2}\.? [A-Za-z]{3,9},? \d{4}", line)
        day = stated[0] if stated else day
        if not _CLOCK.search(line) or reading.tables:
            continue
        told = [m.instant for m in mentions(line) if m.instant is not None]
        if not told and zone:
            placed = _CLOCK.sub(lambda m: f"{m[1]} {zone}", line)
            told = [m.instant for m in mentions(placed if stated else f"{day} {placed}") if m.instant is not None]
        for at in told:
            yield at, view.cite(item, Cell(span.text.strip(), span.locator))
        if not told:
            found.unread.setdefault(item.id, []).append(span.locator)


def _ticket(view: CaseView, item: Evidence) -> str:
    """The ticket that a report belongs to, as its heads or its first words name it."""
    for span in view.readings(item.id).spans:
        label = span.label.casefold()
        if "ticket" in label or label.endswith("case-id") or label in ("reference", "report id", "report_id"):
            return span.text.strip()
    return ""
