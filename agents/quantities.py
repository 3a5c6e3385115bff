"""Exact quantities: money, shares and durations, read from cells and computed with every cell that went in.

Decimal arithmetic, no floats and no rounding: a result that stands at the edge of a limit stands exactly there. Only
`payable` gives an amount in whole minor units, and says so. Every `Figure` carries its citations and a formula over
them, `[1]` being the first, so that anybody can compute it again: numbers, `[n]`, `+ - * /`, `sum(…)`, `count(…)`,
`down(…, places)`, and `minutes([a], [b])` or `seconds(…)` between two times.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal, localcontext
from typing import Literal

from casefile.claims import Citation, FieldValue, Normalization

MINUTES, SECONDS = "minutes", "seconds"
_PRECISION = 40
_CODES = "EUR|USD|GBP|CHF|SEK|NOK|DKK|PLN|CZK|HUF|JPY|AUD|CAD|NZD|SGD|INR|ZAR|BRL"
_PLACES = {"JPY": 0}  # ISO 4217: places of the minor unit, where they are not two
_SIGNS = {"€": "EUR", "£": "GBP", "$": "USD"}
_NUMBER = r"\d+(?:[  ’']\d{3})*(?:[.,]\d+)*"
_MONEY = re.compile(
    rf"(?P<code>{_CODES}|[€£$])\s*(?P<number>{_NUMBER})|(?P<number2>{_NUMBER})\s*(?P<code2>(?:{_CODES})\b|[€£])"
)
_SHARE = re.compile(rf"(?P<number>{_NUMBER})\s*(?:%|percent\b|per cent\b|pct\b|prozent\b|pour cent\b)", re.IGNORECASE)
_UNITS = {"minute": 1, "min": 1, "hour": 60, "hr": 60, "h": 60, "day": 1440, "week": 10080}
_UNITS_SAID = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS_SAID = (
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS_SAID = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS = {
    **{word: n for n, word in enumerate(_UNITS_SAID, 1)},
    **{word: n for n, word in enumerate(_TEENS_SAID, 10)},
    **{word: 10 * n for n, word in enumerate(_TENS_SAID, 2)},
    **{
        f"{ten}{mark}{unit}": 10 * n + m
        for n, ten in enumerate(_TENS_SAID, 2)
        for m, unit in enumerate(_UNITS_SAID, 1)
        for mark in (" ", "-")
    },
}
# A number in digits or in words, and a duration with one: parts of patterns.
COUNT = rf"(?:\d+(?:\.\d+)?|{'|'.join(sorted(_WORDS, key=len, reverse=True))})"
DURATION = rf"{COUNT}(?:\s*\(\d+\))?[\s-]*(?:minutes?|mins?|hours?|hrs?|h|days?|weeks?)\b"
_DURATION = re.compile(
    rf"\b(?P<number>{COUNT})"
    r"(?P<half>\s+and\s+a\s+half)?(?:\s*\(\d+\))?[\s-]*"
    rf"(?P<unit>minutes?|mins?|hours?|hrs?|h|days?|weeks?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its unit (a currency, `percent`, `minutes`, or `` for a bare one), where it comes from, and how.

    `formula` is over `citations`; `reading` is the same for people, with the numbers in it. `exact` is what it was
    before it was rounded.
    """

    value: Decimal
    unit: str
    citations: tuple[Citation, ...]
    formula: str
    reading: str
    exact: str = ""

    @property
    def shown(self) -> str:
        """As the contract writes it: `11340.00 EUR`, `60 minutes`. Never rounded: more places where it has them."""
        if self.unit in ("", "percent", MINUTES, SECONDS):
            return f"{plain(self.value)} {self.unit}".strip()
        return f"{money(self.value)} {self.unit}"

    @property
    def told(self) -> str:
        """As a sentence says it: whole hours and days by these, a bare number as it is."""
        hours, days = self.value / 60, self.value / 1440
        if self.unit != MINUTES or self.value == 0 or hours % 1:
            return self.shown
        unit, number = ("day", days) if days % 1 == 0 and days > 4 else ("hour", hours)
        return f"{plain(number)} {unit}{'s' if number != 1 else ''}"

    @property
    def computed(self) -> bool:
        """Whether it is more than what one cell says."""
        return self.formula != "[1]"

    def field(self, title: str) -> FieldValue:
        """A field of the artifact that states it, with the formula in its trace."""
        how = "exact decimals, then the minor unit" if self.exact else "exact decimals, not rounded"
        steps = [Normalization(rule="formula", source=self.formula, to=self.shown, reference=how)]
        if self.exact:
            steps.append(Normalization(rule="minor-unit-down", source=self.exact, to=self.shown, lossy=True))
        return FieldValue(
            title=title,
            value=self.shown,
            raw=self.citations[0].quote if not self.computed else self.reading,
            status="confirmed",
            confidence=99,
            origin="extracted",
            citations=list(self.citations),
            normalization=steps,
        )


