"""Search in a case: over what the viewer sees and nothing else, so that a hit never tells of what is masked (R7)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from casefile.evidence import Reading
from graphs.context import RunContext
from server.api.access import OnRun
from server.models.artifact import ArtifactView
from server.models.runs import SearchHit, SearchHits
from server.views.artifact import artifact_view, plain_registers
from server.views.conversation import chat_view
from server.views.evidence import Item, foreign_rows, items_of
from server.views.mask import Mask, mask_for

SHOWN = 240


async def search_view(on: OnRun, q: str, limit: int) -> SearchHits:
    """Texts that contain every word, whatever the case of its letters."""
    context = on.opened.context
    mask = await mask_for(context, on.standing.view)
    words = q.casefold().split()
    if not words:
        return SearchHits(q=q, hits=[])
    revisions = await context.store.revisions()
    artifact = artifact_view(revisions[-1], mask) if revisions else None
    plain = plain_registers(await context.store.registers())
    registers = mask.tree({name: rows for name, rows in plain.items() if mask.view.shows_register(name)})
    items = [item for item in await items_of(context) if not item.evidence.withdrawn and item.checked.done]
    readings = await context.read_all([item.evidence for item in items])
    chat = await chat_view(on, None, None, 500)
    said = [
        SearchHit(where="chat", id=str(t.seq), locator="", title=t.by_name, text=line)
        for t in chat.turns
        for line in (t.text, *(one.text for one in t.lines))
        if _has(line, words)
    ]
    hits = await asyncio.to_thread(_found, context, artifact, registers, items, readings, words, mask, limit)
    return SearchHits(q=q, hits=[_cut(hit, words[0]) for hit in [*hits, *said][:limit]])


def _found(
    context: RunContext,
    artifact: ArtifactView | None,
    registers: dict[str, list[dict[str, Any]]],
    items: list[Item],
    readings: dict[str, Reading],
    words: list[str],
    mask: Mask,
    limit: int,
) -> list[SearchHit]:
    found: list[SearchHit] = []
    for hit in _candidates(context, artifact, registers, items, readings, words, mask):
        if _has(hit.text, words):
            found.append(hit)
            if len(found) >= limit:
                break
    return found


def _candidates(
    context: RunContext,
    artifact: ArtifactView | None,
    registers: dict[str, list[dict[str, Any]]],
    items: list[Item],
    readings: dict[str, Reading],
    words: list[str],
    mask: Mask,
) -> Iterator[SearchHit]:
    if artifact is not None:
        for name, field in artifact.fields.items():
            yield SearchHit(
                where="artifact", id=name, locator=name, title=field.title, text=f"{field.title}: {field.value}"
            )
        for section in artifact.sections:
            for claim in section.claims:
                place = f"{section.id}/{claim.id}"
                yield SearchHit(where="artifact", id=place, locator=place, title=section.title, text=claim.text)
    for register, rows in registers.items():
        for row in rows:
            text = " · ".join(str(v) for k, v in row.items() if k not in ("id", "state") and isinstance(v, str) and v)
            yield SearchHit(where="register", id=row["id"], locator=register, title=register, text=text)
    for item in items:
        yield from _of_item(context, item, readings[item.evidence.id], words, mask)


def _of_item(context: RunContext, item: Item, reading: Reading, words: list[str], mask: Mask) -> Iterator[SearchHit]:
    """Spans and lines of an item. What does not contain the words before masking cannot do so after it."""
    rows = foreign_rows(context, item, reading)
    hidden = tuple(f"{f'sheet={sheet},' if sheet else ''}row={number},col=" for sheet, number in rows)
    for span in reading.spans:
        if _has(span.text, words) and not span.locator.startswith(hidden or ("\x00",)):
            yield _hit(item, span.locator, item.shown(span.locator, span.text, mask))
    for number, line in enumerate(reading.lines, 1):
        if _has(line, words):
            yield _hit(item, f"line={number}", item.shown(f"line={number}", line, mask))


def _hit(item: Item, locator: str, text: str) -> SearchHit:
    return SearchHit(where="evidence", id=item.evidence.id, locator=locator, title=item.evidence.file, text=text)


def _has(text: str, words: list[str]) -> bool:
    low = text.casefold()
    return all(word in low for word in words)


def _cut(hit: SearchHit, word: str) -> SearchHit:
    """The text around the first word, on one line."""
    text = " ".join(hit.text.split())
    at = max(0, text.casefold().find(word) - SHOWN // 3)
    shown = ("…" if at else "") + text[at : at + SHOWN] + ("…" if len(text) > at + SHOWN else "")
    return hit.model_copy(update={"text": shown})


def plain_text(q: str | None) -> str:
    """What is looked for in a list. PostgreSQL has no NUL in text: nothing that stands in the store can contain one."""
    return (q or "").replace("\x00", "\ufffd")
