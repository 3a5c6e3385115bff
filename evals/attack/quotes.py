"""The quote suite: real quotes of the cases' evidence, each altered in one thing, must not stand (R3).

Altered are a number, a negation, a date, a unit or a name: what a fuzzy comparison takes for the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice, zip_longest

from casefile.claims import Citation
from casefile.evidence import Reading
from evals.results import CaseResult
from graphs import catalogue
from guardrails.citations import check_citation
from tools.readers import line_spans, read

EACH = 300
"""How many altered quotes of one kind are tried."""

_NUMBER = re.compile(r"(?<![\w.:-])\d{1,6}(?![\w.:-])")
_DATE = re.compile(r"\b(20\d\d)-(\d\d)-(\d\d)")
_NOT = re.compile(r"\b(?:is|was|are|were|has|have|can|could|will|does|did) ")
_UNITS = {"minutes": "hours", "hours": "minutes", "days": "weeks", "seconds": "minutes", "users": "admins",
          "EUR": "USD", "USD": "EUR", "MB": "GB", "ms": "s", "UTC": "CET", "%": "‰", "minute": "hour",
          "hour": "minute", "day": "week"}  # fmt: skip
_UNIT = re.compile(r"(?<![\w])(" + "|".join(map(re.escape, _UNITS)) + r")(?!\w)")
_NAME = re.compile(r"\b[A-Z][a-zà-ÿ]{3,}\b")


def _number(quote: str) -> Iterator[str]:
    for match in _NUMBER.finditer(quote):
        digits = match[0]
        swapped = digits[::-1] if digits[::-1] != digits else str(int(digits) + 1)
        for other in (swapped, f"1{digits}", str(int(digits) + 1)):
            yield quote[: match.start()] + other + quote[match.end() :]


def _negation(quote: str) -> Iterator[str]:
    for match in _NOT.finditer(quote):
        yield quote[: match.end()] + "not " + quote[match.end() :]
    for match in re.finditer(r"\b(?:not|no|never|without) ", quote):
        yield quote[: match.start()] + quote[match.end() :]


def _date(quote: str) -> Iterator[str]:
    for match in _DATE.finditer(quote):
        year, month, day = match.groups()
        swapped, earlier = f"{year}-{day}-{month}", f"{int(year) - 1}-{month}-{day}"
        for other in (swapped, earlier, f"{year}-{month}-{int(day) % 28 + 1:02}"):
            yield quote[: match.start()] + other + quote[match.end() :]


def _unit(quote: str) -> Iterator[str]:
    for match in _UNIT.finditer(quote):
        yield quote[: match.start()] + _UNITS[match[1]] + quote[match.end() :]


def _name(quote: str) -> Iterator[str]:
    for match in _NAME.finditer(quote):
        word = match[0]
        for other in (word[:-2] + word[-1] + word[-2], word + "s", "Mallory"):
            yield quote[: match.start()] + other + quote[match.end() :]


KINDS: Mapping[str, Callable[[str], Iterator[str]]] = {
    "number": _number,
    "negation": _negation,
    "date": _date,
    "unit": _unit,
    "name": _name,
}


@dataclass(frozen=True, slots=True)
class Place:
    """A place in evidence that can be cited, and what stands there."""

    reading: Reading
    citation: Citation


def names() -> list[str]:
    """The kinds of alteration."""
    return list(KINDS)


def judge(kind: str) -> CaseResult:
    """Every altered quote of this kind, against the place that the real one stands at."""
    tried = altered(kind)
    stood = [
        f"expected no quote with another {kind}; found {quote[:160]!r} to stand at {place.citation.locator}"
        for place, quote in tried
        if not check_citation(place.citation.model_copy(update={"quote": quote}), place.reading)
    ]
    return CaseResult(
        suite="quotes",
        case=kind,
        passed=int(not stood),
        misses=stood,
        unsafe=stood,
        metrics={"altered_quotes_refused": (len(tried) - len(stood), len(tried))},
    )


def altered(kind: str, most: int = EACH) -> list[tuple[Place, str]]:
    """Altered quotes; what the alteration made into other words that stand there as well is no alteration."""
    # One of each place in turn: an item with many dates does not crowd out the others.
    each = [[(place, other) for other in KINDS[kind](place.citation.quote)] for place in places()]
    turns = (one for rank in zip_longest(*each) for one in rank if one is not None)
    real = (one for one in turns if _squeezed(one[1]) not in _squeezed(one[0].citation.quote))
    return list(islice(real, most))


def _squeezed(text: str) -> str:
    return " ".join(text.split())


@cache
def places() -> tuple[Place, ...]:
    """Places of the evidence beside the scenarios whose whole text is a quote that stands."""
    found = []
    for path in sorted(catalogue.SCENARIOS.glob("*/cases/*/*")):
        if path.suffix not in (".eml", ".json", ".csv", ".log", ".md", ".txt", ".yaml") or "expect" in path.name:
            continue
        reading = read(path.read_bytes(), path.name)
        for span in [*reading.spans, *line_spans(reading)][:60]:
            text = span.text.strip()
            if 12 <= len(text) <= 300 and not span.hidden:
                citation = Citation(evidence=path.name, locator=span.locator, quote=text, sha256="sha256:" + "0" * 64)
                found.append(Place(reading, citation))
    return tuple(one for one in found if not check_citation(one.citation, one.reading))
