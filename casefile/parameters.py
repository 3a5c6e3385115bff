"""A scenario's parameters: the card's defaults, overridden by the packet, checked against type and range."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from casefile.choices import Parameter
from casefile.scenario import Scenario

_NUMBER = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*(.*)", re.DOTALL)


class ParameterError(ValueError):
    """A parameter value that does not fit; the text names the parameter and what was expected."""


def resolve(scenario: Scenario, overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Every parameter with its value in force. Raises ParameterError.

    Values are accepted in the wording of the card's default: "24 hours" for a parameter in hours, the card's prose
    for an option of which it is an alias.
    """
    return chosen(scenario.parameters, overrides)


def chosen(parameters: Sequence[Parameter], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Each of these choices with its value, as `resolve` does it for those of a scenario."""
    known = {parameter.name: parameter for parameter in parameters}
    for name in overrides:
        if name not in known:
            raise ParameterError(f"{name}: unknown; one of {', '.join(sorted(known))} was expected")
    return {name: _value(one, overrides.get(name, one.default)) for name, one in known.items()}


def _value(parameter: Parameter, given: Any) -> Any:
    match parameter.type:
        case "number" | "integer":
            return _number(parameter, given)
        case "list":
            return _members(parameter, given)
        case "option":
            option = parameter.aliases.get(str(given).strip(), str(given).strip())
            if option not in parameter.options:
                expected = ", ".join([*parameter.options, *parameter.aliases])
                raise ParameterError(f"{parameter.name}: one of {expected} was expected, found {given!r}")
            return option
        case "parts":
            return _parts(parameter, given)
        case "text":
            return str(given)


def _members(parameter: Parameter, given: Any) -> list[str]:
    parts = given.split(parameter.separator) if isinstance(given, str) else given
    if not isinstance(parts, list) or not all(isinstance(p, str | int) for p in parts):
        raise ParameterError(f"{parameter.name}: a list of texts was expected, found {given!r}")
    members = [text for part in parts if (text := str(part).strip())]
    unknown = [one for one in members if parameter.options and one not in parameter.options]
    if unknown:
        raise ParameterError(f"{parameter.name}: of {', '.join(parameter.options)} was expected, found {unknown[0]!r}")
    least, most = parameter.minimum if parameter.minimum is not None else 1, parameter.maximum
    if len(members) < least or (most is not None and len(members) > most):
        raise ParameterError(f"{parameter.name}: a list {_span(least, most)} was expected, found {len(members)}")
    return list(dict.fromkeys(members))


def _parts(parameter: Parameter, given: Any) -> dict[str, int | float | str]:
    match = re.search(parameter.pattern, str(given), re.IGNORECASE)
    if match is None:
        expected = f"a sentence like {parameter.default!r}"
        raise ParameterError(f"{parameter.name}: {expected} was expected, found {given!r}")
    return {name: _plain(text) for name, text in match.groupdict().items() if text is not None}


def _plain(text: str) -> int | float | str:
    match = re.fullmatch(r"[+-]?\d+(\.\d+)?", text.strip())
    if match is None:
        return text.strip()
    return float(text) if match[1] else int(text)


_MINUTES = {"minute": 1, "hour": 60, "day": 24 * 60}


def in_force(scenario: Scenario, parameters: Mapping[str, Any]) -> Scenario:
    """The scenario with what its parameters decide about its gates: until when a decision may wait for its effect."""
    units = {one.name: one.unit.rstrip("s") for one in scenario.parameters}
    gates = [
        gate
        if gate.validity_parameter is None
        else gate.model_copy(
            update={
                "validity_minutes": round(
                    float(parameters[gate.validity_parameter]) * _MINUTES[units[gate.validity_parameter]]
                )
            }
        )
        for gate in scenario.gates
    ]
    return scenario.model_copy(update={"gates": gates})


def _number(parameter: Parameter, given: Any) -> float | int:
    match = None if isinstance(given, bool) else _NUMBER.fullmatch(str(given))
    if match is None or (match[2].strip() and not _same_unit(match[2], parameter.unit)):
        unit = f" {parameter.unit}" if parameter.unit else ""
        raise ParameterError(f"{parameter.name}: a number{unit} was expected, found {given!r}")
    number = float(match[1])
    low, high = parameter.minimum, parameter.maximum
    if (low is not None and number < low) or (high is not None and number > high):
        raise ParameterError(f"{parameter.name}: a number {_span(low, high)} was expected, found {given!r}")
    return int(number) if number.is_integer() else number


def _span(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"from {low:g} to {high:g}"
    return f"of {low:g} or more" if low is not None else f"of at most {high:g}"


def _same_unit(given: str, unit: str) -> bool:
    word = given.strip().split()[0].rstrip("s").casefold()
    return bool(unit) and unit.rstrip("s").casefold().startswith(word)
