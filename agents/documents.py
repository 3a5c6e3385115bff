"""Documents as trees: a member by whatever name the document gives it, with its place for citing.

YAML and JSON are trees. A document of labelled lines and tables (Markdown, a workbook, CSV) is read as one: its
labelled values are members, and each table is a list of its rows under the name of its sheet or heading.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agents.case_view import CaseView
from agents.labelled import heading_over, labelled
from agents.records import Cell, label_of
from casefile.claims import Citation
from casefile.evidence import Evidence, Reading, Table
from casefile.registers import ExceptionItem

_PAIR = 2


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a document and its JSON Pointer; `cells` has the places of a document that is no tree itself."""

    item: Evidence
    value: Any
    pointer: str = ""
    cells: Mapping[str, Cell] | None = field(default=None, compare=False)

    def at(self, value: Any, step: str) -> Node:
        """A value below this one."""
        return Node(self.item, value, f"{self.pointer}/{step}", self.cells)

    def get(self, labels: Iterable[str]) -> Node | None:
        """The member under the first of the labels that the mapping has; None where it has none, or it is empty."""
        if not isinstance(self.value, Mapping):
            return None
        names = {label_of(str(name)): str(name) for name in self.value}
        for label in labels:
            name = names.get(label_of(label))
            if name is not None and self.value[name] not in (None, "", [], {}):
                return self.at(self.value[name], _step(name))
        return None

    def text(self, labels: Iterable[str], default: str = "") -> str:
        """A scalar member as text."""
        found = self.get(labels)
        if found is None or isinstance(found.value, Mapping | list):
            return default
        return str(found.value).strip()

    def children(self) -> Iterator[Node]:
        """The elements of a list."""
        if isinstance(self.value, list):
            for n, one in enumerate(self.value):
                yield self.at(one, str(n))

    def texts(self) -> list[str]:
        """A list of scalars, or one scalar, or several joined by commas, as texts."""
        if isinstance(self.value, list):
            return [str(one).strip() for one in self.value if not isinstance(one, Mapping | list)]
        if isinstance(self.value, Mapping) or self.value is None:
            return []
        return [part.strip() for part in str(self.value).split(",") if part.strip()]

    def leaves(self) -> Iterator[Node]:
        """Every scalar below."""
        if isinstance(self.value, Mapping):
            for name, one in self.value.items():
                yield from self.at(one, _step(str(name))).leaves()
        elif isinstance(self.value, list):
            for child in self.children():
                yield from child.leaves()
        else:
            yield self

    def cite(self, view: CaseView, quote: str = "") -> list[Citation]:
        """The citation of a scalar, or of the first scalars of what is below."""
        places = [leaf.pointer for leaf in self.leaves()][:3]
        if self.cells is not None:
            return [view.cite(self.item, self.cells[place], quote) for place in places if place in self.cells]
        texts = {span.locator: span.text for span in view.readings(self.item.id).spans if span.locator in places}
        return [
            Citation(evidence=self.item.id, locator=place, quote=quote or texts[place], sha256=self.item.sha256)
            for place in places
            if texts.get(place)
        ]


def having(
    view: CaseView, item: Evidence, labels: Iterable[str], depth: int = 3, *, unnamed: bool = True
) -> Node | None:
    """The outermost mapping of a document that has one of the members, or None.

    With `unnamed` the widest table of a document without a tree is the list that is asked for, whatever its name.
    """
    labels = list(labels)
    level = [Node(item, view.readings(item.id).data)]
    for _ in range(depth):
        for node in level:
            if node.get(labels) is not None:
                return node
        level = [child for node in level for child in below(node)]
    drawn = _tabular(item, view.readings(item.id), labels, unnamed)
    return drawn if drawn is not None and drawn.get(labels) is not None else None


def nothing_read(view: CaseView, systems: Iterable[str], labels: Iterable[str], what: str) -> Iterator[ExceptionItem]:
    """The usable items of these systems in which no list of that name was found: read, and not understood."""
    labels = list(labels)
    for item in view.of(*systems):
        if having(view, item, labels) is None:
            yield unread(item, f"no {what} could be read from it")


def unread(item: Evidence, why: str) -> ExceptionItem:
    """That an item was read and not understood: said, and not passed over."""
    reason = f"{item.id} ({item.file}): {why}"
    return ExceptionItem(
        key=f"nothing-read:{item.id}", kind="nothing_read", about=item.id, reason=reason, state="noted"
    )


def below(node: Node) -> list[Node]:
    """The members or elements of a node."""
    if isinstance(node.value, Mapping):
        return [node.at(one, _step(str(name))) for name, one in node.value.items()]
    return list(node.children())


def _tabular(item: Evidence, reading: Reading, labels: Sequence[str], unnamed: bool) -> Node | None:
    """A document of labelled values and tables as a tree. With `unnamed` the widest table is the list that is asked
    for, unless one bears its name."""
    wide = [table for table in [*reading.tables, *reading.drawn] if len(table.columns) > _PAIR]
    if reading.data is not None or reading.unusable or not wide:
        return None
    value: dict[str, Any] = {}
    cells: dict[str, Cell] = {}
    named = {label_of(label) for label in labels}
    heads = [label_of(table.sheet or _heading(reading, table)) for table in wide]
    guess = unnamed and not named & set(heads)
    widest = max(range(len(wide)), key=lambda n: len(wide[n].columns)) if guess else None
    for n, table in enumerate(wide):
        name = labels[0] if n == widest else heads[n] or f"table {n + 1}"
        value[name] = []
        for row in table.rows:
            told = {column: text.strip() for column, text in row.cells.items() if text.strip()}
            for column, text in told.items():
                place = f"/{_step(name)}/{len(value[name])}/{_step(column)}"
                cells[place] = Cell(text, table.locator(row.number, column))
            if told:
                value[name].append(told)
    inside = {cell.locator for cell in cells.values()}
    for one in labelled(reading):
        name = next(iter(sorted(one.names)))
        if one.cell.locator not in inside and name not in value:
            value[name] = one.cell.text
            cells[f"/{_step(name)}"] = one.cell
    return Node(item, value, "", cells)


def _heading(reading: Reading, table: Table) -> str:
    return heading_over(reading, table.after).lstrip("# ") if table.after.startswith("line=") else ""


def _step(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
