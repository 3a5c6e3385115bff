"""The sieve that everything passes which agents state: no secret gets into an artifact, a register or an exhibit (R7).

It stands where statements are put together and not in the agents, so a new pattern has nothing to remember. An agent
that shortens what it quotes masks before it cuts: half a secret is known to no pattern.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any, TypeVar

from casefile.claims import Citation
from casefile.evidence import Frozen
from guardrails.secrets import mask

Stated = TypeVar("Stated", bound=Frozen)


def secret_free(stated: Stated) -> Stated:
    """`stated` with every secret masked in every text, however deep; the same object where it holds none.

    A place that shows a secret is not cited: a masked quote would not stand at its locator. What was confirmed by such
    places only is unverified.
    """
    changed = {}
    for name in _members(type(stated)):
        before = getattr(stated, name)
        after = _cleaned(before)
        if after is not before:
            changed[name] = after
    if changed.get("citations") == [] and getattr(stated, "status", None) == "confirmed":
        changed["status"] = "unverified"
    return stated.model_copy(update=changed) if changed else stated


@cache
def _members(kind: type[Frozen]) -> tuple[str, ...]:
    return tuple(kind.model_fields)


@lru_cache(maxsize=8192)
def _shown(text: str) -> str:
    """Masked; a pass states again most of what the pass before it stated."""
    return mask(text)


def _cleaned(value: Any) -> Any:
    """`value` without secrets, or itself."""
    if isinstance(value, str):
        shown = _shown(value)
        return value if shown == value else shown
    if isinstance(value, Frozen):
        return secret_free(value)
    if isinstance(value, dict):
        within = {name: _cleaned(one) for name, one in value.items()}
        return within if any(within[name] is not one for name, one in value.items()) else value
    if isinstance(value, list | tuple):
        kept = [one for one in value if not (isinstance(one, Citation) and secret_free(one) is not one)]
        inner = [_cleaned(one) for one in kept]
        same = len(inner) == len(value) and all(new is old for new, old in zip(inner, value, strict=True))
        return value if same else type(value)(inner)
    return value
