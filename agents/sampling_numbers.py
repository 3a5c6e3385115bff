"""The numbers of a tuning record, each with the cells that it is computed from and the formula over them.

Whoever reads the record can compute each of them again: the formula names its cells by their place among the citations.
Rounding is part of the formula, half to even, as the record writes the number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from agents.sampling_cycle import Tuning, rose
from agents.sampling_findings import Part, Tally
from agents.sampling_moves import shown
from casefile.claims import Citation, FieldValue, Normalization

_SURE = 97


class _Cells:
    """The cells of one formula, each with its number in it."""

    def __init__(self) -> None:
        self.cited: list[Citation] = []

    def of(self, citation: Citation) -> str:
        """The place of a cell; the same cell has one place."""
        if citation not in self.cited:
            self.cited.append(citation)
        return f"[{self.cited.index(citation) + 1}]"

    def total(self, parts: Sequence[Part], what: str) -> str:
        """How many there were of a kind: what the cells say, and a row for each single review."""
        told = [self.of(one.citation) for one in parts if one.what == what and not one.single]
        rows = [self.of(one.citation) for one in parts if one.what == what and one.single]
        terms = ([f"sum({', '.join(told)})"] if told else []) + ([f"count({', '.join(rows)})"] if rows else [])
        return f"({' + '.join(terms)})" if terms else "0"


def numbers(tuning: Tuning, moves: Mapping[str, int]) -> dict[str, FieldValue]:
    """The computed fields of a record, by name."""
    return dict([*_rates(tuning, moves), *_loads(tuning, moves)])


def _slug(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name.casefold())


def _rates(tuning: Tuning, moves: Mapping[str, int]) -> Iterator[tuple[str, FieldValue]]:
    for name, cohort in tuning.cohorts.items():
        restored = tuning.trusted.cohorts.get(name) if tuning.rollback and tuning.trusted else None
        move = moves.get(cohort.name, 0)
        if move and restored is None:
            value, title = f"{cohort.percent + move} percent", f"New rate, {cohort.name}"
            yield (
                f"new_rate_{_slug(name)}",
                _field(title, value, f"[1] {'-' if move < 0 else '+'} {abs(move)}", [cohort.rate.citation]),
            )
        now, before = tuning.windows.get(name), tuning.found.baseline.get(name)
        if now is None or before is None or not before.counts["reviewed"] or not now.counts["reviewed"]:
            continue
        yield from _shares(name, cohort.name, now, before)
        risen = rose(tuning, name)
        if risen is not None and before.counts[risen.what]:
            cells = _Cells()
            shares = [
                f"{cells.total(one.parts, risen.what)} / {cells.total(one.parts, 'reviewed')}" for one in (now, before)
            ]
            formula = f"round(({shares[0]}) / ({shares[1]}) * 100 - 100, 0)"
            value = f"{risen.percent:.0f} percent"
            yield f"rise_{_slug(name)}", _field(f"Rise of {risen.what}, {cohort.name}", value, formula, cells.cited)


def _shares(name: str, title: str, now: Tally, before: Tally) -> Iterator[tuple[str, FieldValue]]:
    for span, tally in (("window", now), ("baseline", before)):
        cells = _Cells()
        defects, reviewed = (cells.total(tally.parts, what) for what in ("defects", "reviewed"))
        formula = f"round({defects} / {reviewed} * 100, 1)"
        if cells.cited:
            value = f"{share(tally)} percent"
            yield (
                f"{span}_share_{_slug(name)}",
                _field(f"Defects per review, {span}, {title}", value, formula, cells.cited),
            )


def share(tally: Tally) -> str:
    """Defects in a hundred reviews, with one place."""
    exact = Fraction(100 * tally.counts["defects"], tally.counts["reviewed"])
    return f"{float(round(exact, 1)):.1f}"


def _loads(tuning: Tuning, moves: Mapping[str, int]) -> Iterator[tuple[str, FieldValue]]:
    cycle = tuning.cycle
    if cycle is None or tuning.hours is None or tuning.bounds.ceiling is None:
        return
    for name, title, moved in (
        ("load_at_present_rates_hours", "Review hours a week at the rates in force", {}),
        ("load_after_moves_hours", "Review hours a week at the new rates", moves),
    ):
        cells, terms = _Cells(), []
        for key, cohort in tuning.cohorts.items():
            load = tuning.loads.get(key)
            if load is None:
                continue
            *cases, last = (cells.of(cell) for cell in load.cells)
            one = f"sum({', '.join(cases)}) / {load.weeks}" if load.weeks else cases[0]
            point = f"{one} / {last}" if load.per_rate else f"{one} * {last} / 60 / 100"
            rate, move = cells.of(cohort.rate.citation), moved.get(cohort.name, 0)
            terms.append(f"{point} * ({rate} {'-' if move < 0 else '+'} {abs(move)})" if move else f"{point} * {rate}")
        formula = f"round({' + '.join(terms)}, 2)"
        yield name, _field(title, shown(cycle.load(moved)), formula, cells.cited)
    cells = _Cells()
    parts = [cells.of(cell) for cell in tuning.hours_cells]
    hours = parts[0] if len(parts) == 1 else f"sum({', '.join(parts)})"
    if len(parts) > 1:
        total = _field("Available review hours a week", tuning.hours.text, hours, list(cells.cited))
        yield "available_review_hours", total
    formula = f"round({hours} * {cells.of(tuning.bounds.ceiling.citation)} / 100, 2)"
    yield "load_ceiling_hours", _field("Most review hours a week", shown(cycle.ceiling), formula, cells.cited)


def _field(title: str, value: str, formula: str, cells: Sequence[Citation]) -> FieldValue:
    step = Normalization(
        rule="formula", source=formula, to=value, reference="rounded as the formula says, half to even"
    )
    return FieldValue(
        title=title, value=value, raw=value, status="confirmed", confidence=_SURE, citations=list(cells),
        normalization=[step],
    )  # fmt: skip
