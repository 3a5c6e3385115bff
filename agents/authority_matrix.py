"""The delegated-authority matrix as evidence has it: version, approval, menu rows, limits, blocked types, each a cell.

It is the authority on what may be ranked and where the limits are. What it does not say is not assumed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from agents.case_view import CaseView
from agents.labelled_places import Place, path_label, places
from agents.material import Findings
from agents.matrix_head import approval, out_of_force, stating
from agents.matrix_lines import told_in_lines
from agents.matrix_prose import bindings, limits_in_prose, menu_in_prose
from agents.matrix_row import CLASS, CLAUSE, OPTION, RULE_ID, MatrixRow, numbered, only_option, option_of, placed
from agents.matrix_tables import menus
from agents.option_spec import AskSpec, LimitSpec, MenuOption, RankingSpec
from agents.quantities import duration_in, money_in, words_of
from agents.records import Cell, Record, label_of
from agents.sections import sections
from agents.weighing import Weighing, weigh
from casefile.claims import Citation
from casefile.evidence import Evidence
from guardrails.plain_text import folded
from lineage.canonical import Json

# Where a version ends and something else begins.
_ENDED = re.compile(r"[.;,]\s|\s\(|\n")
_SHORT = 10  # words of a cell that names an action


@dataclass(slots=True)
class Matrix:
    """What was read: all `rows`; `options` by the card's option id; `strangers`, which the card's menu has not."""

    version: str = ""
    menu_version: str = ""
    rows: list[MatrixRow] = field(default_factory=list)
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
        words = [] if ask.signal else ask.words  # a row about the override of one limit speaks of that limit
        named = [r for r in self.types if any(re.search(word, folded(r.text("type"))) for word in words)]
        exact = [r for r in self.types if label_of(r.text("type")) == label_of(ask.title)]
        same = [r for r in named if label_of(r.text("class")) == label_of(ask.kind)]
        return next(iter([*exact, *same, *named]), None)

    def described(self) -> Json:
        """What the configuration gate binds: versions and the content of every table, not the file."""

        def rows(found: Sequence[MatrixRow]) -> list[Json]:
            return sorted(
                (
                    " | ".join(
                        [*(f"{k}={c.text}" for k, c in sorted(r.record.cells.items())), *(one.text for one in r.said)]
                    )
                    for r in found
                ),
                key=str,
            )

        return {
            "matrix": self.version,
            "menu": self.menu_version,
            "options": rows([*self.options.values(), *self.strangers]),
            "limits": rows(self.limits),
            "types": rows(self.types),
            "rules": rows([one for one in self.rows if not any(one is known for known in self._sorted_in)]),
        }

    @property
    def _sorted_in(self) -> list[MatrixRow]:
        return [*self.options.values(), *self.strangers, *self.limits, *self.types]


def read_matrix(view: CaseView, spec: RankingSpec, findings: Findings) -> Matrix:
    """Read the matrix that is in use; record its version and menu version as fields, and what its head leaves open."""
    matrix = Matrix()
    found: list[Place] = []
    items = view.of(*spec.matrix.systems)
    heads = frozenset(label_of(name) for names in spec.matrix.columns.values() for name in names)
    for item in items:
        found += places(view, item)
        lists, under = _lists(view, item), sections(view, item)
        for record in [*view.headed(item, heads), *_listed(view, item)]:
            within = next((cell.locator.rpartition("/")[0] for cell in record.cells.values()), "")
            record = _with_members(view, item, record, within)
            row = MatrixRow(item, record, spec.matrix.columns, lists.get(within, {}))
            at = next((cell.locator for cell in record.cells.values()), "")
            matrix.rows.append(placed(row, [one.text for one in under.above(at)], spec.menu))
    for row in sorted(matrix.rows, key=lambda one: _of_place(one, spec)):
        _row(row, spec, matrix)
    for row in (one for item in items for one in told_in_lines(view, item, spec)):
        _line(row, spec.menu, matrix)
    for item in items:
        for option, named in [*menus(view, item, spec), *menu_in_prose(view, item, spec).items()]:
            matrix.options.setdefault(option, named)
        matrix.limits += limits_in_prose(view, item, spec)
    for item in items:
        for option, said in [one for one in bindings(view, item, spec, matrix.options) if one[0] in matrix.options]:
            matrix.options[option] = matrix.options[option].with_said([said])
    _named_rows(found, spec, matrix)
    matrix.version = _head(view, spec, items, findings, "matrix_version")
    if spec.matrix.menu_version:
        matrix.menu_version = _head(view, spec, items, findings, "option_menu_version")
    given = approval(view, spec, items, matrix.version)
    matrix.approved, matrix.approval_cites = ((given.by, given.on) if given.by else None), given.cites
    matrix.lapsed = out_of_force(view, spec, items) or given.doubt
    for row in matrix.strangers:
        findings.ask(
            "option_menu",
            f"the matrix has an option that the menu does not know: {row.text('option') or row.text('name')}",
            spec.governance_role,
        )
    return matrix


def _of_place(row: MatrixRow, spec: RankingSpec) -> bool:
    """Whether a row says where an option is allowed, and is not the option's own: the menu goes first."""
    named = [test.column for test in spec.tests if test.kind == "permitted" and test.column]
    return row.cell("name") is None and any(re.search(one, label) for one in named for label in row.record.cells)


