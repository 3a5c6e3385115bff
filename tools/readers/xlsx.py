"""Excel workbooks: what a person sees in each sheet, and apart from it what is hidden there.

Nothing is calculated and nothing is fetched: a formula shows the value stored with it, links stay closed.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import warnings
from typing import TYPE_CHECKING, Final

from casefile.evidence import Reading, Span
from tools.readers import grid
from tools.readers.limits import Limits, UnreadableError
from tools.readers.packed import unpacked

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_CELL: Final = re.compile(rb"<(?:\w+:)?c[ >/]")
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f[ >/]")
_AREA: Final = re.compile(rb"<(?:\w+:)?(?:mergeCell|hyperlink)\s[^>]*?\bref\s*=\s*[\"']([^\"']*)")
_CORNERS: Final = re.compile(r"([A-Z]{1,3})(\d{1,7})(?::([A-Z]{1,3})(\d{1,7}))?")
_SHEET: Final = re.compile(r"xl/worksheets/[^/]+\.xml")
_DECIMALS: Final = re.compile(r"[^\[\"]*?(?P<thousands>#,##)?0(?:\.(?P<decimals>0+))?(?P<percent>%)?")
_GENERAL_DIGITS: Final = 15
# Rows and columns beyond this far from the corner hold formats, not content.
_MAX_EMPTY_SPAN: Final = 20_000_000


def read_xlsx(data: bytes, kind: str, limits: Limits) -> Reading:
    """One table a visible sheet; hidden sheets, rows, columns and comments as hidden spans."""
    members = unpacked(data, limits)
    sheets = [content for name, content in members.items() if _SHEET.fullmatch(name)]
    cells = sum(len(_CELL.findall(content)) for content in sheets)
    if cells > limits.max_cells:
        raise UnreadableError(f"the workbook has {cells} cells; at most {limits.max_cells} are read")
    if sum(_spanned(content) for content in sheets) > limits.max_cells:
        raise UnreadableError(f"merged cells or links span more than {limits.max_cells} cells")
    book = _opened(data, values=True)
    formulas = _opened(data, values=False) if any(_FORMULA.search(content) for content in sheets) else None
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    with_content = [sheet for sheet in visible if _has_content(sheet)]
    found, spans, problems = [], [], []
    for sheet in book.worksheets:
        name = "" if with_content == [sheet] else sheet.title
        part = _Sheet(sheet, name, formulas[sheet.title] if formulas else None)
        if sheet in with_content:
            lines, repeats = part.visible()
            found.append(grid.gridded(lines, name, repeats, pairs=True))
            spans += found[-1].spans
            problems += found[-1].problems
        spans += part.hidden()
        problems += part.problems
    if not spans:
        raise UnreadableError("the workbook has no cell with content")
    return Reading(kind, spans, tables=[one.table for one in found], problems=problems, made_at=grid.made_at(found))


def _spanned(sheet: bytes) -> int:
    """How many cells the merged areas and links of a sheet span; openpyxl makes an object for each."""
    total = 0
    for found in _AREA.finditer(sheet):
        corners = _CORNERS.fullmatch(found[1].decode("ascii", "replace").replace("$", ""))
        if corners is None:
            raise UnreadableError(f"merged cells or a link with the odd place {found[1][:40]!r}")
        left, top, right, bottom = corners.groups()
        columns = grid.number(right or left) - grid.number(left) + 1
        total += max(1, columns) * max(1, int(bottom or top) - int(top) + 1)
    return total


def _opened(data: bytes, *, values: bool) -> Workbook:
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and extensions that we do not read
        try:
            return openpyxl.load_workbook(io.BytesIO(data), data_only=values, keep_links=False)
        except (KeyError, ValueError, TypeError, IndexError, AttributeError, SyntaxError) as fault:
            raise UnreadableError(f"the workbook is damaged: {fault}") from None


def _has_content(sheet: Worksheet) -> bool:
    return any(cell.value is not None for row in _rows(sheet) for cell in row)


def _rows(sheet: Worksheet) -> list[tuple[Cell | MergedCell, ...]]:
    if sheet.max_row * sheet.max_column > _MAX_EMPTY_SPAN:
        raise UnreadableError(f"sheet {sheet.title!r}: {sheet.max_row} rows by {sheet.max_column} columns")
    return list(sheet.iter_rows())


class _Sheet:
    """One worksheet: its cells as texts, the visible apart from the hidden."""

    def __init__(self, sheet: Worksheet, name: str, formulas: Worksheet | None) -> None:
        self.sheet = sheet
        self.name = name
        self.formulas = formulas
        self.problems: list[str] = []
        self.rows = _rows(sheet)
        self.hidden_rows = {number for number, row in sheet.row_dimensions.items() if row.hidden}
        self.hidden_columns = _hidden_columns(sheet)
        self.merged = self._merged()

    def visible(self) -> tuple[list[grid.Line], set[tuple[int, int]]]:
        """The lines that a person sees, and the cells in them that only repeat a merged one.

        Cells of hidden columns are empty here, so that positions and letters stay those of the sheet.
        """
        lines, repeats = [], set()
        for number, row in enumerate(self.rows, start=1):
            if number in self.hidden_rows:
                continue
            texts = []
            for index, cell in enumerate(row):
                origin = self.merged.get((number, index + 1))
                if origin is not None:
                    repeats.add((number, index))
                shown = index + 1 not in self.hidden_columns
                texts.append(self._text(self.sheet.cell(*origin) if origin else cell) if shown else "")
            while texts and not texts[-1]:
                texts.pop()
            lines.append(grid.Line(number, texts))
        width = max((len(line.cells) for line in lines), default=0)
        return [grid.Line(line.number, line.cells + [""] * (width - len(line.cells))) for line in lines], repeats

    def hidden(self) -> list[Span]:
        """Cells of hidden sheets, rows and columns, and the comments of all cells."""
        spans = []
        all_hidden = self.sheet.sheet_state != "visible"
        for number, row in enumerate(self.rows, start=1):
            for index, cell in enumerate(row):
                place = f"row={number},col={grid.letters(index)}"
                place = f"sheet={self.name},{place}" if self.name else place
                unseen = all_hidden or number in self.hidden_rows or index + 1 in self.hidden_columns
                text = self._text(cell) if unseen else ""
                if text:
                    spans.append(Span(place, text, "cell", grid.letters(index), text.strip(), hidden=True))
                comment = getattr(cell, "comment", None)
                if comment is not None and comment.text:
                    spans.append(Span(place, comment.text, "text", "comment", hidden=True))
        return spans

    def _merged(self) -> dict[tuple[int, int], tuple[int, int]]:
        origins = {}
        for area in self.sheet.merged_cells.ranges:
            for row in range(area.min_row, min(area.max_row, self.sheet.max_row) + 1):
                for column in range(area.min_col, min(area.max_col, self.sheet.max_column) + 1):
                    if (row, column) != (area.min_row, area.min_col):
                        origins[row, column] = (area.min_row, area.min_col)
        return origins

    def _text(self, cell: Cell | MergedCell) -> str:
        if cell.value is not None:
            return shown(cell.value, cell.number_format)
        if self.formulas is not None and self.formulas[cell.coordinate].data_type == "f":
            where = f"sheet {self.sheet.title!r} cell {cell.coordinate}"
            problem = f"{where}: a formula without a stored value; open and save the file in Excel"
            if problem not in self.problems:
                self.problems.append(problem)
        return ""


def shown(value: object, number_format: str) -> str:
    """A cell's value as text: dates in ISO form, numbers as the cell's format shows them."""
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case dt.datetime():
            only_date = value.time() == dt.time() and not re.search("[hs]", number_format, re.IGNORECASE)
            return value.date().isoformat() if only_date else value.isoformat()
        case dt.date() | dt.time():
            return value.isoformat()
        case dt.timedelta():
            minutes, seconds = divmod(int(value.total_seconds()), 60)
            return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
        case int() | float():
            return _number(value, number_format)
        case _:
            return str(value)


def _number(value: float, number_format: str) -> str:
    form = _DECIMALS.fullmatch(number_format.split(";")[0].strip())
    if form is None or number_format == "General":
        if isinstance(value, int) or (value.is_integer() and abs(value) < 10**_GENERAL_DIGITS):
            return str(int(value))
        return f"{value:.{_GENERAL_DIGITS}g}"
    if form["percent"]:
        value *= 100
    text = f"{value:{',' if form['thousands'] else ''}.{len(form['decimals'] or '')}f}"
    return text + (form["percent"] or "")


def _hidden_columns(sheet: Worksheet) -> set[int]:
    hidden: set[int] = set()
    for dimension in sheet.column_dimensions.values():
        if dimension.hidden:
            dimension.reindex()
            hidden.update(range(dimension.min or 0, min(dimension.max or 0, sheet.max_column) + 1))
    return hidden
