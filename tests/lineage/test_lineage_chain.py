import itertools
import json
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lineage_drafts import chain, draft, head_of, rows_of, sha

from lineage.canonical import canonical, digest_bytes
from lineage.chain import EMPTY_HEAD, MAX_FINDINGS, Head, Row, Seal, Verdict, verify, verify_lines
from lineage.entry import GENESIS, Entry

LENGTH = 12
ENTRIES = chain(*(draft(number) for number in range(LENGTH)))
ROWS = rows_of(ENTRIES)
HEAD = head_of(ENTRIES)
SEALS = [Seal(size, head_of(ENTRIES[:size]).root, "2024-03-01T00:00:00Z") for size in (0, 5, LENGTH)]
EVERY_ENTRY = pytest.mark.parametrize("number", range(LENGTH))


def places(verdict: Verdict) -> set[str]:
    return {finding.place for finding in verdict.findings}


def entry_places(verdict: Verdict) -> set[str]:
    return {place for place in places(verdict) if place.startswith("entry ")}


def with_row(number: int, row: Row) -> list[Row]:
    return [*ROWS[:number], row, *ROWS[number + 1 :]]


def with_header(number: int, change: Callable[[dict], object]) -> list[Row]:
    """The chain as a forger writes it who changes one header and its hash, and no more."""
    header = json.loads(ROWS[number].header)
    change(header)
    data = canonical(header)
    return with_row(number, replace(ROWS[number], header=data, hash=digest_bytes(data)))


def test_an_untouched_chain_is_intact():
    verdict = verify(iter(ROWS), HEAD, SEALS)
    assert verdict.intact
    assert (verdict.entries, verdict.erased, verdict.head, verdict.root) == (LENGTH, 0, HEAD.hash, HEAD.root)
    assert (verdict.tenant, verdict.case) == ("north", "case-1")


def test_an_empty_chain_is_intact():
    assert verify([], EMPTY_HEAD).intact
    assert head_of([]) == EMPTY_HEAD
    assert EMPTY_HEAD.hash == GENESIS


def test_erased_content_is_counted_and_the_chain_still_proves():
    erased = dict.fromkeys(ROWS[4].contents, (None, None))
    verdict = verify(with_row(4, replace(ROWS[4], contents=erased)), HEAD, SEALS)
    assert verdict.intact
    assert verdict.erased == len(erased) == 4


def flips(data: bytes) -> Iterator[bytes]:
    """`data` with each byte changed in turn, by its lowest bit and by the one that changes case."""
    for place, bit in itertools.product(range(len(data)), (0x01, 0x20)):
        yield data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :]


def damaged(row: Row) -> Iterator[Row]:
    """Every row that differs from `row` in one byte of one column."""
    yield from (replace(row, header=header) for header in flips(row.header))
    yield from (replace(row, hash=text.decode("latin-1")) for text in flips(row.hash.encode()))
    yield from (replace(row, prev=text.decode("latin-1")) for text in flips(row.prev.encode()))
    yield from (replace(row, seq=int.from_bytes(raw, signed=True)) for raw in flips(row.seq.to_bytes(8)))
    for name, (salt, value) in row.contents.items():
        yield from (
            replace(row, contents=row.contents | {name: (text.decode("latin-1"), value)})
            for text in flips(salt.encode())
        )
        yield from (replace(row, contents=row.contents | {name: (salt, data)}) for data in flips(value))
        kept = {other: content for other, content in row.contents.items() if other != name}
        yield from (
            replace(row, contents=kept | {text.decode("latin-1"): (salt, value)}) for text in flips(name.encode())
        )


@EVERY_ENTRY
def test_a_flipped_byte_in_any_column_is_found_at_its_entry_and_at_no_other(number):
    for row in damaged(ROWS[number]):
        assert entry_places(verify(with_row(number, row), HEAD)) == {f"entry {number}"}, row


@EVERY_ENTRY
def test_a_removed_row_is_named(number):
    verdict = verify(ROWS[:number] + ROWS[number + 1 :], HEAD)
    assert entry_places(verdict) == {f"entry {number}"}
    assert "missing" in verdict.findings[0].problem


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(range(LENGTH), 2)))
def test_two_swapped_rows_are_named(first, second):
    rows = list(ROWS)
    rows[first], rows[second] = rows[second], rows[first]
    findings = verify(rows, None).findings
    assert findings[0].place == f"entry {first}"
    assert f"entry {second} stands in its place" in findings[0].problem
    assert findings[-1].place == f"entry {first}"
    assert "too late" in findings[-1].problem


