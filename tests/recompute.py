"""An independent look at the numbers of an artifact: can each be computed again from the cells that it cites?

A field whose trace has a step of rule `formula` states how: `[n]` is its n-th citation, and there are numbers,
`+ - * /`, `sum(…)`, `count(…)`, `minutes([a], [b])`, `seconds([a], [b])`,
`round(…, places)` (half to even), `down(…, places)`. The sources are opened again with other code
than the readers (`reopen`), the quotes are read by other code than the agents', and the formula is evaluated here.
Every amount, share and duration in a sentence must be one of those fields, or stand in a quote that the sentence cites
(in minutes where that says hours or days).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from reopen import stands

RULE = "formula"
_FIGURE = re.compile(r"(?<![\w.,:-])(-?\d+(?:\.\d+)?) (?=[A-Z]{3}\b|percent\b|minutes\b|seconds\b)")
_LONG = re.compile(r"(\d+(?:\.\d+)?)[ -](hour|day|week)s?\b", re.IGNORECASE)
_MINUTES = {"hour": 60, "day": 60 * 24, "week": 60 * 24 * 7}
_PARTS_OF_AN_HOUR = {"half an hour": 30, "quarter of an hour": 15, "three quarters of an hour": 45}
_NUMBER = re.compile(r"\d+(?:[  ’']\d{3})*(?:[.,]\d+)*")
_UNITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_UNITS += ["thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def faults(
    artifact: Mapping[str, Any], files: Mapping[str, Path], parameters: Mapping[str, Any] | None = None
) -> list[str]:
    """What cannot be computed again, a line each. `files` maps evidence ids to the source files; the numbers of
    `parameters` (those in force for the run) need no cell."""
    found, values = [], {number(one) for told in (parameters or {}).values() for one in _NUMBER.findall(str(told))}
    for name, field in artifact["fields"].items():
        formula = next((step["from"] for step in field["normalization"] if step["rule"] == RULE), None)
        if formula is None:
            continue
        try:
            value = computed(formula, field["citations"], files)
        except (ValueError, KeyError, IndexError, ZeroDivisionError, SyntaxError) as error:
            found.append(f"{name}: {formula} cannot be evaluated: {error!r}")
            continue
        stated = _stated(str(field["value"]))
        values.add(stated)
        if value != stated:
            found.append(f"{name}: {formula} gives {value}, the artifact says {field['value']}")
    for section in artifact["sections"]:
        for claim in section["claims"]:
            found += _unfounded(claim, values | _plain_values(artifact), files)
    return found


def formulas(artifact: Mapping[str, Any]) -> list[str]:
    """The names of the fields that state a formula."""
    return [n for n, f in artifact["fields"].items() if any(step["rule"] == RULE for step in f["normalization"])]


def computed(formula: str, citations: Sequence[Mapping[str, Any]], files: Mapping[str, Path]) -> Fraction:
    """The value of a formula over cells. Raises ValueError where a quote does not stand, or is no number."""
    for cite in citations:
        path = files[cite["evidence"]]
        if not stands(path, cite["locator"], cite["quote"]):
            raise ValueError(f"{path.name} {cite['locator']}: {cite['quote']!r} does not stand there")
    tree = ast.parse(re.sub(r"\[(\d+)\]", r"cell(\1)", formula), mode="eval")
    return _value(tree.body, [cite["quote"] for cite in citations])


def _value(node: ast.expr, quotes: Sequence[str]) -> Fraction:
    match node:
        case ast.Constant(value=int() | float()):
            return Fraction(ast.unparse(node))
        case ast.BinOp(left=left, op=op, right=right):
            one, two = _value(left, quotes), _value(right, quotes)
            match op:
                case ast.Add():
                    return one + two
                case ast.Sub():
                    return one - two
                case ast.Mult():
                    return one * two
                case ast.Div():
                    return one / two
        case ast.Call(func=ast.Name(id=name), args=args):
            return _called(name, args, quotes)
    raise ValueError(f"not part of a formula: {ast.unparse(node)}")


def _called(name: str, args: Sequence[ast.expr], quotes: Sequence[str]) -> Fraction:
    match name:
        case "round":
            value, places = (_value(one, quotes) for one in args)
            return Fraction(round(value, int(places)))
        case "down":
            value, places = (_value(one, quotes) for one in args)
            return Fraction(int(value * 10 ** int(places)), 10 ** int(places))
        case "cell":
            return number(_quote(args[0], quotes))
        case "sum":
            return sum((_value(one, quotes) for one in args), Fraction(0))
        case "count":
            return Fraction(len({_place(one) for one in args}))
        case "minutes" | "seconds":
            first, last = (_time(_quote(call.args[0], quotes)) for call in args if isinstance(call, ast.Call))
            seconds = Fraction(round((last - first).total_seconds()))
            return seconds / 60 if name == "minutes" else seconds
    raise ValueError(f"no such function: {name}")


def _place(call: ast.expr) -> int:
    if isinstance(call, ast.Call) and isinstance(call.args[0], ast.Constant):
        return int(call.args[0].value)  # type: ignore[arg-type]
    raise ValueError("a cell was expected")


def _quote(place: ast.expr, quotes: Sequence[str]) -> str:
    if not isinstance(place, ast.Constant) or not isinstance(place.value, int) or place.value < 1:
        raise ValueError("the number of a citation was expected")
    return quotes[place.value - 1]


def _time(text: str) -> datetime:
    read = datetime.fromisoformat(text.strip())
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _in_words(quote: str) -> int:
    """The first number that is written in words: `thirty days`, `twenty-four hours`."""
    said = re.findall(r"[a-z]+", quote.lower())
    for n, word in enumerate(said):
        if word in _TENS:
            unit = _UNITS.index(said[n + 1]) if n + 1 < len(said) and said[n + 1] in _UNITS[1:10] else 0
            return 10 * (_TENS.index(word) + 2) + unit
        if word in _UNITS:
            return _UNITS.index(word)
    raise ValueError(f"no number stands in {quote!r}")


def number(quote: str) -> Fraction:
    """The first number in a quote: `EUR 48,600.00`, `48.600,00 €`, `10 percent of …`, `twenty-four hours`."""
    found = _NUMBER.search(quote)
    if found is None:
        return Fraction(_in_words(quote)) + (Fraction(1, 2) if "and a half" in quote.lower() else 0)
    text = re.sub(r"[  ’']", "", found[0])
    marks = re.findall(r"[.,]", text)
    head, _, tail = text.rpartition(marks[-1]) if marks else (text, "", "")
    if not marks:
        return Fraction(text)
    grouped = len(tail) == 3 and len(set(marks)) == 1 and (len(marks) > 1 or 0 < len(head) <= 3) and head != "0"
    if grouped or marks.count(marks[-1]) > 1:
        return Fraction(re.sub(r"[.,]", "", text))
    return Fraction(re.sub(r"[.,]", "", head) + "." + tail)


def _stated(value: str) -> Fraction:
    return Fraction(value.split()[0])


def _plain_values(artifact: Mapping[str, Any]) -> set[Fraction]:
    """Amounts that a field states from a cell, as read: their quotes are checked as every confirmed field's are."""
    found = set()
    for field in artifact["fields"].values():
        shown = _FIGURE.match(str(field["value"]))
        cited = [number(cite["quote"]) for cite in field["citations"][:1] if _NUMBER.search(cite["quote"])]
        if shown and field["status"] == "confirmed" and Fraction(shown[1]) in cited:
            found.add(Fraction(shown[1]))
    return found


def _unfounded(claim: Mapping[str, Any], values: set[Fraction], files: Mapping[str, Path]) -> Iterator[str]:
    quoted = set()
    for cite in claim["citations"]:
        if not stands(files[cite["evidence"]], cite["locator"], cite["quote"]):
            yield f"{claim['id']}: {cite['quote']!r} does not stand at {cite['evidence']} {cite['locator']}"
            continue
        quoted |= {number(one) for one in _NUMBER.findall(cite["quote"])}
        quoted |= {Fraction(n) * _MINUTES[unit.lower()] for n, unit in _LONG.findall(cite["quote"])}
        quoted |= {Fraction(n) for words, n in _PARTS_OF_AN_HOUR.items() if words in cite["quote"].lower()}
    for shown in _FIGURE.findall(claim["text"]):
        if Fraction(shown) not in values | quoted:
            yield f"{claim['id']}: {shown} is in no cited cell and is no computed field: {claim['text']}"
