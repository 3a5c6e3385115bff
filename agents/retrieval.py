"""Retrieval: what of a case is made findable. Finding it is a tool (`tools.search_evidence`), used within its scope."""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path

from agents.foreign import foreign_places, of_others
from casefile.evidence import Evidence, Reading
from runtime.search import CaseIndex, HashingEmbedder, IndexedSpan
from tools.readers import line_spans

# A long log is indexed in windows of lines, so that an index holds thousands of spans and not half a million.
WINDOW = 20
MAX_SPANS = 5_000


def open_index(directory: Path | None, tenant: str, run: str) -> CaseIndex:
    """The index of one run's evidence."""
    return CaseIndex.open(directory, tenant, run, HashingEmbedder())


def indexed_spans(item: Evidence, reading: Reading, tenants: Set[str]) -> list[IndexedSpan]:
    """What of a reading is made findable: every visible span, and lines in windows where there are many.

    Rows and lines of a tenant that is not among `tenants` are never findable (R12).
    """
    left_out = foreign_places(reading, tenants)
    spans = [(span.locator, span.text) for span in reading.spans if not span.hidden and span.text.strip()]
    if len(reading.lines) <= MAX_SPANS:
        spans += [(span.locator, span.text) for span in line_spans(reading) if span.text.strip()]
    else:
        for start in range(0, len(reading.lines), max(WINDOW, len(reading.lines) // MAX_SPANS + 1)):
            end = min(start + max(WINDOW, len(reading.lines) // MAX_SPANS + 1), len(reading.lines))
            own = [line for line in reading.lines[start:end] if not of_others(line, tenants)]
            spans.append((f"line={start + 1}-{end}", "\n".join(own)))
    return [
        IndexedSpan(id=f"{item.id}#{n}", evidence=item.id, locator=locator, text=text, rank=None)
        for n, (locator, text) in enumerate(spans)
        if locator not in left_out and not of_others(text, tenants)
    ]
