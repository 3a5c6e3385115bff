"""Names and values that a plain text sets apart by blanks alone, each value under the one above it.

cluster type    dedicated
verified at     2026-05-04T09:10:00Z
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby

from casefile.evidence import Span
from tools.readers.labels import named

_LINE = re.compile(r"(?P<label>\s*[^\W\d_][^:=|\t]{0,48}?)(?:\s*\t\s*|\s{2,})(?P<value>\S.*?)\s*$")
_APART = re.compile(r"(?:\s{3,}|\t)(?!\()")  # a remark in brackets belongs to its value
_LEAST = 3  # lines that make a list: two may stand so by chance


def aligned(spans: Sequence[Span]) -> Mapping[str, tuple[str, str]]:
    """The label and the value of every such line, by its locator."""
    found: dict[str, tuple[str, str]] = {}
    for start, group in groupby(spans, key=_start):
        pairs = [(one.locator, pair) for one in group if (pair := _pair(one)) is not None]
        if start is not None and len(pairs) >= _LEAST:
            found.update(pairs)
    return found


def _start(span: Span) -> int | None:
    """Where the value of a line begins, or None where it is no such line; behind a tab it begins anywhere."""
    line = _LINE.match(span.text) if span.kind == "line" and not span.label else None
    if line is None or _APART.search(line["value"]):
        return None
    return -1 if "\t" in line[0] else line.start("value")


def _pair(span: Span) -> tuple[str, str] | None:
    line = _LINE.match(span.text)
    return named(line["label"].strip(), line["value"]) if line is not None else None
