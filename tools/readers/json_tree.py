"""JSON documents and HTTP archives."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Final

from casefile.evidence import Reading, Span
from tools.readers.decode import decode
from tools.readers.leaves import Doubled, Leaves, Written, must_be_text
from tools.readers.limits import Limits, UnreadableError

# Python reads no longer integers, because reading them takes time in the square of their length.
MAX_DIGITS: Final = 4_000
# Where exports tell what a numbered field is called.
_NAME_TABLES: Final = ("names", "fieldNames", "field_names", "labels", "fieldLabels", "field_labels")
_NUMBERED: Final = re.compile(r"\d{3,}")
_STRING: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"')


def read_json(data: bytes, kind: str, limits: Limits) -> Reading:
    """Every scalar of the document is a leaf span under its JSON Pointer; `data` is the document."""
    text, problems = decode(data)
    leaves = Leaves(limits)
    document = leaves.walk(parse(text, limits))
    spans = _named(leaves.spans, document)
    return Reading(kind, spans, data=document, problems=problems + leaves.problems, made_at=leaves.made_at())


def _named(spans: list[Span], document: object) -> list[Span]:
    """Leaves whose keys are numbers of fields (`customfield_10204`) get the names that the export tells beside them."""
    names: dict[str, str] = {}
    for key in _NAME_TABLES:
        table = document.get(key) if isinstance(document, dict) else None
        if isinstance(table, dict):
            names |= {name: text for name, text in table.items() if isinstance(text, str) and _NUMBERED.search(name)}
    if not names:
        return spans
    inside = tuple(f"/{key}/" for key in _NAME_TABLES)
    return [
        replace(span, label=names[span.label]) if span.label in names and not span.locator.startswith(inside) else span
        for span in spans
    ]


def read_har(data: bytes, kind: str, limits: Limits) -> Reading:
    """An HTTP archive: JSON with `log.entries`. Bodies stay as they are written, also base64 ones."""
    reading = read_json(data, kind, limits)
    log = reading.data.get("log") if isinstance(reading.data, dict) else None
    if not isinstance(log, dict) or not isinstance(log.get("entries"), list):
        raise UnreadableError("/log/entries: not there; expected the list of requests of an HTTP archive")
    return reading


def parse(text: str, limits: Limits) -> object:
    """The document of a JSON text; numbers come as `Written`, objects with double keys as `Doubled`.

    Raises UnreadableError with line and column where the text is not JSON, and for too many values before
    they fill the memory.
    """
    if text.count(",") > limits.max_leaves and _STRING.sub("", text).count(",") > limits.max_leaves:
        raise UnreadableError(f"more than {limits.max_leaves} values")
    try:
        document: object = json.loads(
            text, parse_float=_number, parse_int=_integer, parse_constant=_constant, object_pairs_hook=_object
        )
    except json.JSONDecodeError as error:
        raise UnreadableError(f"line {error.lineno} column {error.colno}: not JSON: {error.msg}") from None
    if "\\ud" in text or "\\uD" in text:
        _must_be_characters(document)
    return document


def _must_be_characters(document: object) -> None:
    pending = [document]
    while pending:
        node = pending.pop()
        if isinstance(node, str):
            must_be_text(node)
        elif isinstance(node, dict):
            pending += [*node, *node.values()]
        elif isinstance(node, list):
            pending += node


def _number(text: str) -> Written:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        return Written(None, text, f"the number {text[:40]} is out of range; it is not used")
    return Written(value, text)


def _integer(text: str) -> Written:
    if len(text) > MAX_DIGITS:
        return Written(None, text, f"a number of {len(text)} digits; it is not used")
    return Written(int(text), text)


def _constant(name: str) -> Written:
    return Written(None, name, f"{name} is no JSON value; it is not used")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    seen: set[str] = set()
    doubled = Doubled(plain)
    doubled.twice = tuple(dict.fromkeys(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return doubled
