"""A tool of an agent: LangChain's `StructuredTool` with closed, typed arguments, its class, and what it may be given.

No tool takes an address, a host or a path that a model wrote (DESIGN.md §6): a schema that asks for one is refused
when the tool is made, and a value that looks like one when it is called, where the tool reaches out of this process.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from langchain_core.tools import StructuredTool

from casefile.tool_scopes import ToolClass

_PARTS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
_ADDRESSES = re.compile(
    r"(?:url|uri|path|host|link|address|file|site|folder|port|server)s?|href|hostname|domain|ip|filename|filepath|"
    r"director(?:y|ies)|dir|endpoint|webhook|origin|proxy|socket|command|cmd|shell"
)
_FORMATS = re.compile(r"(?:uri|iri)(?:-reference)?|url|(?:idn-)?(?:hostname|email)|ipv[46]|(?:file-|directory-)?path")
_VALUE = re.compile(
    r"[a-z][a-z0-9+.-]*://|^//\w|^\\\\|^~?/\S|^[A-Za-z]:[\\/]|(?:^|[\\/])\.\.(?:[\\/]|$)|^mailto:|^data:|^file:"
    r"|\b(?:\d{1,3}\.){3}\d{1,3}\b|\[[0-9a-f:]*::?[0-9a-f:.]*\]|\blocalhost\b"
    r"|\b(?:[a-z0-9-]+\.)+(?:com|net|org|io|dev|app|example|internal|local|test|eu|de|uk|us|cloud|ai|co)\b",
    re.IGNORECASE,
)


class ToolFaultError(ValueError):
    """A tool that cannot be an agent's: the text says why."""


@dataclass(frozen=True, slots=True)
class AgentTool:
    """`outside`: a call leaves this process. Its arguments may then not hold what looks like an address.

    `schema` is the JSON schema of the arguments; it is closed: an argument that it does not name is refused.
    """

    tool: StructuredTool
    kind: ToolClass
    outside: bool = False
    seconds: float = 10.0
    schema: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, tool: StructuredTool, kind: ToolClass, *, outside: bool = False, seconds: float = 10.0) -> AgentTool:
        """The tool with its schema looked at. Raises ToolFaultError for one that takes an address."""
        schema: Any = tool.tool_call_schema
        shape = dict(schema) if isinstance(schema, dict) else schema.model_json_schema()
        wrong = sorted(addresses_in(shape))
        if wrong:
            raise ToolFaultError(f"{tool.name}: a tool takes no address; {', '.join(wrong)} would be one")
        return cls(tool, kind, outside, seconds, shape)

    @property
    def name(self) -> str:
        """The name that scopes speak of."""
        return str(self.tool.name)


def addresses_in(schema: Mapping[str, Any], place: str = "") -> Iterator[str]:
    """The arguments of a JSON schema, however deep, whose name or format says that they are addresses."""
    if _FORMATS.fullmatch(str(schema.get("format", ""))):
        yield place.rstrip(".") or "the arguments"
    for name, part in (schema.get("properties") or {}).items():
        here = f"{place}{name}"
        if _names_an_address(name):
            yield here
        if isinstance(part, Mapping):
            yield from addresses_in(part, f"{here}.")
    for name, part in (schema.get("$defs") or schema.get("definitions") or {}).items():
        yield from addresses_in(part, f"{place}{name}.")
    for key in ("items", "additionalProperties", "contains", "not"):
        if isinstance(part := schema.get(key), Mapping):
            yield from addresses_in(part, f"{place}[].")
    for key in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for part in schema.get(key) or ():
            if isinstance(part, Mapping):
                yield from addresses_in(part, place)


def _names_an_address(name: str) -> bool:
    return any(_ADDRESSES.fullmatch(part.lower()) for part in _PARTS.findall(name))


def address_among(value: Any) -> str | None:
    """The first text in arguments, however deep, that looks like an address; None where there is none."""
    if isinstance(value, str):
        return value if _VALUE.search(value.strip()) else None
    if isinstance(value, Mapping):
        parts = [*value.keys(), *value.values()]
    elif isinstance(value, list | tuple):
        parts = list(value)
    else:
        return None
    return next((found for part in parts if (found := address_among(part)) is not None), None)
