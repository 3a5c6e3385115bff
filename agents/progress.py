"""Where a plan stands: which steps are done, which is next, what its approvals bind, and what holds it up."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from agents.case_view import CaseView
from agents.change_windows import Window, window_for, windows_of
from agents.plans import Plan, Step, plan_of
from agents.policy_set import Evaluation, PolicySet, evaluate, in_force, policies_of
from agents.validation_runs import Validation, validation
from casefile.actions import Due, Limits, plain
from casefile.effects import Effect
from lineage.canonical import Json, digest
from runtime.clock import instant

_VALIDATION = re.compile(r"validat|probe|verif|monitor|check|test", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """A step of the plan with what became of it. `done` is None for a step that a person must confirm."""

    step: Step
    done: bool | None
    effect: Effect | None = None
    evaluation: Evaluation | None = None
    window: Window | None = None
    waits_for: str = ""
    validation: Validation | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """The plan, line by line; `due` is the next action, `observed` why its target is not as approved."""

    plan: Plan | None
    policy: PolicySet | None
    policies: Sequence[PolicySet]
    lines: list[Line] = field(default_factory=list)
    due: Due | None = None
    observed: str = ""

    @property
    def next(self) -> Line | None:
        """The first line that is not done. A line for a person keeps nothing waiting: it becomes an open item."""
        return next((line for line in self.lines if line.done is False), None)

    @property
    def changed_at(self) -> datetime | None:
        """When the last action was done."""
        return max((line.effect.done_at for line in self.lines if line.effect and line.effect.done_at), default=None)

    @property
    def halted(self) -> list[Effect]:
        """Effects that stopped the sequence."""
        return [line.effect for line in self.lines if line.effect and line.effect.state in ("failed", "in_doubt")]


def progress(view: CaseView) -> Progress:
    """Weigh plan, policy, calendar and effects under the present clock."""
    words = view.scenario.data
    plan = plan_of(view, words["plan"], view.systems)
    policies = policies_of(view, words["policy"])
    policy = in_force(policies, view.now)
    if plan is None:
        return Progress(None, policy, policies)
    windows = windows_of(view, words["calendar"])
    lines: list[Line] = []
    for step in plan.steps:
        lines.append(_line(view, step, plan, policy, windows, lines))
    this = Progress(plan, policy, policies, lines)
    line = this.next
    if line is None or line.step.executable is None or line.evaluation is None or policy is None or this.halted:
        return this
    observed = _observed(view, line.step)
    due = _due(view, plan, policy, line, line.evaluation, observed)
    return Progress(plan, policy, policies, lines, due, observed)


def _line(
    view: CaseView,
    step: Step,
    plan: Plan,
    policy: PolicySet | None,
    windows: Sequence[Window],
    before: Sequence[Line],
) -> Line:
    if step.executable is not None or step.problem:
        core = step.executable.core() if step.executable is not None else ""
        effect = next((one for one in view.effects if one.core == core and one.used), None)
        window = window_for(windows, plan.window, _touched(view, step), view.now)
        if window is not None and not window.covers(_touched(view, step)):
            window = None
        evaluation = (
            evaluate(policy, step, window, view.now, view.scenario.data["policy"]) if policy is not None else None
        )
        return Line(step, effect is not None and effect.state == "done", effect, evaluation, window)
    if step.needs and _VALIDATION.search(f"{step.needs} {step.title} {step.system}"):
        since = max((line.effect.done_at for line in before if line.effect and line.effect.done_at), default=None)
        found = validation(view, view.scenario.data["validation"], step.needs, since)
        return Line(step, found.passed, waits_for="" if found.passed else found.detail, validation=found)
    return Line(step, None, waits_for=step.needs or "a person's confirmation")


def _touched(view: CaseView, step: Step) -> list[str]:
    """Every name by which a calendar may speak of a step: what it touches, and the services that the incident hits."""
    from agents.stated_values import said

    spec = view.scenario.data["incident"]["fields"]["impacted_services"]
    services = [text for one in said(view, view.of(*spec["systems"]), spec["labels"]) for text in one.parts]
    return [*step.touches, *services]


def _observed(view: CaseView, step: Step) -> str:
    """What the executing node found at the target of exactly this step, where it was not as approved."""
    if step.executable is None:
        return ""
    body = view.kept.get(f"observed:{step.executable.core()}")
    found = orjson.loads(body) if body else {}
    return str(found["reason"]) if found.get("content") == digest(plain(step.executable.content)) else ""


def _due(
    view: CaseView, plan: Plan, policy: PolicySet, line: Line, evaluation: Evaluation, observed: str
) -> Due | None:
    action = line.step.executable
    if action is None:
        return None
    window = line.window if evaluation.windowed and line.window is not None and line.window.firm else None
    binding: dict[str, Json] = {
        "action": plain(action.content),
        "plan": plan.id,
        "policy": {"set": policy.name, "version": policy.version, "content": digest(plain(policy.node.value))},
        "target": {
            "system": action.system,
            "object": action.object,
            "state": plain(action.before),
            "observed": observed,
        },
        "window": {"id": window.id, "opens": instant(window.opens), "closes": instant(window.closes)}
        if window
        else None,
    }
    if line.step.witnesses:
        binding["witnesses"] = list[Json](line.step.witnesses)
    return Due(
        action=action,
        binding=binding,
        gates=list(evaluation.gates),
        proposers=list(line.step.proposers) or [view.packet.requested_by],
        witnesses=list(line.step.witnesses),
        opens=window.opens if window is not None else None,
        closes=window.closes if window is not None else None,
        windowed=evaluation.windowed,
        emergency=list(evaluation.emergency),
        limits=Limits(
            retry_limit=int(view.parameters["retry_limit"]),
            wait_seconds=float(view.parameters["result_confirmation_timeout_seconds"]),
        ),
        policy=f"{policy.name} {policy.version}".strip(),
        checks=[f"{check.control}: {check.verdict}; {check.detail}" for check in evaluation.checks],
    )


def parts_of(binding: Mapping[str, Any]) -> dict[str, str]:
    """What a binding consists of, each part by its hash, so that a later one can say which part changed."""
    names = {
        "action": "the planned action",
        "witnesses": "its witnesses",
        "policy": "the policy",
        "target": "the target state",
        "window": "the change window",
    }
    return {told: digest(plain(binding.get(name))) for name, told in names.items()}