def _row(row: MatrixRow, spec: RankingSpec, matrix: Matrix) -> None:
    menu = spec.menu
    if len({cell.text for cell in row.record.cells.values()}) < 2:
        return  # a title over a table, merged or alone
    if row.cell("limit") is not None and (row.cell("value") is not None or _with_values(row)):
        matrix.limits += _with_values(row) or [row]
    elif row.cell("type") is not None and row.cell("class") is not None:
        local = None if CLASS.search(label_of(row.text("class"))) else option_of(row, menu)
        if local is None:
            matrix.types.append(row)
        else:
            matrix.options.setdefault(local, row)
    elif row.cell("option") is not None or numbered(row):
        option = option_of(row, menu)
        if option is None:
            matrix.strangers.append(row)
        else:
            matrix.options.setdefault(option, row)
    elif row.cell("name") is not None and (named := option_of(row, menu)) is not None:
        matrix.options.setdefault(named, row)
    elif (action := _ruled_action(row, spec)) is not None:
        matrix.types.append(action)


def _ruled_action(row: MatrixRow, spec: RankingSpec) -> MatrixRow | None:
    """A row with a rule that names, in few words, an action off the menu; the card says how it is treated."""
    if not any(RULE_ID.fullmatch(cell.text.strip()) for cell in row.record.cells.values()):
        return None
    for cell in row.record.cells.values():
        said = folded(cell.text)
        asked = {one.id for one in spec.asks if one.kind != "menu" and any(re.search(word, said) for word in one.words)}
        if len(asked) == 1 and len(said.split()) <= _SHORT and only_option(said, spec.menu) is None:
            return replace(row, record=Record({**row.record.cells, "type": cell}))
    return None


def _with_values(row: MatrixRow) -> list[MatrixRow]:
    """The limits that are told in sentences, each with its amount as the value: `Extended logs are kept 30 days`."""
    limit = row.cell("limit")
    if limit is None or row.cell("value") is not None or row.cell("option") is not None:
        return []
    told = [(clause, words_of(clause, "money", "duration")) for clause in CLAUSE.split(limit.text)]
    told = [(c, a) for c, a in told if a != c or duration_in(a) is not None or money_in(a) is not None]
    clauses = [(limit.text, told[0][1])] if len(told) == 1 else told
    return [
        replace(
            row,
            record=Record(
                {**row.record.cells, "limit": Cell(clause, limit.locator), "value": Cell(amount, limit.locator)}
            ),
        )
        for clause, amount in clauses
    ]


def _line(row: MatrixRow, menu: Sequence[MenuOption], matrix: Matrix) -> None:
    """What a line says, where no table says it. An action with a rule is one, however it is treated."""
    option = option_of(row, menu) if row.cell("option") is not None or row.cell("name") is not None else None
    if option is not None:
        matrix.options.setdefault(option, row)
    elif row.cell("type") is not None:
        matrix.types.append(row)
    elif row.cell("limit") is not None:
        matrix.limits.append(row)


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
        if place.row is None and OPTION.fullmatch(place.label):
            cell = Cell(place.value, place.cell.locator)
            record = Record({"option": Cell(place.label, place.cell.locator), "name": cell, "credit": cell})
            option = option_of(MatrixRow(place.item, record, columns), spec.menu)
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


def _with_members(view: CaseView, item: Evidence, record: Record, within: str) -> Record:
    """An object with what its inner objects say, each under the names of its path."""
    if not within.startswith("/") or not within.rpartition("/")[2].isdecimal():
        return record
    cells = dict(record.cells)
    for span in view.readings(item.id).spans:
        inner = span.pointer.removeprefix(f"{within}/") if span.kind == "leaf" else span.pointer
        if "/" in inner and inner != span.pointer and not any(part.isdecimal() for part in inner.split("/")):
            cells.setdefault(path_label(f"/{inner}"), Cell(span.text, span.locator))
    return Record(cells)


def _lists(view: CaseView, item: Evidence) -> dict[str, dict[str, list[Cell]]]:
    """Lists of plain values by the object that they are a member of, and by their label in it."""
    found: dict[str, dict[str, list[Cell]]] = {}
    for span in view.readings(item.id).spans:
        parent, _, place = span.locator.rpartition("/")
        within, _, name = parent.rpartition("/")
        if span.kind == "leaf" and place.isdecimal() and within and not name.isdecimal():
            for row in (within, _row_of(within)):
                label = path_label(f"{within}/{name}".removeprefix(row)) if row else label_of(name)
                cells = found.setdefault(row, {}).setdefault(label, [])
                if all(cell.locator != span.locator for cell in cells):
                    cells.append(Cell(span.text, span.locator))
    return found


def _row_of(pointer: str) -> str:
    """The innermost object of a list that a place stands in."""
    parts = pointer.split("/")
    last = max((n for n, part in enumerate(parts) if part.isdecimal()), default=-1)
    return "/".join(parts[: last + 1])


def _listed(view: CaseView, item: Evidence) -> list[Record]:
    """Types in a plain list under the name of their class: `blocked: [permanent rate reduction, …]`."""
    found = []
    for span in view.readings(item.id).spans:
        parts = span.locator.split("/")
        if span.kind == "leaf" and parts[-1].isdecimal() and (treated := CLASS.search(path_label(span.locator))):
            cells = {"type": Cell(span.text, span.locator), "class": Cell(treated[0], span.locator)}
            found.append(Record(cells))
    return found


def _head(view: CaseView, spec: RankingSpec, items: Sequence[Evidence], findings: Findings, name: str) -> str:
    part = {"matrix_version": "version", "option_menu_version": "menu_version"}[name]
    title = f"{spec.matrix.title} version" if part == "version" else "Option menu version"
    found = [(p, _ENDED.split(p.value.strip())[0].rstrip(".")) for p in stating(view, spec, items, part)]
    stated = [replace(view.stated(p.item, p.cell, value), citation=p.cite(view), raw=p.value) for p, value in found]
    done = weigh(name, Weighing(title), findings, stated, same=lambda a, b: a == b, value=str)
    return done.chosen.value if done.chosen is not None else ""