def payable(figure: Figure) -> Figure:
    """An amount of money in whole minor units of its currency, rounded down; anything else as it is."""
    if figure.unit in ("", "percent", MINUTES, SECONDS):
        return figure
    places = _PLACES.get(figure.unit, 2)
    value = figure.value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_DOWN)
    if value == figure.value:
        return figure
    formula = f"down({figure.formula}, {places})"
    return Figure(value, figure.unit, figure.citations, formula, figure.reading, figure.shown)


def plain(value: Decimal) -> str:
    """A number without an exponent and without useless zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(value: Decimal) -> str:
    """An amount with at least two places, and all that it has."""
    text = plain(value)
    whole, _, places = text.partition(".")
    return f"{whole}.{places.ljust(2, '0')}"


def cited(value: Decimal, unit: str, citation: Citation, shift: Decimal = Decimal(1)) -> Figure:
    """What one cell says. `shift` is what the cell's number is multiplied by to be in `unit` (hours in minutes)."""
    formula = "[1]" if shift == 1 else f"[1] * {plain(shift)}"
    return Figure(value * shift, unit, (citation,), formula, citation.quote)


def join(left: Figure, sign: str, right: Figure, unit: str | None = None) -> Figure:
    """`left sign right`, exactly."""
    with localcontext() as context:
        context.prec = _PRECISION
        value = {
            "+": lambda: left.value + right.value,
            "-": lambda: left.value - right.value,
            "*": lambda: left.value * right.value,
            "/": lambda: left.value / right.value,
        }[sign]()
    citations, moved = _joined(left.citations, right)
    return Figure(
        value,
        left.unit if unit is None else unit,
        citations,
        f"{_grouped(left.formula)} {sign} {_grouped(moved)}",
        f"{left.shown if left.computed else left.reading} {sign} {right.shown if right.computed else right.reading}",
    )


def share(percent: Figure, of: Figure) -> Figure:
    """So many percent of an amount."""
    hundredth = Figure(percent.value / 100, "", percent.citations, f"{_grouped(percent.formula)} / 100", "")
    made = join(hundredth, "*", of, of.unit)
    reading = f"{plain(percent.value)} percent of {of.shown}"
    return Figure(made.value, made.unit, made.citations, made.formula, reading)


def total(parts: Sequence[Figure], unit: str) -> Figure:
    """The sum of several cells."""
    citations: tuple[Citation, ...] = ()
    formulas = []
    for part in parts:
        citations, moved = _joined(citations, part)
        formulas.append(moved)
    reading = " + ".join(part.shown for part in parts)
    return Figure(sum((p.value for p in parts), Decimal(0)), unit, citations, f"sum({', '.join(formulas)})", reading)


def count(citations: Sequence[Citation], reading: str) -> Figure:
    """How many cells there are."""
    refs = ", ".join(f"[{n}]" for n in range(1, len(citations) + 1))
    return Figure(Decimal(len(citations)), "", tuple(citations), f"count({refs})", reading)


