"""The exhibits of a revision, as the viewer may see them (R7).

An exhibit is shown to whom everything that feeds it is shown. What it says of a statement it says with the status that
the statement has in the revision, so that a drawing never looks more proven than the document.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from pydantic import TypeAdapter

from casefile.artifact import Revision
from casefile.claims import Status
from casefile.exhibits import Drawn, ExhibitSpec, standing_of
from graphs.exhibits import kept
from guardrails.secrets import MASK
from server.api.access import OnRun
from server.models.exhibits import ExhibitHead, ExhibitsView, ExhibitView
from server.views.mask import Mask, mask_for
from server.views.revisions import named

_DRAWN: TypeAdapter[Drawn] = TypeAdapter(Drawn)
# Members that are ours: names, states, times and places. Every other text is masked.
_PLAIN = frozenset(
    {
        "id", "of", "column", "lane", "kind", "status", "stance", "state", "at", "until", "since", "expires_at", "day",
        "evidence", "locator", "sha256", "zone", "zones", "class",
    }
)  # fmt: skip
# What evidence says letter for letter, which a view without quotes withholds.
_QUOTED = frozenset({"quote", "excerpt", "raw"})


def heads(workspace: list[ExhibitSpec], revision: Revision | None) -> list[ExhibitHead]:
    """What the scenario's workspace draws, with the sections of the document that it draws."""
    return [ExhibitHead.model_validate(_head(spec, revision)) for spec in workspace]


async def exhibits_view(on: OnRun, name: str) -> ExhibitsView:
    """The exhibits of one revision, in the order in which the scenario declares them."""
    context = on.opened.context
    mask = await mask_for(context, on.standing.view)
    revision = await named(context, name)
    drawn = await kept(context.store, revision.revision)
    views = await asyncio.to_thread(
        lambda: [shown_as(spec, revision, drawn.get(spec.name), mask) for spec in context.scenario.workspace]
    )
    return ExhibitsView(revision=revision.revision, exhibits=views)


def _head(spec: ExhibitSpec, revision: Revision | None) -> dict[str, Any]:
    names = [one.id for one in revision.artifact.sections] if revision is not None else []
    told = spec.model_dump(include={"name", "kind", "title", "note"})
    return {**told, "sections": list(_matching(names, spec.sections))}


def shown_as(spec: ExhibitSpec, revision: Revision, drawn: Drawn | None, mask: Mask) -> ExhibitView:
    """One exhibit as a view shows it."""
    artifact, seen = revision.artifact, mask.artifact(revision.artifact)
    sections, fields = {one.id for one in seen.sections}, set(seen.fields)
    fed = {*_matching([one.id for one in artifact.sections], spec.sections)} - sections
    fed |= {*_matching(list(artifact.fields), spec.fields)} - fields
    head = _head(spec, revision)
    if drawn is None or fed:
        return ExhibitView.model_validate({**head, "drawn": None, "withheld": drawn is not None})
    standing, hidden = standing_of(seen), standing_of(artifact)
    shown = _shown(drawn.model_dump(mode="json", by_alias=True), "", standing, hidden, mask)
    return ExhibitView.model_validate({**head, "drawn": _DRAWN.validate_python(shown), "withheld": False})


def _matching(names: list[str], patterns: list[str]) -> Iterator[str]:
    return (name for name in names if any(fnmatchcase(name, pattern) for pattern in patterns))


def _shown(value: Any, name: str, standing: Mapping[str, Status], whole: Mapping[str, Status], mask: Mask) -> Any:
    """A JSON value of an exhibit as this view shows it."""
    match value:
        case str() if name in _QUOTED and not mask.quotes:
            return ""
        case str():
            return value if name in _PLAIN else mask.text(value)
        case {"of": str() as of, "text": str()} if of:
            if of in whole and of not in standing:
                return {"text": MASK, "status": "held", "citations": [], "of": ""}
            told = {**value, "of": of if of in standing else "", "status": standing.get(of, value["status"])}
            return {key: _shown(one, key, standing, whole, mask) for key, one in told.items()}
        case dict():
            return {key: _shown(one, key, standing, whole, mask) for key, one in value.items()}
        case list():
            return [_shown(one, name, standing, whole, mask) for one in value]
        case _:
            return value
