"""What a live cluster's case inherits from the stream's earlier cases: their clusters as they stand now.

A cluster is earlier where its first signal came first, so no two cases wait for each other's word. It is handed down as
evidence of the card's own kind (earlier clusters and watch states), and so with its place in the lineage of the case.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from sqlalchemy import Row

from agents.signal_live import restored
from casefile.scenario import Scenario
from lineage.canonical import Json
from runtime.store import signal_rows
from runtime.store.database import Database

NAME: Final = "earlier-clusters"
FILE: Final = f"live-{NAME}.json"
MOST, MOST_SIGNALS = 50, 2_000
# How often the cases of a stream are asked how they stand: what one made of the news is no hurry for the next.
PAUSE_SECONDS: Final = 1.0
# Kinds of outcomes after which a case is one that the lane has: what comes may belong to it.
_ROUTED: Final = frozenset({"released", "released_after_exception", "merged"})


def system_of(scenario: Scenario) -> str | None:
    """The system under which earlier clusters are evidence; None where the scenario inherits none."""
    named = scenario.data.get("earlier")
    return str(named[0]) if isinstance(named, list) and named else None


@dataclass(slots=True)
class Earlier:
    """The stream's cases as later ones are told of them. What was told before is compared, so that news are found."""

    database: Database
    tenant: str
    scenario: Scenario
    _told: dict[int, tuple[bool, str]] = field(default_factory=dict)
    _rows: dict[tuple[int, int], dict[str, Json]] = field(default_factory=dict)
    _next: float = 0.0

    async def file_for(self, row: Row[Any]) -> bytes | None:
        """The file of the earlier clusters that share an operator or a tenant with this one; None where none does."""
        mine = _keys(row)
        clusters: list[Json] = []
        critical: list[Json] = []
        found = await signal_rows.with_runs(self.database, self.tenant, row.number, MOST * 4)
        shared = [one for one in found if mine & _keys(one)][-MOST:]
        states = await signal_rows.states_of(self.database, self.tenant, [one.run for one in shared])
        for one in shared:
            state = states.get(one.run)
            if state is None:
                continue
            told = await self._row(one)
            if state.final and self._routed(state.outcome):
                critical.append({"id": state.case_id, "state": "open", **told})
            else:
                says = f"a case of its own: {state.outcome or 'no outcome yet'}"
                clusters.append({"cluster_id": state.case_id, "merged": "no", "why_not": says, **told})
        if not clusters and not critical:
            return None
        whole = {"clusters": clusters, "critical_cases": critical}
        return orjson.dumps(whole, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)

    async def hand_down(self) -> None:
        """Have the cases looked at that are later than one which stands otherwise than when this was asked last."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + PAUSE_SECONDS
        found = await signal_rows.with_runs(self.database, self.tenant, None, MOST * 4)
        states = await signal_rows.states_of(self.database, self.tenant, [one.run for one in found])
        now = {n.number: (bool(states[n.run].final), states[n.run].outcome or "") for n in found if n.run in states}
        fresh = [number for number, state in now.items() if self._told.get(number) != state]
        self._told = now
        for number in fresh:
            mine = _keys(next(one for one in found if one.number == number))
            later = [one.number for one in found if one.number > number and mine & _keys(one)]
            await signal_rows.make_due(self.database, self.tenant, later)

    def _routed(self, outcome: str | None) -> bool:
        return any(one.name == outcome and one.kind in _ROUTED for one in self.scenario.outcomes)

    async def _row(self, one: Row[Any]) -> dict[str, Json]:
        key = (one.number, one.version)
        if key not in self._rows:
            members = await signal_rows.members_of(self.database, self.tenant, one.number, MOST_SIGNALS)
            signals = [restored(member.parsed) for member in members]
            self._rows = {kept: told for kept, told in self._rows.items() if kept[0] != one.number}
            self._rows[key] = {
                "operators": _listed(s.operator for s in signals if s.operator and not s.alias),
                "tenants": _listed(s.tenant for s in signals if s.tenant),
                "exports": _listed(name for s in signals for name in s.exports),
                "cases": _listed(name for s in signals for name in s.cases),
                "signals": _listed([*(s.id for s in signals), *(s.session for s in signals if s.session)]),
            }
        return self._rows[key]


def _keys(row: Row[Any]) -> frozenset[str]:
    body: Mapping[str, list[str]] = orjson.loads(row.body)
    return frozenset([*(f"o {one}" for one in body["operators"]), *(f"t {one}" for one in body["tenants"])])


def _listed(names: Any) -> list[Json]:
    return list[Json](sorted(set(names)))
