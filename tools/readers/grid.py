"""Rows of cell texts to tables: where the header is, what the columns are called, which spans there are.

Shared by CSV, Excel, Word, web pages and PDF.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from casefile.evidence import Row, Span, Table
from tools.readers import clock

LOOKED_AT: Final = 60
_VALUE_HEADS: Final = {"value", "wert", "valeur", "valor", "waarde", "meaning", "setting", "content"}
_NUMBERLIKE: Final = re.compile(r"[-+]?[\d.,:/ %€$£TZ-]+|\d{4}-\d\d-\d\d.*")
_PLAIN_NUMBER: Final = re.compile(r"[-+]?[\d.,]+\s*%?")
_CODE: Final = re.compile(r"[A-Z]{2,}[-/]\w*\d[\w/-]*")
_FORM: Final = 4  # rows that make a form
_REMARK: Final = re.compile(r"#+\s")
_LABELLIKE: Final = re.compile(r"[^\W\d_][^\d_=@/|]*")


@dataclass(frozen=True, slots=True)
class Line:
    """One physical row: its number as a spreadsheet shows it, and the text of every cell."""

    number: int
    cells: list[str]


@dataclass(slots=True)
class Grid:
    """A table with its spans, as `gridded` finds it."""

    table: Table
    spans: list[Span] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    named: list[tuple[int, str, str]] = field(default_factory=list)


def gridded(
    lines: Sequence[Line],
    sheet: str = "",
    repeats: set[tuple[int, int]] | None = None,
    *,
    pairs: bool = False,
) -> Grid:
    """The table in `lines`, with one cell span per non-empty cell.

    Rows above the header keep their spans under column letters. In a sheet of names and values the value
    cells are labelled with the name beside them; with `pairs` such a sheet needs no header. `repeats` are
    (row number, column index) of cells that only repeat a merged one: they stand in the rows and have no
    span.
    """
    repeated = repeats or set()
    width = max((len(line.cells) for line in lines), default=0)
    used = [line for line in lines if any(cell.strip() for cell in line.cells)]
    if (pairs and _is_bare_pairs(used)) or _begins_with_code(used):
        return _pairs(used, sheet, [letters(0), letters(1)], 0, repeated)
    head = header_index([_without(line, repeated) for line in used])
    if head is not None and _is_form(used[head:]):
        form = _pairs(used[head:], sheet, [letters(i) for i in range(width)], 0, repeated)
        over = _above(used[:head], sheet, repeated)
        form.spans[:0], form.named = over.spans, [*over.named, *form.named]
        return form
    if head is None:
        columns, body, problems = [letters(i) for i in range(width)], list(used), []
        if used and width > 1:
            problems = [f"{_place(sheet)}no header row was found; columns are called by their letters"]
    else:
        columns, problems = named_columns(used[head].cells, width, sheet)
        body = list(used[head + 1 :])
    if head is not None and len(columns) in (2, 3) and clock.name_of(columns[1]) in _VALUE_HEADS:
        grid = _pairs(body, sheet, columns, 1, repeated)
    else:
        grid = Grid(Table(columns, [], sheet))
        _rows(grid, body, len(used[head].cells) if head is not None else width, repeated)
    above = _above(used[: head or 0], sheet, repeated)
    grid.spans[:0] = above.spans
    grid.named += above.named
    grid.problems[:0] = problems
    return grid


def header_index(lines: Sequence[Line]) -> int | None:
    """The index of the header: the first row about as wide as the table, of texts, followed by data."""
    under = _under_a_form(lines) or _under_remarks(lines)
    if under is not None:
        return under
    widths = Counter(_filled(line) for line in lines[:LOOKED_AT])
    if not widths:
        return None
    usual = max((width for width in widths if width > 1), key=lambda width: (widths[width], width), default=1)
    first: int | None = None
    for index, line in enumerate(lines[:LOOKED_AT]):
        texts = [cell.strip() for cell in line.cells if cell.strip()]
        if usual == 1 and texts and (len(texts[0].split()) > 4 or any(one.isdigit() for one in texts[0])):
            return None  # a column of notes
        of_texts = sum(1 for cell in texts if _NUMBERLIKE.fullmatch(cell)) * 2 < len(texts)
        if len(texts) >= (usual * 0.6 if usual > 3 else usual):
            return index if of_texts else first
        if first is None and of_texts and len(texts) == usual - 1 > 1:
            first = index
    return first


def _under_a_form(lines: Sequence[Line]) -> int | None:
    """The header of the only wide table of a sheet, below names and values (`Version | V-7`), however many."""
    wide = [index for index, line in enumerate(lines) if _filled(line) > 2]
    if not wide or len(lines) - wide[0] != len(wide) or len(wide) < 3 or _filled(lines[wide[0]]) < _FORM:
        return None
    form = [[cell.strip() for cell in line.cells if cell.strip()] for line in lines[: wide[0]]]
    pairs = [texts for texts in form if len(texts) == 2]
    if len(pairs) < 2 or any(clock.name_of(texts[-1]) in _VALUE_HEADS for texts in form):
        return None
    heads = [cell.strip() for cell in lines[wide[0]].cells if cell.strip()]
    named = all(_LABELLIKE.match(texts[0]) for texts in form) and not any(_NUMBERLIKE.fullmatch(one) for one in heads)
    return wide[0] if named else None


def _under_remarks(lines: Sequence[Line]) -> int | None:
    """The row below remarks that begin with `#`: the header, unless the last remark is as wide and so heads it."""
    count = next((index for index, line in enumerate(lines) if not _REMARK.match(line.cells[0])), 0)
    if not count or _filled(lines[count - 1]) == _filled(lines[count]) or _filled(lines[count]) < 2:
        return None
    return None if any(_NUMBERLIKE.fullmatch(cell.strip()) for cell in lines[count].cells) else count


def named_columns(cells: Sequence[str], width: int, sheet: str = "") -> tuple[list[str], list[str]]:
    """Column names from a header row: folded, empty ones called by their letter, doubles numbered. A letter that is a
    name itself (options A, B, C behind an empty first cell) stays that name's."""
    names: list[str] = []
    problems = []
    given = {" ".join(cell.split()) for cell in cells}
    for index in range(max(width, len(cells))):
        folded = " ".join(cells[index].split()) if index < len(cells) else ""
        name = folded or letters(index)
        again = sum(1 for other in cells[:index] if folded and " ".join(other.split()) == folded)
        if again:
            name = f"{folded} ({again + 1})"
            where = f"{_place(sheet)}column {letters(index)}"
            problems.append(f"{where}: the name {folded!r} stands twice; it is called {name!r} here")
        while name in names or (not folded and name in given):
            name += "'"
        names.append(name)
    return names, problems


