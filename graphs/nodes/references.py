"""The numbers by which a system names what it did (a change, a job, a record): found in what it answered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from casefile.actions import PlannedAction
from guardrails import secrets

_KEYS = frozenset(
    {"change", "change_id", "change_number", "reference", "ticket", "job", "record", "operation", "confirmation"}
)
_NUMBER = re.compile(r"[A-Z][A-Z0-9]{1,9}-[\w-]{0,30}\d[\w-]{0,10}")
_LONGEST = 60
_DEEPEST = 2


def references(action: PlannedAction, answers: Iterable[Any]) -> list[str]:
    """The reference numbers in some answers and in the objects in them, in order; the object's own name is none."""
    found: dict[str, None] = {}
    own = {action.object, *re.split(r"[/\s]", action.object)}
    for body in answers:
        for name, value in _members(body):
            text = str(value).strip()
            if not text or len(text) > _LONGEST or text in own:
                continue
            if name.casefold() in _KEYS or _NUMBER.fullmatch(text):
                found.setdefault(secrets.mask(text))
    return list(found)


def _members(body: Any, depth: int = 0) -> Iterator[tuple[str, str | int]]:
    """The texts and numbers of an object, and of those right below it."""
    for name, value in body.items() if isinstance(body, Mapping) else ():
        if isinstance(value, Mapping) and depth < _DEEPEST:
            yield from _members(value, depth + 1)
        elif isinstance(value, str | int) and not isinstance(value, bool):
            yield str(name), value
