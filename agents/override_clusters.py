"""Overrides that were asked for at one boundary: counted in a window, reported, and without effect on the limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from agents.labelled_places import column, moment
from agents.option_facts import Ground
from casefile.claims import Citation


@dataclass(frozen=True, slots=True)
class OverrideCluster:
    """The overrides of one boundary within the window. `reached` says whether the governance owner is due to hear."""

    boundary: str
    number: int
    days: int
    reached: bool
    citations: Sequence[Citation]


def override_clusters(ground: Ground) -> list[OverrideCluster]:
    """One for each boundary with an override in the window before the clock of the run."""
    table = ground.spec.tables.get(ground.spec.overrides)
    if table is None:
        return []
    limit = ground.view.parameters[ground.spec.override_limit]
    needed, days = int(limit["count"]), int(limit["days"])
    found: dict[str, list[Citation]] = {}
    for item in ground.view.of(*table.systems):
        for record in ground.view.records(item):
            boundary, at = column(record, table.columns["boundary"]), column(record, table.columns["at"])
            when = moment(at.text) if at is not None else None
            if boundary is None or when is None or at is None:
                continue
            if timedelta(0) <= ground.view.now - when.at <= timedelta(days=days):
                cites = [ground.view.cite(item, boundary), ground.view.cite(item, at)]
                found.setdefault(boundary.text.strip().casefold(), []).extend(cites)
    return [
        OverrideCluster(cites[0].quote, len(cites) // 2, days, len(cites) // 2 >= needed, cites)
        for cites in found.values()
    ]
