"""The answer to a question in the chat, in every pattern: what the case file lists, what the artifact states, quotes.

With a model its checked sentences stand before the quotes. An answer changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agents.answer_lists import View
from agents.answers import Answer, answer, extract
from agents.model_checks import Checker
from agents.quotes import quotes_of
from agents.reconciliation import usable_evidence
from casefile.evidence import Evidence
from graphs.asking import Asking
from graphs.nodes.intake import add_to_index
from graphs.nodes.model_chat import Usable, model_answer, more_hits
from graphs.nodes.model_turns import rejections
from graphs.tool_calls import search
from guardrails.secrets import mask
from lineage.canonical import Json
from runtime.search import Hit

MOST_LINES = 40


@dataclass(frozen=True, slots=True)
class Ground:
    """What a turn may be answered from.

    `gone` are the items that nothing is quoted from. `clean` takes out of a text what no reader needs. Below
    `threshold` (0–1: how much of the question a statement or a quote names) the answer is a question back.
    """

    view: View
    evidence: Sequence[Evidence]
    gone: Sequence[str]
    check: Checker
    clean: Callable[[str], str]
    threshold: float

    async def usable(self, asking: Asking) -> Usable:
        """The same for a model."""
        readings = await asking.context.read_all(list(self.evidence))
        left = usable_evidence(list(self.evidence), frozenset(self.gone))
        rejected = await rejections(asking.context)
        return Usable(self.view.current.artifact, left, readings, self.check, self.clean, rejected)


def withdrawn(evidence: Sequence[Evidence]) -> list[str]:
    """The items that do not count any more: taken back, or replaced by another."""
    gone = [item.id for item in evidence if item.withdrawn]
    return gone + [item.replaces for item in evidence if item.replaces]


async def answered(asking: Asking, ground: Ground, text: str, *, find: bool = False) -> Answer:
    """Answer with citations, or ask back. `find`: somebody wants the places, and no list."""
    hits = await hits_of(asking, ground, text)
    readings = await asking.context.read_all(list(ground.evidence))
    quotes = quotes_of(hits, ground.evidence, readings, ground.clean)
    if find:
        reply = extract(ground.view, text, quotes, ground.threshold)
    else:
        reply = answer(ground.view, text, quotes, ground.threshold, alone=not asking.possible)
    if asking.possible and not reply.listed:
        usable = await ground.usable(asking)
        hits = await more_hits(asking, text, hits, usable, ground.gone)
        reply = await model_answer(asking, text, hits, reply, usable)
    return reply


async def hits_of(asking: Asking, ground: Ground, text: str) -> list[Hit]:
    """What the case's index finds for a text."""
    context = asking.context
    if context.index is None:  # this process has not indexed yet, and an index in memory died with the last one
        for item in ground.evidence:
            if not item.withdrawn:
                await add_to_index(context, item)
    if context.index is None:
        return []
    found, refused = await search(context, asking.turn, "retrieval", [text], ground.gone)
    if refused:
        asking.notes.append(f"retrieval: {refused}")
    return found[0]


def _safe(quote: str) -> str:
    """The quote, or nothing where it has a secret: then the place alone is cited."""
    return quote if mask(quote) == quote else ""


def content_of(asking: Asking, kind: str, reply: Answer, notes: Sequence[str], clean: Callable[[str], str]) -> Json:
    """The answer as the lineage keeps it: without detail that is not needed, and whoever asks without secrets (R7)."""
    lines: list[Json] = [
        {
            "text": mask(clean(line.text)),
            "of": line.of,
            "citations": [
                {"evidence": c.evidence, "locator": c.locator, "quote": _safe(c.quote)} for c in line.citations
            ],
        }
        for line in reply.lines[:MOST_LINES]
    ]
    return {
        "kind": kind,
        "mode": asking.context.mode,
        "note": "; ".join(part for part in notes if part),
        "confidence": reply.confidence,
        "paused": reply.paused,
        "lines": lines,
        "model": list[Json](asking.notes),
    }
