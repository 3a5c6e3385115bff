"""Overrides that were asked for at one boundary: counted in a window, reported, and without effect on the limit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from agents.labelled_places import column, moment
from agents.option_ground import Ground
from agents.option_limits import RULE_ID
from agents.records import Cell
from casefile.claims import Citation
from casefile.evidence import Evidence
from guardrails.plain_text import folded

_OPEN = re.compile(r"\b(?:open|pending|requested|waiting|awaiting|under review|new|submitted|undecided)\b")
_OVERRIDE = re.compile(r"\b(?:override|overridden|overrule|exception|waiver)")


@dataclass(frozen=True, slots=True)
class Override:
    """One override that was asked for: its id, its boundary as it is written and its rule, when, and if it is open."""

    id: str
    boundary: str
    rule: str
    at: datetime
    open: bool
    citations: Sequence[Citation]


@dataclass(frozen=True, slots=True)
class OverrideCluster:
    """The overrides of one boundary within the window. `reached` says whether the governance owner is due to hear."""

    overrides: Sequence[Override]
    days: int
    reached: bool

    @property
    def told(self) -> str:
        """How many there were, at which boundary, and which."""
        first, number = self.overrides[0], len(self.overrides)
        rule = f" ({first.rule})" if first.rule and first.rule != first.boundary else ""
        names = ", ".join(one.id for one in self.overrides if one.id)
        times = "1 override" if number == 1 else f"{number} overrides"
        return f"{times} at {first.boundary}{rule} in {self.days} days{f': {names}' if names else ''}"

    @property
    def citations(self) -> list[Citation]:
        """The cells of all of them."""
        return [cite for one in self.overrides for cite in one.citations]

    @property
    def waiting(self) -> Iterator[tuple[str, Citation]]:
        """Those that nobody has answered: a person has to."""
        for one in self.overrides:
            if one.open:
                yield f"override {one.id or 'without an id'} at {one.boundary} is open", one.citations[0]


def override_clusters(ground: Ground) -> list[OverrideCluster]:
    """One for each boundary with an override in the window before the clock of the run."""
    table = ground.spec.tables.get(ground.spec.overrides)
    if table is None:
        return []
    limit = ground.view.parameters[ground.spec.override_limit]
    needed, days = int(limit["count"]), int(limit["days"])
    found: dict[str, list[Override]] = {}
    for item in ground.view.of(*table.systems):
        for record in ground.view.records(item):
            cells = {role: column(record, labels) for role, labels in table.columns.items()}
            one = _override(ground, item, cells)
            if one is not None and timedelta(0) <= ground.view.now - one.at <= timedelta(days=days):
                found.setdefault(_boundary(ground, one), []).append(one)
    return [OverrideCluster(same, days, len(same) >= needed) for same in found.values()]


def _override(ground: Ground, item: Evidence, cells: Mapping[str, Cell | None]) -> Override | None:
    """The override of a row that names a boundary and a time, and of which no column says that it is something else."""
    boundary, at, kind = cells.get("boundary"), cells.get("at"), cells.get("kind")
    when = moment(at.text) if at is not None else None
    if boundary is None or at is None or when is None or (kind is not None and not _is_override(kind, boundary)):
        return None
    name, rule, state = cells.get("id"), cells.get("rule"), cells.get("state")
    said = folded(state.text) if state is not None else ""
    return Override(
        id=name.text.strip() if name is not None and name is not boundary else "",
        boundary=boundary.text.strip(),
        rule=rule.text.strip() if rule is not None else next(iter(RULE_ID.findall(boundary.text)), ""),
        at=when.at,
        open=bool(_OPEN.search(said)),
        citations=[ground.view.cite(item, cell) for cell in (boundary, at, name) if cell is not None],
    )


def _is_override(kind: Cell, boundary: Cell) -> bool:
    return kind is boundary or _OVERRIDE.search(folded(kind.text.replace("_", " "))) is not None


def _boundary(ground: Ground, one: Override) -> str:
    """One name for a boundary, by its rule or in words: the rule of the matrix where it has one."""
    if one.rule:
        return one.rule.casefold()
    said = folded(one.boundary)
    for name, spec in ground.spec.limits.items():
        row = ground.limit_row(name)
        if row is not None and re.search(spec.words, said):
            return row.rule.casefold()
    return said.strip()
