"""What a connected system answered, on its way to become evidence like any file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: its bytes as they came, a file name whose ending tells the reader its kind, and where it came from.

    `connector` is the connector's id, `system` the kind of system that source ranks speak of, `place` says which
    question was asked (a path with its query, or a tool with its arguments), without any secret. `at` is when the
    answer was complete, in UTC. An answer may be older than that: `as_of` is the time that it gives itself, `age` what
    a cache says of it. The same answer again is evidence again only when the former is older than `fresh_for`.
    """

    data: bytes
    name: str
    connector: str
    system: str
    place: str
    at: datetime
    as_of: datetime | None = None
    age: timedelta = timedelta()
    fresh_for: timedelta | None = None


class ConnectorError(Exception):
    """A connected system gave nothing that can be used; the text names the connector and the reason, no secret."""
