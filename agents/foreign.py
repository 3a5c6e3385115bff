"""What speaks of tenants that the case does not list: rows, objects and lines, told by the ids in them (R12)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from agents.records import Record, records
from casefile.evidence import Reading

TENANT_LABELS = ("tenant id", "tenant", "customer tenant", "tenant ref")
_TENANT_ID = re.compile(r"\btn-[\w-]+", re.IGNORECASE)
_TOKEN = re.compile(r"[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)+")


def of_others(text: str, tenants: Set[str]) -> bool:
    """Whether a text names tenants by id, and none of those that the case lists."""
    if "tn-" not in text.lower():  # most texts, and no search is dearer than none
        return False
    named = _TENANT_ID.findall(text)
    return bool(named) and not any(one in tenants for one in named)


def foreign(record: Record, tenants: Set[str]) -> bool:
    """Whether a row or object says that it belongs to another tenant."""
    cell = record.first(TENANT_LABELS)
    return cell is not None and (of_others(cell.text, tenants) or _other_id(cell.text, tenants))


def _other_id(text: str, tenants: Set[str]) -> bool:
    """In a column of ids, where the case's own are written without `tn-`: any other id is somebody else's."""
    if any(_TENANT_ID.fullmatch(one) for one in tenants) or _TOKEN.fullmatch(text.strip()) is None:
        return False
    told = text.strip().casefold()
    return all(told not in one.casefold() for one in tenants)


def foreign_places(reading: Reading, tenants: Set[str]) -> frozenset[str]:
    """The places of every cell that stands in such a row, also of the cells that name no tenant themselves."""
    if not any(of_others(text, tenants) for text in _texts(reading)):
        return frozenset()
    rows = (record for record in records(reading) if foreign(record, tenants))
    return frozenset(cell.locator for record in rows for cell in record.cells.values())


def _texts(reading: Reading) -> Iterator[str]:
    for table in reading.tables:
        for row in table.rows:
            yield from row.cells.values()
    for span in reading.spans:
        yield span.text
