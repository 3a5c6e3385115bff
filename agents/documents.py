"""Documents that are trees (YAML, JSON): a member by whatever name the document gives it, with its place for citing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agents.case_view import CaseView
from agents.records import label_of
from casefile.claims import Citation
from casefile.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a document and its JSON Pointer."""

    item: Evidence
    value: Any
    pointer: str = ""

    def get(self, labels: Iterable[str]) -> Node | None:
        """The member under the first of the labels that the mapping has; None where it has none, or it is empty."""
        if not isinstance(self.value, Mapping):
            return None
        names = {label_of(str(name)): str(name) for name in self.value}
        for label in labels:
            name = names.get(label_of(label))
            if name is not None and self.value[name] not in (None, "", [], {}):
                return Node(self.item, self.value[name], f"{self.pointer}/{_step(name)}")
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
                yield Node(self.item, one, f"{self.pointer}/{n}")

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
                yield from Node(self.item, one, f"{self.pointer}/{_step(str(name))}").leaves()
        elif isinstance(self.value, list):
            for child in self.children():
                yield from child.leaves()
        else:
            yield self

    def cite(self, view: CaseView, quote: str = "") -> list[Citation]:
        """The citation of a scalar, or of the first scalars of what is below."""
        places = [leaf.pointer for leaf in self.leaves()][:3]
        texts = {span.locator: span.text for span in view.readings(self.item.id).spans if span.locator in places}
        return [
            Citation(evidence=self.item.id, locator=place, quote=quote or texts[place], sha256=self.item.sha256)
            for place in places
            if texts.get(place)
        ]


def having(view: CaseView, item: Evidence, labels: Iterable[str], depth: int = 3) -> Node | None:
    """The outermost mapping of a document that has one of the members, or None."""
    labels = list(labels)
    level = [Node(item, view.readings(item.id).data)]
    for _ in range(depth):
        for node in level:
            if node.get(labels) is not None:
                return node
        level = [child for node in level for child in _below(node)]
    return None


def _below(node: Node) -> list[Node]:
    if isinstance(node.value, Mapping):
        return [Node(node.item, one, f"{node.pointer}/{_step(str(name))}") for name, one in node.value.items()]
    return list(node.children())


def _step(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
