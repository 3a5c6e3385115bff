"""A disclosed copy proves the whole and shows only its parts."""

from __future__ import annotations

import base64
import hashlib
import itertools
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from receipt_samples import TRUST, build

from lineage.canonical import canonical
from lineage.encoding import from_base64url, to_base64url
from lineage.receipt.disclose import disclose
from lineage.receipt.form import LISTS, OBJECTS, ReceiptError, layout
from lineage.receipt.verify import verify

FULL = build().issue()
PATHS = [*OBJECTS, *LISTS, "approvals/0", "evidence/3", "intent/requested_by", "entries/7"]


def texts(value: Any) -> Iterator[str]:
    """Every text in a value that is long enough to be looked for, and what base64 in it says."""
    if isinstance(value, str):
        if len(value) >= 6:
            yield value
    elif isinstance(value, dict):
        yield from texts(list(value.values()))
    elif isinstance(value, list):
        yield from itertools.chain.from_iterable(map(texts, value))


def disclosures(data: bytes) -> dict[str, Any]:
    return {text: orjson.loads(from_base64url(text))[-1] for text in orjson.loads(data)["header"]["disclosures"]}


def everything_readable(data: bytes) -> bytes:
    """The file with all that stands in it in base64, decoded."""
    value = orjson.loads(data)
    decoded = [from_base64url(value["payload"]), *map(from_base64url, value["header"]["disclosures"])]
    return b"\n".join([data, *decoded, *_bodies(value)])


def _bodies(value: dict[str, Any]) -> list[bytes]:
    """What the people signed whose approvals are shown."""
    return [base64.b64decode(part["envelope"]["payload"]) for part in value["disclosed"]["approvals"]]


@pytest.mark.parametrize("path", PATHS)
def test_a_copy_is_intact_counts_everything_and_shows_nothing_else(path: str) -> None:
    copy = disclose(FULL, [path])
    report = verify(copy, TRUST)
    assert report.problems == ()
    assert report.count is not None
    assert report.count.entries == 40
    assert report.count.shown + report.count.sealed == 40
    assert report.count.line().endswith("none missing")
    _scan(copy, headers=path.startswith("entries"))


def _scan(copy: bytes, *, headers: bool) -> None:
    """No undisclosed value stands in the copy, nor its hash without salt, nor that of a header that is sealed."""
    shown, every = disclosures(copy), disclosures(FULL)
    value = orjson.loads(copy)
    permitted = canonical([*shown.values(), _clear(value["disclosed"]), value["entries"] if headers else None])
    permitted += b"".join(_bodies(value))
    seen = everything_readable(copy)
    sealed = [value for text, value in every.items() if text not in shown]
    assert sealed
    for value in sealed:
        whole = canonical(value)
        for form in _hashes(whole):
            assert form not in seen
        for text in set(texts(value)):
            if text.encode() in permitted:
                continue  # a disclosed part says it too
            assert text.encode() not in seen, text
            for form in (*_hashes(text.encode()), *_hashes(canonical(text))):
                assert form not in seen, text


def _clear(disclosed: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in disclosed.items() if name not in (*OBJECTS, *LISTS)}


def _hashes(data: bytes) -> list[bytes]:
    raw = hashlib.sha256(data).digest()
    return [raw.hex().encode(), base64.b64encode(raw).rstrip(b"="), to_base64url(raw).encode()]


def test_a_copy_of_a_copy_is_the_copy() -> None:
    copy = disclose(FULL, ["approvals", "evidence"])
    assert disclose(copy, ["approvals"]) == disclose(FULL, ["approvals"])


def test_an_approval_brings_its_entry_along_and_four_parts_show_four_entries() -> None:
    report = verify(disclose(FULL, ["approvals", "actions", "evidence/0"]), TRUST)
    assert report.count is not None
    assert report.count.line() == "40 entries, 4 shown, 36 sealed, none missing"
    standing = {one.question: one.standing for one in report.answers}
    assert standing["approved"] == standing["actions"] == standing["evidence"] == "shown"
    assert standing["policy"] == standing["open"] == "sealed"


def test_a_shown_approval_whose_entry_is_sealed_is_refused() -> None:
    copy, hidden = (orjson.loads(disclose(FULL, paths)) for paths in (["approvals/0"], ["intent"]))
    report = verify(layout({**copy, "entries": hidden["entries"]}), TRUST)
    assert "is sealed, and the part is shown" in report.problems[0].text


@pytest.mark.parametrize("path", ["nothing", "approvals/9", "entries/40", "entries/x", "", "approvals/0/by"])
def test_a_path_that_is_not_there_is_refused_with_those_that_are(path: str) -> None:
    with pytest.raises(ReceiptError, match=r"there is|the case has"):
        disclose(FULL, [path])


def test_what_is_sealed_cannot_be_shown_again() -> None:
    copy = disclose(FULL, ["intent"])
    with pytest.raises(ReceiptError):
        disclose(copy, ["approvals"])
    with pytest.raises(ReceiptError, match="sealed"):
        disclose(copy, ["entries/3"])
