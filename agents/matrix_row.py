"""A row of the authority's tables: its cells by their role, its rule, its conditions, and which option it is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from agents.case_view import CaseView
from agents.labelled_places import column
from agents.option_spec import MenuOption
from agents.quantities import DURATION
from agents.records import Cell, Record, label_of
from casefile.claims import Citation
from casefile.evidence import Evidence
from guardrails.plain_text import folded

# `AM-B1`, `M19.22`, `DA-12/E1`, `CP-31-SE`, `RX-CH-1`: a letter or more, a mark, a number; no quarter of a year.
RULE_ID = re.compile(
    r"(?<![\w-])(?!Q[1-4]\b)[A-Z]{1,6}(?:\d{1,4}[./-]|-)(?:[A-Z]{1,4}-)*[A-Z]{0,4}\d[\w.]*(?:[/-]\w[\w.]*)*(?<!\.)(?![\w-])"
)
OPTION = re.compile(r"(?:option|opt\.?)[ -]?\d{1,2}")
CLASS = re.compile(
    r"\b(?:blocked|barred|closed|forbidden|prohibited|never (?:local\w*|delegated)"
    r"|(?:not|never) (?:be )?(?:permitted|allowed|delegated|granted)"
    r"|escalation only|reserved(?! for (?:the )?(?:desk|local|duty))|escalate only"
    r"|higher (?:\w+ )?approv(?:al|ers?)|higher authority)\b"
)
# Words that bind what they stand with, in whatever column or sentence.
_BINDS = re.compile(
    r"\b(?:only|must|unless|if|when|where|while|until|before|after|as soon as|provided|subject to|requir\w+"
    r"|needs?|needed|evidence|older|younger|known|permitted|shown|proven|consent|sign[ -]?off|approv\w+|closed"
    r"|conditional|except\w*"
    r"|not|never|no longer|suspended|withdrawn|paused|inactive|disabled|frozen|draft|unavailable|retired|revoked)\b"
)
# Of those what binds nothing: the name of the standard path, and the time after which an option is over.
_FREE = re.compile(rf"\bevidence[ -](?:collection|path)\b|\b(?:after|until) {DURATION}(?! of\b)")
_PERIOD = re.compile(r"(?:effective|valid|in force)\b.*|.*\b(?:from|until|date)")
_KEY = re.compile(r"[A-Z][A-Z0-9]*(?:[-_.][A-Z0-9]+)+")
_HEAD_KEY = re.compile(rf"{_KEY.pattern}|[A-Z]{{1,3}}\d{{1,2}}")
_HEAD = 2  # cells at the head of a row: its name, and its code
_LIMIT = re.compile(r"(?:\d+ )?(?:hard )?(?:limits?|caps?|thresholds?|guardrails?|maximums?)")
_NUMBER = re.compile(r"^\D{0,12}?(\d{1,2})\b")
# What a column of answers says of the condition that its head names.
_YES = re.compile(r"\W*(?:yes|y|true|x|required|needed|mandatory|ja|oui|si|sim)\W*")
_NONE = re.compile(r"\W*(?:no|n|false|none|nothing|n a|not (?:needed|required|applicable)|nein|non|nao)?\W*")
CLAUSE = re.compile(r"[;\n]|(?<!\bmax)(?<!\bmin)(?<!\bno)(?<!\bapprox)\. ")


@dataclass(frozen=True, slots=True)
class Condition:
    """A clause that an option has to meet, the head of the column that it stands under, and its cell."""

    text: str
    head: str
    cell: Cell


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence about an option, and the lines that it stands in."""

    text: str
    cells: tuple[Cell, ...]

    def cell_of(self, words: str) -> Cell:
        """The line that has some words of it, else its first."""
        return next((cell for cell in self.cells if words in cell.text), self.cells[0])


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A row of one of the matrix's tables, or an option in prose: then `said` are its sentences that bind."""

    item: Evidence
    record: Record
    columns: dict[str, list[str]]
    # Members of the row that are lists of plain values, as JSON and YAML write several values of one cell.
    lists: Mapping[str, list[Cell]] = field(default_factory=dict)
    said: tuple[Said, ...] = ()

    def with_said(self, more: Sequence[Said]) -> MatrixRow:
        """The row with what else is said about it."""
        return replace(self, said=(*self.said, *more))

    def places(self) -> list[Cell]:
        """Every cell and line of it."""
        return [*self.record.cells.values(), *(cell for one in self.said for cell in one.cells)]

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
        for name in self.columns.get(role, []):
            for label, cells in self.lists.items():
                if re.search(name[1:], label) if name.startswith("~") else label == label_of(name):
                    return cells
        return []

    def cite(self, view: CaseView, role: str) -> list[Citation]:
        """The citations of those cells."""
        return [view.cite(self.item, cell) for cell in self.cells(role)]

    def conditions(self) -> list[Condition]:
        """What the row asks for before it may be used: every clause of every column of conditions.

        In a column of answers (`needs fresh scope evidence: yes`) the head is the condition, and a no sets none.
        """
        found = [Condition(one.text, "", one.cells[0]) for one in self.said]
        for head, cell in [*_under(self, self.columns.get("condition", [])), *self._binding()]:
            for clause in CLAUSE.split(cell.text):
                said = folded(clause).strip(" .")
                if _YES.fullmatch(said):
                    found.append(Condition(head, "", cell))
                elif not _NONE.fullmatch(said):
                    found.append(Condition(clause.strip(), head, cell))
        return found

    def _binding(self) -> list[tuple[str, Cell]]:
        """What binds the option under a column that no role knows: `Bound to`, `Remarks`."""
        known = [cell for role in self.columns if role != "class" for cell in self.cells(role)]
        return [
            (head, cell)
            for head, cell in self.record.cells.items()
            if head != "name" and cell not in known and binds(cell.text) and not _PERIOD.fullmatch(head)
        ]

    @property
    def keys(self) -> list[str]:
        """What a person may call the row by: codes that stand in it alone."""
        return list(dict.fromkeys(cell.text.strip() for cell in self.key_cells))

    @property
    def key_cells(self) -> list[Cell]:
        """Their cells. A short code (`L2`) is one at the head of its row only: elsewhere it may be a class."""
        cells = list(self.record.cells.values())
        return [cell for n, cell in enumerate(cells) if (_HEAD_KEY if n < _HEAD else _KEY).fullmatch(cell.text.strip())]

    @property
    def rule(self) -> str:
        """The rule's id, else what the row limits or forbids."""
        return self.text("rule") or self.text("limit") or self.text("type")