@EVERY_ENTRY
def test_a_row_that_stands_twice_is_named(number):
    for place in range(number, LENGTH):
        rows = [*ROWS[: place + 1], ROWS[number], *ROWS[place + 1 :]]
        verdict = verify(rows, None)
        assert places(verdict) == {f"entry {number}"}
        assert "stands again" in verdict.findings[0].problem


@EVERY_ENTRY
def test_a_cut_tail_shows_against_the_head_and_against_a_seal(number):
    assert places(verify(ROWS[:number], HEAD)) == {f"entry {number}"}
    assert places(verify(ROWS[:number], None, SEALS)) == {f"entry {number}"}
    assert verify(ROWS[:number], None).intact


@EVERY_ENTRY
def test_rows_behind_the_head_are_named(number):
    assert places(verify(ROWS, head_of(ENTRIES[:number]))) == {f"entry {number}"}


def test_a_rewritten_end_shows_against_head_and_seal():
    rewritten = rows_of(ENTRIES[:7] + chain(*(draft(number + 100) for number in range(LENGTH)))[7:])
    assert entry_places(verify(rewritten, None)) == {"entry 7"}
    forged = rows_of(chain(*(draft(number + 100) for number in range(LENGTH))))
    assert verify(forged, None).intact
    assert places(verify(forged, HEAD)) == {"head"}
    assert places(verify(forged, None, SEALS)) == {"seal of 5 entries", "seal of 12 entries"}


@pytest.mark.parametrize("change", [{"hash": sha(1)}, {"root": "00" * 32}])
def test_a_head_of_the_right_size_must_fit_in_hash_and_root(change):
    assert places(verify(ROWS, replace(HEAD, **change))) == {"head"}


@EVERY_ENTRY
def test_a_header_changed_with_its_hash_breaks_the_link_behind_it(number):
    verdict = verify(with_header(number, lambda header: header.update(kind="approved")), HEAD)
    behind = {f"entry {number + 1}"} if number + 1 < LENGTH else set()
    assert entry_places(verdict) == behind
    assert "head" in places(verdict)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda header: header.update(seq=4), "seq: 3 in the row, 4 in the header"),
        (lambda header: header.update(prev=sha(1)), "prev: "),
        (lambda header: header.update(case="case-2"), "tenant, case: "),
        (lambda header: header.update(tenant="south"), "tenant, case: "),
        (lambda header: header.pop("envelope"), "missing ['envelope'], extra []"),
        (lambda header: header.update(comment=""), "missing [], extra ['comment']"),
        (lambda header: header.update(v=2), "/v: expected header version 1"),
        (lambda header: header.update(v=True), "/v: expected header version 1"),
        (lambda header: header.update(at="yesterday"), "/at: expected"),
        (lambda header: header["content"].pop("note"), "content 'note': without a commitment"),
        (lambda header: header["content"].update(more=sha(1)), "content 'more': committed to, but not here"),
        (lambda header: header["tool_calls"].clear(), "'tool_calls/0/args': without a commitment"),
        (lambda header: header["content"].update(note=sha(1)), "content 'note': salt and value do not give"),
    ],
)
def test_a_header_that_breaks_the_format_is_named_though_its_hash_fits(change, problem):
    findings = verify(with_header(3, change), None).findings
    assert any(finding.place == "entry 3" and problem in finding.problem for finding in findings), findings


@pytest.mark.parametrize(
    "layout",
    [
        lambda data: data.replace(b":", b": ", 1),
        lambda data: data.replace(b'"v":1}', b'"v":1,"v":1}'),
        lambda data: data.replace(b'"north"', b'"\\u006eorth"'),
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data + b"\n",
    ],
)
def test_a_header_in_another_layout_is_named_though_its_hash_fits(layout):
    data = layout(ROWS[3].header)
    verdict = verify(with_row(3, replace(ROWS[3], header=data, hash=digest_bytes(data))), None)
    assert any(f.place == "entry 3" and "canonical JSON" in f.problem for f in verdict.findings)


def test_content_names_beyond_ascii_keep_the_order_of_rfc8785():
    entries = chain(draft(content={"\U0001f602": 1, "\ufb33": 2, "é": 3}))
    assert verify(rows_of(entries), head_of(entries)).intact


def test_a_row_of_another_case_is_named():
    entries = chain(*(draft(n, case="case-2" if n == 5 else "case-1") for n in range(8)))
    assert places(verify(rows_of(entries), head_of(entries))) == {"entry 5"}


