"""Fields about plan, policy, window and validation: each cites the cell that states it."""

from __future__ import annotations

from collections.abc import Sequence

from agents.case_view import CaseView
from agents.documents import Node
from agents.material import Findings, step
from agents.progress import Progress
from casefile.claims import Citation, FieldValue, Normalization, Value
from runtime.clock import instant


def plan_fields(view: CaseView, progress: Progress, findings: Findings) -> None:
    """Add the fields that there is evidence for."""
    words = view.scenario.data
    if progress.plan is not None:
        labels, node = words["plan"]["labels"], progress.plan.node
        _stated(view, findings, "plan_id", "Plan", node, labels["plan_id"])
        _stated(view, findings, "plan_proposed_by", "Proposed by", node, labels["proposer"])
    if progress.policy is not None:
        labels, node = words["policy"]["labels"], progress.policy.node
        _stated(view, findings, "policy_set", "Policy set", node, labels["set_name"])
        _stated(view, findings, "policy_version", "Policy version", node, labels["version"])
    _window(findings, progress)
    _validation(findings, progress)


def _stated(view: CaseView, findings: Findings, name: str, title: str, node: Node, labels: Sequence[str]) -> None:
    found = node.get(labels)
    if found is None:
        return
    texts = [str(leaf.value) for leaf in found.leaves()]
    _field(findings, name, title, ", ".join(texts), found.cite(view))


def _window(findings: Findings, progress: Progress) -> None:
    line = next((line for line in reversed(progress.lines) if line.window is not None), None)
    if line is None or line.window is None:
        return
    window = line.window
    planned = progress.plan.window if progress.plan is not None else ""
    cited = progress.plan.window_at if progress.plan is not None and planned else window.named_at
    if planned or window.id:
        _field(findings, "change_window", "Change window", planned or window.id, cited)
    opens, closes = instant(window.opens), instant(window.closes)
    _field(findings, "change_window_start", "Change window opens", opens, window.opens_at, window.opens_raw)
    _field(findings, "change_window_end", "Change window closes", closes, window.closes_at, window.closes_raw)


def _validation(findings: Findings, progress: Progress) -> None:
    found = next((line.validation for line in reversed(progress.lines) if line.validation is not None), None)
    if found is None or not found.citations:
        return
    value = "passed" if found.passed else "not passed"
    findings.fields["validation_result"] = FieldValue(
        title="Validation",
        value=value,
        raw=value,
        status="confirmed",
        confidence=97,
        citations=found.citations[:12],
        note=found.detail,
    )


def _field(
    findings: Findings, name: str, title: str, value: Value, cited: list[Citation], raw: str | None = None
) -> None:
    steps: list[Normalization] = [step("time-zone", raw, str(value))] if raw is not None and raw != value else []
    findings.fields[name] = FieldValue(
        title=title,
        value=value,
        raw=raw if raw is not None else str(value),
        status="confirmed" if cited else "unverified",
        confidence=97 if cited else 50,
        citations=cited,
        normalization=steps,
    )
