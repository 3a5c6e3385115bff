"""Canonical JSON: the one byte form of a value (RFC 8785), over a domain that leaves no room for doubt.

The domain: null, booleans, integers within ±(2^53 - 1), strings without lone surrogates, lists, and
objects with string keys, nested at most `MAX_DEPTH` deep. Floats are out, so that no two languages
can print one number in two ways.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from typing import Any, TypeAlias

import orjson

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"

MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 100

_STRING = {str}
# The steps from a document's root to a value.
Path: TypeAlias = tuple[str | int, ...]


class CanonicalError(ValueError):
    """A value or text outside the domain. The message names the place and what was expected there."""


class _Repeated:
    """Stands in a parsed value where an object had one key twice, until its place is known."""

    def __init__(self, key: str) -> None:
        self.key = key


def canonical(value: Json, at: Path = ()) -> bytes:
    """The RFC 8785 bytes of `value` (UTF-8). Raises CanonicalError outside the domain.

    `at` is the place of the value in the document that it becomes a part of: errors name it, and the
    depth counts from that document's root.
    Types are taken exactly: a subclass of str, a tuple or a dataclass is refused, because what it
    would be written as is not evident.
    """
    if _examine(value, at):
        return orjson.dumps(_in_utf16_order(value))
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def parse(data: bytes) -> Json:
    """Reads JSON text in any layout. Raises CanonicalError for what is outside the domain.

    Duplicate keys, floats, NaN, integers out of range, a byte order mark and trailing bytes are refused.
    """
    try:
        value: Json = json.loads(str(data, "utf-8"), object_pairs_hook=_object)
    except RecursionError:
        raise CanonicalError(f"document: expected at most {MAX_DEPTH} levels of nesting") from None
    except ValueError as error:
        raise CanonicalError(f"document: expected JSON in UTF-8: {error}") from None
    _examine(value, ())
    return value


def parse_canonical(data: bytes) -> Json:
    """Reads bytes that must already be canonical; several times faster than `parse`.

    Raises CanonicalError when they are not. A repeated key cannot pass: written again, it is gone.
    """
    try:
        value: Json = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise CanonicalError(f"document: expected canonical JSON: {error}") from None
    if canonical(value) != data:
        raise CanonicalError("document: expected canonical JSON, found another layout of the same value")
    return value


def canonical_part(value: Json) -> bytes:
    """The canonical bytes of a part of what `parse_canonical` gave: the domain was examined there, with the whole."""
    data = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    # Only keys beyond ASCII can need another order than that of code points.
    return data if data.isascii() else canonical(value)


def digest(value: Json) -> str:
    """`sha256:<hex>` of the canonical bytes of `value`. Raises CanonicalError outside the domain."""
    return digest_bytes(canonical(value))


def digest_bytes(data: bytes) -> str:
    """`sha256:<hex>` of `data`."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _examine(value: Any, path: Path) -> bool:
    """Refuses what is outside the domain; tells whether a key has a character beyond U+FFFF."""
    kind = type(value)
    if kind is dict:
        astral = _examine_keys(value, path)
        return _examine_items(value.items(), path) or astral
    if kind is list:
        return _examine_items(enumerate(value), path)
    if kind is str:
        _examine_text(value, path)
    elif kind is int:
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise _refusal(path, "an integer within ±(2^53 - 1)", "one beyond")
    elif kind is _Repeated:
        raise _refusal(path, "each key once", f"{value.key!r} twice")
    elif value is not None and kind is not bool:
        raise _refusal(path, "null, boolean, integer, string, list or object", kind.__name__)
    return False


def _examine_keys(value: dict[Any, Any], path: Path) -> bool:
    if not set(map(type, value)) <= _STRING:
        raise _refusal(path, "keys that are strings", "a key that is not")
    keys = "".join(value)
    if keys.isascii():
        return False
    for key in value:
        _examine_text(key, path)
    return max(keys) > "\uffff"


def _examine_items(items: Iterable[tuple[str | int, Any]], path: Path) -> bool:
    if len(path) >= MAX_DEPTH:
        raise _refusal(path, f"at most {MAX_DEPTH} levels of nesting", "one more")
    astral = False
    for step, item in items:
        # Most items are null or ASCII: those cost no call.
        if item is None or (type(item) is str and item.isascii()):
            continue
        if _examine(item, (*path, step)):
            astral = True
    return astral


def _examine_text(text: str, path: Path) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _refusal(path, "Unicode text", "a lone surrogate") from None


def _refusal(path: Path, expected: str, found: str) -> CanonicalError:
    # JSON Pointer, RFC 6901; the empty pointer is the whole value.
    pointer = "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
    message = f"{pointer or 'document'}: expected {expected}, found {found}"
    # A refused surrogate must not break the log that prints it.
    return CanonicalError(message.encode(errors="backslashreplace").decode())


def _in_utf16_order(value: Json) -> Json:
    """The same value with its keys in the order of RFC 8785 §3.2.3.

    orjson sorts by code point. UTF-16 puts U+10000 and above, written as surrogates from 0xD800,
    before U+E000 to U+FFFF; only such keys need this slower way.
    """
    if isinstance(value, list):
        return [_in_utf16_order(item) for item in value]
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return {key: _in_utf16_order(value[key]) for key in keys}
    return value


def _object(pairs: list[tuple[str, Json]]) -> object:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    [(key, _)] = Counter(key for key, _ in pairs).most_common(1)
    return _Repeated(key)
