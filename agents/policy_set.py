"""The policy set of the organisation: controls with versions, as data, and what it says about one planned step.

Each evaluation is pinned to the version of the set and of the control. What a set does not say is not waived: every
step that changes a system needs its approval, and a step without a stated risk is treated as one of high risk.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from agents.case_view import CaseView
from agents.change_windows import Window
from agents.documents import Node, below, having
from agents.plans import Step
from agents.policy_sections import RISKS, kind_of, sectioned
from agents.records import label_of
from casefile.claims import Citation
from casefile.evidence import Evidence
from casefile.policy_sets import own
from casefile.registers import ExceptionItem
from runtime.clock import instant
from tools.readers import clock

Word = Literal["ready", "needs approval", "blocked"]


@dataclass(frozen=True, slots=True)
class Control:
    """One control. `kind` is what the engine evaluates it as: window, separation, security, evidence, or `other`."""

    id: str
    version: str
    name: str
    kind: str
    node: Node
    citations: list[Citation]

    @property
    def label(self) -> str:
        """How it is named in results."""
        return f"{self.id} v{self.version}" if self.version else self.id


@dataclass(frozen=True, slots=True)
class PolicySet:
    """A policy set in force."""

    name: str
    version: str
    effective_from: datetime | None
    controls: list[Control]
    node: Node

    def first(self, kind: str) -> Control | None:
        """The first control of a kind."""
        return next((one for one in self.controls if one.kind == kind), None)


@dataclass(frozen=True, slots=True)
class Check:
    """What one control says about one step."""

    control: str
    verdict: Word
    detail: str
    missing: str = ""
    next_step: str = ""
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the set says about one step: the worst verdict of its checks, and which gates it needs."""

    step: str
    version: str
    checks: tuple[Check, ...]
    gates: tuple[str, ...]
    windowed: bool
    emergency: tuple[str, ...]

    @property
    def verdict(self) -> Word:
        """The worst one."""
        words = {check.verdict for check in self.checks}
        return "blocked" if "blocked" in words else "needs approval" if "needs approval" in words else "ready"


def policies_of(view: CaseView, words: Mapping[str, Any]) -> list[PolicySet]:
    """Every policy set among the usable evidence, oldest first."""
    return [
        _set(view, node, words) for item in view.of(*words["systems"]) if (node := _tree(view, item, words)) is not None
    ]


def _tree(view: CaseView, item: Evidence, words: Mapping[str, Any]) -> Node | None:
    """A list of controls, or sections with their names: these first where several are named, tables or not."""
    people = view.scenario.people
    roles = {label_of(name.partition("(")[0]): one["id"] for one in people for name in (one["role"], one["id"])}
    written = sectioned(item, view.readings(item.id), words, roles)
    if written is not None and len({one["kind"] for one in written.value["controls"]}) > 1:
        return written
    return having(view, item, words["labels"]["controls"]) or written


def in_force(sets: Sequence[PolicySet], now: datetime) -> PolicySet | None:
    """The set that counts now: the organisation's own where it keeps one, whatever a case brings beside it.

    Else, of those in effect, the one that came into effect last; of equals, the newest.
    """
    kept = [one for one in sets if own(one.node.item.id)]
    if kept:
        return kept[-1]
    effective = [one for one in sets if one.effective_from is None or one.effective_from <= now]
    return max(enumerate(effective), key=lambda pair: (_since(pair[1]), pair[0]), default=(0, None))[1]


def passed_over(sets: Sequence[PolicySet]) -> Iterator[ExceptionItem]:
    """Policy sets that a case brings although the organisation keeps one for all: said, and not used."""
    kept = next((one for one in reversed(sets) if own(one.node.item.id)), None)
    for one in sets:
        item = one.node.item
        if kept is not None and not own(item.id):
            reason = f"{item.id} ({item.file}): not used; the organisation's own policy set {kept.version} counts"
            yield ExceptionItem(
                key=f"policy-passed-over:{item.id}", kind="not_used", about=item.id, reason=reason, state="noted"
            )


