"""Exact quantities: read as people write them, computed without rounding, and computable again from their cells."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recompute import computed

from agents.quantities import cited, duration_in, join, money_in, number, payable, share, total
from casefile.claims import Citation

SHA = "sha256:" + "0" * 64
CENTS = st.integers(min_value=0, max_value=10**12).map(lambda n: Decimal(n) / 100)


def _cell(line: int, text: str) -> Citation:
    return Citation(evidence="sheet", locator=f"line={line}", quote=text, sha256=SHA)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("48,600.00", "48600.00"),
        ("48.600,00", "48600.00"),
        ("48 600,5", "48600.5"),
        ("48,600", "48600"),
        ("1.234.567", "1234567"),
        ("14580.001", "14580.001"),
        ("0,250", "0.250"),
        ("7", "7"),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, value: str) -> None:
    assert number(text) == Decimal(value)


def test_amounts_and_durations_carry_their_unit() -> None:
    assert money_in("a credit of 14.594,58 € at once") == (Decimal("14594.58"), "EUR")
    assert money_in("48,600.00") is None
    assert duration_in("twenty-four hours of logging") == (Decimal(24), Decimal(60))
    assert duration_in("option 24") is None


@given(CENTS)
def test_an_amount_written_in_two_ways_is_one_amount(amount: Decimal) -> None:
    english = f"{amount:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))
    assert number(english) == number(german) == amount


@given(st.lists(CENTS, min_size=1, max_size=6), CENTS, st.integers(0, 3000))
def test_what_is_computed_can_be_computed_again_from_its_cells(
    tmp_path_factory: pytest.TempPathFactory, uses: list[Decimal], fee: Decimal, tenths: int
) -> None:
    """The oracle is `recompute`: fractions over the cells of a file, evaluated by other code."""
    file = Path(tmp_path_factory.mktemp("cells")) / "cells.txt"
    percent = Decimal(tenths) / 10
    texts = [f"{percent} percent", f"EUR {fee:,.2f}", *(f"EUR {use:,.2f}" for use in uses)]
    file.write_text("\n".join(texts), encoding="utf-8")
    cells = [_cell(n, text) for n, text in enumerate(texts, 1)]
    cap = share(cited(percent, "percent", cells[0]), cited(fee, "EUR", cells[1]))
    left = join(cap, "-", total([cited(use, "EUR", cell) for use, cell in zip(uses, cells[2:], strict=True)], "EUR"))
    again = computed(left.formula, [c.model_dump() for c in left.citations], {"sheet": file})
    assert again == Fraction(left.value) == Fraction(percent) * Fraction(fee) / 100 - sum(map(Fraction, uses))
    assert Fraction(left.shown.removesuffix(" EUR")) == again, "what is shown is not rounded"


@pytest.mark.parametrize(
    ("fee", "currency", "stated", "exact"),
    [
        ("3,333,333", "JPY", "1000999.00 JPY", "1000999.8999 JPY"),
        ("3,333.33", "EUR", "1000.99 EUR", "1000.998999 EUR"),
        ("3,000", "JPY", "900.00 JPY", ""),
    ],
)
def test_what_can_be_paid_is_in_whole_minor_units_and_says_what_it_was(
    tmp_path: Path, fee: str, currency: str, stated: str, exact: str
) -> None:
    percent = "30.03 percent" if exact else "30 percent"
    (tmp_path / "cells.txt").write_text(f"{percent}\n{currency} {fee}", encoding="utf-8")
    cells = [_cell(1, percent), _cell(2, f"{currency} {fee}")]
    amount = cited(number(percent.split()[0]), "percent", cells[0])
    whole = share(amount, cited(number(fee), currency, cells[1]))
    paid = payable(whole)
    assert (paid.shown, paid.exact) == (stated, exact)
    assert paid.field("Credit").lossy == bool(exact)
    again = computed(paid.formula, [c.model_dump() for c in paid.citations], {"sheet": tmp_path / "cells.txt"})
    assert again == Fraction(paid.value) <= Fraction(whole.value)


def test_a_duration_is_not_rounded() -> None:
    long = cited(Decimal("0.5"), "minutes", _cell(1, "0.5 minutes"))
    assert payable(long) is long
