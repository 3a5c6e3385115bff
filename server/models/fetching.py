"""What a person may fetch from connected systems, and what came of it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from server.models.problem import Shape


class IdView(Shape):
    """An id that a question names. `pattern` is a regular expression for the whole of it."""

    name: str
    title: str
    pattern: str
    example: str


class ResourceView(Shape):
    """A question that can be asked, and what the scenario would take its answer for."""

    name: str
    title: str
    ids: list[IdView]
    source: str | None
    rank: int | Literal["excluded"] | None


class ConnectorView(Shape):
    """A connected system of the case's tenant."""

    id: str
    title: str
    kind: str
    system: str
    resources: list[ResourceView]


class ConnectorList(Shape):
    """The connected systems that answers may be fetched from."""

    connectors: list[ConnectorView]


class FetchIn(Shape):
    """A question to a connected system. `replaces` is the id of the item that the answer takes the place of."""

    connector: str = Field(max_length=200)
    resource: str = Field(max_length=200)
    ids: dict[str, str] = Field(default={}, max_length=20)
    replaces: str | None = Field(default=None, max_length=200)


class EvidenceFetched(Shape):
    """The answer as evidence: `new`, the `same` as the case has, or `older` than that. `stale` is older than it may be.

    `id` and `sha256` are of the item that holds the answer to this question now.
    """

    run: str
    event: str
    lineage: int
    id: str
    file: str
    system: str
    sha256: str
    size: int
    place: str
    captured_at: str
    replaces: str | None
    outcome: Literal["new", "same", "older"]
    stale: bool
