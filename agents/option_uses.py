"""How often an option was used against how often the matrix allows it, and lists that an option needs in evidence."""

from __future__ import annotations

import re
from decimal import Decimal

from agents.labelled_places import Place, lines_of, places, sentences
from agents.matrix_row import MatrixRow
from agents.option_facts import count_in
from agents.option_ground import Ground
from agents.option_results import Result, lacking, result
from agents.option_spec import MenuOption, TestSpec
from agents.quantities import MINUTES, Figure, join
from agents.records import Cell, Record, label_of
from agents.sections import sections
from casefile.claims import Citation
from casefile.evidence import Evidence
from guardrails.plain_text import folded

_FREE = re.compile(r"^\W*(?:unlimited|no limit|without (?:a )?limit|as often as needed)\b", re.IGNORECASE)
# One more use of an option, where the matrix counts times and not hours.
_ONCE = Figure(Decimal(1), "", (), "1", "one more")


def uses(ground: Ground, test: TestSpec, option: MenuOption | None) -> Result:
    """What was used, and what the option would take, against the limit of both together: the limit itself is within."""
    own = own_limit(ground, test, option)
    row, fact = own or ground.limit_row(test.figure), ground.facts.get(test.fact)
    cell = row.cell("value") if row is not None else None
    if row is None or cell is None:
        return result(test, "met", f"{test.title}: the matrix sets no such limit")
    stated = row.cite(ground.view, "value")
    bound = count_in(ground, Place(row.item, "", cell.text, cell), "")
    if _FREE.match(cell.text):
        return Result(test, "met", f"{test.title}: the matrix sets no limit", stated, row.rule)
    if bound is None:
        return Result(test, "uncertain", f"{test.title}: “{cell.text}” cannot be read as a number", stated, row.rule)
    if fact is None or fact.figure is None:
        return Result(test, "uncertain", f"{test.title}: {lacking(ground, test.fact)}", stated, row.rule)
    used, taken = fact.figure, ground.amounts.get(option.id) if bound.unit == MINUTES and option is not None else _ONCE
    if taken is None or used.unit != bound.unit:
        detail = f"{test.title}: {used.told} used and a limit of {bound.told} cannot be compared"
        return Result(test, "uncertain", detail, [fact.citation, *stated], row.rule)
    after = join(used, "+", taken)
    against = (after.told, bound.told)
    cites = [*after.citations, *stated]
    if after.value > bound.value:
        detail = f"{test.title}: {used.told} used; with this option {after.told}, above the limit of {bound.told}"
        return Result(test, "failed", detail, cites, row.rule, against=against)
    detail = f"{test.title}: {used.told} used of {bound.told}; {after.told} with this option"
    return Result(test, "met", detail, cites, row.rule, against=against)


def own_limit(ground: Ground, test: TestSpec, option: MenuOption | None) -> MatrixRow | None:
    """The limit that a condition of the option's own row sets: `closed after three rounds`."""
    row = ground.matrix.options.get(option.id) if option is not None and test.within else None
    for one in row.conditions() if row is not None else ():
        found = re.search(test.within, one.text, re.IGNORECASE)
        if row is not None and found is not None:
            cells = {"value": Cell(found["value"], one.cell.locator)}
            if (rule := row.cell("rule")) is not None:
                cells["rule"] = rule
            return MatrixRow(row.item, Record(cells), row.columns)
    return None


def _below(ground: Ground, test: TestSpec, item: Evidence) -> list[Place]:
    """The items of a list under a title that names it."""
    under = sections(ground.view, item)
    titled = (
        (span, span.text.strip().lstrip("-*•").strip())
        for span in lines_of(ground.view.readings(item.id))
        if span.text.strip()[:1] in ("-", "*", "•")
        and any(re.search(label, label_of(one.text)) for one in under.above(span.locator)[-1:] for label in test.labels)
    )
    return [Place(item, "", text, Cell(span.text, span.locator)) for span, text in titled if text]


def shown(ground: Ground, test: TestSpec, _option: MenuOption | None) -> Result:
    """A list that has to be in evidence: beside a label, or in a sentence that asks for nothing; not an empty one."""
    found: list[tuple[str, Citation]] = []
    for item in ground.view.of(*test.systems):
        named = [p for p in places(ground.view, item) if any(re.search(label, p.label) for label in test.labels)]
        told = [
            place
            for place, sentence in sentences(ground.view, item, test.patterns)
            if not re.search(ground.spec.requested, folded(sentence))
        ]
        for place in named or told or _below(ground, test, item):
            if not re.search(test.missing, folded(place.value)):
                found.append(
                    (place.value, ground.view.cite(item, Cell(place.cell.text, place.cell.locator), place.value))
                )
    if not found:
        return result(test, "uncertain", f"{test.title}: no such list is in evidence")
    values = ", ".join(dict.fromkeys(value for value, _ in found[:4]))
    return result(test, "met", f"{test.title}: {values}", [cite for _, cite in found[:4]])
