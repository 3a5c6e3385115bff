"""The incident work object for people: its sections in the order of the card, every statement with its place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agents.case_view import CaseView
from agents.closing import Linked, OpenItem, result_places
from agents.progress import Progress
from casefile.claims import Citation, Claim, Section, Status
from casefile.effects import Effect
from runtime.clock import instant

_AGENT = "agent:drafting"


def sections(
    view: CaseView, progress: Progress, linked: Sequence[Linked], control: str, items: Sequence[OpenItem]
) -> list[Section]:
    """All sections; those that have nothing to say yet say so."""
    return [
        Section(id="work_object", title="Work object", claims=_work_object(view, progress, linked)),
        Section(id="plan", title="Plan", claims=_plan(view, progress)),
        Section(id="policy_results", title="Policy results per action", claims=_policy(progress)),
        Section(id="approval_requests", title="Approval requests", claims=_requests(view, progress)),
        Section(id="approval_records", title="Approval records of what was executed", claims=_approvals(progress)),
        Section(id="execution_log", title="Execution log", claims=_execution(view, progress)),
        Section(id="takeover", title="Takeover state", claims=_takeover(progress)),
        Section(id="evidence_list", title="Required evidence", claims=_evidence(linked, control)),
        Section(id="open_items", title="What remains open", claims=_open(items)),
    ]


def _claim(name: str, text: str, cited: Iterable[Citation] = (), status: Status | None = None) -> Claim:
    """A statement; without a place in the evidence it is the engine's own record, and is marked unverified."""
    places = list(cited)
    standing: Status = "confirmed" if places else "unverified"
    return Claim(id=name, text=text, status=status or standing, author=_AGENT, citations=places)


def next_action(progress: Progress) -> str:
    """The next required action, in one line."""
    if progress.plan is None:
        return "a plan by the incident owner"
    for effect in progress.halted:
        return f"take over {effect.id} by hand: {effect.reason}"
    line = progress.next
    if line is None:
        return "closure by the incident owner's lead"
    step = line.step
    if progress.observed:
        return f"correct the plan for {step.id} or the target: {progress.observed}"
    blocked = [check for check in line.evaluation.checks if check.verdict == "blocked"] if line.evaluation else []
    if blocked:
        return f"{step.id} is blocked by {blocked[0].control}: {blocked[0].next_step or blocked[0].missing}"
    if line.evaluation is not None:
        return f"approval of {step.id} ({step.title}): {', '.join(line.evaluation.gates)}"
    return f"{step.id}: {line.waits_for}"


def _work_object(view: CaseView, progress: Progress, linked: Sequence[Linked]) -> list[Claim]:
    claims = [_claim("next", f"Next required action: {next_action(progress)}.")]
    systems = sorted(name for name, one in view.systems.items() if one.connected)
    if systems:
        claims.append(_claim("systems", f"Linked systems: {', '.join(systems)}."))
    missing = [one.name for one in linked if not one.present]
    needed = ", ".join(one.name for one in linked) or "none named"
    state = f"missing: {', '.join(missing)}" if missing else "all linked"
    claims.append(_claim("evidence", f"Required evidence: {needed}; {state}."))
    return claims


def _plan(view: CaseView, progress: Progress) -> list[Claim]:
    claims = []
    for line in progress.lines:
        step = line.step
        risk = step.risk or "not stated"
        text = (
            f"{step.id}: {step.title}. Touches {step.object or 'nothing named'} in {step.system or 'no system'}"
            f"{', production' if step.production else ''}. Expected effect: {step.effect or 'not stated'}. "
            f"Rollback: {step.rollback or 'none planned'}. Risk: {risk}."
        )
        if step.witnesses:
            text += f" Witness: {', '.join(step.witnesses)}."
        claims.append(_claim(f"plan-{step.id}", text, step.node.cite(view)))
    return claims or [_claim("plan-none", "No plan is among the evidence.")]


def _policy(progress: Progress) -> list[Claim]:
    """What every control says of every action. What was executed keeps the evaluation under which it was."""
    claims = []
    for line in progress.lines:
        if line.effect is not None:
            told = " ".join(f"{check}." for check in line.effect.due.checks)
            claims.append(
                _claim(f"policy-{line.step.id}", f"{line.step.id}, as executed under {line.effect.due.policy}: {told}")
            )
            continue
        if line.evaluation is None:
            continue
        whole = f"{line.step.id}: {line.evaluation.verdict} under version {line.evaluation.version}."
        claims.append(
            _claim(f"policy-{line.step.id}", whole, [c for x in line.evaluation.checks for c in x.citations][:3])
        )
        for n, check in enumerate(line.evaluation.checks, 1):
            missing = f" Missing: {check.missing}." if check.missing else ""
            next_step = f" Safest next step: {check.next_step}." if check.next_step else ""
            text = f"{line.step.id}, {check.control}: {check.verdict}: {check.detail}.{missing}{next_step}"
            claims.append(_claim(f"policy-{line.step.id}-{n}", text, check.citations))
    return claims or [_claim("policy-none", "No action was evaluated.")]


