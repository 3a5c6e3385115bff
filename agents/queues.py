"""The queues that a handoff may go to, as the packet's own document lists them: a table, or a list of objects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agents.records import Cell, Record, label_of, records
from casefile.evidence import Reading

_ID = ("queue id", "target id", "id", "queue", "code", "key", "target", "name")
_NAME = ("name", "queue name", "title", "label", "display name")
_KIND = ("kind", "type", "category", "team", "purpose", "function", "audience", "group")
_REQUIRED = re.compile(r"requir|mandatory|must|needs|fields")
# Shorter words are whole words: `sec` is not the beginning of `second`.
_STEM = 5
_COLUMNS = ("required", "required fields", "required handoff fields", "handoff fields", "mandatory fields", "fields")


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue, with the place of its id. `kind` is the first word list of the scenario that its words fit.

    Where queues stand under their ids, the place is that of what is said of the queue, and `quote` is it.
    """

    id: Cell
    kind: str
    required: tuple[str, ...]
    quote: str


def queues(reading: Reading, kinds: Mapping[str, Sequence[str]]) -> Iterator[Queue]:
    """Every row that names a queue of one of the kinds. What it calls its kind counts before its name."""
    if reading.unusable:
        return
    for row in records(reading):
        said = row.first(_ID)
        name = _key(row) if said is None else said
        kind = _kind(row, kinds)
        if name is not None and kind:
            yield Queue(
                name, kind, tuple(_required(reading, row, name)), said.text if said is not None else _quote(row)
            )


def _key(row: Record) -> Cell | None:
    """The name under which an object stands that says its kind and not its id."""
    cell = row.first(_KIND)
    if cell is None or not cell.locator.startswith("/"):
        return None
    key = cell.locator.split("/")[-2].replace("~1", "/").replace("~0", "~")
    return Cell(key, cell.locator) if key and not key.isdigit() else None


def _quote(row: Record) -> str:
    cell = row.first(_KIND)
    return cell.text if cell is not None else ""


def _kind(row: Record, kinds: Mapping[str, Sequence[str]]) -> str:
    for labels in (_KIND, _NAME, _ID):
        cell = row.first(labels)
        words = set(re.findall(r"[a-z]+", cell.text.casefold())) if cell is not None else set()
        for kind, told in kinds.items():
            if any(_fits(word, one) for word in words for one in told):
                return kind
    return ""


def _fits(word: str, told: str) -> bool:
    return word == told or (len(told) >= _STEM and word.startswith(told))


def _required(reading: Reading, row: Record, name: Cell) -> Iterator[str]:
    if not name.locator.startswith("/"):
        cell = row.first(_COLUMNS)
        parts = re.split(r"[,;|\n]", cell.text) if cell is not None else []
        yield from (label_of(part).replace(" ", "_") for part in parts if part.strip())
        return
    path = name.locator.rpartition("/")[0] + "/"
    for span in reading.spans:
        inner, _, index = span.locator.removeprefix(path).rpartition("/")
        if span.locator.startswith(path) and index.isdigit() and _REQUIRED.search(label_of(inner)):
            yield label_of(span.text).replace(" ", "_")
