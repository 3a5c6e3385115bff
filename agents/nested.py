"""Events whose user, object or token stands in a nested object, as in Okta, CloudTrail and Entra exports.

An event is a row of its own; who and what it is about may stand in an object inside it (`target/0/id`), or around it
(`{"user": …, "sessions": [{…}]}`). Such cells are joined to the row under the role's label, with their own places.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from agents.records import Cell, Record, label_of, records
from casefile.evidence import Reading

# Which nested object tells who an event is about, best first: whom it was done to, before who did it.
_SUBJECTS = (
    "target", "targets", "target resources", "target user", "user", "subject", "principal", "account", "identity",
    "user identity", "object", "resource", "resources", "request parameters", "attachment", "file", "session", "token",
    "credential", "client", "actor",
)  # fmt: skip
_ZONE = re.compile(
    r" (?:utc|gmt|local|z|cet|cest|(?:europe|america|asia|africa|australia|pacific)(?: \w+){1,2})(?: time)?$"
)
# What a column says of its clock in brackets: `Started (America/Santiago, UTC-3)`, `Zuletzt [Ortszeit]`.
_ASIDE = re.compile(r"\s*[(\[{][^()\[\]{}]*[)\]}]\s*$")
_INDEX = re.compile(r"/\d+$")


def joined(reading: Reading, labels: Mapping[str, Sequence[str]], wanted: Iterable[str]) -> Iterator[Record]:
    """The rows of a reading. An object that lacks a `wanted` role gets it from objects inside it, then around it."""
    rows = list(records(reading))
    at = {_path(row): row for row in rows}
    inside: dict[str, list[tuple[int, Record]]] = defaultdict(list)
    for path, row in at.items():
        parent, _, name = _INDEX.sub("", path).rpartition("/")
        # A second object of a list is another subject; a list of anything else is a list of rows.
        if path and label_of(name) in _SUBJECTS and not re.search(r"/[1-9]\d*$", path):
            inside[parent].append((_SUBJECTS.index(label_of(name)), row))
    for row in rows:
        path = _path(row)
        near = [one for _, one in sorted(inside[path], key=lambda pair: pair[0])] if path else []
        around = [at[one] for one in _above(path) if one in at]
        yield Record({**_found(labels, wanted, row, near, around), **_without_zone(row), **row.cells})


def _without_zone(row: Record) -> dict[str, Cell]:
    """`Event time (UTC)` is also an event time: the zone in a name is read where the time is."""
    named = {_ZONE.sub("", label): cell for label, cell in row.cells.items() if _ZONE.search(label)}
    aside = {label_of(_ASIDE.sub("", cell.head)): cell for cell in row.cells.values() if _ASIDE.search(cell.head)}
    return {**aside, **named}


def _found(
    labels: Mapping[str, Sequence[str]], wanted: Iterable[str], row: Record, near: list[Record], around: list[Record]
) -> dict[str, Cell]:
    cells: dict[str, Cell] = {}
    for role in wanted:
        if role not in labels or row.first(labels[role]) is not None:
            continue
        # What stands around a row is about it only where it names its role: an `id` above is the file's own.
        own = [label for label in labels[role] if label != "id"]
        found = next((c for one in near if (c := one.first(labels[role]))), None)
        found = found or next((c for one in around if (c := one.first(own))), None)
        if found is not None:
            cells[label_of(labels[role][0])] = found
    return cells


def _path(row: Record) -> str:
    first = next(iter(row.cells.values()), None)
    return first.locator.rpartition("/")[0] if first is not None and first.locator.startswith("/") else ""


def _above(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path
