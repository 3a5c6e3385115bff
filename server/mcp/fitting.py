"""Answers of a bounded size: as many items as fit, and where to go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel

MOST = 40_000
# Room for what stands around the items.
HEAD = 4_000
_STEPS = ((4_000, 50), (1_000, 20), (200, 5), (60, 1))
T = TypeVar("T", bound=BaseModel)


def size(model: BaseModel) -> int:
    """Characters as a client is given them: indented JSON, with the indentation of a list inside an object."""
    text = model.model_dump_json(indent=2)
    return len(text) + 6 * (text.count("\n") + 1)


def fitting(items: Sequence[T], room: int = MOST - HEAD) -> list[T]:
    """The first items that fit, at least one: one that is too large by itself is shown in part, and says so."""
    taken: list[T] = []
    for item in items:
        needed = size(item)
        if needed > room:
            if not taken:
                taken.append(shortened(item, room))
            break
        room -= needed
        taken.append(item)
    return taken


def shortened(item: T, room: int) -> T:
    """The item with its long texts and lists cut until it fits."""
    for letters, members in _STEPS:
        item = type(item).model_validate(_cut(item.model_dump(mode="json", by_alias=True), letters, members))
        if size(item) <= room:
            break
    return item


def _cut(value: Any, letters: int, members: int) -> Any:
    match value:
        case str() if len(value) > letters:
            return f"{value[:letters]}… [{len(value) - letters} more characters: see them in Casegate]"
        case list():
            return [_cut(one, letters, members) for one in value[:members]]
        case dict():
            return {name: _cut(one, letters, members) for name, one in value.items()}
        case _:
            return value
