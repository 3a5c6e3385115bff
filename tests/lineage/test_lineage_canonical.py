import dataclasses
import datetime
import enum
import json
import uuid
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from lineage.canonical import (
    MAX_DEPTH,
    MAX_INTEGER,
    CanonicalError,
    canonical,
    digest,
    digest_bytes,
    parse,
    parse_canonical,
)

VECTORS = Path(__file__).resolve().parents[3] / "shared" / "vectors" / "jcs"
WITH_FLOATS = {"structures.json", "values.json"}

# Text weighted towards the border where UTF-16 order and code point order part.
texts = st.text() | st.text(alphabet="a\u00e9\ud7ff\ue000\ufb33\uffff\U00010000\U0001f602\U0010ffff", max_size=3)
scalars = st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | texts
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=30)


@given(values)
def test_bytes_are_those_of_rfc8785(value):
    assert canonical(value) == rfc8785.dumps(value)


@given(values)
def test_both_parsers_read_canonical_bytes_back(value):
    data = canonical(value)
    assert parse(data) == value
    assert parse_canonical(data) == value
    assert digest(value) == digest_bytes(data)


@given(values)
def test_any_layout_parses_to_the_same_value(value):
    assert parse(json.dumps(value, indent=2).encode()) == value


@given(st.binary(max_size=60) | st.text(alphabet='[]{}",:0123456789.eE-ntf\\u \U0001f602').map(str.encode))
def test_hostile_bytes_are_refused_or_read_alike(data):
    try:
        value = parse(data)
    except CanonicalError:
        with pytest.raises(CanonicalError):
            parse_canonical(data)
        return
    assert parse(canonical(value)) == value


def vectors() -> list[str]:
    return sorted(path.name for path in (VECTORS / "input").glob("*.json"))


@pytest.mark.skipif(not VECTORS.is_dir(), reason=f"no published vectors in {VECTORS}")
@pytest.mark.parametrize("name", vectors())
def test_published_vector(name):
    data = (VECTORS / "input" / name).read_bytes()
    if name in WITH_FLOATS:
        with pytest.raises(CanonicalError, match="found float"):
            parse(data)
        return
    expected = bytes.fromhex((VECTORS / "outhex" / name.replace(".json", ".txt")).read_text())
    assert canonical(parse(data)) == expected == (VECTORS / "output" / name).read_bytes()


class Word(str):
    pass


class Number(enum.IntEnum):
    ONE = 1


@dataclasses.dataclass
class Point:
    x: int


@pytest.mark.parametrize(
    "stranger",
    [
        1.0,
        float("nan"),
        (1, 2),
        {1},
        b"bytes",
        Word("a"),
        Number.ONE,
        Point(1),
        uuid.UUID(int=1),
        datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC),
        MAX_INTEGER + 1,
        -MAX_INTEGER - 1,
        2**64,
        "\ud800",
        {1: 2},
        {None: 2},
        {Word("a"): 2},
        {"\udfff": 2},
    ],
    ids=repr,
)
def test_what_is_outside_the_domain_is_refused_with_its_place(stranger):
    with pytest.raises(CanonicalError, match=r"^/a~1b/1: expected .+, found "):
        canonical({"z": "", "a/b": [None, stranger]})
    with pytest.raises(CanonicalError, match=r"^document: expected "):
        canonical(stranger)


def test_integers_at_the_edge_are_kept():
    assert parse(canonical([MAX_INTEGER, -MAX_INTEGER])) == [MAX_INTEGER, -MAX_INTEGER]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{"a":[{"b":1,"c":2,"b":3}]}', "^/a/0: expected each key once, found 'b' twice"),
        (b'{"a":1,"\\u0061":1}', "^document: expected each key once"),
        (b'{"a":1.0}', "^/a: expected .* found float"),
        (b"1e2", "found float"),
        (b"[NaN]", "^/0: expected .* found float"),
        (b"[-Infinity]", "found float"),
        (b"[9007199254740992]", "^/0: expected an integer within"),
        (b"1" * 5000, "expected JSON"),
        (b'["\\ud800"]', "^/0: expected Unicode text, found a lone surrogate"),
        (b'"\xed\xa0\x80"', "expected JSON in UTF-8"),
        (b"\xef\xbb\xbf1", "expected JSON"),
        ("1".encode("utf-16"), "expected JSON"),
        (b"[1] 2", "expected JSON"),
        (b"[1,]", "expected JSON"),
        (b"", "expected JSON"),
        (b"01", "expected JSON"),
        (b"[" * 100_000, "levels of nesting"),
        (b"[" * 500 + b"]" * 500, "levels of nesting"),
    ],
)
def test_text_outside_the_domain_is_refused(data, message):
    with pytest.raises(CanonicalError, match=message):
        parse(data)
    with pytest.raises(CanonicalError):
        parse_canonical(data)


@pytest.mark.parametrize("data", [b'{"b":1,"a":2}', b"[1, 2]", b'"\\u0061"', b"-0", b"1\n", b'"\\/"'])
def test_another_layout_is_not_canonical(data):
    parse(data)
    with pytest.raises(CanonicalError, match="expected canonical JSON"):
        parse_canonical(data)


def test_nesting_ends_at_one_depth_for_writing_and_reading():
    def nested(levels: int) -> bytes:
        return b"[" * levels + b"]" * levels

    assert canonical(parse(nested(MAX_DEPTH))) == nested(MAX_DEPTH)
    with pytest.raises(CanonicalError, match="levels of nesting"):
        parse(nested(MAX_DEPTH + 1))


def test_a_value_that_holds_itself_is_refused():
    circle: list = []
    circle += [circle, circle]
    with pytest.raises(CanonicalError, match="levels of nesting"):
        canonical(circle)


def test_digest_names_its_algorithm():
    assert digest({}) == "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