def _under(row: MatrixRow, labels: Sequence[str]) -> list[tuple[str, Cell]]:
    """Every cell under one of some labels, with its head; where a list stands there, each of its values."""
    exact = {label_of(one) for one in labels if not one.startswith("~")}
    words = [one[1:] for one in labels if one.startswith("~")]

    def fits(name: str) -> bool:
        return name in exact or any(re.search(word, name) for word in words)

    single = [(name, cell) for name, cell in row.record.cells.items() if fits(name)]
    return single + [(name, cell) for name, cells in row.lists.items() if fits(name) for cell in cells]


def placed(row: MatrixRow, above: Sequence[str], menu: Sequence[MenuOption]) -> MatrixRow:
    """The row with the roles that its place tells, or what stands in it: the class from a cell, or from a heading
    `above` or the name of the list that it is in; a name beside a value as a limit; the rule from its key."""
    cells, known = row.record.cells, dict(row.record.cells)
    if not cells or numbered(row) or row.cell("option") is not None:
        return row
    at = next(iter(cells.values())).locator
    key = above[-1] if above and at.startswith("/") else ""
    if row.cell("rule") is None and RULE_ID.fullmatch(key):
        known["rule"] = Cell(key, at)
    name = row.cell("type") or row.cell("name") or _named_by(key, at) or _ruling(row)
    treated = row.cell("class")
    if treated is None or not CLASS.search(label_of(treated.text)):
        treated = _treatment(row, above if treated is None else (), at)
    if name is not None and treated is not None:
        known |= {"class": treated} if treated is not row.cell("class") else {}
        known.setdefault("type", name)
    elif name is not None and _limits(row, above, menu):
        known.setdefault("limit", name)
    return replace(row, record=Record(known)) if known != cells else row


def _limits(row: MatrixRow, above: Sequence[str], menu: Sequence[MenuOption]) -> bool:
    """Whether a row is a name with a value that bounds it; an option's own is, where its place says so."""
    if row.cell("limit") is not None or row.cell("value") is None:
        return False
    said = [*above, *(cell.text for cell in row.record.cells.values())]
    named = any(_LIMIT.fullmatch(label_of(one)) for one in said)
    return named or (option_of(row, menu) is None and row.cell("class") is None)


def _ruling(row: MatrixRow) -> Cell | None:
    """What a column of rules calls a rule, where it has a name and no id."""
    rule = row.cell("rule")
    return rule if rule is not None and rule.text.strip() and not re.search(r"\d", rule.text) else None


def _named_by(key: str, locator: str) -> Cell | None:
    return Cell(key, locator) if key and not RULE_ID.fullmatch(key) and not OPTION.fullmatch(label_of(key)) else None


def _treatment(row: MatrixRow, above: Sequence[str], locator: str) -> Cell | None:
    """How an action is treated: as a cell says that says nothing else, else as what it stands under says."""
    own = next((cell for cell in row.record.cells.values() if CLASS.fullmatch(label_of(cell.text))), None)
    told = (CLASS.search(label_of(one)) for one in reversed(above))
    return own or next((Cell(found[0], locator) for found in told if found is not None), None)


def numbered(row: MatrixRow) -> bool:
    """Whether a cell says that the row is an option, whatever its column is called."""
    return bool(own_name(row))


def own_name(row: MatrixRow) -> str:
    """`option 1` as a cell says it, or as the key of the object that the row is."""
    for cell in row.record.cells.values():
        key = label_of(cell.locator.rpartition("/")[0].rpartition("/")[2])
        for said in (folded(cell.text), key):
            if OPTION.fullmatch(said):
                return said
    return ""


def binds(text: str) -> bool:
    """Whether a text about an option says what has to be so before it may be used."""
    return _BINDS.search(_FREE.sub("", folded(text))) is not None


def only_option(text: str, menu: Sequence[MenuOption]) -> str | None:
    """The one option of the menu that a text names by its words."""
    said = folded(text)
    named = [one.id for one in menu if any(re.search(word, said) for word in one.words)]
    return named[0] if len(named) == 1 else None


def option_of(row: MatrixRow, menu: Sequence[MenuOption]) -> str | None:
    """Which option of the card's menu a row is: by its number, else by its words."""
    named = row.text("option") or own_name(row)
    number = _NUMBER.match(named)
    said = folded(f"{named} {row.text('name') or row.text('type')}")
    if number is not None:
        numbered = f"option {int(number[1])}"
        return numbered if any(one.id == numbered for one in menu) else None
    return only_option(said, menu)
