"""JSON schemas that a stranger wrote: made plain, and checked against in a time that can be told beforehand.

A schema is somebody else's program. References can double with each step, patterns can backtrack for hours, and one
can point to an address: so references are written out up to a bound, patterns are matched in linear time, and nothing
is fetched. What refers to itself (a tree of comments, a filter of filters) stays a reference, which is followed
`MOST_NESTED` deep into a value and for as many steps as any check has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.exceptions import SchemaError
from jsonschema.protocols import Validator
from jsonschema.validators import extend
from pydantic import StringConstraints, TypeAdapter
from pydantic import ValidationError as PatternMismatch
from pydantic_core import SchemaError as PatternFault
from referencing import Registry

MOST_NODES = 4_000
MOST_STEPS = 2_000_000
MOST_NESTED = 32
"""How deep a value may be nested by references of its schema to themselves."""
_DEEPEST = 40
# Left out: where it stands it is not asked for. `uniqueItems` takes the square of the items, the others look elsewhere.
_LEFT_OUT = frozenset({"$defs", "definitions", "$id", "$anchor", "$schema", "$comment", "uniqueItems", "format"})
# The library matches names of members with an engine that backtracks, and resolves these by other rules.
_UNKNOWN = frozenset({"patternProperties", "$dynamicRef", "$recursiveRef", "$dynamicAnchor", "$vocabulary"})
# The library follows references for these by itself, without a bound.
_UNEVALUATED = frozenset({"unevaluatedProperties", "unevaluatedItems"})
_NAMED = frozenset({"properties", "dependentSchemas"})
"""Keywords whose members are names of somebody's choice, not keywords."""
_DEEPER = frozenset(
    {"properties", "additionalProperties", "propertyNames", "items", "prefixItems", "additionalItems", "contains"}
)
"""Keywords whose schemas speak of what is inside a value, not of the value itself."""
_AS_IS = frozenset({"const", "enum", "default", "examples"})


class SchemaFaultError(ValueError):
    """A schema that is not checked against: the text says why."""


def plain(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema with its references written out, but for those to themselves. Raises SchemaFaultError."""
    try:
        made = _Plain(schema).made()
        Draft202012Validator.check_schema(made)
    except SchemaError as error:
        raise SchemaFaultError(f"is no JSON schema: {error.message[:120]}") from error
    except RecursionError as error:
        raise SchemaFaultError("is too deep") from error
    for pattern in _patterns(made):
        _matcher(pattern)
    return made


class _Plain:
    """Writes references out, and counts. Those that lead to themselves become definitions, each made once."""

    def __init__(self, whole: Mapping[str, Any]) -> None:
        self._whole, self._nodes = whole, 0
        self._graph: dict[str, frozenset[tuple[str, bool]]] = {}
        self._found: dict[tuple[str, bool], bool] = {}
        self._defs: dict[str, Any] = {}

    def made(self) -> dict[str, Any]:
        """The whole, with the definitions that it needs."""
        made = self.of(self._whole, ())
        if not isinstance(made, dict):
            raise SchemaFaultError("is no JSON schema: an object was expected")
        if self._defs:
            if found := _uses(made, _UNEVALUATED) or _uses(self._defs, _UNEVALUATED):
                raise SchemaFaultError(f"uses {found} beside a reference to itself")
            made["$defs"] = {str(n): one for n, one in enumerate(self._defs.values())}
        return made

    def of(self, part: Any, inside: tuple[str, ...], *, names: bool = False) -> Any:
        """A part of the schema. `names`: its members are names of somebody's choice."""
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise SchemaFaultError(f"has more than {MOST_NODES} parts once its references are written out")
        if len(inside) > _DEEPEST:
            raise SchemaFaultError("is too deep")
        if isinstance(part, list):
            return [self.of(one, (*inside, "")) for one in part]
        if not isinstance(part, Mapping):
            return part
        if names:
            return {name: self.of(one, (*inside, "")) for name, one in part.items()}
        if found := _UNKNOWN & set(part):
            raise SchemaFaultError(f"uses {sorted(found)[0]}")
        made = {
            key: one if key in _AS_IS else self.of(one, (*inside, ""), names=key in _NAMED)
            for key, one in part.items()
            if key not in _LEFT_OUT and key != "$ref"
        }
        if "$ref" not in part:
            return made
        there = self._referred(part["$ref"], inside)
        return {**made, "allOf": [*made.get("allOf", []), there]} if made else there

    def _referred(self, reference: Any, inside: tuple[str, ...]) -> Any:
        if not isinstance(reference, str) or not reference.startswith("#"):
            raise SchemaFaultError("refers to another document")
        if not (reference == "#" or reference.startswith("#/")):
            raise SchemaFaultError(f"refers to an anchor, {reference[:80]}")
        if not self._circles(reference, deeper=True):
            return self.of(self._target(reference), (*inside, reference))
        if self._circles(reference, deeper=False):
            raise SchemaFaultError(f"refers to itself at {reference[:80]}, and to nothing inside a value")
        if reference not in self._defs:
            self._defs[reference] = {}
            self._defs[reference] = self.of(self._target(reference), (reference,))
        return {"$ref": f"#/$defs/{list(self._defs).index(reference)}"}

    def _circles(self, reference: str, *, deeper: bool) -> bool:
        """Whether what is there refers to itself, by whatever way; without `deeper`, of one and the same value."""
        if (reference, deeper) not in self._found:
            seen: set[str] = set()
            left = [reference]
            while left:
                for name, inside in self._refers(left.pop()):
                    if name not in seen and (deeper or not inside):
                        seen.add(name)
                        left.append(name)
            self._found[reference, deeper] = reference in seen
        return self._found[reference, deeper]

    def _refers(self, reference: str) -> frozenset[tuple[str, bool]]:
        if reference not in self._graph:
            self._graph[reference] = frozenset(_references(self._target(reference), inside=False))
        return self._graph[reference]

    def _target(self, reference: str) -> Any:
        found: Any = self._whole
        for step in reference[1:].split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, Mapping) or name not in found:
                raise SchemaFaultError(f"refers to {reference[:80]}, which is not there")
            found = found[name]
        return found


