"""Objections in a loop: the agent that attacks its own side's draft before a person has to."""

from __future__ import annotations

from collections.abc import Iterable

from agents.material import Findings
from agents.objections import AUTHOR
from agents.prose import Prose
from agents.trigger import Later
from casefile.claims import Citation
from casefile.registers import Objection


def challenge(findings: Findings, after: Later, prose: Prose) -> list[Objection]:
    """What a careful opponent would say about the draft and about what others wrote."""
    return [
        Objection(
            key=f"{AUTHOR}:{to}:{text}", kind="agent", by=AUTHOR, to=to, text=text, citations=cited, state="noted"
        )
        for to, text, cited in _doubts(findings, after, prose)
    ]


def _doubts(findings: Findings, after: Later, prose: Prose) -> Iterable[tuple[str, str, list[Citation]]]:
    for said in prose.drafts():
        text = f"{said.evidence} {said.locator} states more than any record carries; it must not be sent"
        yield "customer update", text, [prose.cite(said)]
    for said in prose.assertions():
        text = f"{said.evidence} {said.locator} asserts a conclusion without a log reference; nothing may rest on it"
        yield "claims", text, [prose.cite(said)]
    for event in after.events:
        text = "a record of an event tells that it was recorded for this account, not who sat at the keyboard"
        yield f"summary/event {event.locator}", text, []
        break
    for name, value in findings.fields.items():
        sources = {citation.evidence for citation in value.citations}
        if (
            value.status == "confirmed"
            and len(sources) == 1
            and name in ("deactivated_at", "later_attachment_event_at")
        ):
            yield name, f"one source alone says so: {next(iter(sources))}", list(value.citations[:1])
