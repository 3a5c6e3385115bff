"""The menu in tables that name their columns in their own way: an option a row, or an option a column.

Which rows or columns are options is told by what stands in them: each of the card's options is named once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from agents.case_view import CaseView
from agents.labelled_places import moment
from agents.matrix_row import CLASS, MatrixRow, only_option
from agents.option_spec import MenuOption, RankingSpec
from agents.records import Cell, Record, label_of
from agents.sections import sections
from casefile.evidence import Evidence, Row, Table
from guardrails.plain_text import folded

_SHORT = 10  # words of a cell that names something
_LEAST = 2  # options that make a menu
# The name of an amount is none of an option: `hours of verbose logging`.
_AMOUNT = re.compile(
    r"^(?:hours?|days?|length|duration|rounds?|number|count|max\w*|caps?|limits?|longest|how|uses?|age)\b"
    r"|\b(?:hours|days|caps?|limits?|length|duration|max\w*|age|used|count|rounds)$"
)
_OFFERS = re.compile(r"\b(?:menu|options?|paths?|accommodations?|may (?:be )?(?:grant|accept|offer|choose)\w*)\b")


def menus(view: CaseView, item: Evidence, spec: RankingSpec) -> Iterator[tuple[str, MatrixRow]]:
    """The options of every such table of an item, with their rows."""
    reading, under = view.readings(item.id), sections(view, item)
    for table in [*reading.tables, *reading.drawn]:
        first = table.rows[0].number if table.rows else 0
        above = [one.text for one in under.above(table.locator(first, table.columns[0]))] if table.columns else []
        if any(CLASS.search(label_of(one)) for one in above):
            continue
        names = [label_of(one) for one in [*table.columns, *_first_cells(table)]]
        if _of_places(names[:1], spec) or _is_log(table):
            continue
        if not any(_OFFERS.search(label_of(one)) for one in above) and not any(_of_option(one, spec) for one in names):
            continue
        for option, record in [*_down(table, spec.menu), *_across(table, spec.menu)]:
            yield option, MatrixRow(item, record, spec.matrix.columns)


def _of_option(name: str, spec: RankingSpec) -> bool:
    """Whether a column or row is about what an option takes, exposes or needs."""
    known = [one for role in ("exposure", "condition") for one in spec.matrix.columns.get(role, [])]
    words = [one[1:] if one.startswith("~") else f"^{re.escape(label_of(one))}$" for one in known]
    return any(re.search(one, name) for one in [*words, *(spec.amount.columns if spec.amount is not None else ())])


def _of_places(names: Sequence[str], spec: RankingSpec) -> bool:
    """Whether the rows are places or classes of data: where an option is allowed, and not what it is."""
    columns = [test.column for test in spec.tests if test.kind == "permitted" and test.column]
    return any(re.search(column, name) for column in columns for name in names)


def _first_cells(table: Table) -> list[str]:
    return [row.cells.get(table.columns[0], "") for row in table.rows] if table.columns else []


def _is_log(table: Table) -> bool:
    """Whether its rows begin with times: what happened, and no menu."""
    return any(moment(text) is not None for row in table.rows for text in list(row.cells.values())[:_LEAST])


def _named(cells: Mapping[str, str], menu: Sequence[MenuOption]) -> dict[str, str]:
    """The options that short cells name, by their column."""
    short = (
        (column, text)
        for column, text in cells.items()
        if 0 < len(text.split()) <= _SHORT and not _AMOUNT.search(folded(text).strip())
    )
    return {column: option for column, text in short if (option := only_option(text, menu)) is not None}


def _down(table: Table, menu: Sequence[MenuOption]) -> list[tuple[str, Record]]:
    """An option a row: one column names at least two of them, and each once."""
    named = [(row, _named(row.cells, menu)) for row in table.rows]
    for column in table.columns:
        rows = [(row, options[column]) for row, options in named if column in options]
        if _is_menu([option for _, option in rows]):
            return [(option, _row(table, row, column)) for row, option in rows]
    return []


def _row(table: Table, row: Row, column: str) -> Record:
    cells = {
        label_of(name): Cell(text, table.locator(row.number, name), name)
        for name, text in row.cells.items()
        if text.strip()
    }
    cells.pop(label_of(column))
    return Record({"name": Cell(row.cells[column], table.locator(row.number, column), column), **cells})


def _across(table: Table, menu: Sequence[MenuOption]) -> list[tuple[str, Record]]:
    """An option a column: the head of the table, or a row of it, names at least two of them, and each once."""
    heads: list[tuple[Row | None, Mapping[str, str]]] = [(None, {column: column for column in table.columns})]
    heads += [(row, row.cells) for row in table.rows]
    for head, cells in heads:
        options = _named(cells, menu)
        if table.columns[0] in options or not _is_menu(list(options.values())):
            continue
        return [(option, _column(table, head, column)) for column, option in options.items()]
    return []


def _column(table: Table, head: Row | None, column: str) -> Record:
    label = table.columns[0]
    cells = {
        label_of(row.cells[label]): Cell(row.cells[column], table.locator(row.number, column), row.cells[label])
        for row in table.rows
        if row is not head and row.cells.get(label, "").strip() and row.cells.get(column, "").strip()
    }
    if head is not None:
        return Record({"name": Cell(head.cells[column], table.locator(head.number, column), column), **cells})
    # The head of a table has no place of its own: the first cell under it stands for the option.
    return Record({**({"option": next(iter(cells.values()))} if cells else {}), **cells})


def _is_menu(options: Sequence[str]) -> bool:
    return len(options) >= _LEAST and len(set(options)) == len(options)
