"""What one audience may see of a run: the current revision through one of the scenario's views (R7)."""

from __future__ import annotations

import orjson

from agents.case_view import VIEW_NAMES
from casefile.artifact import Artifact
from casefile.views import View, ViewName, view_of
from graphs.context import RunContext
from graphs.governed_pass import KEPT
from guardrails.view_mask import masker

# A scenario that declares no such view shows nothing in it: silence is no permission.
NOTHING = View()


async def shown(context: RunContext, name: ViewName) -> Artifact | None:
    """The current revision as the view shows it, or None where there is none."""
    revisions = await context.store.revisions()
    if not revisions:
        return None
    view = context.scenario.views.get(name, NOTHING)
    kept = await context.store.work(KEPT + VIEW_NAMES)
    names = orjson.loads(kept.get(KEPT + VIEW_NAMES, "{}"))
    known = context.scenario.data.get("minimisation", {})
    return view_of(revisions[-1].artifact, view, masker(view.mask, known, names))
