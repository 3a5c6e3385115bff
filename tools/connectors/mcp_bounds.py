"""What a connection to an MCP server may take, and why it was broken off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from casefile.connectors import Shape
from tools.connectors.fetched import ConnectorError

SHOWN = 300
CLEAN_UP_SECONDS = 3.0
REPEATED = "repeated the secret that it was given"


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds for all of a connection, bytes that a server may send in it, tools and pages that it may list.

    `schema_bytes` is for the description and the schemas of one tool together, `parts` for the parts of one answer.
    """

    seconds: float = 20.0
    bytes: int = 8 * 1024 * 1024
    tools: int = 200
    pages: int = 20
    schema_bytes: int = 64 * 1024
    parts: int = 20


class ToolChangedError(ConnectorError):
    """The tool is not what was looked at. `now` is what the server tells, or None where it has no such tool."""

    def __init__(self, reason: str, now: Shape | None) -> None:
        super().__init__(reason)
        self.now = now


@dataclass(slots=True)
class Wire:
    """What came in so far. The first reason to break off is the one that is told.

    `secrets` are what the server was given: an answer that repeats one is not taken in, whatever else it says.
    """

    bounds: Bounds
    secrets: Sequence[str] = ()
    taken: int = 0
    fault: str = ""
    _end: bytes = field(default=b"", repr=False)

    def take(self, data: bytes) -> bool:
        """Whether this much more is taken in."""
        self.taken += len(data)
        if self.taken > self.bounds.bytes:
            self.broken(f"sent more than {self.bounds.bytes:,} bytes")
        seen = self._end + data
        if any(one.encode() in seen for one in self.secrets):
            self.broken(REPEATED)
        longest = max((len(one.encode()) for one in self.secrets), default=1)
        self._end = seen[-longest:]
        return not self.fault

    def heed(self, value: object) -> None:
        """Look for a secret in what was read out of the bytes: there it can have been written in another way."""
        for text in _texts(value):
            if any(one in text for one in self.secrets):
                self.broken(REPEATED)

    def broken(self, reason: str) -> None:
        """Break off."""
        self.fault = self.fault or reason

    def plain(self, text: str) -> str:
        """A text of the server as it may be shown: one line, printable, short, without a secret."""
        for one in self.secrets:
            text = text.replace(one, "[secret]")
        return one_line(text)[:SHOWN]


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case bytes():
            yield value.decode("utf-8", "replace")
        case Mapping():
            yield from (text for pair in value.items() for part in pair for text in _texts(part))
        case list() | tuple():
            yield from (text for part in value for text in _texts(part))
        case _:
            return


def one_line(text: str) -> str:
    """A text without line ends and without what cannot be printed."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