def between(first: Citation, last: Citation, apart: timedelta) -> Figure:
    """The time between two cells: whole minutes, or seconds where it is not."""
    seconds = int(apart.total_seconds())
    unit, size = (MINUTES, 60) if seconds % 60 == 0 else (SECONDS, 1)
    reading = f"from {first.quote} to {last.quote}"
    return Figure(Decimal(seconds // size), unit, (first, last), f"{unit}([1], [2])", reading)


def _joined(citations: tuple[Citation, ...], right: Figure) -> tuple[tuple[Citation, ...], str]:
    """The citations of both sides, each once, and the right formula with its references moved."""
    merged = list(citations)
    places = []
    for one in right.citations:
        if one not in merged:
            merged.append(one)
        places.append(merged.index(one) + 1)
    return tuple(merged), re.sub(r"\[(\d+)\]", lambda m: f"[{places[int(m[1]) - 1]}]", right.formula)


def _grouped(formula: str) -> str:
    return f"({formula})" if re.search(r"\s[-+*/]\s", formula) else formula


def number(text: str) -> Decimal:
    """A number as people and machines write it: `48,600.00`, `48.600,00`, `48 600`, `0.25`.

    The last kind of separator is the decimal one, except where three digits follow a whole part of at most three: those
    are thousands.
    """
    text = re.sub(r"[\s’']", "", text.replace(" ", ""))
    last = max(text.rfind("."), text.rfind(","))
    if last < 0:
        return Decimal(text)
    mark, other = text[last], "," if text[last] == "." else "."
    whole, places = text[:last], text[last + 1 :]
    digits = re.split(r"[.,]", whole)
    repeated = mark in whole
    thousands = len(places) == 3 and other not in whole and len(digits[-1]) <= 3 and whole not in ("", "0")
    if repeated or (thousands and len(digits) == 1):
        return Decimal(re.sub(r"[.,]", "", text))
    return Decimal(f"{re.sub(r'[.,]', '', whole)}.{places}")


def money_in(text: str) -> tuple[Decimal, str] | None:
    """The first amount with its currency in a text."""
    found = _MONEY.search(text)
    if found is None:
        return None
    code = found["code"] or found["code2"]
    return number(found["number"] or found["number2"]), _SIGNS.get(code, code)


def sums_in(text: str) -> list[tuple[str, re.Match[str]]]:
    """Every amount of money in a text, as the contract writes it and where it stands."""
    found = []
    for match in _MONEY.finditer(text):
        code = match["code"] or match["code2"]
        found.append((f"{money(number(match['number'] or match['number2']))} {_SIGNS.get(code, code)}", match))
    return found


def share_in(text: str) -> Decimal | None:
    """The first percentage in a text."""
    found = _SHARE.search(text)
    return _share(found["number"]) if found else None


def _share(text: str) -> Decimal:
    """A share is no matter of thousands: its one separator is the decimal one, also before three digits."""
    marks = re.findall(r"[.,]", text)
    return Decimal(text.replace(",", ".")) if len(marks) == 1 and " " not in text else number(text)


def words_of(text: str, *kinds: Literal["money", "share", "duration"]) -> str:
    """The words of the first quantity of one of the kinds, to be quoted alone; the whole text where there is none."""
    forms = {"money": _MONEY, "share": _SHARE, "duration": _DURATION}
    return next((found[0] for kind in kinds if (found := forms[kind].search(text)) is not None), text)


def bare_in(text: str) -> Decimal | None:
    """The text as a number, where it is one and nothing else."""
    return number(text.strip()) if re.fullmatch(_NUMBER, text.strip()) else None


def number_said(text: str) -> Decimal | None:
    """A number in digits or in words, where the text is nothing else: `4`, `four`, `twenty-one`."""
    said = text.strip().casefold()
    return Decimal(_WORDS[said]) if said in _WORDS else bare_in(text)


def duration_in(text: str) -> tuple[Decimal, Decimal] | None:
    """The first duration in a text: its number, and how many minutes its unit has."""
    found = _DURATION.search(text)
    if found is None:
        return None
    said = found["number"].lower()
    amount = Decimal(_WORDS[said]) if said in _WORDS else Decimal(said)
    amount += Decimal("0.5") if found["half"] else 0
    unit = found["unit"].lower()
    return amount, Decimal(_UNITS[unit if unit in _UNITS else unit.removesuffix("s")])
