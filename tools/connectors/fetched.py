"""What a connected system answered, on its way to become evidence like any file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: its bytes as they came, a file name whose ending tells the reader its kind, and where it came from.

    `connector` is the connector's id, `system` the kind of system that source ranks speak of, `place` says which
    question was asked (a path with its query, or a tool with its arguments), without any secret. `at` is when the
    answer was complete, in UTC.
    """

    data: bytes
    name: str
    connector: str
    system: str
    place: str
    at: datetime


class ConnectorError(Exception):
    """A connected system gave nothing that can be used; the text names the connector and the reason, no secret."""
