"""Whether the reviewers who have access are inside the approved audience, row by row."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from agents.case_view import CaseView
from agents.records import Record, label_of, records
from casefile.claims import Citation
from casefile.evidence import Evidence
from tools.readers import clock


@dataclass(frozen=True, slots=True)
class Reviewer:
    """A person with access. `outside` says why the access is wider than the audience, or is empty."""

    id: str
    outside: str
    citation: Citation


def roster_items(view: CaseView) -> list[Evidence]:
    """The reviewer rosters in use. A later list that shares people with an earlier one is its newer state."""
    given = [(item, _ids(view, item)) for item in view.of(*view.scenario.data["roster"]["systems"])]
    return [
        item
        for n, (item, ids) in enumerate(given)
        if ids and not any(ids & later and other.system == item.system for other, later in given[n + 1 :])
    ]


def _ids(view: CaseView, item: Evidence) -> set[str]:
    labels = view.scenario.data["roster"]["id"]
    return {cell.text for row in _rows(view, item) if (cell := row.first(labels)) is not None}


def reviewers(view: CaseView, audience: str, members: Collection[str]) -> list[Reviewer]:
    """Everyone who has access now, and whether the audience covers it.

    Where neither members nor a group say who belongs to the audience, nobody can be shown to be inside: fail closed.
    """
    return [
        Reviewer(cell.text, _outside(view, row, cell.text, audience, members), view.cite(item, cell))
        for item in roster_items(view)
        for row in _rows(view, item)
        if (cell := row.first(view.scenario.data["roster"]["id"])) is not None and not _gone(view, row)
    ]


def _rows(view: CaseView, item: Evidence) -> list[Record]:
    labels = view.scenario.data["roster"]
    return [
        row
        for row in records(view.readings(item.id))
        if row.first(labels["id"]) is not None and (row.first(labels["group"]) or row.first(["name", "employment"]))
    ]


def _gone(view: CaseView, row: Record) -> bool:
    """Whether the row's access is over."""
    labels = view.scenario.data["roster"]
    status = row.first(labels["status"])
    if status is not None and label_of(status.text) in labels["gone_words"]:
        return True
    until = row.first(labels["until"])
    end = _end_of(until.text) if until is not None else None
    return end is not None and end < view.now


def _end_of(text: str) -> datetime | None:
    """A date alone ends with its day."""
    day = clock.instant(f"{text.strip()}T23:59:59Z") if len(text.strip()) == len("2026-01-31") else None
    return day or clock.instant(text) or (datetime.max.replace(tzinfo=UTC) if not text.strip() else None)


def _joined_from_outside(view: CaseView, row: Record, name: str) -> bool:
    """Whether an external person joined while the packet waited: a group's name alone vouches for nobody."""
    labels = view.scenario.data["roster"]
    kind = row.first(labels["employment"])
    if kind is None or label_of(kind.text) not in labels["external_words"]:
        return False
    start = min(item.arrived_at for item in view.evidence)
    first = [item for item in view.evidence if item.system in labels["systems"] and item.arrived_at == start]
    known = {
        cell.text for item in first for one in records(view.readings(item.id)) if (cell := one.first(labels["id"]))
    }
    return name not in known


def _outside(view: CaseView, row: Record, name: str, audience: str, members: Collection[str]) -> str:
    group = row.first(view.scenario.data["roster"]["group"])
    if members and name.casefold() not in members:
        return f"{name} is not a member of the approved audience"
    if group is not None and audience and label_of(group.text) != label_of(audience):
        return f"{name} has access by {group.text}, and {audience} is approved"
    if not members and _joined_from_outside(view, row, name):
        return f"{name} is external, joined while the packet waited, and no list of members names that reviewer"
    if not members and group is None:
        return f"{name} cannot be shown to belong to the approved audience"
    return ""
