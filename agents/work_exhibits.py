"""The plan of a work object as a table: each action, what policy says, who approves, where it stands, its receipt."""

from __future__ import annotations

from collections.abc import Sequence

from agents.case_view import CaseView
from agents.closing import Linked
from agents.policy_set import Check
from agents.progress import Line, Progress
from casefile.claims import Citation, Section
from casefile.exhibits import Column, Drawn, Shown, Table, TableRow
from runtime.clock import instant

_PLAN = [
    Column(id="action", title="Action"),
    Column(id="policy", title="Policy"),
    Column(id="approval", title="Approval"),
    Column(id="state", title="State"),
    Column(id="result", title="Read back"),
]
_REQUIRED = [Column(id="name", title="Required for closure"), Column(id="state", title="State")]


def exhibits(view: CaseView, done: Progress, linked: Sequence[Linked], sections: Sequence[Section]) -> dict[str, Drawn]:
    """The plan and the evidence that closing needs, over the statements of the work object that they draw."""
    cited = {f"{s.id}/{c.id}": c.citations for s in sections for c in s.claims}
    rows = [_row(view, done, line, cited) for line in done.lines]
    required = [
        TableRow(
            id=f"required-{n}",
            cells={
                "name": _shown(one.name, f"evidence_list/required-{n}", cited),
                "state": Shown(text=f"{'linked' if one.present else 'missing'}: {one.detail}"),
            },
            open=not one.present,
        )
        for n, one in enumerate(linked, 1)
    ]
    return {"plan": Table(columns=_PLAN, rows=rows), "required": Table(columns=_REQUIRED, rows=required)}


def _shown(text: str, of: str, cited: dict[str, list[Citation]]) -> Shown:
    """A cell over a statement, with its places; the engine's own record has none, and is marked so."""
    places = cited.get(of, [])
    known = of if of in cited else ""
    return Shown(text=text, status="confirmed" if places else "unverified", citations=places, of=known)


def _row(view: CaseView, done: Progress, line: Line, cited: dict[str, list[Citation]]) -> TableRow:
    step, effect = line.step, line.effect
    risk = f"; risk {step.risk}" if step.risk else ""
    action = f"{step.id}: {step.title} ({step.object or 'nothing named'} in {step.system or 'no system'}{risk})"
    cells = {"action": _shown(action, f"plan/plan-{step.id}", cited)}
    if line.evaluation is not None and effect is None:
        checks = _checks(line.evaluation.checks)
        cells["policy"] = _shown(checks or line.evaluation.verdict, f"policy_results/policy-{step.id}", cited)
    elif effect is not None:
        cells["policy"] = _shown(f"as executed under {effect.due.policy}", f"policy_results/policy-{step.id}", cited)
    cells["approval"] = _approval(done, line, cited)
    cells["state"] = Shown(text=_state(done, line), status="confirmed" if line.done else "held")
    if effect is not None:
        after = ", ".join(f"{name} {value}" for name, value in effect.after.items() if value is not None)
        told = f"{after or 'not read'}; reference {', '.join(effect.references) or 'none'}"
        cells["result"] = _shown(told, f"execution_log/execution-{effect.id}", cited)
    return TableRow(id=f"plan-{step.id}", cells=cells, open=line.done is False)


def _checks(checks: Sequence[Check]) -> str:
    """What each control says, once for each verdict, with the approvals that it asks for."""
    asked: dict[tuple[str, str], list[str]] = {}
    for one in checks:
        gates = asked.setdefault((one.control, one.verdict), [])
        if one.verdict == "needs approval" and one.missing:
            gates.append(_spoken(one.missing))
    return "; ".join(
        f"{control}: {verdict}" + (f" ({', '.join(gates)})" if gates else "")
        for (control, verdict), gates in asked.items()
    )


def _spoken(gate: str) -> str:
    return gate.replace("_", " ")


def _approval(done: Progress, line: Line, cited: dict[str, list[Citation]]) -> Shown:
    effect = line.effect
    if effect is not None:
        told = "; ".join(f"{_spoken(one.gate)} by {one.by}, {instant(one.at)}" for one in effect.grounds)
        first = next((f"approval_records/approval-{effect.id}-{one.gate}" for one in effect.grounds), "")
        return _shown(told or "none needed", first, cited)
    gates = line.evaluation.gates if line.evaluation is not None else []
    first = next((f"approval_requests/request-{line.step.id}-{one}" for one in gates), "")
    return _shown(", ".join(map(_spoken, gates)) + " asked" if gates else "not asked yet", first, cited)


def _state(done: Progress, line: Line) -> str:
    if line.effect is not None:
        return f"{line.effect.state}: {line.effect.reason}" if line.effect.reason else line.effect.state
    if line.done:
        return "done"
    if line.done is None:
        return f"for a person: {line.waits_for}" if line.waits_for else "for a person"
    blocked = [one for one in line.evaluation.checks if one.verdict == "blocked"] if line.evaluation is not None else []
    if blocked:
        return f"blocked by {blocked[0].control}: {blocked[0].next_step or blocked[0].missing or blocked[0].detail}"
    if line.step.problem:
        return f"blocked: {line.step.problem}"
    if line is done.next:
        return f"next: {done.observed or line.waits_for or 'waits for its approvals'}"
    return f"after: {line.waits_for}" if line.waits_for else "not yet"
