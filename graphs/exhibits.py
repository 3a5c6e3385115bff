"""What the workspace draws of a revision: kept beside it in the pass that made it, and no content of it."""

from __future__ import annotations

from collections.abc import Mapping

from casefile.exhibits import Drawn, Exhibit, Exhibits
from graphs.context import RunContext
from guardrails.sieve import secret_free
from runtime.store.run_store import RunStore
from runtime.store.turn import Turn

KEPT = "exhibits:"


def keep(context: RunContext, turn: Turn, revision: str, made: Mapping[str, Drawn]) -> None:
    """Keep those that the scenario declares. Time alone may change what is drawn, so each pass draws anew."""
    wanted = [
        Exhibit(name=one.name, drawn=secret_free(made[one.name]))
        for one in context.scenario.workspace
        if one.name in made
    ]
    if wanted:
        turn.work[KEPT + revision] = Exhibits(exhibits=wanted).model_dump_json(by_alias=True)


async def kept(store: RunStore, revision: str) -> Mapping[str, Drawn]:
    """Those of a revision, by name. One that people's edits made has those of the last pass before it: the records
    that are drawn are the same, and what is said of them has its status from the revision.
    """
    names = [one.revision for one in await store.revisions()]
    before = names[: names.index(revision) + 1] if revision in names else []
    found = await store.work(*(KEPT + name for name in before))
    body = next((found[KEPT + name] for name in reversed(before) if KEPT + name in found), None)
    made = Exhibits.model_validate_json(body) if body is not None else Exhibits()
    return {one.name: one.drawn for one in made.exhibits}
