"""Pattern: an incident as one work object; its plan is checked, approved and executed action by action, then closed.

check → settle → act (the next action, once, as approved) → receive → … → closure → release
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from agents.case_view import Assessment, CaseView
from agents.change_windows import unplaced
from agents.closing import Linked, OpenItem, evidence_list, open_items
from agents.documents import nothing_read
from agents.incident import alerts, boundary, claims_of_approval, incident_fields, responders, roster
from agents.material import Findings
from agents.plan_fields import plan_fields
from agents.policy_set import passed_over
from agents.progress import Line, Progress, parts_of, progress
from agents.work_exhibits import exhibits
from agents.work_object import sections
from casefile.effects import path_taken
from graphs import skeleton
from graphs.governed_pass import Pattern
from graphs.nodes import execution
from runtime.clock import instant

BINDING = "binding:"


def build() -> Any:
    """The graph, uncompiled."""
    return skeleton.build(Pattern(assess=assess, weighs_decisions=True, nodes={"act": execution.act}))


def assess(view: CaseView) -> Assessment:
    """The work object under the present clock and ledger: fields, plan, policy results, what is due and what lacks."""
    words = view.scenario.data
    findings = Findings()
    incident_fields(view, words["incident"], findings)
    alerts(view, words["incident"], findings)
    responders(view, words["roster"], findings)
    boundary(view, words["incident"], findings)
    claims_of_approval(view, words["incident"], findings)
    done = progress(view)
    plan_fields(view, done, findings)
    severity = findings.fields.get("severity")
    linked, control = evidence_list(view, done, str(severity.value) if severity is not None else "")
    items = open_items(view, done)
    _preconditions(view, done, linked, findings)
    _of_the_next_action(view, done, findings)
    _of_the_sequence(done, findings)
    _of_closure(done, linked, items, findings)
    written = sections(view, done, linked, control, items)
    return Assessment(
        findings=findings,
        sections=written,
        exhibits=exhibits(view, done, linked, written),
        due=done.due,
        keep=_remembered(done),
        roster=roster(view, words["roster"]),
    )


def _preconditions(view: CaseView, done: Progress, linked: list[Linked], findings: Findings) -> None:
    words = view.scenario.data
    for name, member, what in (("plan", "actions", "plan with actions"), ("policy", "controls", "set of controls")):
        unread = nothing_read(view, words[name]["systems"], words[name]["labels"][member], what)
        findings.exceptions += [one for one in unread if one.about not in {p.node.item.id for p in done.policies}]
    findings.exceptions += passed_over(done.policies)
    findings.exceptions += unplaced(view, words["calendar"])
    owner = findings.fields.get("incident_owner")
    if owner is None or owner.status == "missing":
        findings.signal("owner_missing", "incident_owner", "the work object has no owner")
    if not linked:
        findings.signal("evidence_list_missing", "required_evidence", "no required evidence is named for this class")
    if done.policy is None:
        later = [one for one in done.policies if one.effective_from is not None]
        detail = "no policy set is in effect" if later else "no policy set is among the evidence"
        findings.signal("policy_unpinned", "policy_set", detail)
    elif not done.policy.version:
        findings.signal("policy_unpinned", "policy_set", "the policy set states no version")
    if done.plan is None or not done.plan.steps:
        findings.signal("plan_missing", "plan", "no plan with actions is among the evidence")
    for place in done.plan.unread if done.plan is not None else []:
        findings.signal("policy_blocks", place, f"the plan's entry at {place} is no action")


def _of_the_next_action(view: CaseView, done: Progress, findings: Findings) -> None:
    """What the clock, the policy and the target say about the action that is due."""
    line = done.next
    if line is None or done.halted:
        return
    if line.evaluation is None or line.step.problem:
        if line.step.problem:
            findings.signal("policy_blocks", line.step.id, line.step.problem, line.step.node.cite(view)[:1])
        elif line.step.executable is None:
            findings.signal("awaiting_validation", line.step.id, line.waits_for)
        return
    due = done.due
    if due is None:
        return
    findings.signal("action_due", line.step.id, line.step.title)
    for gate in due.gates:
        findings.signal(f"{gate}_due", line.step.id, line.step.title)
    _window_signals(line, findings, emergency=bool(due.emergency))
    if due.emergency:
        findings.signal("emergency_open", line.step.id, f"the policy's emergency path: {', '.join(due.emergency)}")
        if "security_approver" in due.emergency:
            findings.signal("emergency_security", line.step.id, "the emergency path names the security approver")
        if _path_taken(view, done):
            findings.signal("emergency_path", line.step.id, "the people whom the emergency path names approved it")
    if done.observed:
        findings.signal("target_differs", line.step.id, done.observed)
    _changed_since(view, done, findings)


def _window_signals(line: Line, findings: Findings, *, emergency: bool) -> None:
    """Before the window opens the action may be approved; after it there is no way but an emergency path."""
    if line.evaluation is None or not line.evaluation.windowed:
        return
    window, step = line.window, line.step
    if window is None or not window.firm:
        detail = f"{step.id}: no confirmed change window covers it"
        _outside(findings, step.id, detail, line, no_way=not emergency)
        return
    name = window.id or window.title
    before = f"{step.id}: the change window {name} is not open yet; it opens at {instant(window.opens)}"
    after = f"{step.id}: the change window {name} closed at {instant(window.closes)}"
    _outside(findings, step.id, before, line, no_way=False, until=window.opens)
    _outside(findings, step.id, after, line, no_way=not emergency, since=window.closes)


def _outside(
    findings: Findings,
    about: str,
    detail: str,
    line: Line,
    *,
    no_way: bool,
    since: datetime | None = None,
    until: datetime | None = None,
) -> None:
    cited = line.window.opens_at if line.window is not None else []
    for name in ("outside_window", *(["no_open_way"] if no_way else [])):
        findings.signal(name, about, detail, cited)
        findings.signals[-1] = findings.signals[-1].model_copy(update={"since": since, "until": until})


def _path_taken(view: CaseView, done: Progress) -> bool:
    if done.due is None:
        return False
    subject = done.due.subject()
    given = [
        one
        for one in view.decisions
        if one.counts() and one.subject_sha256 == subject and (one.expires_at is None or view.now < one.expires_at)
    ]
    return path_taken(done.due, given, view.packet.people)


def _changed_since(view: CaseView, done: Progress, findings: Findings) -> None:
    """Which change made an approval of this action void: it is asked again, and the page says why (R2)."""
    if done.due is None:
        return
    subject = done.due.subject()
    now = parts_of(done.due.binding)
    used = {effect.subject_sha256 for effect in view.effects if effect.used}
    again = {one.gate for one in view.decisions if one.counts() and one.subject_sha256 == subject}
    for one in view.decisions:
        body = view.kept.get(f"{BINDING}{one.subject_sha256[7:39]}")
        if (
            body is None
            or one.decision != "approve"
            or one.state in ("refused", "rejected")
            or one.subject_sha256 in {subject, *used}
            or one.action != done.due.action.id
            or one.gate in again
        ):
            continue
        then: Mapping[str, str] = orjson.loads(body)
        parts = [name for name, value in now.items() if then.get(name) != value]
        detail = f"{one.gate} of {one.action} by {one.by} is void: {', '.join(parts)} changed after it"
        kind = "policy_changed" if "the policy" in parts else "plan_changed"
        findings.signal(kind, done.due.action.id, detail)


def _of_the_sequence(done: Progress, findings: Findings) -> None:
    for effect in done.halted:
        findings.signal("ambiguous", effect.id, f"{effect.id} is {effect.state}: {effect.reason}")
    for line in done.lines:
        if line.effect is not None and line.effect.state == "done" and not line.effect.confirmed_by:
            findings.signal("ambiguous", line.step.id, f"{line.step.id} is not confirmed by its system")


def _of_closure(done: Progress, linked: list[Linked], items: list[OpenItem], findings: Findings) -> None:
    if done.plan is None or done.next is not None or done.halted or not done.lines:
        return
    findings.signal("closure_due", "closure", "every planned action is done")
    for one in linked:
        if not one.present:
            findings.signal("evidence_missing", one.name, f"{one.name}: {one.detail}")
    for item in items:
        findings.ask(item.key, f"open when the incident is closed: {item.text}", item.owner, "open item")
        findings.signal("open_items", item.key, item.text)
    if any(one.state == "open" for one in findings.contradictions):
        findings.signal("open_items", "contradictions", "sources disagree, and nobody has settled it")


def _remembered(done: Progress) -> dict[str, str]:
    """What the approvals asked for now would bind, so that a later change can say which part it changed."""
    if done.due is None:
        return {}
    return {f"{BINDING}{done.due.subject()[7:39]}": orjson.dumps(parts_of(done.due.binding)).decode()}
