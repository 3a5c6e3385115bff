"""What the lane's own papers say: which queue, which audience, who signs, under which version of the policy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from agents.approver_names import names_nobody
from agents.case_view import CaseView
from agents.labelled import Labelled, first, labelled, named, split, values
from agents.records import Cell, label_of
from casefile.evidence import Evidence
from casefile.mandates import Mandate
from casefile.packet import Person
from lineage.canonical import Json
from tools.readers import clock

_BRACKETED = re.compile(r"\(([^()]+)\)")
_FROM = re.compile(r"\bfrom\s+(\S+)", re.IGNORECASE)
_UNTIL = re.compile(r"\b(?:until|to|till|through)\s+(\S+)", re.IGNORECASE)
_HOURS = re.compile(r"(\d+(?:\.\d+)?)\s*h(?:ours?|rs?)?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Stated:
    """A value and the item in which it stands."""

    item: Evidence
    cell: Cell


@dataclass(frozen=True, slots=True)
class LanePolicy:
    """The policy in force. `changed` says why it is not the one that the run began with and nobody approved it."""

    documents: tuple[Evidence, ...]
    queues: tuple[Stated, ...]
    audiences: tuple[Stated, ...]
    members: tuple[Stated, ...]
    signers: tuple[Stated, ...]
    delegates: tuple[Stated, ...]
    version: Stated | None
    window: Stated | None
    changed: str
    proposed_here: str
    said: Json


def lane_policy(view: CaseView) -> LanePolicy:
    """Read the lane's papers that are in use."""
    labels = view.scenario.data["lane"]
    documents = [item for item in view.of(*labels["systems"]) if _is_policy(view, item)]
    read = [(item, _top(labelled(view.readings(item.id)))) for item in documents]

    def all_of(name: str) -> tuple[Stated, ...]:
        return tuple(Stated(item, cell) for item, found in read for cell in values(found, labels[name]))

    def names_of(name: str) -> tuple[Stated, ...]:
        """An aside (`psr-01 (the only one)`) is no part of a name."""
        return tuple(replace(one, cell=replace(one.cell, text=named(one.cell.text))) for one in all_of(name))

    def one_of(name: str) -> Stated | None:
        stated = ((item, first(found, labels[name])) for item, found in read)
        return next((Stated(item, cell) for item, cell in stated if cell is not None), None)

    changed, proposed = _change(view, documents)
    return LanePolicy(
        documents=tuple(documents),
        queues=names_of("queue"),
        audiences=names_of("audience"),
        members=(*all_of("members"), *_member_rows(view, documents)),
        signers=all_of("signer"),
        delegates=all_of("delegate"),
        version=one_of("policy_version"),
        window=one_of("window_hours"),
        changed=changed,
        proposed_here=proposed,
        said=[[item.id, item.sha256] for item in documents],
    )


def _member_rows(view: CaseView, documents: Sequence[Evidence]) -> list[Stated]:
    """Members that a paper lists as objects, under the audience's members."""
    ids = {label_of(label) for label in view.scenario.data["roster"]["id"]}
    return [
        Stated(item, one.cell)
        for item in documents
        for one in labelled(view.readings(item.id))
        if _listed(one) and one.path[-1] in ids and any("member" in part for part in one.path[:-2])
    ]


def _is_policy(view: CaseView, item: Evidence) -> bool:
    """A paper of the lane names a queue, an audience's members or a signer; a roster's rows do not."""
    labels = view.scenario.data["lane"]
    reading = view.readings(item.id)
    wide = any(len(table.columns) > len(("name", "value")) for table in reading.tables)
    if wide and not reading.lines and item.system in view.scenario.data["roster"]["systems"]:
        return False
    found = _top(labelled(reading))
    return any(values(found, labels[name]) for name in ("queue", "signer", "delegate"))


def _top(found: Sequence[Labelled]) -> list[Labelled]:
    """What a paper says of the lane: not what it says of each reviewer in a list."""
    return [
        one
        for one in found
        if len([part for part in one.path if not part.isdigit()]) <= 4
        and (not _listed(one) or any(word in part for part in one.path for word in ("signer", "approver", "deleg")))
    ]


def _listed(one: Labelled) -> bool:
    return len(one.path) > 1 and one.path[-2].isdigit()


def _change(view: CaseView, documents: Sequence[Evidence]) -> tuple[str, str]:
    """Whether the policy changed in this run without its owners, and whether the run's own side proposed that."""
    labels = view.scenario.data["lane"]
    start = min((item.arrived_at for item in view.evidence), default=view.now)
    for item in documents:
        if item.arrived_at <= start:
            continue
        found = labelled(view.readings(item.id))
        approval = first(found, labels["approved_by"])
        if approval is not None and not names_nobody(approval.text):
            continue
        version = first(found, labels["policy_version"])
        changed = f"{item.id}: policy {version.text if version else 'without a version'} came without an approval"
        proposer = first(found, labels["proposed_by"])
        return changed, proposer.text if proposer is not None and _is_ours(view, proposer.text) else ""
    return "", ""


def _is_ours(view: CaseView, proposer: str) -> bool:
    person = view.packet.person(view.packet.requested_by)
    ours = ["casegate", "this run", "the run", "agent", view.packet.requested_by, person.name if person else ""]
    return any(name and re.search(rf"\b{re.escape(name)}\b", proposer, re.IGNORECASE) for name in ours)


def member_ids(policy: LanePolicy) -> set[str]:
    """The ids of the approved audience, as the lane's papers list them; empty where they list none."""
    return {part.casefold() for one in policy.members for part in split(one.cell) if not _is_sentence(part)}


def _is_sentence(text: str) -> bool:
    return len(text.split()) > 4


def window_hours(policy: LanePolicy) -> float | None:
    """The freshness window that the policy states, in hours."""
    if policy.window is None:
        return None
    match = _HOURS.search(policy.window.cell.text)
    text = policy.window.cell.text.strip()
    return float(match[1]) if match else float(text) if re.fullmatch(r"\d+(?:\.\d+)?", text) else None


def mandates(view: CaseView, policy: LanePolicy) -> list[Mandate]:
    """The people who are named as signers, and their delegates, as far as the roster knows them."""
    named = [Mandate(person=one) for stated in policy.signers for one in _people(view, stated.cell.text)]
    for stated in policy.delegates:
        beside = [one.cell.text for one in labelled(view.readings(stated.item.id))]
        text = next((line for line in beside if stated.cell.text in line), stated.cell.text)
        for one in _people(view, stated.cell.text):
            named.append(
                Mandate(person=one, valid_from=_at(_FROM, text), valid_until=_at(_UNTIL, text), delegated=True)
            )
    return list(dict.fromkeys(named))


def _at(pattern: re.Pattern[str], text: str) -> datetime | None:
    match = pattern.search(text)
    return clock.instant(match[1].rstrip(".,;)")) if match else None


def _people(view: CaseView, text: str) -> list[str]:
    """The roster's people that a text names, by id or by name."""
    return [one.id for one in view.packet.people if _names(text, one)]


def _names(text: str, person: Person) -> bool:
    return any(
        name and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text, re.IGNORECASE)
        for name in (person.id, person.name)
    )


def signer_names(policy: LanePolicy) -> list[str]:
    """Who is named, as the papers write it, ids in brackets left out."""
    names = [_BRACKETED.sub("", one.cell.text).split(",")[0].strip() for one in policy.signers]
    return list(dict.fromkeys(name for name in names if name))
