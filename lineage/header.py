"""The format of an entry's header, member by member (DESIGN.md §7)."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, TypeAlias

import orjson

from lineage.canonical import MAX_INTEGER, Json, canonical

VERSION: Final = 1

# Openings of tool calls share the name space of the content, so content keeps out of theirs.
TOOL_CALLS: Final = "tool_calls/"

# An identifier longer than this is content in disguise, and a header has none.
MAX_IDENTIFIER = 200

_hash_form = re.compile(r"sha256:[0-9a-f]{64}").fullmatch
_time_form = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z").fullmatch

_Test: TypeAlias = Callable[[Any], bool]


def read(data: bytes) -> tuple[Mapping[str, Any], str | None]:
    """The header in `data` as far as it can be read, and the first fault of form or layout.

    Of a faultless header at least the members that a chain is made of: tenant, case, seq, prev, content, tool_calls.
    """
    plain = _plain(data)
    if plain is not None:
        return plain, None
    try:
        header = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        return {}, f"header: expected canonical JSON: {error}"
    problem = fault(header)
    if problem:
        return (header if type(header) is dict else {}), problem
    return header, None if layout(header) == data else "header: expected canonical JSON, found another layout"


def layout(header: dict[str, Json]) -> bytes:
    """The canonical bytes of a faultless header. Raises CanonicalError for text that is no Unicode."""
    # It lies within the canonical domain, so only keys beyond ASCII need more than sorting by code point.
    try:
        data = orjson.dumps(header, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        return canonical(header)
    return data if data.isascii() else canonical(header)


def plain_layout(header: dict[str, Json]) -> bytes | None:
    """The canonical bytes of a header that is plainly faultless, or None where `fault` has to tell."""
    try:
        data = orjson.dumps(header, option=orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_SUBCLASS)
    except orjson.JSONEncodeError:
        return None
    # What was written from a mapping with sorted keys has its names once and in order.
    match = _PLAIN.fullmatch(data)
    return data if match is not None and _is_known_time(match["at"].decode()) else None


def _plain(data: bytes) -> Mapping[str, Any] | None:
    """The chain's members of a header that is plainly faultless, or None where the full test has to tell.

    One pattern over the bytes is three times as fast as parsing, testing and writing them again. It takes only what is
    ASCII without escapes and calls no tools; whatever else is faultless goes the other way.
    """
    match = _PLAIN.fullmatch(data)
    if match is None or not _is_known_time(match["at"].decode()):
        return None
    content: dict[str, str] = orjson.loads(match["content"])
    # The pattern sees neither order nor repetition of the names.
    if list(content) != sorted(content) or len(content) != match["content"].count(b'":"'):
        return None
    return {
        "tenant": match["tenant"].decode(),
        "case": match["case"].decode(),
        "seq": int(match["seq"]),
        "prev": match["prev"].decode(),
        "content": content,
        "tool_calls": [],
    }


def fault(header: object) -> str | None:
    """The first way in which `header` departs from the format, with the member's place; None for none."""
    if type(header) is not dict:
        return "header: expected an object"
    # A later version may have other members, so the version is looked at before them.
    if type(header.get("v")) is not int or header["v"] != VERSION:
        return f"/v: expected header version {VERSION}, the one known here, found {header.get('v')!r:.40}"
    if header.keys() != _MEMBERS.keys():
        missing, extra = sorted(_MEMBERS.keys() - header.keys()), sorted(header.keys() - _MEMBERS.keys())
        return f"header: expected the members of version {VERSION}; missing {missing}, extra {extra}"[:400]
    for name, holds, expected in _TESTS:
        if not holds(header[name]):
            return f"/{name}: expected {expected}"
    return None


def is_count(value: Any) -> bool:
    """Whether `value` is a size or a sequence number: an integer from 0 to 2^53 - 1."""
    return type(value) is int and 0 <= value <= MAX_INTEGER


def _is_identifier(value: Any) -> bool:
    return type(value) is str and 0 < len(value) <= MAX_IDENTIFIER


def _is_hash(value: Any) -> bool:
    return type(value) is str and _hash_form(value) is not None


def _is_time(value: Any) -> bool:
    return type(value) is str and _time_form(value) is not None and _is_moment(value)


@lru_cache(maxsize=256)
def _is_moment(value: str) -> bool:
    # The entries of a turn have one time.
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


# The entries of one turn share their time.
_is_known_time = lru_cache(maxsize=1024)(_is_time)


def _is_content(value: Any) -> bool:
    return type(value) is dict and all(
        _is_identifier(name) and not name.startswith(TOOL_CALLS) and _is_hash(committed)
        for name, committed in value.items()
    )


def _one_of(*words: str) -> _Test:
    return lambda value: type(value) is str and value in words


def _or_null(holds: _Test) -> _Test:
    return lambda value: value is None or holds(value)


def _each(holds: _Test) -> _Test:
    return lambda value: type(value) is list and (not value or all(map(holds, value)))


