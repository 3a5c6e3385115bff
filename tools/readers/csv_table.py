"""CSV and TSV files as they come: any separator, any encoding, broken quotes, ragged rows."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from casefile.evidence import Reading
from tools.readers import grid
from tools.readers.decode import decode, without_control
from tools.readers.limits import Limits, UnreadableError

SEPARATORS: Final = ",;\t|"
SAMPLE: Final = 16 * 1024
LINES: Final = 60
# Broken quotes beyond this many: quotes mean nothing in this file, and each costs a scan to its end.
BROKEN_QUOTES: Final = 20
_SEP_LINE: Final = re.compile(r"sep=(.)\n", re.IGNORECASE)

csv.field_size_limit(2**30)  # the size of the file is the limit


def read_csv(data: bytes, kind: str, limits: Limits) -> Reading:
    """One table and a span for each cell that is not empty. The first record is row 1.

    A record over several lines is one row, as in a spreadsheet; a leading `sep=;` is no row.
    """
    return _read(data, kind, limits, "")


def read_tsv(data: bytes, kind: str, limits: Limits) -> Reading:
    """As `read_csv`, with tabs between the cells where there is a tab at all: the name promises them."""
    return _read(data, kind, limits, "\t")


def _read(data: bytes, kind: str, limits: Limits, promised: str) -> Reading:
    text, problems = decode(data)
    text, lost = without_control(text)
    named = _SEP_LINE.match(text)
    if named:
        text = text[named.end() :]
    if text.count("\n") > limits.max_lines:
        raise UnreadableError(f"the table has more than {limits.max_lines} lines")
    separator = named[1] if named else promised if promised and promised in text else _separator(text)
    lines, count = [], 0
    for number, cells in _records(text, separator, problems):
        lines.append(grid.Line(number, cells))
        count += max(1, len(cells))
        if count > limits.max_cells:
            raise UnreadableError(f"row {number}: the table has more than {limits.max_cells} cells")
    if not any(cell.strip() for line in lines for cell in line.cells):
        raise UnreadableError("the table is blank")
    found = grid.gridded(lines)
    return Reading(
        kind,
        found.spans,
        tables=[found.table],
        problems=problems + lost + found.problems,
        made_at=grid.made_at([found]),
    )


def _separator(text: str) -> str:
    """The separator: the one that cuts most lines into the same number of cells, else a guess."""
    sample = text[:SAMPLE]
    lines = [line for line in re.sub(r'"[^"]*"', "", sample).split("\n") if line.strip()][:LINES]
    scores = {}
    for separator in SEPARATORS:
        counts = Counter(line.count(separator) for line in lines)
        cuts, times = max(counts.items(), key=lambda item: (item[0] > 0, item[1]), default=(0, 0))
        if cuts:
            scores[separator] = (times / len(lines), cuts)
    clear = [separator for separator, (share, _) in scores.items() if share >= 0.8]
    if clear:
        return max(clear, key=lambda separator: scores[separator])
    return _sniffed(sample) if scores else ","


def _sniffed(sample: str) -> str:
    import clevercsv

    try:
        dialect = clevercsv.Sniffer().sniff(sample[:4096], delimiters=list(SEPARATORS))
    except clevercsv.Error:
        return ","
    found = str(getattr(dialect, "delimiter", "") or ",")
    return found if found in SEPARATORS else ","


def _records(text: str, separator: str, problems: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Records with their number, from 1. A line whose quotes are broken is cut without regard to quotes."""
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    start, number, broken = 0, 0, 0
    while start < len(lines):
        reader = csv.reader(_ended(lines[start:]), delimiter=separator, strict=True)
        done = start
        if broken > BROKEN_QUOTES:
            for line in lines[start:]:
                number += 1
                yield number, line.split(separator)
            return
        try:
            for cells in reader:
                number += 1
                yield number, cells
                done = start + reader.line_num
            return
        except csv.Error as error:
            number += 1
            broken += 1
            problems.append(f"row {number}: broken quotes ({error}); the line is cut at every {separator!r}")
            yield number, lines[done].split(separator)
            start = done + 1


def _ended(lines: Sequence[str]) -> Iterator[str]:
    return (line + "\n" for line in lines)
