"""The delegated-authority matrix as evidence has it: version, approval, menu rows, limits, blocked types, each a cell.

It is the authority on what may be ranked and where the limits are. What it does not say is not assumed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from agents.case_view import CaseView
from agents.labelled_places import Moment, Place, column, lines_of, moment, path_label, places
from agents.material import Findings
from agents.option_spec import AskSpec, LimitSpec, MenuOption, RankingSpec
from agents.records import Cell, Record, label_of
from agents.weighing import Weighing, weigh
from casefile.claims import Citation
from casefile.evidence import Evidence
from guardrails.plain_text import folded
from lineage.canonical import Json

_NUMBER = re.compile(r"^\D{0,12}?(\d{1,2})\b")
_OPTION = re.compile(r"(?:option|opt\.?)[ -]?\d{1,2}")
_CLASS = re.compile(r"\b(?:blocked|escalation only)\b")
_BY_SENTENCE = re.compile(
    r"\bapproved by (?P<by>[^,;.\n]{2,60}?)(?: on | at |, )(?P<at>\d{4}-\d\d-\d\d\S*|\d{1,2} \w+ \d{4})", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A row of one of the matrix's tables."""

    item: Evidence
    record: Record
    columns: dict[str, list[str]]
    # Members of the row that are lists of plain values, as JSON and YAML write several values of one cell.
    lists: Mapping[str, list[Cell]] = field(default_factory=dict)

    def cell(self, role: str) -> Cell | None:
        """The cell of a column by its role, or None."""
        return column(self.record, self.columns.get(role, []))

    def text(self, role: str) -> str:
        """The text of that cell, or nothing."""
        cell = self.cell(role)
        return cell.text.strip() if cell is not None else ""

    def cells(self, role: str) -> list[Cell]:
        """Every value of a column: of its cell, or of the list that stands there."""
        cell = self.cell(role)
        if cell is not None:
            return [cell]
        return next((self.lists[label_of(n)] for n in self.columns.get(role, []) if label_of(n) in self.lists), [])

    def cite(self, view: CaseView, role: str) -> list[Citation]:
        """The citations of those cells."""
        return [view.cite(self.item, cell) for cell in self.cells(role)]

    @property
    def rule(self) -> str:
        """The rule's id, else what the row limits or forbids."""
        return self.text("rule") or self.text("limit") or self.text("type")


@dataclass(slots=True)
class Matrix:
    """What was read. `options` by the card's option id; `strangers` are rows that the card's menu has not."""

    version: str = ""
    menu_version: str = ""
    options: dict[str, MatrixRow] = field(default_factory=dict)
    strangers: list[MatrixRow] = field(default_factory=list)
    limits: list[MatrixRow] = field(default_factory=list)
    types: list[MatrixRow] = field(default_factory=list)
    approved: tuple[str, str] | None = None
    approval_cites: list[Citation] = field(default_factory=list)
    lapsed: str = ""

    def limit(self, spec: LimitSpec) -> MatrixRow | None:
        """The row that states a limit."""
        return next((r for r in self.limits if re.search(spec.words, folded(r.text("limit")))), None)

    def type_of(self, ask: AskSpec) -> MatrixRow | None:
        """The row that speaks of a kind of ask: the type whose words name it."""
        named = [r for r in self.types if any(re.search(word, folded(r.text("type"))) for word in ask.words)]
        exact = [r for r in self.types if label_of(r.text("type")) == label_of(ask.title)]
        return next(iter([*exact, *named]), None)

    def described(self) -> Json:
        """What the configuration gate binds: versions and the content of every table, not the file."""

        def rows(found: Sequence[MatrixRow]) -> list[Json]:
            return sorted(
                (" | ".join(f"{k}={c.text}" for k, c in sorted(r.record.cells.items())) for r in found), key=str
            )

        return {
            "matrix": self.version,
            "menu": self.menu_version,
            "options": rows([*self.options.values(), *self.strangers]),
            "limits": rows(self.limits),
            "types": rows(self.types),
        }


