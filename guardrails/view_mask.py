"""The mask of a view: what its categories forbid, taken out of every text (R7). Fails closed: unknown means all of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from guardrails import secrets
from guardrails.minimise import LEFT_OUT, Minimiser


def masker(
    categories: Iterable[str], known: Mapping[str, Mapping[str, Any]], names: Mapping[str, Sequence[str]]
) -> Callable[[str], str]:
    """A function that masks a text.

    `known` are the scenario's categories with `patterns` and `names` (which list of names the category hides);
    `names` are those lists for the case. A category that the scenario does not define hides the whole text.
    """
    patterns: list[str] = []
    closed = False
    for category in categories:
        row = known.get(category)
        if row is None:
            closed = True
            continue
        patterns += row.get("patterns", ())
        patterns += [rf"(?<!\w){re.escape(name)}(?!\w)" for name in names.get(row.get("names", ""), ()) if name]
    minimiser = Minimiser(patterns)

    def mask(text: str) -> str:
        if closed and text:
            return LEFT_OUT
        safe = secrets.mask(text)
        return minimiser.text(safe) if minimiser.detail(safe) else safe

    return mask
