"""Logs, plain texts and Markdown: lines, with their spans made on demand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

import yaml

from casefile.evidence import Reading, Span
from tools.readers import clock
from tools.readers.decode import plain_lines
from tools.readers.drawn import drawn_tables
from tools.readers.labels import labelled, several
from tools.readers.limits import Limits, UnreadableError
from tools.readers.yaml_tree import PlainLoader, read_yaml

# A text says at its head when it was made; further down, times belong to what it tells.
HEAD_LINES: Final = 30
# Kinds in which people draw tables; the bars of a log are not columns.
_DRAWN: Final = ("md", "txt")

_STAMP: Final = re.compile(
    r"[\[(]?(?:\d{4}-\d\d-\d\d[T ]|\d\d/[A-Z][a-z]{2}/\d{4}:)\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?"
    r"\s?(?:Z|UTC|[+-]\d\d:?\d\d)(?=[\s\]),;:|]|$)"
)
# What may stand before the stamp of an entry: a bullet, a bar, a quotation mark.
_BEFORE: Final = " \t-*+•|>"
_COMMENT_MADE: Final = re.compile(
    r"^#.*?\b(exported|extracted_at|exported_at|extracted|generated_at|generated|last verified|snapshot_at)"
    r"[\s:=]+"
    r"(?=\d{4}-)(\S+(?: UTC)?)",
    re.IGNORECASE,
)


def read_text(data: bytes, kind: str, limits: Limits) -> Reading:
    """`lines` as an editor numbers them, from 1 in locators, with their spans in `line_spans`.

    The front matter of a Markdown file is YAML, and has the leaves of one, each cited by its line.
    """
    lines, problems = plain_lines(data, limits.max_lines)
    if not any(line.strip() for line in lines):
        raise UnreadableError("the text is blank")
    drawn = drawn_tables(lines) if kind in _DRAWN else []
    made_at = clock.made_at(_named(lines[:HEAD_LINES]))
    matter = _front_matter(lines, limits) if kind == "md" else None
    spans = matter.spans if matter is not None else []
    made_at = made_at or (matter.made_at if matter is not None else None)
    return Reading(kind, spans, lines=lines, drawn=drawn, problems=problems, made_at=made_at)


def _front_matter(lines: list[str], limits: Limits) -> Reading | None:
    """The YAML between the two lines of dashes at the head of a Markdown file, its leaves."""
    if lines[0].strip() != "---":
        return None
    end = next((n for n, line in enumerate(lines[1:], 1) if line.strip() in ("---", "...")), 0)
    try:
        matter = read_yaml("\n".join(lines[1:end]).encode(), "yaml", limits) if end > 1 else None
    except UnreadableError:
        return None  # a rule above and below a heading is no front matter
    if matter is None or not isinstance(matter.data, dict):
        return None
    # Nested as deep as `read_yaml` allows, and no deeper: the parser's own composer may recurse.
    tree = yaml.compose("\n".join(lines[1:end]), Loader=PlainLoader)
    numbers = dict(_numbers(tree, ""))
    spans = [
        replace(span, locator=f"line={numbers[span.locator]}", path=span.locator)
        for span in matter.spans
        if numbers.get(span.locator) and span.text in lines[numbers[span.locator] - 1]
    ]
    return replace(matter, spans=spans)


def _numbers(node: yaml.Node | None, pointer: str) -> Iterator[tuple[str, int]]:
    """The line of each scalar by its pointer; the first line of the text is that of the dashes."""
    match node:
        case yaml.MappingNode():
            for key, value in node.value:
                step = str(key.value).replace("~", "~0").replace("/", "~1")
                yield from _numbers(value, f"{pointer}/{step}")
        case yaml.SequenceNode():
            for n, value in enumerate(node.value):
                yield from _numbers(value, f"{pointer}/{n}")
        case yaml.ScalarNode():
            yield pointer, node.start_mark.line + 2


def line_spans(reading: Reading, numbers: Iterable[int] | None = None) -> list[Span]:
    """Spans of lines of `reading`, with label and value; `numbers` from 1, all lines when None.

    A line that names several values beside each other has a span for each. Blank lines have none.
    `at` is the absolute time stamp at the start of a line, where there is one.
    Raises IndexError for a number that the text does not have.
    """
    wanted = range(1, len(reading.lines) + 1) if numbers is None else numbers
    spans = []
    for number in wanted:
        if not 1 <= number <= len(reading.lines):
            raise IndexError(f"line {number}: the text has {len(reading.lines)} lines")
        text = reading.lines[number - 1]
        for part in (reading.kind != "log" and several(text)) or [text] * bool(text.strip()):
            label, value = labelled(part) or ("", "")
            spans.append(Span(f"line={number}", part, "line", label, value, at=stamp(text)))
    return spans


def stamp(line: str) -> datetime | None:
    """The absolute time stamp at the start of a log line, in UTC."""
    found = _STAMP.match(line.lstrip(_BEFORE))
    return clock.instant(found.group()) if found else None


def _named(head: list[str]) -> Iterator[tuple[int, str, str]]:
    for line in head:
        short = line[:400]
        comment = _COMMENT_MADE.match(short)
        if comment:
            yield 0, comment[1], comment[2]
        pair = labelled(short)
        if pair:
            yield 0, *pair