def read_matrix(view: CaseView, spec: RankingSpec, findings: Findings) -> Matrix:
    """Read the matrix that is in use; record its version and menu version as fields, and what its head leaves open."""
    matrix = Matrix()
    found: list[Place] = []
    for item in view.of(*spec.matrix.systems):
        found += places(view, item)
        lists = _lists(view, item)
        for record in [*view.records(item), *_listed(view, item)]:
            within = next((cell.locator.rpartition("/")[0] for cell in record.cells.values()), "")
            _row(MatrixRow(item, record, spec.matrix.columns, lists.get(within, {})), spec.menu, matrix)
    _named_rows(found, spec, matrix)
    matrix.version = _head(view, found, findings, "matrix_version", f"{spec.matrix.title} version", spec.matrix.version)
    if spec.matrix.menu_version:
        title = "Option menu version"
        matrix.menu_version = _head(view, found, findings, "option_menu_version", title, spec.matrix.menu_version)
    _approval(view, spec, found, matrix)
    _validity(view, spec, found, matrix)
    for row in matrix.strangers:
        findings.ask(
            "option_menu",
            f"the matrix has an option that the menu does not know: {row.text('option') or row.text('name')}",
            spec.governance_role,
        )
    return matrix


def _row(row: MatrixRow, menu: Sequence[MenuOption], matrix: Matrix) -> None:
    if row.cell("limit") is not None and row.cell("value") is not None:
        matrix.limits.append(row)
    elif row.cell("type") is not None and row.cell("class") is not None:
        matrix.types.append(row)
    elif row.cell("option") is not None or _numbered(row):
        option = _option(row, menu)
        if option is None:
            matrix.strangers.append(row)
        else:
            matrix.options.setdefault(option, row)


def _named_rows(found: Sequence[Place], spec: RankingSpec, matrix: Matrix) -> None:
    """Limits and options that are told beside their name instead of in a table, where no table has them. What a row of
    an option says is about that option alone."""
    own = {_within(row.item, cell) for row in (*matrix.options.values(), *matrix.strangers) for cell in _cells(row)}
    general = [p for p in found if p.row is None and not _is_within(p, own)]
    for limit in spec.limits.values():
        if matrix.limit(limit) is None:
            place = next((p for p in general if re.search(limit.words, p.label)), None)
            if place is not None:
                cells = {"limit": Cell(place.label, place.cell.locator), "value": Cell(place.value, place.cell.locator)}
                matrix.limits.append(MatrixRow(place.item, Record(cells), {"limit": ["limit"], "value": ["value"]}))
    columns = {"option": ["option"], "name": ["name"]}
    for place in found:
        if place.row is None and _OPTION.fullmatch(place.label):
            cell = Cell(place.value, place.cell.locator)
            record = Record({"option": Cell(place.label, place.cell.locator), "name": cell, "credit": cell})
            option = _option(MatrixRow(place.item, record, columns), spec.menu)
            if option is not None:
                matrix.options.setdefault(option, MatrixRow(place.item, record, columns))


def _cells(row: MatrixRow) -> list[Cell]:
    return [*row.record.cells.values(), *(cell for cells in row.lists.values() for cell in cells)]


def _within(item: Evidence, cell: Cell) -> tuple[str, str]:
    """The object that a member stands in, or the line itself."""
    return item.id, cell.locator.rpartition("/")[0] or cell.locator


def _is_within(place: Place, own: set[tuple[str, str]]) -> bool:
    at = place.cell.locator
    return any(place.item.id == item and (at == start or at.startswith(f"{start}/")) for item, start in own)


def _lists(view: CaseView, item: Evidence) -> dict[str, dict[str, list[Cell]]]:
    """Lists of plain values by the object that they are a member of, and by their label in it."""
    found: dict[str, dict[str, list[Cell]]] = {}
    for span in view.readings(item.id).spans:
        parent, _, place = span.locator.rpartition("/")
        within, _, name = parent.rpartition("/")
        if span.kind == "leaf" and place.isdecimal() and within and not name.isdecimal():
            found.setdefault(within, {}).setdefault(label_of(name), []).append(Cell(span.text, span.locator))
    return found


