"""The authorised tenant-scope boundary, as the registry states it, against what the packet claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agents.case_view import CaseView
from agents.labelled import labelled, named, split, values
from agents.records import Cell
from casefile.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Boundary:
    """What the registry allows: the references of the boundary with their places, and of which tenants it speaks."""

    references: tuple[tuple[Evidence, Cell], ...]
    tenants: tuple[tuple[Evidence, Cell], ...]

    def holds(self, scope: str) -> bool:
        """Whether a scope lies inside."""
        return any(scope.casefold() == cell.text.casefold() for _, cell in self.references)


def boundary(view: CaseView) -> Boundary:
    """Read the registry's papers. A boundary that is stated counts before references that are only named."""
    labels = view.scenario.data["scope"]
    stated, references, tenants = [], [], []
    for item in view.of(*labels["systems"]):
        found = labelled(view.readings(item.id))
        stated += [(item, part) for cell in values(found, labels["boundary"]) for part in _parts(cell)]
        references += [(item, Cell(named(cell.text), cell.locator)) for cell in values(found, labels["ref"])]
        tenants += [(item, cell) for cell in values(found, labels["tenant"])]
    return Boundary(tuple(stated or references), tuple(tenants))


def _parts(cell: Cell) -> list[Cell]:
    return [Cell(named(part), cell.locator) for part in split(Cell(named(cell.text), cell.locator))]


def outside(view: CaseView, scopes: Sequence[Cell], allowed: Boundary) -> str:
    """Why the packet's scope is not inside the boundary, or an empty text."""
    if not scopes:
        return "the packet names no tenant scope"
    if not allowed.references:
        return "no registry states the tenant-scope boundary"
    strange = [part for scope in scopes for part in split(scope) if not allowed.holds(part)]
    if strange:
        return f"{', '.join(strange)} is outside the boundary {', '.join(c.text for _, c in allowed.references)}"
    others = [c.text for _, c in allowed.tenants if c.text not in view.packet.tenant_ids()]
    if others and len(others) == len(allowed.tenants):
        return f"the boundary belongs to {', '.join(dict.fromkeys(others))}, not to the tenant of the case"
    return ""
