"""What one audience may see of a run: the current revision through one of the scenario's views (R7)."""

from __future__ import annotations

import orjson

from agents.case_view import VIEW_NAMES
from casefile.artifact import Artifact
from casefile.views import Mask, View, ViewName, view_of
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
    return view_of(revisions[-1].artifact, view, await mask_of(context, view))


async def mask_of(context: RunContext, view: View) -> Mask:
    """What takes out of a text what the view's categories forbid, with the names that this case has for them."""
    kept = await context.store.work(KEPT + VIEW_NAMES)
    names = orjson.loads(kept.get(KEPT + VIEW_NAMES, "{}"))
    return masker(view.mask, context.scenario.data.get("minimisation", {}), names)