def _record(**members: _Test) -> _Test:
    tests = tuple(members.items())

    def holds(value: Any) -> bool:
        if type(value) is not dict or len(value) != len(tests):
            return False
        return all(name in value and test(value[name]) for name, test in tests)

    return holds


_IDENTIFIER = (_is_identifier, f"a string of 1 to {MAX_IDENTIFIER} characters")
_IDENTIFIERS = (_each(_is_identifier), f"a list of strings of 1 to {MAX_IDENTIFIER} characters")
_HASH_OR_NULL = (_or_null(_is_hash), "sha256:<64 lowercase hex digits> or null")
_IS_ACTOR = _record(type=_one_of("agent", "person", "system"), id=_is_identifier, role=_or_null(_is_identifier))
_IS_AGENT = _record(
    name=_is_identifier,
    prompt=_or_null(_is_identifier),
    prompt_version=_or_null(_is_identifier),
    prompt_hash=_or_null(_is_hash),
    model=_or_null(_is_identifier),
)
_IS_CALL = _record(tool=_is_identifier, args=_is_hash, result=_is_hash)

_MEMBERS: Final[Mapping[str, tuple[_Test, str]]] = {
    "v": (is_count, "the version"),
    "tenant": _IDENTIFIER,
    "case": _IDENTIFIER,
    "run": _IDENTIFIER,
    "seq": (is_count, "an integer from 0"),
    "kind": _IDENTIFIER,
    "at": (_is_time, "a UTC time, YYYY-MM-DDTHH:MM:SSZ"),
    "prev": (_is_hash, "sha256:<64 lowercase hex digits>"),
    "actor": (_IS_ACTOR, "type (agent, person or system), id, and role or null"),
    "agent": (_or_null(_IS_AGENT), "name, prompt, prompt_version, prompt_hash and model, or null"),
    "base_revision": _HASH_OR_NULL,
    "new_revision": _HASH_OR_NULL,
    "accepted_edits": _IDENTIFIERS,
    "rejected_edits": _IDENTIFIERS,
    "tool_calls": (_each(_IS_CALL), "a list of tool, args and result, the last two as commitments"),
    "citations": (_each(_is_hash), "a list of sha256:<64 lowercase hex digits>"),
    "policy_version": (_or_null(_is_identifier), "a string or null"),
    "opens": _IDENTIFIERS,
    "closes": _IDENTIFIERS,
    "envelope": _HASH_OR_NULL,
    "content": (_is_content, "commitments by name, no name beginning with tool_calls/"),
}
_TESTS: Final = tuple((name, holds, expected) for name, (holds, expected) in _MEMBERS.items())


def _pattern() -> re.Pattern[bytes]:
    """`_MEMBERS` once more, as the bytes of a canonical header of printable ASCII without escapes."""
    text = rb"[ !#-\[\]-~]{1,%d}" % MAX_IDENTIFIER
    quoted = b'"' + text + b'"'
    hashed = rb'"sha256:[0-9a-f]{64}"'

    def or_null(form: bytes) -> bytes:
        return b"(?:null|" + form + b")"

    def each(form: bytes) -> bytes:
        return rb"\[(?:" + form + b"(?:," + form + rb")*)?\]"

    agent = b'{"model":%s,"name":%s,"prompt":%s,"prompt_hash":%s,"prompt_version":%s}' % (
        or_null(quoted), quoted, or_null(quoted), or_null(hashed), or_null(quoted)
    )  # fmt: skip
    committed = b'"(?!' + TOOL_CALLS.encode() + b")" + text + b'":' + hashed
    forms = {
        "accepted_edits": each(quoted),
        "actor": b'{"id":%s,"role":%s,"type":"(?:agent|person|system)"}' % (quoted, or_null(quoted)),
        "agent": or_null(agent),
        "at": rb'"(?P<at>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)"',
        "base_revision": or_null(hashed),
        "case": b'"(?P<case>' + text + b')"',
        "citations": each(hashed),
        "closes": each(quoted),
        "content": b"(?P<content>{(?:" + committed + b"(?:," + committed + b")*)?})",
        "envelope": or_null(hashed),
        "kind": quoted,
        "new_revision": or_null(hashed),
        "opens": each(quoted),
        "policy_version": or_null(quoted),
        "prev": rb'"(?P<prev>sha256:[0-9a-f]{64})"',
        "rejected_edits": each(quoted),
        "run": quoted,
        # 15 digits stay below 2^53.
        "seq": rb"(?P<seq>0|[1-9][0-9]{0,14})",
        "tenant": b'"(?P<tenant>' + text + b')"',
        "tool_calls": rb"\[\]",
        "v": b"%d" % VERSION,
    }
    members = b",".join(b'"%s":%s' % (name.encode(), forms[name]) for name in sorted(_MEMBERS))
    return re.compile(b"{" + members + b"}")


_PLAIN = _pattern()
