"""What the agents with a model add to a pass: checked proposals, never more. Offline nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agents.compared import Loop
from agents.material import Findings
from agents.model_checks import Checker, Numbered
from agents.model_proposals import Draft, Objections, Reconciliation
from agents.model_spans import MOST_REJECTED, cleaner, in_short, names_others, numbered, places_of
from agents.objections import AUTHOR
from agents.prose import Prose
from casefile.artifact import Edit
from casefile.claims import Section
from casefile.registers import Objection
from graphs.asking import Asking
from graphs.boundary import boundary_of
from graphs.context import RunContext
from graphs.nodes.model_fields import ask_for_values
from guardrails import boundary
from guardrails.minimise import Minimiser


async def model_contributions(
    asking: Asking, loop: Loop, prose: Prose, sections: Sequence[Section], findings: Findings
) -> list[Edit]:
    """Values, pairs and edits that the model proposes and the code has checked, for one pass over the evidence."""
    if not asking.possible:
        return []
    spans = spans_of(asking, loop, prose, sections)
    short = in_short(findings.fields, sections, await rejections(asking.context))
    shown = spans.shown()
    check = checker(asking, prose.minimise, prose.asserts)
    await ask_for_values(asking, loop.scenario, spans, findings)
    if pairs := await asking.ask("reconciliation", _RECONCILE, shown, short, Reconciliation):
        _take_pairs(asking, pairs, spans, findings)
    if draft := await asking.ask("drafting", _DRAFT, shown, short, Draft):
        checked = check.statements(draft.statements, sections, spans)
        asking.notes += checked.notes
        asking.worded("drafting", checked.edits)
        return checked.edits
    return []


_RECONCILE = "Name pairs of spans that speak of the same fact and may disagree."
_DRAFT = "Propose statements that the artifact lacks, or better ones for those that it has."
_OBJECT = "Attack the draft."


async def rejections(context: RunContext) -> list[str]:
    """What people rejected, newest last: as much of it as a context can hold."""
    return [edit.after for edit in await context.store.last_rejected(MOST_REJECTED)]


def checker(asking: Asking, minimise: Minimiser, asserts: Callable[[str], bool]) -> Checker:
    """The checks with this scenario's wording: what it leaves out, and which conclusions no agent may draw."""
    line = boundary_of(asking.context.scenario, asking.context.packet)
    tenants = asking.context.packet.tenant_ids()

    def crosses(text: str) -> bool:
        return names_others(text, tenants) or not boundary.ask(text, line, "evidence").allowed

    return Checker(minimise, asserts, crosses)


def spans_of(asking: Asking, loop: Loop, prose: Prose, sections: Sequence[Section]) -> Numbered:
    """What the artifact cites and what people wrote, numbered."""
    places = [(said.evidence, said.locator) for said in prose.all()]
    readings = {item.id: loop.readings(item.id) for item in loop.usable}
    tenants = asking.context.packet.tenant_ids()
    # What people wrote comes last: it can never push the records out.
    return numbered([*places_of(sections), *places], loop.usable, readings, tenants, cleaner(prose.minimise))


def _take_pairs(asking: Asking, proposed: Reconciliation, spans: Numbered, findings: Findings) -> None:
    """Two places that may disagree become a question; whether they do is for rank and people, never for the model."""
    for pair in proposed.pairs[:5]:
        first, second = spans.spans.get(pair.first), spans.spans.get(pair.second)
        if first is None or second is None or first[0] == second[0]:
            asking.notes.append("reconciliation: dropped: a pair needs two spans of two sources")
            continue
        places = sorted([f"{first[0]} {first[1]}", f"{second[0]} {second[1]}"])
        asking.take("reconciliation")
        findings.ask(" / ".join(places), f"Do {places[0]} and {places[1]} agree?", "Support lead", key="model-pair")


async def model_objections(
    asking: Asking, loop: Loop, prose: Prose, sections: Sequence[Section], findings: Findings
) -> list[Objection]:
    """Doubts of the model, in checked wording; noted, and stopping nothing."""
    if not asking.possible:
        return []
    spans = spans_of(asking, loop, prose, sections)
    short = in_short(findings.fields, sections, await rejections(asking.context))
    proposed = await asking.ask("objections", _OBJECT, spans.shown(), short, Objections)
    check = checker(asking, prose.minimise, prose.asserts)
    kept = []
    for doubt in proposed.objections[:8] if proposed else ():
        problem = check.wording(doubt.text) or check.wording(doubt.to)
        cited, missing = check.cited(doubt.cites, spans)
        if problem or missing.startswith("span"):
            asking.notes.append(f"objections: dropped: {problem or missing}")
            continue
        item = {"key": f"{AUTHOR}:model:{doubt.to}:{doubt.text}", "kind": "agent", "by": AUTHOR, "to": doubt.to}
        kept.append(Objection.model_validate({**item, "text": doubt.text, "citations": cited, "state": "noted"}))
    if kept:
        asking.take("objections")
    return kept
