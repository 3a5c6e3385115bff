"""Pattern: a triage packet that is finished elsewhere waits at a gate, and one revision of it leaves by one lane."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from agents.annex_minimisation import hidden_names
from agents.case_view import VIEW_NAMES, Assessment, CaseView
from agents.dispatch_checks import FRESHNESS, Watched, judge, watch
from agents.dispatch_exhibits import exhibits
from agents.dispatch_manifest import manifest_fields, manifest_sections, state_fields
from agents.governed_packet import packets
from agents.lane_policy import window_hours
from agents.material import Findings
from agents.packet_lineage import under_release
from casefile.registers import ExceptionItem, Side
from graphs import skeleton
from graphs.governed_pass import Pattern


def build() -> Any:
    """The graph, uncompiled. A pass follows every decision: all is checked again after signing, before release."""
    return skeleton.build(Pattern(assess=assess, weighs_decisions=True))


def assess(view: CaseView) -> Assessment:
    """Watch the packet at the gate. Nothing of what it says about the incident is judged here."""
    findings = Findings(exceptions=list(_excluded(view)))
    given = packets(view)
    packet = under_release(given, view.packet.instructions)
    if packet is None:
        findings.signal("packet_missing", "packet", "no triage packet with id, revision and lane can be read")
        state_fields(view, findings)
        return Assessment(findings=findings)
    seen = watch(view, packet, given)
    judge(view, seen, findings)
    manifest_fields(view, seen, findings)
    _window_of_the_policy(view, findings, seen)
    state_fields(view, findings)
    gate = next(gate for gate in view.scenario.gates if gate.releases and gate.opens_when is not None)
    sections = manifest_sections(view, seen, findings)
    return Assessment(
        findings=findings,
        sections=sections,
        exhibits=exhibits(view, seen, findings, sections),
        subjects={"configuration": {"policy": seen.policy.said, "version": view.policy_version}},
        attach=[packet.evidence.id],
        keep={VIEW_NAMES: orjson.dumps(hidden_names(view)).decode()},
        named={gate.name: list(seen.signers)} if seen.policy.signers else {},
    )


def _window_of_the_policy(view: CaseView, findings: Findings, seen: Watched) -> None:
    """A policy page with another window than the run's parameter: both are shown, and which of them is in force."""
    ours, hours, stated = float(view.parameters[FRESHNESS]), window_hours(seen.policy), seen.policy.window
    if hours is None or stated is None or hours == ours:
        return
    sides = [
        Side(value=f"{ours:g} hours"),
        Side(value=f"{hours:g} hours", citations=[view.cite(stated.item, stated.cell)]),
    ]
    given = "the parameter of the run is in force; its owners settle the difference"
    theirs = "the run was given no window, so the policy of the lane is in force and not the default"
    findings.contradict(
        "freshness_window", sides, given if FRESHNESS in view.packet.parameters else theirs, settled=True
    )


def _excluded(view: CaseView) -> Iterator[ExceptionItem]:
    """Raw signals outside the packet: listed, and never triaged here."""
    for item in view.usable:
        if view.rank(item) in (None, "excluded"):
            reason = f"{item.id}: a signal outside the packet; fresh triage is not done here"
            yield ExceptionItem(key=f"excluded:{item.id}", kind="excluded", about=item.id, reason=reason, state="noted")
