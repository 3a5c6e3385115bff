"""The model's part in a chat turn. Offline it adds nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agents.answers import Answer
from agents.supervision import Kind
from casefile.artifact import Edit
from casefile.claims import Section
from casefile.evidence import Evidence, Reading
from graphs.asking import Asking
from runtime.search import Hit

Usable = tuple[Sequence[Evidence], Mapping[str, Reading]]


async def model_kind(asking: Asking, text: str, by_rules: Kind) -> Kind:
    """What is asked for."""
    return by_rules


async def model_answer(asking: Asking, text: str, hits: Sequence[Hit], by_rules: Answer, usable: Usable) -> Answer:
    """An answer."""
    return by_rules


async def model_changes(
    asking: Asking, text: str, sections: Sequence[Section], evidence: Sequence[Evidence], readings: Mapping[str, Reading]
) -> list[Edit]:
    """Edits."""
    return []
