"""YAML documents, by the YAML 1.2 core rules: `no` and `12:30` stay text, times stay as written.

The tree is built from parser events with a depth limit: the parser's own composer recurses in C and a
hundred thousand brackets end the process.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

import yaml

from casefile.evidence import Reading
from tools.readers.decode import decode
from tools.readers.leaves import Doubled, Leaves, Written, must_be_text
from tools.readers.limits import Limits, UnreadableError

_NULL: Final = re.compile(r"~|null|Null|NULL|")
_BOOL: Final = re.compile(r"true|True|TRUE|false|False|FALSE")
_INTEGER: Final = re.compile(r"[-+]?\d{1,4000}")
_BASED: Final = re.compile(r"0o[0-7]{1,4000}|0x[0-9a-fA-F]{1,4000}")
_FLOAT: Final = re.compile(r"[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?")


class PlainLoader(yaml.CSafeLoader):
    """The C parser, used for its events only: it constructs nothing, whatever the tags say."""


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet."""

    items: list[object] = field(default_factory=list)
    keyed: bool = False
    anchor: str | None = None
    line: int = 0


def read_yaml(data: bytes, kind: str, limits: Limits) -> Reading:
    """Leaf spans as written. Several documents: pointers begin with the document's index, from 0."""
    text, problems = decode(data)
    builder = _Builder(limits, problems)
    try:
        for event in yaml.parse(text, Loader=PlainLoader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        place = error.problem_mark or error.context_mark
        at = f"line {place.line + 1} column {place.column + 1}: " if place else ""
        raise UnreadableError(f"{at}not YAML: {error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise UnreadableError(f"not YAML: {error}") from None
    documents = builder.documents
    if not documents:
        raise UnreadableError("the file has no YAML document in it, only comments or blanks")
    leaves = Leaves(limits)
    tree = leaves.walk(documents[0] if len(documents) == 1 else documents)
    return Reading(kind, leaves.spans, data=tree, problems=problems + leaves.problems, made_at=leaves.made_at())


class _Builder:
    """Events in, documents out, without recursion. Aliases share a node; `Leaves` counts them expanded."""

    def __init__(self, limits: Limits, problems: list[str]) -> None:
        self.limits = limits
        self.problems = problems
        self.documents: list[object] = []
        self.open: list[_Open] = []
        self.anchors: dict[str, object] = {}
        self.scalars = 0

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self.anchors = {}
            case yaml.ScalarEvent():
                self.scalars += 1
                if self.scalars > 2 * self.limits.max_leaves:
                    raise UnreadableError(f"line {_line(event)}: more than {self.limits.max_leaves} values")
                self._add(_scalar(event), event.anchor)
            case yaml.AliasEvent():
                self._alias(event)
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                self._begin(event)
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._end()
            case _:
                pass  # stream and document marks

    def _begin(self, event: yaml.SequenceStartEvent | yaml.MappingStartEvent) -> None:
        line = _line(event)
        if len(self.open) >= self.limits.max_depth:
            raise UnreadableError(f"line {line}: nested deeper than {self.limits.max_depth} levels")
        self.open.append(_Open([], isinstance(event, yaml.MappingStartEvent), event.anchor, line))

    def _end(self) -> None:
        closed = self.open.pop()
        node: object = self._mapping(closed) if closed.keyed else closed.items
        self._add(node, closed.anchor)

    def _alias(self, event: yaml.AliasEvent) -> None:
        name = event.anchor or ""
        if name not in self.anchors:
            line = _line(event)
            inside = any(node.anchor == name for node in self.open)
            raise UnreadableError(f"line {line}: the alias *{name} " + ("holds itself" if inside else "has no anchor"))
        self._add(self.anchors[name], None)

    def _add(self, node: object, anchor: str | None) -> None:
        if anchor:
            self.anchors[anchor] = node
        if self.open:
            self.open[-1].items.append(node)
        else:
            self.documents.append(node)

    def _mapping(self, closed: _Open) -> dict[str, object]:
        pairs = zip(closed.items[::2], closed.items[1::2], strict=True)
        mapping = Doubled()
        twice: list[str] = []
        for key, value in pairs:
            name = key.text if isinstance(key, Written) else key if isinstance(key, str) else None
            if name is None:
                self.problems.append(f"line {closed.line}: a key that is a list or mapping is left out")
                continue
            if name in mapping:
                twice.append(name)
            mapping[name] = value
        mapping.twice = tuple(dict.fromkeys(twice))
        return mapping if twice else dict(mapping)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _scalar(event: yaml.ScalarEvent) -> object:
    text = event.value
    must_be_text(text)
    if event.style not in (None, ""):
        return text
    if _NULL.fullmatch(text):
        return Written(None, text)
    if _BOOL.fullmatch(text):
        return Written(text.lower() == "true", text)
    if _INTEGER.fullmatch(text):
        return Written(int(text), text)
    if _BASED.fullmatch(text):
        return Written(int(text, 0), text)
    if _FLOAT.fullmatch(text) and len(text) < 400:
        return Written(float(text), text)
    return text
