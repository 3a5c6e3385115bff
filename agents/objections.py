"""Objections: the agent that attacks its own side's draft: thin support, lower ranks, image-only evidence, losses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from casefile.claims import FieldValue
from casefile.registers import Objection

AUTHOR = "agent:objections"


def challenge(
    fields: Mapping[str, FieldValue], consequential: frozenset[str], images: frozenset[str]
) -> list[Objection]:
    """What a careful opponent would say about the fields that decisions rest on."""
    return [
        Objection(
            key=f"{AUTHOR}:{name}:{text}",
            kind="agent",
            by=AUTHOR,
            to=name,
            text=text,
            citations=list(value.citations[:1]),
            state="noted",
        )
        for name, value in fields.items()
        if name in consequential
        for text in _doubts(value, images)
    ]


def _doubts(value: FieldValue, images: frozenset[str]) -> Iterable[str]:
    if value.status != "confirmed":
        return
    sources = {citation.evidence for citation in value.citations}
    if sources and sources <= images:
        yield "it rests on text read from an image only"
    if len(sources) == 1 and value.origin == "extracted":
        yield f"one source alone says so: {next(iter(sources))}"
    for step in value.normalization:
        if step.lossy:
            yield f"“{step.to}” says less than “{' '.join(step.source.split())[:120]}”"
