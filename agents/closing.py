"""What closing an incident asks for: the evidence required for its class, and what is still open, item by item."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.case_view import CaseView
from agents.documents import Node, having
from agents.field_history import history
from agents.plans import people_named
from agents.policy_set import required_evidence
from agents.progress import Progress
from agents.records import label_of
from agents.stated_values import said
from agents.validation_runs import Validation, validation
from casefile.claims import Citation
from casefile.evidence import Evidence

_WORD = re.compile(r"[^\W_]{3,}", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Linked:
    """A required kind of evidence: whether it is linked, and what it is or what is missing."""

    name: str
    present: bool
    detail: str
    citations: list[Citation]


@dataclass(frozen=True, slots=True)
class OpenItem:
    """Something that stays open when the incident is closed."""

    key: str
    text: str
    owner: str
    citations: list[Citation]


def evidence_list(view: CaseView, progress: Progress, severity: str) -> tuple[list[Linked], str]:
    """Every kind of evidence that the class of the incident requires, and the control that says so.

    The policy and the parameter of the class are both asked: what either requires is required.
    """
    words = view.scenario.data
    asked, control = required_evidence(progress.policy, severity, words["policy"]["labels"])
    listed = view.parameters.get(f"evidence_required_{severity.casefold().replace('-', '')}", [])
    names: dict[str, str] = {}
    for name in [*asked, *listed]:
        names.setdefault(_joined(name), name)
    return [_linked(view, progress, name) for name in names.values()], control.label if control is not None else ""


def _linked(view: CaseView, progress: Progress, name: str) -> Linked:
    kinds: Mapping[str, list[str]] = view.scenario.data["closing"]["evidence_kinds"]
    kind = next((k for k, patterns in kinds.items() if any(re.search(p, name, re.IGNORECASE) for p in patterns)), "")
    match kind:
        case "ticket":
            return _ticket(view, name)
        case "approvals":
            return _approvals(progress, name)
        case "validation":
            found = last_validation(view, progress)
            return Linked(name, found.passed, found.detail, found.citations)
        case "confirmation":
            return _confirmations(view, progress, name)
        case _:
            return _by_words(view, progress, name, view.scenario.data["closing"]["systems_of_kinds"].get(kind, []))


def last_validation(view: CaseView, progress: Progress) -> Validation:
    """The last validation that the plan asks for; without one, every probe must have passed since the last change."""
    planned = [line.validation for line in progress.lines if line.validation is not None]
    if planned and planned[-1] is not None:
        return planned[-1]
    return validation(view, view.scenario.data["validation"], "", progress.changed_at)


def _ticket(view: CaseView, name: str) -> Linked:
    states = ticket_states(view)
    if not states:
        return Linked(name, False, "no ticket states its state", [])
    item, state, cited = states[-1]
    return Linked(name, True, f"{item.id} says {state}", cited)


def ticket_states(view: CaseView) -> list[tuple[Evidence, str, list[Citation]]]:
    """What the tickets in use say about their state."""
    spec = view.scenario.data["incident"]["fields"]["ticket_state"]
    return [
        (one.item, one.text, list(one.citations[:1])) for one in said(view, view.of(*spec["systems"]), spec["labels"])
    ]


def _approvals(progress: Progress, name: str) -> Linked:
    done = [line.effect for line in progress.lines if line.effect is not None and line.effect.state == "done"]
    told = "; ".join(f"{one.id}: {', '.join(f'{g.gate} by {g.by}' for g in one.grounds)}" for one in done)
    if any(not one.grounds for one in done):
        return Linked(name, False, "an action was done without a decision on record", [])
    waiting = [line.step.id for line in progress.lines if line.step.executable is not None and line.effect is None]
    if waiting:
        return Linked(name, False, f"not done yet: {', '.join(waiting)}{f'; {told}' if told else ''}", [])
    return Linked(name, True, told or "no action needed one", [])


def _confirmations(view: CaseView, progress: Progress, name: str) -> Linked:
    actions = [line for line in progress.lines if line.step.executable is not None]
    lacking = [line.step.id for line in actions if line.effect is None or not line.effect.confirmed_by]
    if lacking:
        return Linked(name, False, f"not confirmed by the system that it changes: {', '.join(lacking)}", [])
    told = "; ".join(
        f"{line.step.id}: {', '.join([*line.effect.references, *line.effect.confirmed_by])}"
        for line in actions
        if line.effect is not None
    )
    return Linked(
        name,
        True,
        told or "nothing was changed",
        [one for line in actions for one in result_places(view, line.step.id)],
    )


def result_places(view: CaseView, action: str) -> list[Citation]:
    """Where the result of an action stands: what its system showed, kept as evidence."""
    items = [item for item in view.evidence if item.id.startswith(f"result-{action}-")]
    if not items:
        return []
    shown = Node(items[-1], view.readings(items[-1].id).data).get(["state"])
    return shown.cite(view) if shown is not None else []


def _by_words(view: CaseView, progress: Progress, name: str, systems: Sequence[str]) -> Linked:
    """Evidence of another kind: of the systems that give that kind, else an item whose name has all the words. What a
    witness says who approved an action or carried it out is none."""
    lacks = f"no evidence is linked as {name}"
    words = {word.casefold().rstrip("s") for word in _WORD.findall(name)}
    for item in view.usable:
        own = {word.casefold().rstrip("s") for word in _WORD.findall(f"{item.id} {item.file} {item.system}")}
        if item.system not in systems and not words <= own:
            continue
        partial = _partial(view, progress, item)
        if not partial:
            return Linked(name, True, f"{item.id} ({item.sha256[:15]}…)", [])
        lacks = f"{item.id} does not count: {partial}"
    return Linked(name, False, lacks, [])


def _partial(view: CaseView, progress: Progress, item: Evidence) -> str:
    """Why the witness whom an item names is none, or nothing where it names none or a disinterested one."""
    node = having(view, item, view.scenario.data["plan"]["labels"]["witness"])
    named = people_named(view, node.get(view.scenario.data["plan"]["labels"]["witness"])) if node is not None else []
    for line in progress.lines:
        approvers = [one.by for one in line.effect.grounds] if line.effect is not None else []
        for one in named:
            if one in approvers or one in line.step.actors:
                return f"its witness {one} {'approved' if one in approvers else 'carried out'} {line.step.id}"
    return ""


def open_items(view: CaseView, progress: Progress) -> list[OpenItem]:
    """Follow-ups that nobody has done, a ticket that is not resolved, and steps that nobody confirmed."""
    words = view.scenario.data["closing"]
    found: list[OpenItem] = []
    nodes = list(progress.plan.follow_ups) if progress.plan is not None else []
    for item in view.of(*words["follow_up_systems"]):
        if progress.plan is not None and item.id == progress.plan.node.item.id:
            continue
        node = having(view, item, words["follow_ups"], unnamed=_is_list(item, words["follow_ups"]))
        listed = node.get(words["follow_ups"]) if node is not None else None
        nodes += list(listed.children()) if listed is not None else []
        for change in history(view, item).all(words["follow_ups"]):
            cited = [view.cite(item, change.cell)]
            found.append(OpenItem(f"follow-up:{change.value}", change.value, "incident_owner", cited))
    for node in nodes:
        follow_up = _follow_up(view, node, words)
        if follow_up is not None:
            found.append(follow_up)
    for evidence, state, cited in ticket_states(view)[-1:]:
        if state.casefold() not in words["closed_words"]:
            found.append(
                OpenItem(f"ticket:{state}", f"the ticket ({evidence.id}) still says {state}", "incident_owner", cited)
            )
    for line in progress.lines:
        if line.done is None:
            text = f"{line.step.id}: {line.step.title}: waits for {line.waits_for}"
            found.append(OpenItem(f"step:{line.step.id}", text, "responder", line.step.node.cite(view)[:1]))
    return found


def _is_list(item: Evidence, names: Sequence[str]) -> bool:
    """Whether an item is a list of that name by its own name: any other table (the ticket, a log) is none."""
    own = {label_of(item.id), label_of(item.file.rpartition("/")[2].partition(".")[0])}
    return any(label_of(name) in one for name in names for one in own)


def _follow_up(view: CaseView, node: Node, words: Mapping[str, Any]) -> OpenItem | None:
    if not isinstance(node.value, Mapping):
        text = str(node.value).strip()
        return OpenItem(f"follow-up:{text}", text, "incident_owner", node.cite(view)[:1]) if text else None
    if node.text(words["state"]).casefold() in words["closed_words"]:
        return None
    named = [node.text(words["id"]), node.text(words["text"])]
    due = node.text(words["due"])
    text = ": ".join(part for part in named if part) + (f" (due {due})" if due else "")
    return OpenItem(f"follow-up:{text}", text, node.text(words["owner"], "incident_owner"), node.cite(view)[:1])


def _joined(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold().rstrip("s")
