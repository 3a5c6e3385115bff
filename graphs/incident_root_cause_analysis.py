"""Pattern: rival hypotheses are tested on one normalised time line; people review the record and declare a cause."""

from __future__ import annotations

from typing import Any

from agents.case_view import Assessment, CaseView
from agents.incident_analysis import Analysis, analyse
from agents.incident_exhibits import exhibits
from agents.incident_record import record
from graphs import skeleton
from graphs.governed_pass import Pattern


def build() -> Any:
    """The graph, uncompiled."""
    return skeleton.build(Pattern(assess=assess))


def assess(view: CaseView) -> Assessment:
    """Test every hypothesis under the present evidence."""
    found, done = analyse(view), Assessment()
    record(view, found, done)
    done.exhibits = exhibits(view, found, done.sections)
    _signals(found, done)
    return done


def _signals(found: Analysis, done: Assessment) -> None:
    findings, ranking = done.findings, found.ranking
    if found.scope.confirmed_at is None or found.scope.since is None:
        findings.signal("triage_missing", "triage", "no confirmed triage with a window was found in the case history")
    if not found.impact.losses:
        findings.signal("impact_missing", "impact", "no table says who lost what")
    for group in found.missing:
        findings.signal("records_missing", group, f"no records of {group.replace('_', ' ')} could be read")
    for gap in found.gaps:
        detail = f"{gap.group}: no records from {gap.since:%Y-%m-%dT%H:%M:%SZ} to {gap.until:%Y-%m-%dT%H:%M:%SZ}"
        findings.signal("telemetry_gap", gap.item, f"{detail}; {gap.detail}", gap.citations)
    for fact in [f for f in found.on_line if f.uncertain][:5]:
        findings.signal("order_uncertain", fact.item, f"{fact.shown} {fact.what}: {fact.uncertain}", fact.citations[:1])
    if found.odd:
        cells = [c for fact in found.odd[:4] for c in fact.citations[:1]]
        findings.signal("possible_security", found.odd[0].item, "sign-ins that a person has to look at", cells)
    if ranking.tested and (ranking.rivals or not ranking.leaders):
        open_ = ", ".join(one.hypothesis.id for one in ranking.rivals) or "none leads"
        findings.signal("rivals_open", "hypotheses", f"not resolved: {open_}")
    if ranking.leaders and not ranking.rivals:
        findings.signal("leads", ranking.leaders[0].hypothesis.id, "one explanation leads, and the gaps are listed")
