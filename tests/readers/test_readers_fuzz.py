"""No bytes make `read` raise."""

from __future__ import annotations

import shutil
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reader_samples import samples

from casefile.evidence import Reading
from tools.readers import READERS, Limits, line_spans, read

QUICK = Limits(seconds=5, max_pixels=2_000_000)
NAMES = sorted(samples())
HEADS = {".pdf": b"%PDF-1.7\n", ".png": b"\x89PNG\r\n\x1a\n", ".jpg": b"\xff\xd8\xff", ".jpeg": b"\xff\xd8\xff"}


@pytest.fixture(autouse=True)
def _without_ocr(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of a second an image is too much for hundreds of them; OCR has its own tests."""
    monkeypatch.setattr(shutil, "which", lambda name: None)


@cache
def good() -> dict[str, bytes]:
    return samples()


def check(reading: Reading) -> None:
    """What holds for every reading, good or bad."""
    assert all(reading.problems)
    assert "\n" not in "".join(reading.problems)
    if reading.unusable:
        assert reading == Reading(reading.kind, problems=reading.problems, unusable=True)
    for span in reading.spans[:500]:
        assert span.value in span.text
        span.text.encode()
    for span in line_spans(reading)[:500]:
        assert span.value in span.text


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("extension", sorted(READERS))
@given(data=st.binary(max_size=300), with_head=st.booleans())
def test_random_bytes_never_raise(extension: str, data: bytes, with_head: bool) -> None:
    head = HEADS.get(extension, b"") if with_head else b""
    check(read(head + data, f"file{extension}", QUICK))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("extension", sorted(READERS))
@given(text=st.text(max_size=300))
def test_random_text_never_raises(extension: str, text: str) -> None:
    check(read(text.encode("utf-8", "surrogatepass"), f"file{extension}", QUICK))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("name", NAMES)
@given(share=st.floats(0, 1))
def test_truncations_never_raise(name: str, share: float) -> None:
    data = good()[name]
    check(read(data[: int(len(data) * share)], name, QUICK))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("name", NAMES)
@given(edits=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=12)), min_size=1, max_size=6))
def test_mutations_never_raise(name: str, edits: list[tuple[float, bytes]]) -> None:
    data = bytearray(good()[name])
    for share, piece in edits:
        place = int(len(data) * share)
        data[place : place + len(piece)] = piece
    check(read(bytes(data), name, QUICK))


@pytest.mark.parametrize("name", NAMES)
def test_good_files_read(name: str) -> None:
    reading = read(good()[name], name)
    assert not reading.unusable, reading.problems
    check(reading)
