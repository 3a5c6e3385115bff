"""Tables that are drawn with bars in a text: `| name | role |`, each cell at the line that it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from casefile.evidence import Row, Table
from tools.readers.grid import named_columns

_BAR: Final = re.compile(r"(?<!\\)\|")
_RULE: Final = re.compile(r":?-{1,}:?")
_MARKS: Final = " \t`*"
_LEAST: Final = 3  # columns of a table that has no rule under its head; two bare cells are a name and its value


def drawn_tables(lines: Sequence[str], base: str = "line=", first: int = 1) -> list[Table]:
    """The tables in the lines of a text, in order; a row's number is its line, from `first`.

    The first row names the columns. The marks of emphasis and code around a cell are not part of it.
    """
    tables: list[Table] = []
    for start, rows in _blocks(lines):
        ruled = len(rows) > 1 and _is_rule(rows[1])
        if len(rows) < 2 or not (ruled or len(rows[0]) >= _LEAST):
            continue
        columns, _ = named_columns(rows[0], len(rows[0]))
        body = [(start + n + first - 1, row) for n, row in enumerate(rows) if n and not _is_rule(row)]
        made = [Row(number, dict(zip(columns, row, strict=False))) for number, row in body]
        tables.append(Table(columns, made, after=f"{base}{start + first - 1}", by_line=True, base=base))
    return tables


def _blocks(lines: Sequence[str]) -> Iterator[tuple[int, list[list[str]]]]:
    """Runs of lines with bars: the number of the first, and the cells of each."""
    start = 0
    rows: list[list[str]] = []
    fenced = False
    for number, line in enumerate([*lines, ""], 1):
        fenced ^= line.lstrip().startswith("```")
        below = lines[number] if number < len(lines) else ""
        bare = bool(rows) or (_BAR.search(below) is not None and _is_rule(_cells(below)))
        cells = [] if fenced else _cells(line) if line.lstrip().startswith("|") or bare else []
        if len(cells) > 1:
            start = start if rows else number
            rows.append(cells)
            continue
        if rows:
            yield start, rows
        rows = []


def _cells(line: str) -> list[str]:
    text = line.strip()
    if not _BAR.search(text):
        return []
    parts = _BAR.split(text)
    parts = parts[1:] if text.startswith("|") else parts
    parts = parts[:-1] if parts and not parts[-1].strip() else parts
    return [part.strip(_MARKS) for part in parts]


def _is_rule(cells: Sequence[str]) -> bool:
    return bool(cells) and all(_RULE.fullmatch(cell) for cell in cells)
