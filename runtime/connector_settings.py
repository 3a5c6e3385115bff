"""The systems that an installation reads over HTTP, by tenant: one YAML file, read once (`CASEGATE_CONNECTORS`).

```yaml
tenants:
  tn-northquay:
    desk:                                     # the connector's id
      kind: ticketing                         # ticketing, crm or identity
      system: ticketing                       # the word by which scenarios rank its answers
      base: https://desk.internal/api         # http is for loopback only
      auth: {kind: bearer, secret: "env:DESK_TOKEN"}     # or basic with username, header with name, none
      resources:
        ticket:
          path: /tickets/{ticket}
          parameters: {ticket: {title: Ticket number, pattern: "[A-Z]{2}-[0-9]{1,9}", example: NQ-1042}}
          file: ticket-{ticket}.json
          as_of: /meta/as_of                  # JSON pointer to the time that the answer gives itself
          fresh_minutes: 60                   # older is marked stale
        comments:
          path: /tickets/{ticket}/comments
          parameters: {ticket: {title: Ticket number, pattern: "[A-Z]{2}-[0-9]{1,9}"}}
          file: comments-{ticket}.json
          items: /comments                    # the list that pages are joined into
          paging: {kind: pages}               # or cursor, link
```
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from string import Formatter
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from runtime.http_settings import ByTenant, Reached, Shape, load

MEBIBYTE = 1024 * 1024
_SEGMENTS = re.compile(r"(?:/(?:[A-Za-z0-9._~@:+-]|\{[a-z][a-z0-9_]*\})+)+")
_FILE = re.compile(r"(?:[A-Za-z0-9._-]|\{[a-z][a-z0-9_]*\}){1,120}\.json")
_SECRET_NAMES = re.compile(r"secret|token|passw|credential|signature|api[-_.]?key|^key$|^auth", re.IGNORECASE)


def _regex(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"a regular expression was expected: {error}") from None
    return text


Pointer = Annotated[str, Field(pattern=r"^(?:/(?:[^~/]|~[01])*)*$", max_length=200)]
ParameterName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]


class OnePage(Shape):
    """The answer is one document, kept as it came."""

    kind: Literal["none"]


class NumberedPages(Shape):
    """Pages by number, until one is empty."""

    kind: Literal["pages"]
    page: str = Field(default="page", min_length=1, max_length=40)
    per_page: str = Field(default="per_page", min_length=1, max_length=40)
    size: int = Field(default=50, ge=1, le=1000)
    first: int = Field(default=1, ge=0, le=1)


class CursorPages(Shape):
    """Each page has at `next` what is sent as `parameter` for the next one; the last has none."""

    kind: Literal["cursor"]
    next: Pointer
    parameter: str = Field(default="cursor", min_length=1, max_length=40)


class LinkedPages(Shape):
    """`Link: <…>; rel="next"`, followed at the same base only."""

    kind: Literal["link"]


class Parameter(Shape):
    """An id that a question names. `pattern` is what it must be as a whole."""

    title: str = Field(default="", max_length=100)
    pattern: Annotated[str, Field(max_length=200), AfterValidator(_regex)] = r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
    example: str = Field(default="", max_length=100)

    @model_validator(mode="after")
    def _of_its_pattern(self) -> Parameter:
        if self.example and not re.fullmatch(self.pattern, self.example):
            raise ValueError("example: one that fits the pattern was expected")
        return self


class Resource(Shape):
    """A question that can be asked: where, with which ids, and what becomes of the answer."""

    title: str = Field(default="", max_length=100)
    path: str = Field(max_length=200)
    query: Mapping[str, str] = {}
    parameters: Mapping[ParameterName, Parameter] = {}
    paging: Annotated[OnePage | NumberedPages | CursorPages | LinkedPages, Field(discriminator="kind")] = OnePage(
        kind="none"
    )
    pages: int = Field(default=20, ge=1, le=500)
    items: Pointer | None = None
    file: str
    as_of: Pointer | None = None
    fresh_minutes: int | None = Field(default=None, ge=1, le=525_600)

    @model_validator(mode="after")
    def _fits(self) -> Resource:
        if not _SEGMENTS.fullmatch(self.path) or any(part in (".", "..") for part in self.path.split("/")):
            raise ValueError("path: /plain/segments and {parameters} were expected, none of them . or ..")
        if not _FILE.fullmatch(self.file):
            raise ValueError("file: a name that ends with .json was expected, with {parameters} where it has any")
        for name, value in self.query.items():
            if _SECRET_NAMES.search(name) and not names_in(value):
                raise ValueError(f"query.{name}: no secret was expected in an address; it goes to auth")
        asked = {name for text in (self.path, *self.query.values()) for name in names_in(text)}
        unknown = sorted((asked | names_in(self.file)) - set(self.parameters))
        if unknown:
            raise ValueError(f"parameters: {unknown[0]} was expected, because path, query or file name it")
        unused = sorted(set(self.parameters) - asked)
        if unused:
            raise ValueError(f"parameters: {unused[0]} was expected in path or query")
        if self.paging.kind != "none" and self.items is None:
            raise ValueError("items: the place of the list that pages are joined into was expected")
        if self.paging.kind == "none" and self.items is not None:
            raise ValueError("items: it was expected with paging only; one document is kept as it came")
        return self


class ConnectorSettings(Reached):
    """A system: where it is, how it is asked, within which limits. `bytes` and `seconds` are of a whole question."""

    kind: Literal["ticketing", "crm", "identity"]
    title: str = Field(default="", max_length=100)
    system: str = Field(min_length=1, max_length=200)
    seconds: float = Field(default=10, gt=0, le=60)
    bytes: int = Field(default=4 * MEBIBYTE, ge=1, le=64 * MEBIBYTE)
    retries: int = Field(default=2, ge=0, le=5)
    resources: Mapping[Name, Resource] = Field(min_length=1)


class Connectors(ByTenant[ConnectorSettings]):
    """Every tenant's connectors."""

    tenants: Mapping[str, Mapping[Name, ConnectorSettings]] = {}


def names_in(template: str) -> set[str]:
    """The parameters that a template names. Raises ValueError for one that is no template."""
    try:
        parts = list(Formatter().parse(template))
    except ValueError:
        raise ValueError(f"{template}: a text with {{parameters}} was expected") from None
    if any(spec or conversion for _, _, spec, conversion in parts):
        raise ValueError(f"{template}: a plain {{parameter}} was expected")
    return {name for _, name, _, _ in parts if name is not None}


def load_connectors(file: Path | None) -> Connectors:
    """The connectors file; none where none is given. Raises InputError with the place of the fault."""
    return load(Connectors, file, "CASEGATE_CONNECTORS")