def _requests(view: CaseView, progress: Progress) -> list[Claim]:
    """Who must approve, what exactly, what it touches, why, and what happens then. It is content, so it names no time
    and no answer: those stand with the gates."""
    line, due = progress.next, progress.due
    if line is None or due is None or line.evaluation is None:
        return []
    roles = {gate.name: gate.approver for gate in view.scenario.gates}
    claims = []
    for gate in due.gates:
        why = next(
            (check.detail for check in line.evaluation.checks if check.missing == gate), "every change is approved"
        )
        text = (
            f"{gate}: {roles.get(gate, gate)} decides on {due.action.id} ({due.action.title}), exactly as planned: "
            f"{due.action.method} {due.action.path} of {due.action.system}, object {due.action.object}. "
            f"Why: {why}. If all approve, it is sent once, in its window, and its result is read back; "
            f"the proposer ({', '.join(due.proposers)}) may approve nothing of it."
        )
        claims.append(_claim(f"request-{due.action.id}-{gate}", text, line.step.node.cite(view)[:1]))
    return claims


def _approvals(progress: Progress) -> list[Claim]:
    return [
        _claim(
            f"approval-{effect.id}-{ground.gate}",
            f"{ground.gate} of {effect.id} by {ground.by} at {instant(ground.at)}, under {effect.due.policy}, "
            f"for content {effect.subject_sha256}.",
        )
        for line in progress.lines
        if (effect := line.effect) is not None
        for ground in effect.grounds
    ]


def _execution(view: CaseView, progress: Progress) -> list[Claim]:
    return [
        _claim(f"execution-{effect.id}", _told(effect), result_places(view, effect.id))
        for line in progress.lines
        if (effect := line.effect) is not None
    ] or [_claim("execution-none", "Nothing was executed.")]


def _told(effect: Effect) -> str:
    action = effect.due.action
    before = ", ".join(f"{name} {value}" for name, value in effect.before.items() if value is not None)
    after = ", ".join(f"{name} {value}" for name, value in effect.after.items() if value is not None)
    numbers = f" Reference: {', '.join(effect.references)}." if effect.references else ""
    path = " Under the emergency path." if effect.emergency else ""
    confirmed = f" Confirmed by {', '.join(effect.confirmed_by)}." if effect.confirmed_by else " Not confirmed."
    times = f"{effect.attempts} attempt{'s' if effect.attempts != 1 else ''}"
    return (
        f"{effect.id}: {action.method} {action.path} was asked of {action.system} for {action.object} "
        f"({times}; answers: {', '.join(effect.answers) or 'none'}): {effect.state}. {effect.reason}. "
        f"Before: {before or 'not compared'}. After: {after or 'not read'}.{numbers}{confirmed}{path}"
    )


def _takeover(progress: Progress) -> list[Claim]:
    claims = []
    for effect in progress.halted:
        rest = [line.step.id for line in progress.lines if line.done is False and line.step.id != effect.id]
        action = effect.due.action
        text = (
            f"The sequence stopped at {effect.id} ({effect.state}). Sent to {action.system}: {action.method} "
            f"{action.path}, key {effect.idempotency_key}, {effect.attempts} time(s); it is not sent again by itself. "
            f"Approved by {', '.join(dict.fromkeys(g.by for g in effect.grounds))}. Not run: "
            f"{', '.join(rest) or 'nothing'}. To find out: {action.read_method} {action.read_path}, expected "
            f"{', '.join(f'{name} {value}' for name, value in action.expect.items())}."
        )
        claims.append(_claim(f"takeover-{effect.id}", text))
    return claims


def _evidence(linked: Sequence[Linked], control: str) -> list[Claim]:
    under = f" ({control})" if control else ""
    return [
        _claim(
            f"required-{n}",
            f"{one.name}{under}: {'linked' if one.present else 'missing'}: {one.detail}.",
            one.citations,
        )
        for n, one in enumerate(linked, 1)
    ]


def _open(items: Sequence[OpenItem]) -> list[Claim]:
    return [
        _claim(f"open-{n}", f"{item.text}. Owner: {item.owner}.", item.citations) for n, item in enumerate(items, 1)
    ]