def _since(one: PolicySet) -> str:
    return instant(one.effective_from) if one.effective_from is not None else ""


def _set(view: CaseView, node: Node, words: Mapping[str, Any]) -> PolicySet:
    labels = words["labels"]
    listed = node.get(labels["controls"])
    return PolicySet(
        name=node.text(labels["set_name"]),
        version=node.text(labels["version"]),
        effective_from=_time(node.text(labels["effective_from"])),
        controls=[_control(view, line, words) for line in _lines(listed)],
        node=node,
    )


def _lines(listed: Node | None) -> list[Node]:
    if listed is None:
        return []
    return below(listed) if isinstance(listed.value, Mapping) else list(listed.children())


def _control(view: CaseView, line: Node, words: Mapping[str, Any]) -> Control:
    labels = words["labels"]
    name = line.text(labels["control_name"]) or line.pointer.rpartition("/")[2].replace("_", " ")
    return Control(
        id=line.text(labels["control_id"], name),
        version=line.text(labels["version"]),
        name=name,
        kind=kind_of(name, line.text(labels["control_rule"]), words["kinds"]),
        node=line,
        citations=(line.get(labels["control_rule"]) or line.get(labels["control_name"]) or line).cite(view)[:1],
    )


def evaluate(
    policy: PolicySet, step: Step, window: Window | None, now: datetime, words: Mapping[str, Any]
) -> Evaluation:
    """What the set says about a step at a time. Decisions do not enter: what is approved is on record elsewhere."""
    labels = words["labels"]
    checks: list[Check] = []
    gates: list[str] = []
    windowed, emergency = False, _emergency(policy, labels)
    if step.problem:
        missing = "a step that can be executed: a declared system, a path of it, and how its result is confirmed"
        checks.append(Check("boundary", "blocked", step.problem, missing, "correct the plan, then have it approved"))
    if step.executable is not None:
        gates, asked = _approvals(policy, step, labels)
        checks += asked
        control = policy.first("window")
        windowed = control is not None and step.production
        if control is not None and windowed:
            checks.append(_window_check(control, step, window, now, emergency))
        if not step.rollback:
            checks.append(Check("plan", "ready", "no rollback is planned", "a rollback", "plan one before approval"))
    return Evaluation(step.id, policy.version, tuple(checks), tuple(gates), windowed, tuple(emergency))


def _approvals(policy: PolicySet, step: Step, labels: Mapping[str, list[str]]) -> tuple[list[str], list[Check]]:
    separation, security = policy.first("separation"), policy.first("security")
    gates, checks = ["action_approval"], []
    told = separation.label if separation is not None else "every change is approved"
    cited = tuple(separation.citations) if separation is not None else ()
    risk = step.risk or "not stated, treated as high"
    checks.append(
        Check(told, "needs approval", f"risk {risk}: the change approver", "action_approval", _ASK, cited),
    )
    if _second(separation, step, labels):
        gates.append("second_approval")
        detail = f"risk {risk}: a second approver, neither the proposer nor the first one"
        checks.append(Check(told, "needs approval", detail, "second_approval", _ASK, cited))
    if security is not None and _security(security, step, labels):
        gates.append("security_approval")
        detail = f"{step.object or step.system} is security-relevant: a security approver"
        checks.append(
            Check(security.label, "needs approval", detail, "security_approval", _ASK, tuple(security.citations))
        )
    return gates, checks


_ASK = "have exactly this action approved"


def _second(control: Control | None, step: Step, labels: Mapping[str, list[str]]) -> bool:
    """Whether a second approver is asked for: as the control lists it, else for high risk."""
    listed = control.node.get(labels["second_for"]) if control is not None else None
    if listed is None:
        return (step.risk or "high") in ("high", "critical")
    return any(applies(clause, step) for clause in _clauses(listed))


def _security(control: Control, step: Step, labels: Mapping[str, list[str]]) -> bool:
    if not step.production:
        return False
    listed = control.node.get(labels["security_systems"])
    names = {_joined(name) for name in listed.texts()} if listed is not None else set()
    asked = control.node.get(labels["security_for"])
    return (
        step.security_relevant
        or any(_joined(name) in names for name in step.touches)
        or (asked is not None and any(applies(clause, step) for clause in _clauses(asked)))
    )


