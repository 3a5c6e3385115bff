"""Pattern: rival hypotheses are tested on one normalised time line; people review the record and declare a cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agents.case_view import Assessment, CaseView
from agents.incident_analysis import Analysis, analyse
from agents.incident_exhibits import exhibits
from agents.incident_proposals import noted, omits_doubt
from agents.incident_record import record, standing
from agents.records import label_of
from casefile.decisions import Decision
from casefile.gates import Offer
from graphs import skeleton
from graphs.governed_pass import Pattern
from lineage.canonical import Json, digest

CLASSIFY, EVIDENCE_VIEW, DRIFT = "unauthorized_access_or_drift_classification", "evidence_view", "drift"
DECLARE, CORRECT = "primary_cause_declaration", "corrective_entitlement_or_role_action"


def build() -> Any:
    """The graph, uncompiled."""
    return skeleton.build(Pattern(assess=assess, weighs_decisions=True))


def assess(view: CaseView) -> Assessment:
    """Test every hypothesis under the present evidence."""
    found, done = analyse(view), Assessment()
    done.subjects[EVIDENCE_VIEW] = _evidence_view(found)
    words: Mapping[str, Sequence[str]] = view.scenario.data["classifications"]
    done.offered[CLASSIFY] = [Offer(id=name, name=name, also=tuple(names)) for name, names in words.items()]
    found.classified = _classified(view, words, digest(done.subjects[EVIDENCE_VIEW]))
    record(view, found, done)
    done.offered[DECLARE] = _hypotheses(found)
    _proposed(view, found, done)
    done.exhibits = exhibits(view, found, done.sections)
    _signals(found, done)
    return done


def _evidence_view(found: Analysis) -> Json:
    """What a classification is about: another odd sign-in needs another."""
    return [[cell.evidence, cell.locator, cell.sha256] for fact in found.odd for cell in fact.citations[:1]]


def _classified(view: CaseView, words: Mapping[str, Sequence[str]], subject: str) -> str:
    """What a person last classified exactly these sign-ins as, or nothing."""
    told = [one.choice for one in view.decisions if _is_for(one, subject)]
    named = label_of(told[-1] or "") if told else ""
    return next((name for name, names in words.items() if named in map(label_of, names)), "")


def _is_for(one: Decision, subject: str) -> bool:
    return one.gate == CLASSIFY and one.counts() and one.subject_sha256 == subject


def _hypotheses(found: Analysis) -> list[Offer]:
    """The hypotheses that a declaration may name: what leads, all of it where causes combine."""
    leaders, tested = found.ranking.leaders, found.ranking.tested
    names = [one.hypothesis.id for one in leaders]
    offers = [
        Offer(
            id=one.hypothesis.id,
            name=f"{one.hypothesis.id}: {one.hypothesis.text}",
            also=(one.hypothesis.text,),
            barred="" if one in leaders else f"it does not lead: {standing(one, found)}",
            recommended=names == [one.hypothesis.id],
        )
        for one in sorted(tested, key=lambda one: one.hypothesis.id)
    ]
    if len(names) > 1:
        both = Offer(id=" and ".join(names), name=f"{' and '.join(names)}, combined", also=(", ".join(names),))
        offers.append(both.model_copy(update={"recommended": True}))
    return offers


def _proposed(view: CaseView, found: Analysis, done: Assessment) -> None:
    """What is proposed for the time after a declaration: bound by gates of its own, and no part of the record."""
    findings, actions, statements = done.findings, found.actions, found.statements
    done.subjects["corrective_action"] = [[one.id, one.text] for one in actions]
    done.subjects["customer_statement"] = [one.text for one in statements]
    done.offered[CORRECT] = [Offer(id=one.id, name=one.text[:300], recommended=len(actions) == 1) for one in actions]
    findings.exceptions += noted(actions, "a service owner decides on it once a cause is declared")
    findings.exceptions += noted(statements, "the accountable owner decides on it once a cause is declared")
    for one in actions:
        findings.signal("corrective_action_proposed", one.id, one.text, one.citations[:2])
    for one in statements:
        findings.signal("customer_statement_proposed", one.id, one.text, one.citations[:2])
    doubts = [claim.text for section in done.sections if section.id == "uncertainty" for claim in section.claims]
    if silent := omits_doubt(view, statements, doubts):
        findings.signal("uncertainty_omitted", silent, f"{silent} says nothing of what stays uncertain: {doubts[0]}")


def _signals(found: Analysis, done: Assessment) -> None:
    findings, ranking = done.findings, found.ranking
    if found.scope.confirmed_at is None or found.scope.since is None:
        findings.signal("triage_missing", "triage", "no confirmed triage with a window was found in the case history")
    if not found.impact.losses:
        findings.signal("impact_missing", "impact", "no table says who lost what")
    for group in found.missing:
        findings.signal("records_missing", group, f"no records of {group.replace('_', ' ')} could be read")
        if found.scope.since is not None and found.scope.until is not None:
            window = f"{found.scope.since:%Y-%m-%dT%H:%M:%SZ} to {found.scope.until:%Y-%m-%dT%H:%M:%SZ}"
            detail = f"no records of {group.replace('_', ' ')} of the whole window, {window}"
            findings.signal("telemetry_gap", group, detail)
    for gap in found.gaps:
        detail = f"{gap.group}: no records from {gap.since:%Y-%m-%dT%H:%M:%SZ} to {gap.until:%Y-%m-%dT%H:%M:%SZ}"
        findings.signal("telemetry_gap", gap.item, f"{detail}; {gap.detail}", gap.citations)
    on_line = [f for f in found.on_line if f.uncertain][:5]
    placed = {fact.item for fact in on_line}
    # A log whose clock names no zone is uncertain also where nothing in it bears on a hypothesis: its silence is, too.
    rest = [one for one in found.unplaced if one.item not in placed]
    for fact in (*on_line, *rest):
        findings.signal("order_uncertain", fact.item, f"{fact.shown} {fact.what}: {fact.uncertain}", fact.citations[:1])
    for fact in found.disordered:
        findings.signal("records_unordered", fact.item, f"{fact.shown} {fact.what}: {fact.order}", fact.citations[:1])
    if found.silent_sign_ins:
        detail = "sign-in records are missing around a loss: what happened there is inference"
        findings.signal("sign_ins_silent", found.silent_sign_ins[0].item, detail, found.silent_sign_ins[0].citations)
    if found.odd and found.classified != DRIFT:
        cells = [c for fact in found.odd[:4] for c in fact.citations[:1]]
        findings.signal("possible_security", found.odd[0].item, "sign-ins that a person has to look at", cells)
    if ranking.tested and (ranking.rivals or not ranking.leaders):
        open_ = ", ".join(one.hypothesis.id for one in ranking.rivals) or "none leads"
        findings.signal("rivals_open", "hypotheses", f"not resolved: {open_}")
    if ranking.leaders and not ranking.rivals:
        findings.signal("leads", ranking.leaders[0].hypothesis.id, "one explanation leads, and the gaps are listed")
