"""The audit retrieval agent: what ledgers, feeds and customers' reports say of the window, each event once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from agents import signal_access
from agents.case_view import CaseView, Part
from agents.records import Cell
from agents.signal_access import Access
from agents.signal_feeds import Feeds, read_feeds
from agents.signal_reports import Reports, own_words, read_reports
from agents.signal_rows import rows
from agents.signal_window import Ingest, ingest
from casefile.claims import Citation
from casefile.evidence import Evidence
from lineage.canonical import Json

AGENT: Final = "audit-retrieval"
STEP: Final = "retrieve_audit"


@dataclass(slots=True)
class Audit:
    """What was retrieved. `silent` are the kinds of sources that gave nothing readable; `unsealed` recordings (item,
    name, place) whose checksum has not come."""

    ingest: Ingest
    feeds: Feeds = field(default_factory=Feeds)
    reports: Reports = field(default_factory=Reports)
    silent: list[str] = field(default_factory=list)
    unsealed: list[tuple[str, str, list[Citation]]] = field(default_factory=list)


def retrieve_audit(view: CaseView) -> Part:
    """Read every source of signals within the window, as the snapshots name people and tenants."""
    access = view.part(signal_access.STEP, Access)
    systems: dict[str, list[str]] = view.scenario.data["systems"]
    items = {kind: view.of(*systems[kind]) for kind in systems}
    found = Audit(ingest(view, {kind: items[kind] for kind in ("console", "export")}))
    found.silent = [kind for kind in systems if not any(_readable(view, item) for item in items[kind])]
    found.unsealed = list(_unsealed(view))
    if access.window is not None:
        found.feeds = read_feeds(view, access.captured, access.window)
        found.reports = read_reports(view, access.captured, access.window)
    signals = [*found.feeds.signals, *found.reports.signals]
    told: dict[str, Json] = {
        "signals": {kind: sum(one.kind == kind for one in signals) for kind in sorted({one.kind for one in signals})},
        "repeated": sum(found.feeds.repeated.values()),
        "outside_window": sum(map(len, [*found.feeds.outside.values(), *found.reports.outside.values()])),
        "delayed": len(found.feeds.delayed),
        "unsealed": len(found.unsealed),
        "silent": list[Json](sorted(found.silent)),
    }
    return Part(found, told, sorted({c.evidence for one in signals for c in one.citations}))


def _readable(view: CaseView, item: Evidence) -> bool:
    return not view.readings(item.id).unusable and view.rank(item) != "excluded"


def _unsealed(view: CaseView) -> Iterator[tuple[str, str, list[Citation]]]:
    """Recordings whose checksum has not come: they are no evidence until it does."""
    words: dict[str, list[str]] = view.scenario.data["words"]
    late = re.compile(view.scenario.data["not_final"], re.IGNORECASE)
    for item in view.usable:
        for row in rows(view, item):
            name = row.first(words["recording"])
            places = [cell for label in words["checksum"] for cell in row.own.get(label, ())]
            if name is not None and not any(
                c.text.strip() and not late.search(c.text) and c.text != "null" for c in places
            ):
                yield item.id, name.text.strip(), [view.cite(item, name)]
        for span in own_words(view, item):
            told = re.search(r"checksum.*\brecord|\brecord.*checksum", span.text, re.IGNORECASE)
            if told is not None and late.search(span.text):
                cell = Cell(span.text.strip(), span.locator)
                yield item.id, span.text.strip()[:120], [view.cite(item, cell)]