def _references(part: Any, *, inside: bool, names: bool = False) -> Iterator[tuple[str, bool]]:
    """What a part refers to, and whether that speaks of what is inside its value. Raises RecursionError."""
    if isinstance(part, list):
        for one in part:
            yield from _references(one, inside=inside)
    elif isinstance(part, Mapping):
        for key, one in part.items():
            if names:
                yield from _references(one, inside=inside)
            elif key == "$ref" and isinstance(one, str) and one.startswith("#"):
                yield one, inside
            elif key not in _AS_IS and key not in _LEFT_OUT:
                yield from _references(one, inside=inside or key in _DEEPER, names=key in _NAMED)


def _uses(part: Any, keywords: frozenset[str]) -> str:
    """One of the keywords that a part has somewhere, or nothing."""
    if isinstance(part, list):
        return next((found for one in part if (found := _uses(one, keywords))), "")
    if not isinstance(part, Mapping):
        return ""
    return next(iter(sorted(keywords & set(part))), "") or _uses(list(part.values()), keywords)


def mismatch(schema: Mapping[str, Any], value: Any) -> str | None:
    """Where and how a value is not as a plain schema says, or None. Takes at most `MOST_STEPS`."""
    if _size(schema) * _size(value) > MOST_STEPS:
        return "is too large to be checked against its schema"
    try:
        error = next(_validator(schema).iter_errors(value), None)
    except _OverBoundError as error:
        return str(error)
    except RecursionError:
        return "is too deep to be checked against its schema"
    if error is None:
        return None
    place = ".".join(str(step) for step in error.absolute_path) or "the whole"
    # Without the value: it may be long, and it may be what nobody should read.
    return f"{place[:80]}: {_rule(error)}"


def _rule(error: ValidationError) -> str:
    match error.validator:
        case "required":
            missing = [one for one in error.validator_value if one not in error.instance]
            return f"{', '.join(missing)[:80]} is missing"
        case "additionalProperties":
            return "has a member that is not named"
        case _:
            return f"{error.validator} {str(error.validator_value)[:80]} was expected"


def _size(value: Any) -> int:
    count, left = 0, [value]
    while left:
        one = left.pop()
        count += 1
        if isinstance(one, Mapping):
            left.extend(one.values())
        elif isinstance(one, list):
            left.extend(one)
    return count


def _patterns(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for one in part:
            yield from _patterns(one)
    elif isinstance(part, Mapping):
        if isinstance(part.get("pattern"), str):
            yield part["pattern"]
        for one in part.values():
            yield from _patterns(one)


def _matcher(pattern: str) -> TypeAdapter[str]:
    """A pattern by an engine that does not backtrack: what that one cannot do is not checked against."""
    try:
        return TypeAdapter(Annotated[str, StringConstraints(pattern=pattern)])
    except (PatternFault, re.error) as error:
        raise SchemaFaultError(f"has a pattern that cannot be matched in linear time: {pattern[:60]!r}") from error


def _pattern(_validator: Validator, pattern: str, value: Any, _schema: Any) -> Iterator[ValidationError]:
    try:
        if isinstance(value, str):
            _matcher(pattern).validate_python(value)
    except PatternMismatch:
        yield ValidationError("does not match")


_Checked = extend(Draft202012Validator, {"pattern": _pattern})


class _OverBoundError(Exception):
    """A check that would take longer than checks may."""


class _Following:
    """Follows references to definitions, counting: two of one value double what there is to do at each level."""

    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._defs = {f"#/$defs/{name}": (one, _size(one)) for name, one in definitions.items()}
        self._steps, self._nested = 0, 0

    def __call__(self, validator: Any, reference: str, value: Any, _schema: Any) -> Iterator[ValidationError]:
        there, size = self._defs[reference]
        self._steps += size * _size(value)
        if self._steps > MOST_STEPS:
            raise _OverBoundError("is too large to be checked against its schema")
        if self._nested >= MOST_NESTED:
            raise _OverBoundError(f"is nested more than {MOST_NESTED} deep")
        self._nested += 1
        try:
            yield from validator.descend(value, there)
        finally:
            self._nested -= 1


def _validator(schema: Mapping[str, Any]) -> Validator:
    kind = extend(_Checked, {"$ref": _Following(schema["$defs"])}) if "$defs" in schema else _Checked
    return kind(schema, registry=Registry())
