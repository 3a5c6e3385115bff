"""The roster and entitlement agent: the window of the case, and who was allowed what in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from agents.case_view import CaseView, Part
from agents.signal_snapshots import Captured, capture
from agents.signal_window import Window, window
from lineage.canonical import Json

AGENT: Final = "roster-entitlement"
STEP: Final = "check_access"


@dataclass(frozen=True, slots=True)
class Access:
    """The frozen window, if there is one, and the snapshots that were captured for it."""

    window: Window | None
    captured: Captured


def check_access(view: CaseView) -> Part:
    """Read the support-role roster, the entitlements, the restricted cases and the identity chain for the window."""
    within = window(view)
    captured = capture(view, within)
    told: dict[str, Json] = {
        "roles": len(captured.operators),
        "tenants": len(captured.tenants),
        "stale": sum(one.stale for one in captured.tenants.values()),
        "cases": len(captured.cases),
        "sessions": len(captured.chains),
        "missing": list[Json](sorted(captured.missing)),
        "of_another_day": list[Json](sorted(captured.other_day)),
        "window": within is not None and within.frozen,
    }
    cited = [
        *(c for state in captured.tenants.values() for c in state.citations),
        *(c for state in captured.cases.values() for c in state.citations),
        *(c for chain in captured.chains.values() for c in chain.citations),
        *(c for cells in captured.operators.values() for c in cells),
        *(within.citations.values() if within is not None else ()),
    ]
    return Part(Access(within, captured), told, sorted({one.evidence for one in cited}))
