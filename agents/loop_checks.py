"""Checks on the content of a loop's artifact: is the update in its three parts, cited, complete, without needless detail."""  # noqa: E501

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from agents.loop_drafting import ACTIONS, EVIDENCE, FACTS, HYPOTHESES, OWNERS, QUESTIONS, REPRODUCED
from agents.material import Signal
from agents.queues import queues
from casefile.artifact import Edit
from casefile.claims import Citation, Claim, FieldValue, Section
from casefile.evidence import Evidence, Reading
from guardrails.citations import check_citation
from guardrails.minimise import Minimiser

# What a queue may require, and the section or field that holds it.
_REQUIRED = {
    "summary": "summary",
    "evidence_links": EVIDENCE,
    "timeline": "comparison",
    "reproduced_facts": REPRODUCED,
    "open_questions": QUESTIONS,
    "requested_actions": ACTIONS,
    "owner": "handoff_state",
}
_ALWAYS = ("open_questions", "requested_actions")


def content_signals(
    sections: Sequence[Section],
    fields: Mapping[str, FieldValue],
    required: Iterable[str],
    minimise: Minimiser,
    open_edits: Sequence[Edit],
) -> list[Signal]:
    """What gates and preconditions wait for, of the revision on the table."""
    by = {section.id: section.claims for section in sections}
    found = [Signal(name="draft_ready", about="artifact", detail="there is a revision to decide on")]
    found += _separated(by, open_edits)
    found += _cited(by)
    for need in dict.fromkeys([*_ALWAYS, *required]):
        if not by.get(_REQUIRED.get(need, need)) and need not in fields:
            found.append(Signal(name="handoff_incomplete", about=need, detail=f"the packet has no {need}"))
    for claim in (claim for claims in by.values() for claim in claims):
        if minimise.detail(claim.text) or any(minimise.detail(c.quote) for c in claim.citations):
            found.append(Signal(name="detail_not_minimised", about=claim.id, detail="it holds attachment detail"))
    if open_edits:
        count = len(open_edits)
        detail = f"{count} proposed edit{'s are' if count > 1 else ' is'} not decided"
        found.append(Signal(name="changes_undecided", about="edits", detail=detail))
    return found


def _separated(by: Mapping[str, Sequence[Claim]], open_edits: Sequence[Edit]) -> list[Signal]:
    """Whether facts, hypotheses and owners stand apart. What new evidence speaks against is no fact before the lead
    has decided on it."""
    problems = [f"{part} is empty" for part in (FACTS, HYPOTHESES, OWNERS) if not by.get(part)]
    problems += [f"{c.id} is no fact" for c in by.get(FACTS, ()) if c.status in ("conflicting",)]
    doubted = {e.target: e.before for e in open_edits if e.before and e.author.startswith("agent:")}
    problems += [f"{c.id} is doubted" for c in by.get(FACTS, ()) if doubted.get(f"{FACTS}/{c.id}") == c.text]
    problems += [f"{c.id} is not marked as unverified" for c in by.get(HYPOTHESES, ()) if c.status == "confirmed"]
    return [Signal(name="update_not_separated", about="customer update", detail=problem) for problem in problems]


def _cited(by: Mapping[str, Sequence[Claim]]) -> list[Signal]:
    """A fact of the update rests on a record; a gap is said as a gap, and needs none where the whole log is absent."""
    return [
        Signal(name="uncited_statement", about=claim.id, detail="a statement of the update cites nothing")
        for claim in by.get(FACTS, ())
        if not claim.citations and claim.status != "missing"
    ]


def required_by(
    fields: Mapping[str, FieldValue], readings: Mapping[str, Reading], kinds: Mapping[str, Sequence[str]]
) -> list[str]:
    """What the target queue asks a packet for, as its own document says."""
    queue = fields.get("target_queue")
    if queue is None or not queue.citations:
        return []
    cited = queue.citations[0]
    found = next((q for q in queues(readings[cited.evidence], kinds) if q.id.locator == cited.locator), None)
    return list(found.required) if found is not None else []


def reconfirmed(
    sections: Sequence[Section],
    usable: Mapping[str, Evidence],
    readings: Mapping[str, Reading],
    doubted: frozenset[str],
) -> list[Section]:
    """The sections with every confirmed statement checked again (R3): after new evidence, nothing stays by habit.

    One whose quotes no longer stand, or that an open edit with new evidence speaks against (`doubted`, as
    section/claim), is unverified until a person decides.
    """
    return [
        section.model_copy(
            update={
                "claims": [_checked(c, usable, readings, f"{section.id}/{c.id}" in doubted) for c in section.claims]
            }
        )
        for section in sections
    ]


def _checked(claim: Claim, usable: Mapping[str, Evidence], readings: Mapping[str, Reading], doubted: bool) -> Claim:
    if claim.status != "confirmed":
        return claim
    standing = [c for c in claim.citations if stands(c, usable, readings)]
    if doubted or not standing:
        return claim.model_copy(update={"status": "unverified", "citations": standing})
    return claim if len(standing) == len(claim.citations) else claim.model_copy(update={"citations": standing})


def stands(citation: Citation, usable: Mapping[str, Evidence], readings: Mapping[str, Reading]) -> bool:
    """Whether a citation's evidence is in use, unchanged, and the quote stands at its place."""
    item = usable.get(citation.evidence)
    if item is None or item.sha256 != citation.sha256:
        return False
    return not check_citation(citation, readings[item.id])
