"""A question to a system over HTTP: an address of its template, and ids. Nothing else can be put into it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import httpx

from runtime.connector_settings import ConnectorSettings, Parameter, Resource
from tools.connectors.fetched import ConnectorError

# Whatever pattern the settings give: no separator of addresses, no way up, also not one that a server would decode.
_ID = re.compile(r"(?!.*\.\.)[A-Za-z0-9._@+:~-]{1,128}")


class IdError(ConnectorError):
    """An id that cannot be asked for: `parameter` is which, `expected` what was expected."""

    def __init__(self, parameter: str, expected: str) -> None:
        super().__init__(f"{parameter}: {expected}")
        self.parameter, self.expected = parameter, expected


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of one resource of a connector. Its ids are checked."""

    connector: str
    settings: ConnectorSettings
    resource: Resource
    ids: Mapping[str, str]

    @property
    def place(self) -> str:
        """The path with its query, as the lineage names the question."""
        path = self.resource.path.format(**{name: quote(one, safe="") for name, one in self.ids.items()})
        query = urlencode({name: text.format(**self.ids) for name, text in self.resource.query.items()})
        return f"{path}?{query}" if query else path

    @property
    def address(self) -> httpx.URL:
        """Where it is asked, without what paging adds."""
        return httpx.URL(self.settings.base.rstrip("/") + self.place)

    @property
    def file(self) -> str:
        """The name of the file that the answer becomes."""
        return re.sub(r"[^A-Za-z0-9._-]", "-", self.resource.file.format(**self.ids))


def question(connector: str, settings: ConnectorSettings, resource: Resource, ids: Mapping[str, object]) -> Question:
    """The question with its ids checked. Raises IdError for the first that is missing, unknown or not of its form."""
    for name in ids:
        if name not in resource.parameters:
            raise IdError(name, f"only {', '.join(resource.parameters) or 'no id'} was expected")
    return Question(
        connector, settings, resource, {n: _checked(n, one, ids.get(n)) for n, one in resource.parameters.items()}
    )


def _checked(name: str, parameter: Parameter, value: object) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value) or not re.fullmatch(parameter.pattern, value):
        example = f", for example {parameter.example}" if parameter.example else ""
        raise IdError(name, f"an id of the form {parameter.pattern} was expected{example}")
    if value.strip(".") == "":
        raise IdError(name, "an id was expected")
    return value


def same_origin(one: httpx.URL, other: httpx.URL) -> bool:
    """Whether scheme, host and port are the same, and no name or password is told."""
    return (one.scheme, one.host, one.port) == (other.scheme, other.host, other.port) and not other.userinfo
