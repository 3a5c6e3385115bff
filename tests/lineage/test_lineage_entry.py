import json
from dataclasses import replace

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lineage_drafts import draft, sha

from lineage import header
from lineage.canonical import MAX_DEPTH, CanonicalError, canonical, digest_bytes
from lineage.commitment import check
from lineage.entry import (
    GENESIS,
    Actor,
    Agent,
    Entry,
    EntryDraft,
    EntryError,
    ToolCall,
    commitments,
    parse_line,
    seal,
)


def header_of(entry: Entry) -> dict:
    return json.loads(entry.header)


def test_the_bytes_of_a_header_are_fixed():
    bare = EntryDraft(
        tenant="north",
        case="c",
        run="r",
        kind="opened",
        at="2024-02-29T10:00:00Z",
        actor=Actor("system", "s"),
    )
    entry = seal(bare, 3, sha(1))
    assert entry.header == (
        b'{"accepted_edits":[],"actor":{"id":"s","role":null,"type":"system"},"agent":null,'
        b'"at":"2024-02-29T10:00:00Z","base_revision":null,"case":"c","citations":[],"closes":[],"content":{},'
        b'"envelope":null,"kind":"opened","new_revision":null,"opens":[],"policy_version":null,'
        b'"prev":"sha256:0000000000000000000000000000000000000000000000000000000000000001",'
        b'"rejected_edits":[],"run":"r","seq":3,"tenant":"north","tool_calls":[],"v":1}'
    )
    assert entry.hash == "sha256:085e9d01f6b81ca8c53decf8ec6d65514c1702e55fd7fc169b64be172796d4ed"


def test_the_hash_is_that_of_the_canonical_header():
    entry = seal(draft(), 0, GENESIS)
    assert entry.header == canonical(header_of(entry))
    assert entry.hash == digest_bytes(entry.header)


def test_a_header_holds_no_content():
    secret = "PIN-4711-"
    entry = seal(
        draft(content={"a": secret, "b": {secret: [secret]}}, tool_calls=(ToolCall("t", secret, [secret]),)),
        0,
        GENESIS,
    )
    assert secret.encode() not in entry.header
    assert entry.line().count(secret.encode()) == 5


def test_every_commitment_is_opened_under_its_name():
    entry = seal(draft(), 0, GENESIS)
    committed = commitments(header_of(entry))
    assert set(committed) == {"proposal", "note", "tool_calls/0/args", "tool_calls/0/result"}
    assert committed == {name: opening.commitment for name, opening in entry.openings.items()}
    assert {check(opening) for opening in entry.openings.values()} == {"shown"}
    assert entry.openings["tool_calls/0/result"].value == '[["Füllstand",12],null]'.encode()


def test_a_line_is_read_back_as_the_same_entry():
    entry = seal(draft(), 0, GENESIS)
    assert entry.line().count(b"\n") == 1
    assert parse_line(entry.line()) == entry


def test_what_can_be_sealed_can_be_written_as_a_line():
    nested: list = []
    for _ in range(MAX_DEPTH - 4):
        nested = [nested]
    entry = seal(draft(content={"deep": nested}), 0, GENESIS)
    assert parse_line(entry.line()) == entry
    with pytest.raises(CanonicalError, match="levels of nesting"):
        seal(draft(content={"deep": [nested]}), 0, GENESIS)