def _listed(view: CaseView, item: Evidence) -> list[Record]:
    """Types in a plain list under the name of their class: `blocked: [permanent rate reduction, …]`."""
    found = []
    for span in view.readings(item.id).spans:
        parts = span.locator.split("/")
        if span.kind == "leaf" and parts[-1].isdecimal() and (treated := _CLASS.search(path_label(span.locator))):
            cells = {"type": Cell(span.text, span.locator), "class": Cell(treated[0], span.locator)}
            found.append(Record(cells))
    return found


def _numbered(row: MatrixRow) -> bool:
    """Whether a cell says that the row is an option, whatever its column is called."""
    return bool(_own_name(row))


def _own_name(row: MatrixRow) -> str:
    """`option 1` as a cell says it, or as the key of the object that the row is."""
    for cell in row.record.cells.values():
        key = label_of(cell.locator.rpartition("/")[0].rpartition("/")[2])
        for said in (folded(cell.text), key):
            if _OPTION.fullmatch(said):
                return said
    return ""


def _option(row: MatrixRow, menu: Sequence[MenuOption]) -> str | None:
    """Which option of the card's menu a row is: by its number, else by its words."""
    named = row.text("option") or _own_name(row)
    number = _NUMBER.match(named)
    said = folded(f"{named} {row.text('name')}")
    by_words = [one.id for one in menu if any(re.search(word, said) for word in one.words)]
    if number is not None:
        numbered = f"option {int(number[1])}"
        return numbered if any(one.id == numbered for one in menu) else None
    return by_words[0] if len(by_words) == 1 else None


def _head(view: CaseView, found: list[Place], findings: Findings, name: str, title: str, labels: list[str]) -> str:
    stated = [view.stated(p.item, p.cell, p.value.strip()) for p in _named(found, labels)]
    done = weigh(name, Weighing(title), findings, stated, same=lambda a, b: a == b, value=str)
    return done.chosen.value if done.chosen is not None else ""


def _named(found: list[Place], labels: list[str]) -> list[Place]:
    """The places under the first label that names any: labels are in the order in which they are believed."""
    for label in labels:
        named = [p for p in found if re.search(label, p.label) and p.value.strip() and p.label != label_of(p.value)]
        if named:
            unique = {(p.item.id, p.cell.locator): p for p in named}
            return list(unique.values())
    return []


def _approval(view: CaseView, spec: RankingSpec, found: list[Place], matrix: Matrix) -> None:
    """By whom and when: both, or it is not shown."""
    by, at = _named(found, spec.matrix.approved_by), _named(found, spec.matrix.approved_at)
    for place in by:
        said = _BY_SENTENCE.search(f"{place.label} {place.value}")
        if said is not None and (when := moment(said["at"])) is not None:
            _approve(matrix, said["by"], when, view, [place.cite(view)])
            return
    for item in view.of(*spec.matrix.systems):
        for span in lines_of(view.readings(item.id)):
            said = _BY_SENTENCE.search(span.text)
            if said is not None and (when := moment(said["at"])) is not None:
                _approve(matrix, said["by"], when, view, [view.cite(item, Cell(span.text, span.locator))])
                return
    when = moment(at[0].value) if at else None
    if by and at and when is not None:
        _approve(matrix, by[0].value, when, view, [by[0].cite(view), at[0].cite(view)])


def _approve(matrix: Matrix, by: str, when: Moment, view: CaseView, cites: list[Citation]) -> None:
    if when.at - when.slack > view.now:
        matrix.lapsed = f"its approval is dated {when.at:%Y-%m-%d}, after the clock of the run"
        return
    matrix.approved = (by.strip(), f"{when.at:%Y-%m-%d}")
    matrix.approval_cites = cites


def _validity(view: CaseView, spec: RankingSpec, found: list[Place], matrix: Matrix) -> None:
    start, end = _named(found, spec.matrix.effective_from), _named(found, spec.matrix.effective_to)
    first, last = (moment(p[0].value) if p else None for p in (start, end))
    if first is not None and first.at > view.now:
        matrix.lapsed = f"it is in force only from {start[0].value}"
    if last is not None and last.at + (timedelta(days=1) if not last.exact else timedelta(0)) <= view.now:
        matrix.lapsed = f"it was in force until {end[0].value}"
