"""Lineage entries as pages and live events show them: the header for everybody who may read, content masked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from casefile.packet import Packet
from graphs.context import RunContext
from guardrails.secrets import MASK
from lineage.chain import Row
from lineage.rules import APART, GATE
from server.models.lineage import ActorView, AgentView, ContentPart, EntryView, LineageEvent
from server.views.mask import Mask
from server.views.words import actor_name, gate_title

Names = Mapping[str, str]

_WORDS = {
    "run_opened": "opened the run",
    "evidence_frozen": "froze evidence",
    "evidence_fetched": "asked a connected system",
    "evidence_absent": "noted that evidence is absent",
    "evidence_withdrawn": "withdrew evidence",
    "evidence_read": "read evidence",
    "evidence_indexed": "made evidence findable",
    "extracted": "extracted what it says",
    "model_asked": "asked the model",
    "tool_used": "used a tool",
    "tool_refused": "was refused a tool",
    "said": "wrote in the chat",
    "answered": "answered",
    "turn_cancelled": "cancelled a turn of the conversation",
    "refused": "was refused, on the record",
    "redirected": "set a new goal",
    "objected": "objected",
    "access_checked": "checked who was allowed what",
    "audit_retrieved": "retrieved the audit records",
    "lineage_traced": "traced earlier clusters",
    "reconciled": "reconciled the sources",
    "revision_composed": "composed the document",
    "challenged": "looked for objections",
    "edit_proposed": "proposed an edit",
    "edit_not_repeated": "did not repeat a rejected edit",
    "edits_reviewed": "decided on edits",
    "checked": "checked",
    "decided": "decided at a gate",
    "decision_refused": "decided at a gate, and it counts for nothing",
    "decision_void": "made a decision void",
    "decision_expired": "let a decision expire",
    "restricted_view_opened": "opened the restricted view",
    "duties_separated": "noted who may not answer a gate",
    "outcome": "reached an outcome",
    "released": "released into the lane",
    "failed": "failed, by a fault of ours",
}


def did(kind: str) -> str:
    """What somebody did in an entry of that kind, in words."""
    return _WORDS.get(kind, kind.replace("_", " "))


async def names_of(context: RunContext) -> dict[str, str]:
    """Content hash → revision name."""
    return {revision.sha256: revision.revision for revision in await context.store.revisions()}


def event_of(context: RunContext, row: Row, names: Names) -> LineageEvent | None:
    """The live event of an entry; None where it belongs to another run of the case. It has no content: none leaks."""
    header = orjson.loads(row.header)
    if header["run"] != context.store.run:
        return None
    return LineageEvent(
        seq=row.seq,
        kind=header["kind"],
        at=header["at"],
        actor=_actor(header, context.packet),
        base_revision=names.get(header["base_revision"]),
        new_revision=names.get(header["new_revision"]),
        accepted_edits=header["accepted_edits"],
        rejected_edits=header["rejected_edits"],
        opens=header["opens"],
        closes=header["closes"],
        summary=_summary(header, context.packet, names),
    )


def entry_view(packet: Packet, row: Row, names: Names, mask: Mask) -> EntryView:
    """An entry with its content as the viewer may see it."""
    header = orjson.loads(row.header)
    agent = AgentView.model_validate(header["agent"]) if header["agent"] else None
    return EntryView(
        seq=row.seq,
        hash=row.hash,
        prev=row.prev,
        run=header["run"],
        kind=header["kind"],
        at=header["at"],
        actor=_actor(header, packet),
        agent=agent,
        base_revision=names.get(header["base_revision"]),
        new_revision=names.get(header["new_revision"]),
        base_sha256=header["base_revision"],
        new_sha256=header["new_revision"],
        accepted_edits=header["accepted_edits"],
        rejected_edits=header["rejected_edits"],
        citations=header["citations"],
        opens=header["opens"],
        closes=header["closes"],
        policy_version=header["policy_version"],
        summary=_summary(header, packet, names),
        content=[_part(name, value, mask) for name, (_, value) in row.contents.items()],
    )


def _part(name: str, value: bytes | None, mask: Mask) -> ContentPart:
    if value is None:
        return ContentPart(name=name, state="erased")
    if not mask.quotes:
        return ContentPart(name=name, state="shown", value=MASK)
    return ContentPart(name=name, state="shown", value=mask.tree(orjson.loads(value), name))


def _actor(header: Mapping[str, Any], packet: Packet) -> ActorView:
    actor = header["actor"]
    name = actor_name(packet, actor["type"], actor["id"])
    return ActorView(type=actor["type"], id=actor["id"], name=name, role=actor["role"])


def _summary(header: Mapping[str, Any], packet: Packet, names: Names) -> str:
    """One line out of the header alone: who did what to which revision."""
    verb = did(header["kind"])
    opens = header["opens"]
    if header["kind"] == "gate_opened":
        verb, opens = f"opened {', '.join(map(_item, opens)) or 'a gate'}", []
    parts = [f"{_actor(header, packet).name} {verb}"]
    base, new = names.get(header["base_revision"]), names.get(header["new_revision"])
    if new:
        parts.append(f"made {new}" + (f" of {base}" if base else ""))
    elif base:
        parts.append(f"on {base}")
    for word, ids in (
        ("accepted", header["accepted_edits"]),
        ("rejected", header["rejected_edits"]),
        ("opens", opens),
        ("closes", header["closes"]),
    ):
        if ids:
            parts.append(f"{word} {', '.join(map(_item, ids))}")
    return "; ".join(parts)


def _item(item: str) -> str:
    """An item of a register by its id; a gate in words."""
    if not item.startswith(GATE):
        return item
    gate, _, person = item.removeprefix(GATE).partition(APART)
    name, *one = gate.split(":")
    about = " of ".join(part for part in one if part)
    said = f"the gate “{gate_title(name)}”" + (f" for {about}" if about else "")
    return f"{person} kept apart from {said}" if person else said
