"""From tests to classes to an order: hard limits first, then, among what survives them, the criteria of the scenario.

An option that fails a blocking test is out whatever speaks for it; one whose test waits for a fact is conditional; the
order never lifts either.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from agents.matrix_row import Condition, MatrixRow
from agents.option_ground import Ground
from agents.option_results import Result, State
from agents.option_spec import Criterion, MenuOption, TestSpec
from agents.option_tests import Bench
from agents.precedent_fit import Precedent
from agents.quantities import Figure
from casefile.claims import Citation
from guardrails.plain_text import folded

OptionClass = Literal["in band", "conditional", "blocked"]
_TITLE = "condition of the matrix"
# What somebody has to have done; no age and no state of evidence shows it.
_BY_PERSON = re.compile(
    r"\b(?:(?:counter)?signed(?: off)?|approved|confirmed|authori[sz]ed|agreed|acknowledged|cleared) by\b"
    r"|\b(?:consent|agreement|sign[ -]?off|signature|approval) (?:of|by|from)\b"
)


@dataclass(frozen=True, slots=True)
class Ranked:
    """An option of the menu with what was found about it."""

    option: MenuOption
    row: MatrixRow | None
    results: Sequence[Result]
    amount: Figure | None
    precedents: Sequence[Precedent]

    @property
    def breaches(self) -> list[Result]:
        """The guardrails that it breaks."""
        return [one for one in self.results if one.blocks]

    @property
    def waiting(self) -> list[Result]:
        """The tests that wait for a fact."""
        return [one for one in self.results if one.state != "met" and not one.blocks]

    @property
    def class_(self) -> OptionClass:
        """Its class in the boundary register."""
        if self.breaches:
            return "blocked"
        return "conditional" if self.waiting else "in band"

    @property
    def fitting(self) -> list[Precedent]:
        """The precedents that support it."""
        return [one for one in self.precedents if not one.mismatch]

    def cite(self, bench: Bench) -> list[Citation]:
        """The cell that names it."""
        view, row = bench.ground.view, self.row
        cites = (row.cite(view, role) for role in ("name", "option", "type")) if row is not None else ()
        return next((found for found in cites if found), [])

    def key_cites(self, bench: Bench) -> list[Citation]:
        """The cells of the codes that a person may call it by."""
        cells = self.row.key_cells if self.row is not None else ()
        return [bench.ground.view.cite(self.row.item, cell) for cell in cells] if self.row is not None else []


def rank(bench: Bench) -> list[Ranked]:
    """Every option of the menu, tested; in-band ones first, in order of preference, then conditional, then blocked."""
    tested = [_tested(bench, option) for option in bench.ground.spec.menu]
    order = {"in band": 0, "conditional": 1, "blocked": 2}
    return sorted(preferred(bench, tested), key=lambda one: order[one.class_])


def preferred(bench: Bench, tested: Sequence[Ranked]) -> list[Ranked]:
    """The options by the criteria alone."""
    criteria = criteria_in_force(bench.ground)
    return sorted(tested, key=lambda one: ([_weight(one, c) for c in criteria], one.option.id))


def criteria_in_force(ground: Ground) -> list[Criterion]:
    """The scenario's criteria, in the order of the parameter where there is one for it."""
    if not ground.spec.criteria_parameter:
        return ground.spec.criteria
    said = folded(str(ground.view.parameters[ground.spec.criteria_parameter]))
    places = {c.by: said.find(folded(c.title)) for c in ground.spec.criteria}
    return sorted(ground.spec.criteria, key=lambda c: (places[c.by] < 0, places[c.by]))


def _weight(one: Ranked, criterion: Criterion) -> Decimal:
    sign = -1 if criterion.best == "high" else 1
    if criterion.by == "fit":
        return Decimal(sign * len(one.fitting))
    if criterion.by == "figure":
        return sign * (one.amount.value if one.amount is not None else Decimal(0))
    stated = one.row.text(criterion.by) if one.row is not None else ""
    number = re.search(r"\d+", stated)
    levels = {"none": 0, "low": 1, "medium": 2, "moderate": 2, "high": 3}
    said = folded(stated).strip()
    found = 0 if said == "no" else next((level for word, level in levels.items() if word in said), None)
    if number is not None:
        return Decimal(sign * int(number[0]))
    return Decimal(sign * (found if found is not None else one.option.attributes.get(criterion.by, 0)))


def _tested(bench: Bench, option: MenuOption) -> Ranked:
    row = bench.ground.matrix.options.get(option.id)
    if row is None:
        missing = TestSpec(id="menu", kind="stated", title="listed in the current matrix")
        # A matrix in which no option can be read is no proof that this one is not on it.
        state: State = "failed" if bench.ground.matrix.options else "uncertain"
        detail = (
            "the current matrix does not list this option" if state == "failed" else "no menu can be read in the matrix"
        )
        # The menu that does not have it is the guardrail: the version that was looked into names it.
        version = bench.ground.findings.fields.get("matrix_version")
        known = state == "failed" and version is not None and bool(version.citations)
        rule = f"menu of {bench.ground.matrix.version}" if known else ""
        results = [Result(missing, state, detail, version.citations if known and version is not None else (), rule)]
        return Ranked(option, None, results, None, [])
    names, unknown = _conditions(bench, option, row)
    results = [bench.run(name, option) for name in bench.due(names, option)]
    results += [
        Result(
            TestSpec(id="condition", kind="stated", title=_TITLE),
            "uncertain",
            f"{_TITLE}: no rule can test “{one.text}”; a person has to",
            [bench.ground.view.cite(row.item, one.cell)],
        )
        for one in unknown
    ]
    of_option = [p for p in bench.precedents if p.option == option.id]
    return Ranked(option, row, results, bench.ground.amounts.get(option.id), of_option)


def _conditions(bench: Bench, option: MenuOption, row: MatrixRow) -> tuple[list[str], list[Condition]]:
    """The tests of the card, then those that the matrix adds; and the conditions that nothing here can test."""
    names: list[str] = list(option.tests)
    unknown: list[Condition] = []
    for one in row.conditions():
        said = folded(one.text).strip(" .")
        known = _known(bench, said) or _known(bench, f"{one.head} {said}")
        known = [name for name in known if not _uncounted(bench, name, option)]
        names += [name for name in known if name not in names and not _about_other(bench, name, option)]
        if not known or _BY_PERSON.search(said):
            unknown.append(one)
    return names, unknown


def _known(bench: Bench, said: str) -> list[str]:
    return [t.id for t in bench.ground.spec.tests if t.clause and re.search(t.clause, said)]


def _uncounted(bench: Bench, name: str, option: MenuOption) -> bool:
    """Whether a condition speaks of uses, and no number of them can be read."""
    return bench.ground.spec.test(name).kind == "uses" and not bench.due([name], option)


def _about_other(bench: Bench, name: str, option: MenuOption) -> bool:
    """Whether a condition is the opposite of one that the card sets for this option (met against missed)."""
    test = bench.ground.spec.test(name)
    own = [bench.ground.spec.test(one) for one in option.tests]
    return test.kind == "trigger" and any(one.kind == "trigger" and one.want != test.want for one in own)
