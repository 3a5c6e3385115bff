"""Records: the rows of tables and the objects of JSON-like documents, seen in one way, each cell with its place."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from casefile.evidence import Reading

_HEADS = 2
# How JSON and YAML write that there is no value.
NULLS = ("null", "~")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOT_WORD = re.compile(r"[\W_]+", re.UNICODE)


@lru_cache(maxsize=8192)
def label_of(text: str) -> str:
    """A label for comparison: `Tenant ID:`, `tenant_id` and `tenantId` are one."""
    words = _NOT_WORD.sub(" ", _CAMEL.sub(" ", text)).casefold().strip()
    # How ticket systems mark a customer's own fields: ServiceNow u_x, Freshdesk cf_x, Salesforce x__c.
    return words.removeprefix("u ").removeprefix("cf ").removesuffix(" c")


@dataclass(frozen=True, slots=True)
class Cell:
    """A value and its place in the evidence. `head` is the column or key that it stands under, as it is written."""

    text: str
    locator: str
    head: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Record:
    """One row or object: compared labels to cells."""

    cells: dict[str, Cell]

    def first(self, labels: Iterable[str]) -> Cell | None:
        """The cell under the first of the labels that the record has, if it is not empty."""
        for label in labels:
            cell = self.cells.get(label_of(label))
            if cell is not None and cell.text.strip():
                return cell
        return None


def records(
    reading: Reading, headers: frozenset[str] = frozenset(), around: frozenset[str] = frozenset()
) -> Iterator[Record]:
    """Every row of every table, then every JSON object that has scalar members of its own.

    A row in which at least two different cells are among `headers` (compared labels) heads the rows below it: forms
    have tables inside. What stands under `around` (compared labels) in an object is said of the objects inside it too:
    the contract on a customer's card is that customer's.
    """
    for table in [*reading.tables, *reading.drawn]:
        names = {column: label_of(column) for column in table.columns}
        for row in table.rows:
            inner = {column: label_of(text) for column, text in row.cells.items() if text.strip()}
            if _heads(list(inner.values()), headers):
                names = inner
                continue
            yield Record(
                {
                    names[column]: Cell(text, table.locator(row.number, column), column)
                    for column, text in row.cells.items()
                    if text.strip() and column in names
                }
            )
    objects: dict[str, dict[str, Cell]] = defaultdict(dict)
    for span in reading.spans:
        if span.kind == "leaf" and not span.hidden and span.text not in NULLS:
            parent, _, key = span.pointer.rpartition("/")
            objects[parent][label_of(_unescaped(key))] = Cell(span.text, span.locator, _unescaped(key))
    for pointer, cells in objects.items():
        yield Record(_of_outer(objects, pointer, around) | cells)


def _of_outer(objects: Mapping[str, dict[str, Cell]], pointer: str, around: frozenset[str]) -> dict[str, Cell]:
    """The cells under these labels of the objects in which one stands; the nearest counts."""
    found: dict[str, Cell] = {}
    while around and pointer:
        pointer = pointer.rpartition("/")[0]
        found = {name: cell for name, cell in objects.get(pointer, {}).items() if name in around} | found
    return found


def _heads(row: list[str], headers: frozenset[str]) -> bool:
    """Whether a row names columns: different ones, and most of what stands there or nothing with a number.

    `No` heads a column of numbers, and is what a column of answers says: a row with two of them names nothing.
    """
    named = [one for one in row if one in headers]
    plain = not any(re.search(r"\d", one) for one in row)
    return len(set(named)) >= _HEADS and (plain or 2 * len(named) >= len(row))


def _unescaped(key: str) -> str:
    return key.replace("~1", "/").replace("~0", "~")
