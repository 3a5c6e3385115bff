"""Names and values in two columns of a page without lines or marks."""

from __future__ import annotations

import pytest
from fpdf import FPDF

from tools.readers.limits import Limits
from tools.readers.pdf import page_text, read_pdf


def page(*lines: tuple[tuple[int, str], ...]) -> bytes:
    """One page; each line is texts with the place on it where they begin, in points."""
    made = FPDF(unit="pt")
    made.add_page()
    made.set_font("Helvetica", size=10)
    for n, line in enumerate(lines, 1):
        for x, text in line:
            made.text(x, 50 + n * 16, text)
    return bytes(made.output())


def pairs(data: bytes) -> list[tuple[str, str]]:
    return [(span.label, span.value) for span in read_pdf(data, "pdf", Limits()).spans if span.label]


def test_lines_whose_names_and_values_begin_at_the_same_places_are_a_form() -> None:
    data = page(
        ((60, "Regulated Data Addendum"),),
        ((60, "Support tier"), (250, "Premium Regulated")),
        ((60, "Processing region"), (250, "eu-central")),
        ((60, "3. Notice period"), (250, "30 days")),
    )
    assert pairs(data) == [
        ("Support tier", "Premium Regulated"),
        ("Processing region", "eu-central"),
        ("Notice period", "30 days"),
    ]
    text = page_text(data, 1, Limits())
    for span in read_pdf(data, "pdf", Limits()).spans:
        first, last = span.locator.partition("char=")[2].split("-")
        assert text[int(first) : int(last)] == span.text


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([((60, "RDA-2025-118"), (500, "Page 1"))], id="one line, like a foot"),
        pytest.param(
            [((60, "Support tier"), (250, "Premium")), ((60, "Processing region"), (310, "eu-central"))],
            id="values that begin at different places",
        ),
        pytest.param(
            [
                ((60, "The supplier answers within"), (320, "Customer may end this")),
                ((60, "one hour, and reports each"), (320, "agreement at the end of")),
                ((60, "step that was taken"), (320, "each year")),
            ],
            id="two columns of prose",
        ),
        pytest.param(
            [
                ((60, "Severity"), (200, "Response"), (340, "Update")),
                ((60, "Severity 1"), (200, "15 minutes"), (340, "hourly")),
            ],
            id="three columns",
        ),
    ],
)
def test_what_only_looks_like_it_is_none(lines: list[tuple[tuple[int, str], ...]]) -> None:
    assert pairs(page(*lines)) == []


def test_a_line_with_a_mark_keeps_the_name_before_the_mark() -> None:
    data = page(
        ((60, "Customer: Tessaro"), (250, "since 2019")), ((60, "Tier"), (250, "Gold")), ((60, "Area"), (250, "IT"))
    )
    assert ("Customer", "Tessaro since 2019") in pairs(data)
    assert ("Tier", "Gold") in pairs(data)


def test_a_line_that_names_several_values_beside_each_other_has_a_span_for_each() -> None:
    data = page(
        ((60, "Version: CM-2026.1"), (170, "Menu version: OM-9"), (290, "Owner: Governance owner")),
        ((60, "Note: what follows is said in"), (300, "one sentence")),
    )
    assert pairs(data) == [
        ("Version", "CM-2026.1"),
        ("Menu version", "OM-9"),
        ("Owner", "Governance owner"),
        ("Note", "what follows is said in one sentence"),
    ]
    text = page_text(data, 1, Limits())
    for span in read_pdf(data, "pdf", Limits()).spans:
        first, last = span.locator.partition("char=")[2].split("-")
        assert text[int(first) : int(last)] == span.text
