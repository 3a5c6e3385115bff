"""The conversation, out of the lineage (R6): what people wrote, what agents answered, and what it changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from agents.answers import UNVERIFIED
from graphs.context import RunContext
from lineage.chain import Row
from server.models.artifact import CitationView
from server.models.runs import ChatLine, ChatTurn
from server.views.lineage import Names
from server.views.mask import Mask
from server.views.words import actor_name

KINDS = {
    "said": "said",
    "answered": "answered",
    "refused": "refused",
    "turn_cancelled": "cancelled",
    "redirected": "redirected",
    "objected": "objected",
    "edit_proposed": "edits_proposed",
    "edits_reviewed": "edits_reviewed",
    "decision_refused": "refused",
}


def chat_turn(context: RunContext, row: Row, names: Names, hashes: Mapping[str, str], mask: Mask) -> ChatTurn | None:
    """An entry as a turn of the conversation; None where it is none, or another run's.

    `hashes` maps evidence ids to content hashes.
    """
    header, packet = orjson.loads(row.header), context.packet
    if header["run"] != context.store.run:
        return None
    kind = KINDS.get(header["kind"]) or ("revised" if header["new_revision"] else None)
    if kind is None:
        return None
    content = {name: orjson.loads(value) for name, (_, value) in row.contents.items() if value is not None}
    actor = header["actor"]
    edits = list(header["accepted_edits"])
    if header["kind"] == "edit_proposed" and isinstance(content.get("edit"), dict):
        edits = [content["edit"]["id"]]
    turn: dict[str, Any] = {
        "seq": row.seq,
        "at": header["at"],
        "by": actor["id"],
        "by_name": actor_name(packet, actor["type"], actor["id"]),
        "by_type": actor["type"],
        "kind": kind,
        "text": mask.told(_text(header["kind"], content)),
        "edits": edits,
        "rejected": header["rejected_edits"],
        "objection": header["opens"][0] if header["kind"] == "objected" and header["opens"] else None,
        "revision": names.get(header["new_revision"]),
        **answer_view(content.get("answer"), hashes, mask),
    }
    return ChatTurn.model_validate(turn)


def _text(kind: str, content: Mapping[str, Any]) -> str:
    match kind:
        case "edit_proposed":
            edit = content.get("edit", {})
            return f"{edit.get('id', '')} {edit.get('target', '')}".strip()
        case "redirected":
            goal = content.get("goal", {})
            return str(goal.get("text", "")) if isinstance(goal, dict) else ""
        case "decision_refused":
            decision = content.get("decision", {})
            return f"{decision.get('decision', '')} {decision.get('gate', '')}: {decision.get('reason', '')}"
        case _:
            return str(content.get("text") or content.get("reason") or "")


def answer_view(answer: Any, hashes: Mapping[str, str], mask: Mask) -> dict[str, Any]:
    """Lines with citations. A rules answer of a transform lists the spans themselves."""
    if not isinstance(answer, dict):
        return {"note": "", "mode": None, "confidence": None, "paused": False, "lines": []}
    lines = [
        chat_line(line["text"], [_cited(one, hashes, mask) for one in line.get("citations", [])], mask)
        for line in answer.get("lines", [])
        if shows(mask, line.get("of", ""))
    ]
    lines += [chat_line(span["quote"], [_cited(span, hashes, mask)], mask) for span in answer.get("spans", [])]
    return {
        "note": mask.told(" ".join([str(answer.get("note") or ""), *map(str, answer.get("model", []))]).strip()),
        "mode": answer.get("mode"),
        "confidence": answer.get("confidence"),
        "paused": bool(answer.get("paused", False)),
        "lines": lines,
    }


def shows(mask: Mask, of: str) -> bool:
    """Whether a view has the part of the case file that a line tells: `fields/…`, `sections/…` or `registers/…`."""
    part, _, name = of.partition("/")
    match part:
        case "fields":
            return mask.view.shows_field(name)
        case "sections":
            return mask.view.shows_section(name)
        case "registers":
            return mask.view.shows_register(name)
        case _:
            return True


def chat_line(text: str, citations: list[CitationView], mask: Mask) -> ChatLine:
    """A line with its mark as a mark: the words that stand for it in the lineage are no words of the answer."""
    said = text.removesuffix(UNVERIFIED)
    return ChatLine(text=mask.told(said), unverified=said != text, citations=citations)


def _cited(citation: Mapping[str, Any], hashes: Mapping[str, str], mask: Mask) -> CitationView:
    evidence = str(citation["evidence"])
    quote = mask.told(str(citation["quote"]))
    return CitationView(
        evidence=evidence, locator=str(citation["locator"]), quote=quote, sha256=hashes.get(evidence, "")
    )
