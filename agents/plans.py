"""The remediation plan: its actions as the incident owner planned them. What it says is a proposal (R4)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from agents.case_view import CaseView
from agents.documents import Node, having
from agents.written_calls import call, state
from casefile.actions import PlannedAction, plain
from casefile.claims import Citation
from tools import systems
from tools.systems import System

_ID = 60
_WHO = ("actor", "witness")
_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_YES = frozenset({"true", "yes", "1", "y", "ja", "oui"})
_PRODUCTION = re.compile(r"\bprod(?:uction|uktion)?\b|\blive\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the plan. `executable` is None for a step that changes nothing (a verification), with `needs` for what
    it waits for; `problem` says why a step that should be executed cannot be. `actors` carry it out and `witnesses`
    watch: nobody is both, and no witness approves it."""

    id: str
    title: str
    system: str
    object: str
    service: str
    effect: str
    rollback: str
    risk: str
    production: bool
    security_relevant: bool
    needs: str
    proposers: tuple[str, ...]
    actors: tuple[str, ...]
    witnesses: tuple[str, ...]
    node: Node
    executable: PlannedAction | None = None
    problem: str = ""

    @property
    def touches(self) -> list[str]:
        """The names of what it touches, for rules that list systems."""
        return [name for name in (self.system, self.object, *self.service.split(",")) if name.strip()]


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan in force. `window` is the id of the change window that it names."""

    id: str
    incident: str
    window: str
    window_at: list[Citation]
    proposers: tuple[str, ...]
    steps: list[Step]
    follow_ups: list[Node]
    node: Node
    unread: list[str] = field(default_factory=list)


def plan_of(view: CaseView, words: Mapping[str, Any], declared: Mapping[str, System]) -> Plan | None:
    """The newest plan among the usable evidence, or None where there is none."""
    found = [
        node
        for item in view.of(*words["systems"])
        if (node := having(view, item, words["labels"]["actions"])) is not None
    ]
    return _plan(view, found[-1], words["labels"], declared) if found else None


def _plan(view: CaseView, node: Node, labels: Mapping[str, list[str]], declared: Mapping[str, System]) -> Plan:
    listed = node.get(labels["actions"])
    proposers = people_named(view, node.get(labels["proposer"]))
    steps: list[Step] = []
    unread: list[str] = []
    for n, line in enumerate(listed.children() if listed is not None else (), 1):
        if not isinstance(line.value, Mapping):
            unread.append(line.pointer)
            continue
        steps.append(_step(view, (node, line), n, labels, proposers, declared))
    follow_ups = node.get(labels["follow_ups"])
    window = node.get(labels["window"])
    return Plan(
        id=node.text(labels["plan_id"]),
        incident=node.text(labels["incident"]),
        window=_window_id(window, labels),
        window_at=window.cite(view)[:1] if window is not None else [],
        proposers=tuple(proposers),
        steps=steps,
        follow_ups=list(follow_ups.children()) if follow_ups is not None else [],
        node=node,
        unread=unread,
    )


def _window_id(window: Node | None, labels: Mapping[str, list[str]]) -> str:
    if window is None:
        return ""
    return window.text(labels["id"]) if isinstance(window.value, Mapping) else str(window.value).strip()


def _step(
    view: CaseView,
    nodes: tuple[Node, Node],
    n: int,
    labels: Mapping[str, list[str]],
    proposers: Sequence[str],
    declared: Mapping[str, System],
) -> Step:
    whole, node = nodes
    identifier = node.text(labels["id"], f"a{n}")[:_ID]
    needs = node.get(labels["needs"])
    production = node.get(labels["production"])
    own = people_named(view, node.get(labels["proposer"]))
    actors, witnesses = (tuple(people_named(view, node.get(labels[who]) or whole.get(labels[who]))) for who in _WHO)
    action, problem = _executable(node, identifier, labels, declared)
    both = [one for one in witnesses if one in actors]
    if action is not None and both:
        problem = f"separation of duties: {', '.join(both)} would witness it and carry it out"
    service = node.get(labels["service"])
    return Step(
        id=identifier,
        title=node.text(labels["title"], identifier),
        system=node.text(labels["system"]),
        object=node.text(labels["object"]),
        service=",".join(service.texts()) if service is not None else "",
        effect=node.text(labels["effect"]),
        rollback=node.text(labels["rollback"]),
        risk=node.text(labels["risk"]).casefold(),
        # What does not say that it is not production is: the stricter controls apply.
        production=production is None or _production(production.value),
        security_relevant=_yes(node, labels["security_relevant"]),
        needs="; ".join(needs.texts() or [str(leaf.value) for leaf in needs.leaves()]) if needs is not None else "",
        proposers=tuple(dict.fromkeys([*proposers, *own])),
        actors=actors,
        witnesses=witnesses,
        node=node,
        executable=action,
        problem=problem,
    )


def _production(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    return str(value).casefold() in _YES or bool(_PRODUCTION.search(str(value)))


def _yes(node: Node, labels: Sequence[str]) -> bool:
    return node.text(labels).casefold() in _YES


def _executable(
    node: Node, identifier: str, labels: Mapping[str, list[str]], declared: Mapping[str, System]
) -> tuple[PlannedAction | None, str]:
    """The step as a call to a declared system; or None, with a problem where it asks for one that may not be made."""
    request = _called(node.get(labels["request"]))
    if request is None or not isinstance(request.value, Mapping):
        return None, "" if request is None else "its request is no mapping with method and path"
    name = node.text(labels["system"])
    system = systems.find(declared, name)
    if system is None:
        return None, f"the system {name or '(none named)'} is not declared for this case"
    if not system.connected:
        return None, f"no system of the id {system.id} is connected here"
    path = systems.path_in(system, request.text(labels["path"]))
    if path is None:
        return None, f"{request.text(labels['path']) or '(no path)'} is no path of {system.id}"
    method = request.text(labels["method"], "POST").upper()
    if method not in _METHODS:
        return None, f"the method {method} is none of {', '.join(sorted(_METHODS))}"
    confirm = _called(node.get(labels["confirm"]))
    expect = _stated(confirm.get(labels["expect"]) if confirm is not None else None) or _stated(
        node.get(labels["expect"])
    )
    read = systems.path_in(system, confirm.text(labels["path"])) if confirm is not None else None
    if expect is None or not isinstance(expect.value, Mapping) or read is None:
        return None, "it does not say by which read of the system its result is confirmed"
    before = _stated(node.get(labels["before"]))
    body, form = request.get(labels["body"]), request.get(labels["form"])
    return PlannedAction(
        id=identifier,
        kind="change",
        title=node.text(labels["title"], identifier),
        system=system.id,
        object=node.text(labels["object"]) or path,
        method=method,
        path=path,
        body=plain(body.value) if body is not None else None,
        form={str(k): str(v) for k, v in form.value.items()} if form and isinstance(form.value, Mapping) else None,
        read_path=read,
        before=dict(before.value) if before is not None and isinstance(before.value, Mapping) else {},
        expect=dict(expect.value),
        idempotent=_yes(node, labels["idempotent"]),
        idempotency_header=request.text(labels["idempotency_header"], "Idempotency-Key"),
        content={"step": plain(node.value)},
    ), ""


def _called(node: Node | None) -> Node | None:
    """A call as a mapping, also where the plan writes it as one line."""
    told = call(node.value) if node is not None and isinstance(node.value, str) else None
    return replace(node, value={k: v for k, v in told.items() if v}) if node is not None and told else node


def _stated(node: Node | None) -> Node | None:
    """A state as a mapping, also where the plan writes it as one line; None where it states none."""
    if node is None or isinstance(node.value, Mapping):
        return node
    told = state(node.value) if isinstance(node.value, str) else {}
    return replace(node, value=told) if told else None


def people_named(view: CaseView, node: Node | None) -> list[str]:
    """The people whom a member names, by id or name on the roster; who is not on it keeps the name."""
    if node is None:
        return []
    texts = node.texts() or [str(leaf.value) for leaf in node.leaves()]
    by_name = {person.name.casefold(): person.id for person in view.packet.people if person.name}
    ids = {person.id.casefold(): person.id for person in view.packet.people}
    return [ids.get(text.casefold(), by_name.get(text.casefold(), text)) for text in texts]
