"""Retrieval: which spans speak of something. Offline one hybrid query; nothing outside the case can be found."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from casefile.evidence import Evidence, Reading
from runtime.search import CaseIndex, HashingEmbedder, Hit, IndexedSpan
from tools.readers import line_spans

# A long log is indexed in windows of lines, so that an index holds thousands of spans and not half a million.
WINDOW = 20
MAX_SPANS = 5_000


def open_index(directory: Path | None, tenant: str, run: str) -> CaseIndex:
    """The index of one run's evidence."""
    return CaseIndex.open(directory, tenant, run, HashingEmbedder())


def indexed_spans(item: Evidence, reading: Reading) -> list[IndexedSpan]:
    """What of a reading is made findable: every visible span, and lines in windows where there are many."""
    spans = [(span.locator, span.text) for span in reading.spans if not span.hidden and span.text.strip()]
    if len(reading.lines) <= MAX_SPANS:
        spans += [(span.locator, span.text) for span in line_spans(reading) if span.text.strip()]
    else:
        for start in range(0, len(reading.lines), max(WINDOW, len(reading.lines) // MAX_SPANS + 1)):
            end = min(start + max(WINDOW, len(reading.lines) // MAX_SPANS + 1), len(reading.lines))
            spans.append((f"line={start + 1}-{end}", "\n".join(reading.lines[start:end])))
    return [
        IndexedSpan(id=f"{item.id}#{n}", evidence=item.id, locator=locator, text=text, rank=None)
        for n, (locator, text) in enumerate(spans)
    ]


def find(index: CaseIndex, query: str, gone: Sequence[str], k: int = 8) -> list[Hit]:
    """The best spans for a question, without those of evidence that is gone or quarantined."""
    return [hit for hit in index.query(query, k + len(gone) * 4) if hit.evidence not in gone][:k]
