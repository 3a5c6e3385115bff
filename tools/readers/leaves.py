"""Trees of values (JSON, YAML, HAR, calendars): every scalar is a span under its JSON Pointer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from casefile.evidence import Span
from tools.readers import clock
from tools.readers.limits import Limits, UnreadableError

# Keys deeper than this speak of a part of the document, not of the document.
MADE_DEPTH = 2


@dataclass(frozen=True, slots=True)
class Written:
    """A scalar and how the file writes it: `1.50`, `0x1F`, `~`. `fault` says why it has no value."""

    value: object
    text: str
    fault: str = ""


class Doubled(dict[str, object]):
    """An object of the file in which some keys stand twice; it holds the last value of each."""

    twice: tuple[str, ...] = ()


@dataclass(slots=True)
class Leaves:
    """What `walk` collects: the spans in document order, problems, and the times that name a making."""

    limits: Limits
    spans: list[Span] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    named: list[tuple[int, str, str]] = field(default_factory=list)

    def made_at(self) -> datetime | None:
        """When the document says that it was made or last verified."""
        return clock.made_at(self.named)

    def walk(self, node: object, pointer: str = "", label: str = "", depth: int = 0, in_list: bool = False) -> object:
        """Adds the leaves below `node` and returns it as plain dicts, lists and scalars.

        Raises UnreadableError beyond `max_depth` or `max_leaves`.
        """
        if depth > self.limits.max_depth:
            raise UnreadableError(f"{pointer[:60]}…: nested deeper than {self.limits.max_depth} levels")
        if isinstance(node, dict):
            if isinstance(node, Doubled):
                self.problems += [
                    f"{pointer or '/'}: the key {key!r} stands twice; the last one is used" for key in node.twice
                ]
            return {
                key: self.walk(child, f"{pointer}/{escaped(key)}", key, depth + 1, in_list)
                for key, child in node.items()
            }
        if isinstance(node, list):
            return [self.walk(child, f"{pointer}/{index}", label, depth + 1, True) for index, child in enumerate(node)]
        return self._leaf(node, pointer, label, 99 if in_list else depth)

    def _leaf(self, node: object, pointer: str, label: str, depth: int) -> object:
        if len(self.spans) >= self.limits.max_leaves:
            raise UnreadableError(f"{pointer}: more than {self.limits.max_leaves} values")
        value, text = node, node
        if isinstance(node, Written):
            value, text = node.value, node.text
            if node.fault:
                self.problems.append(f"{pointer}: {node.fault}")
                return value
        elif not isinstance(node, str):
            text = "null" if node is None else str(node).lower() if isinstance(node, bool) else str(node)
        text = str(text)
        if depth <= MADE_DEPTH:
            self.named.append((depth, label, text))
        self.spans.append(Span(pointer, text, "leaf", label, text))
        return value


def escaped(key: str) -> str:
    """A key as a step of a JSON Pointer (RFC 6901, section 3)."""
    return key.replace("~", "~0").replace("/", "~1") if "~" in key or "/" in key else key


def must_be_text(text: str) -> None:
    """Raises UnreadableError when an escape made half of a surrogate pair, which is no character."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        around = text[max(0, error.start - 20) : error.start].encode("utf-8", "ignore").decode()
        raise UnreadableError(f"half of a surrogate pair (an escape such as \\ud800) after {around!r}") from None
