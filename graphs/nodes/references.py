"""The numbers by which a system names what it did (a change, a job, a record): found in what it answered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from casefile.actions import PlannedAction
from guardrails import secrets

_KEYS = frozenset(
    {"change", "change_id", "change_number", "reference", "ticket", "job", "record", "operation", "confirmation"}
)
_NUMBER = re.compile(r"[A-Z][A-Z0-9]{1,9}-[\w-]{0,30}\d[\w-]{0,10}")
_LONGEST = 60


def references(action: PlannedAction, answers: Iterable[Any]) -> list[str]:
    """The reference numbers in some answers, in order; the object's own name is none."""
    found: dict[str, None] = {}
    own = {action.object, *re.split(r"[/\s]", action.object)}
    for body in answers:
        for name, value in body.items() if isinstance(body, Mapping) else ():
            text = str(value).strip()
            if not isinstance(value, str | int) or isinstance(value, bool) or not text or len(text) > _LONGEST:
                continue
            if (str(name).casefold() in _KEYS or _NUMBER.fullmatch(text)) and text not in own:
                found.setdefault(secrets.mask(text))
    return list(found)