def test_an_erased_content_is_read_back_as_erased():
    entry = seal(draft(), 0, GENESIS)
    erased = replace(entry, openings=dict(entry.openings) | {"note": entry.openings["note"].erased()})
    back = parse_line(erased.line())
    assert back == erased
    assert check(back.openings["note"]) == "erased"
    assert check(back.openings["proposal"]) == "shown"


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"tenant": ""}, "/tenant"),
        ({"case": 7}, "/case"),
        ({"kind": "long" * 60}, "/kind"),
        ({"at": "2024-02-30T10:00:00Z"}, "/at"),
        ({"at": "2024-02-29T10:00:00+00:00"}, "/at"),
        ({"at": "2024-02-29 10:00:00Z"}, "/at"),
        ({"actor": Actor("robot", "x")}, "/actor"),
        ({"actor": Actor("agent", "")}, "/actor"),
        ({"agent": Agent("a", prompt_hash="abc")}, "/agent"),
        ({"base_revision": "abc"}, "/base_revision"),
        ({"new_revision": sha(1).upper()}, "/new_revision"),
        ({"accepted_edits": ("",)}, "/accepted_edits"),
        ({"citations": ("evidence-1",)}, "/citations"),
        ({"policy_version": 3}, "/policy_version"),
        ({"opens": (1,)}, "/opens"),
        ({"envelope": "x"}, "/envelope"),
        ({"tool_calls": (ToolCall("", 1, 2),)}, "/tool_calls"),
        ({"content": {"": 1}}, "/content"),
        ({"content": {"tool_calls/0/args": 1}}, "/content"),
    ],
)
def test_a_draft_that_breaks_the_format_is_refused_with_its_member(changes, place):
    with pytest.raises(EntryError, match=f"^{place}: expected "):
        seal(draft(**changes), 0, GENESIS)


@pytest.mark.parametrize(("seq", "prev", "place"), [(-1, GENESIS, "/seq"), (True, GENESIS, "/seq"), (0, "x", "/prev")])
def test_a_place_that_is_none_is_refused(seq, prev, place):
    with pytest.raises(EntryError, match=f"^{place}"):
        seal(draft(), seq, prev)


def test_a_value_that_is_not_json_is_refused():
    with pytest.raises(CanonicalError, match=r"^/content/share/value/0: expected .* found float"):
        seal(draft(content={"share": [0.5]}), 0, GENESIS)
    with pytest.raises(CanonicalError):
        seal(draft(case="\ud800"), 0, GENESIS)


def changed(**changes) -> bytes:
    return canonical(json.loads(seal(draft(), 0, GENESIS).line()) | changes)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"", "canonical JSON"),
        (b"[]", "the members seq, hash, header and content"),
        (changed(extra=1), "the members seq, hash, header and content"),
        (changed(seq=True), "seq an integer"),
        (changed(hash=None), "hash a string"),
        (changed(content=[]), "content an object"),
        (changed(header=None), "header: expected an object"),
        (changed(header={"v": 2}), "/v: expected header version 1"),
        (changed(content={"note": None}), "/content/note: expected the members"),
        (changed(content={"note": {"salt": None, "value": 1}}), "/content/note: expected a salt"),
        (seal(draft(), 0, GENESIS).line().replace(b":", b": ", 1), "canonical JSON"),
        (seal(draft(), 0, GENESIS).line().replace(b'"seq":0}', b'"seq":0,"seq":0}'), "canonical JSON"),
    ],
)
def test_a_line_of_another_shape_is_refused(line, message):
    with pytest.raises(EntryError, match=message):
        parse_line(line)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_the_pattern_of_plain_headers_takes_nothing_that_the_full_test_refuses(data: st.DataObject) -> None:
    sealed = header_bytes()
    place = data.draw(st.integers(0, len(sealed) - 1))
    piece = data.draw(
        st.one_of(st.binary(max_size=3), st.sampled_from([b"null", b'","', b"[]", b'"v":1', b"0", b'\\"']))
    )
    damaged = sealed[:place] + piece + sealed[place + data.draw(st.integers(0, 40)) :]
    if header._plain(damaged) is not None:
        value = orjson.loads(damaged)
        assert header.fault(value) is None
        assert canonical(value) == damaged


def header_bytes() -> bytes:
    return seal(draft(content={"a": 1, "b/c": [None, "x"]}, tool_calls=()), 7, GENESIS).header


def test_an_ordinary_header_goes_the_fast_way() -> None:
    sealed = header_bytes()
    found = header._plain(sealed)
    assert found is not None
    full = orjson.loads(sealed)
    assert found == {name: full[name] for name in found}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"b/c":', b'"a":'),
        (b'"a":', b'"z":'),
        (b'"a":', b'"tool_calls/0":'),
        (b"02-29", b"02-30"),
        (b'"v":1', b'"v":2'),
    ],
)
def test_what_the_pattern_cannot_see_is_refused_all_the_same(old: bytes, new: bytes) -> None:
    assert old in header_bytes()
    damaged = header_bytes().replace(old, new, 1)
    assert header.read(damaged)[1] is not None