def letters(index: int) -> str:
    """The letters of a spreadsheet column, from 0: A, B, …, Z, AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def number(column: str) -> int:
    """The index of a spreadsheet column by its letters, from 0."""
    total = 0
    for letter in column:
        total = total * 26 + ord(letter) - 64
    return total - 1


def made_at(grids: Iterable[Grid]) -> datetime | None:
    """When the tables say that they were made: a name with a time, or a column with one time in every row."""
    named: list[tuple[int, str, str]] = []
    for grid in grids:
        named += grid.named
        for column in grid.table.columns:
            if clock.name_of(column) in clock.MADE_NAMES:
                values = {row.cells.get(column, "") for row in grid.table.rows}
                if len(values) == 1:
                    named.append((1, column, values.pop()))
    return clock.made_at(named)


def _rows(grid: Grid, body: Sequence[Line], expected: int, repeated: set[tuple[int, int]]) -> None:
    columns = grid.table.columns
    locate = grid.table.locator
    for line in body:
        if line.cells and len(line.cells) != expected:
            count = f"row {line.number} has {len(line.cells)} cells"
            grid.problems.append(f"{_place(grid.table.sheet)}{count}, the header has {expected}")
        cells = dict.fromkeys(columns, "")
        for index, text in enumerate(line.cells):
            column = columns[index]
            cells[column] = text
            if text.strip() and (line.number, index) not in repeated:
                grid.spans.append(Span(locate(line.number, column), text, "cell", column, text.strip()))
        grid.table.rows.append(Row(line.number, cells))


def _pairs(lines: Sequence[Line], sheet: str, columns: list[str], depth: int, repeated: set[tuple[int, int]]) -> Grid:
    grid = Grid(Table(columns, [], sheet))
    _rows(grid, lines, len(columns), repeated)
    names = {row.number: row.cells[columns[0]].strip() for row in grid.table.rows}
    values = {grid.table.locator(row.number, columns[1]): row.number for row in grid.table.rows}
    for index, span in enumerate(grid.spans):
        name = names.get(values.get(span.locator, -1), "")
        if name:
            grid.spans[index] = Span(span.locator, span.text, "cell", name, span.value)
            grid.named.append((depth, name, span.text))
    return grid


def _above(lines: Sequence[Line], sheet: str, repeated: set[tuple[int, int]]) -> Grid:
    grid = Grid(Table([], [], sheet))
    for line in lines:
        filled = [(i, cell) for i, cell in enumerate(line.cells) if cell.strip() and (line.number, i) not in repeated]
        for index, cell in filled:
            label = filled[0][1].strip() if len(filled) == 2 and index == filled[1][0] else letters(index)
            grid.spans.append(Span(grid.table.locator(line.number, letters(index)), cell, "cell", label, cell.strip()))
            grid.named.append((0, label, cell))
    return grid


def _is_bare_pairs(lines: Sequence[Line]) -> bool:
    """Whether two columns hold names and values without a header: `Record | XR-2026-36`."""
    if not lines or any(_filled(line) > 2 or len(line.cells) < 2 for line in lines):
        return False
    if any(cell.strip() for line in lines for cell in line.cells[2:]):
        return False
    names = [line.cells[0].strip() for line in lines]
    first = lines[0].cells[1].strip()
    if clock.name_of(first) in _VALUE_HEADS or not all(_LABELLIKE.fullmatch(name) for name in names):
        return False
    if len(set(names)) < len(names):
        return False
    values = [line.cells[1].strip() for line in lines]
    numbers = [bool(_NUMBERLIKE.fullmatch(value)) for value in values]
    if numbers[0] or len(lines) == 1:
        return True
    digits = any(character.isdigit() for character in "".join(values[1:]))
    mixed = digits and not all(_PLAIN_NUMBER.fullmatch(value) for value in values[1:])
    # Heads are written in one manner: `Support tier | Gold Assured` is a name and a value.
    unlike = len(names[0].split()) > 1 < len(first.split()) and not names[0].istitle()
    return mixed and (any(character.isdigit() for character in first) or not first.istitle() or unlike)


def _begins_with_code(lines: Sequence[Line]) -> bool:
    """Whether two columns of names and values begin with a code, which heads no column: `Account | ACC-4711`."""
    if len(lines) < 3 or any(_filled(line) > 2 or len(line.cells) != 2 for line in lines):
        return False
    names, values = ([line.cells[at].strip() for line in lines] for at in (0, 1))
    plain = all(_PLAIN_NUMBER.fullmatch(value) for value in values[1:])
    unique = len(set(names)) == len(names) and all(_LABELLIKE.fullmatch(name) for name in names)
    return unique and not plain and _CODE.fullmatch(values[0]) is not None


def _is_form(lines: Sequence[Line]) -> bool:
    """Whether what looks like a header is the first name and value of a form, some of whose rows go on: `Edition |
    ED-4`, and below it `Valid | 2026-06-15 | to | 2026-12-14`."""
    if len(lines) < _FORM or _filled(lines[0]) != 2 or not all(cell.strip() for cell in lines[0].cells[:2]):
        return False
    pairs = [line for line in lines if _filled(line) <= 2]
    names = [line.cells[0].strip() for line in lines]
    named = len(set(names)) == len(names) and all(_LABELLIKE.fullmatch(name) for name in names)
    return named and 2 * len(pairs) > len(lines) and _CODE.fullmatch(lines[0].cells[1].strip()) is not None


def _without(line: Line, repeated: set[tuple[int, int]]) -> Line:
    return Line(line.number, ["" if (line.number, i) in repeated else cell for i, cell in enumerate(line.cells)])


def _filled(line: Line) -> int:
    return sum(1 for cell in line.cells if cell.strip())


def _place(sheet: str) -> str:
    return f"sheet {sheet!r}: " if sheet else ""
