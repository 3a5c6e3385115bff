"""Pattern: options inside a delegated authority are tested against hard limits, then ranked; else an escalation packet.

Every ask outside the menu stays visible. The ranking is computed again in every pass, also in the one that follows a
chat turn (asks are counted) and a decision (time may have made a limit's input stale).
"""

from __future__ import annotations

from typing import Any

from agents.case_view import Assessment, CaseView
from agents.option_findings import findings_of
from graphs import skeleton
from graphs.governed_pass import Pattern


def build() -> Any:
    """The graph, uncompiled."""
    return skeleton.build(Pattern(assess=assess, weighs_chat=True, weighs_decisions=True))


def assess(view: CaseView) -> Assessment:
    """The options of the menu under the matrix, the facts and the clock of this pass."""
    return findings_of(view)