def _clauses(node: Node) -> list[str]:
    if isinstance(node.value, Mapping):
        return [
            f"{name} {value}" for name, one in node.value.items() for value in (one if isinstance(one, list) else [one])
        ]
    return node.texts()


def applies(clause: str, step: Step) -> bool:
    """Whether a clause of a control speaks of a step: a risk, a class of systems, one system, or everything."""
    words = re.findall(r"[\w-]+", clause.casefold())
    risk = step.risk if step.risk in RISKS else "high"
    named = [word for word in words if word in RISKS]
    if named:
        least = min(RISKS.index(word) for word in named)
        upward = re.search(
            r"at least|or (?:higher|above|more)|and (?:above|higher|up)|>=|≥|\bfrom\b", clause.casefold()
        )
        return RISKS.index(risk) >= least if upward else risk in named
    if {"all", "any", "every", "always", "everything"} & set(words):
        return True
    if any(word.startswith("prod") for word in words):
        return step.production
    if any(word.startswith("security") for word in words):
        return step.security_relevant
    return any(_joined(clause) == _joined(name) for name in step.touches)


def _emergency(policy: PolicySet, labels: Mapping[str, list[str]]) -> list[str]:
    """The people or roles whom the emergency path names; nobody where the policy has none."""
    control = policy.first("window")
    path = control.node.get(labels["emergency"]) if control is not None else None
    if path is None or path.value is False or str(path.value).casefold() in ("none", "no", "false", "n/a"):
        return []
    if isinstance(path.value, Mapping):
        people = path.get(labels["emergency_people"])
        return people.texts() if people is not None else []
    return path.texts()


def _window_check(
    control: Control, step: Step, window: Window | None, now: datetime, emergency: Sequence[str]
) -> Check:
    cited = tuple(control.citations)
    path = f"; or the emergency path, approved by {', '.join(emergency)}" if emergency else ""
    if window is None:
        missing = "a change window of the calendar for this change"
        return Check(control.label, "blocked", "no change window is known", missing, f"book a window{path}", cited)
    name = window.id or window.title
    if not window.firm:
        detail, missing = f"the window {name} is {window.status}", "a confirmed window"
        return Check(control.label, "blocked", detail, missing, f"have the window confirmed{path}", cited)
    opens, closes = instant(window.opens), instant(window.closes)
    if now < window.opens:
        detail = f"outside the change window: {name} opens at {opens}"
        step_ = f"collect the approvals now, wait for {opens}{path}"
        return Check(control.label, "blocked", detail, f"an open window; it opens at {opens}", step_, cited)
    if now >= window.closes:
        detail = f"outside the change window: {name} closed at {closes}"
        return Check(control.label, "blocked", detail, "an open window", f"book a new window{path}", cited)
    return Check(control.label, "ready", f"inside the window {name}, until {closes}", citations=cited)


def required_evidence(
    policy: PolicySet | None, severity: str, labels: Mapping[str, list[str]]
) -> tuple[list[str], Control | None]:
    """What the policy asks for before an incident of this class may be closed."""
    controls = [one for one in policy.controls if one.kind == "evidence"] if policy is not None else []
    names = [
        _joined(severity),
        f"sev{severity[-1:]}",
        f"severity{severity[-1:]}",
        f"s{severity[-1:]}",
        f"p{severity[-1:]}",
    ]
    for control in controls:
        for node in (control.node, control.node.get(labels["required"])):
            if node is None:
                continue
            if isinstance(node.value, Mapping):
                for name, one in node.value.items():
                    if _joined(str(name)) in names:
                        return Node(node.item, one).texts(), control
            elif node.pointer != control.node.pointer:
                return node.texts(), control
    return [], controls[0] if controls else None


def _time(text: str) -> datetime | None:
    try:
        value = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return clock.instant(text)
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)


def _joined(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()