def test_content_that_was_committed_to_in_another_layout_is_named():
    value, salt = b'{"a":1,"a":2}', bytes(16)
    row = with_header(3, lambda header: header["content"].update(note=digest_bytes(salt + value)))[3]
    row = replace(row, contents=row.contents | {"note": (salt.hex(), value)})
    problems = [finding.problem for finding in verify(with_row(3, row), None).findings]
    assert "content 'note': not canonical JSON" in problems


def test_a_half_erased_content_is_named():
    salt, _ = ROWS[3].contents["note"]
    rows = with_row(3, replace(ROWS[3], contents=ROWS[3].contents | {"note": (salt, None)}))
    assert entry_places(verify(rows, HEAD)) == {"entry 3"}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
hostile_headers = (
    st.binary(max_size=40)
    | anything
    | st.dictionaries(st.sampled_from([*json.loads(ROWS[0].header)]), anything).map(
        lambda members: json.dumps(json.loads(ROWS[0].header) | members, default=str).encode()
    )
)


@given(st.lists(st.builds(Row, *[anything] * 2, anything, hostile_headers, anything) | anything, min_size=1))
def test_hostile_rows_are_reported_and_raise_nothing(rows):
    verdict = verify([*rows, *ROWS], HEAD)
    assert not verdict.intact
    assert verdict.entries == len(rows) + LENGTH


@given(anything)
def test_another_type_in_any_column_is_named(other):
    contents = ROWS[2].contents
    for row in (
        other,
        replace(ROWS[2], header=other),
        replace(ROWS[2], hash=other),
        replace(ROWS[2], prev=other),
        replace(ROWS[2], contents=other),
        replace(ROWS[2], contents=contents | {"note": other}),
        replace(ROWS[2], contents=contents | {"note": (other, b"null")}),
        replace(ROWS[2], contents=contents | {"note": ("00" * 16, other)}),
        replace(ROWS[2], contents=contents | {"note": (*contents["note"], other)}),
        replace(ROWS[2], contents=contents | {7: contents["note"]}),
    ):
        assert entry_places(verify(with_row(2, row), HEAD)) == {"entry 2"}


@pytest.mark.parametrize("size", [None, "12", -1, 10**5000, True, [1]], ids=type)
def test_hostile_head_and_seal_are_reported(size):
    assert places(verify(ROWS, Head(size, HEAD.hash, HEAD.root))) == {"head"}
    assert places(verify(ROWS, None, [Seal(size, HEAD.root, "")])) == {"seals"}
    assert entry_places(verify(with_row(3, replace(ROWS[3], seq=size)), HEAD)) == {"entry 3"}


def test_a_wrecked_chain_is_reported_by_its_first_findings():
    verdict = verify((ROWS[0] for _ in range(MAX_FINDINGS + 8)), None)
    assert (len(verdict.findings), verdict.unlisted) == (MAX_FINDINGS, 7)


def test_one_row_is_held_at_a_time():
    def stream() -> Iterator[Row]:
        for number in range(300):
            yield replace(ROWS[0], seq=number, header=b"x" * 100_000)

    tracemalloc.start()
    try:
        verify(stream(), None)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def write(path, entries: list[Entry]) -> None:
    path.write_bytes(b"".join(entry.line() for entry in entries))


def test_lines_are_verified_like_rows(tmp_path):
    path = tmp_path / "lineage.jsonl"
    erased = {name: opening.erased() for name, opening in ENTRIES[2].openings.items()}
    write(path, [*ENTRIES[:2], replace(ENTRIES[2], openings=erased), *ENTRIES[3:]])
    verdict = verify_lines(path, HEAD, SEALS)
    assert verdict.intact
    assert (verdict.entries, verdict.erased, verdict.root) == (LENGTH, len(erased), HEAD.root)
    write(path, ENTRIES[:7])
    assert places(verify_lines(path, HEAD)) == {"entry 7"}
    write(path, ENTRIES[:3] + ENTRIES[4:])
    assert entry_places(verify_lines(path, HEAD)) == {"entry 3"}


def test_a_flipped_byte_in_a_line_is_found_at_its_entry(tmp_path):
    path = tmp_path / "lineage.jsonl"
    lines = [entry.line() for entry in ENTRIES[:3]]
    for line in flips(lines[1][:-1]):
        path.write_bytes(lines[0] + line + lines[2])
        assert "entry 1" in places(verify_lines(path))


@pytest.mark.parametrize("data", [b"\n", b"{}\n", b"\xff\xfe\n", b"[" * 5000, ENTRIES[0].line()[:-9]])
def test_hostile_lines_are_reported(tmp_path, data):
    path = tmp_path / "lineage.jsonl"
    path.write_bytes(data)
    assert places(verify_lines(path)) == {"entry 0"}
