"""Names that lie, files that are empty, too large or of no known kind."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from reader_samples import CALENDAR, HTML, MAIL, document, pdf, picture, samples, workbook

from tools.readers import READERS, Limits, read

LIES = [
    ("order.pdf", picture(["x"], (60, 60)), "a PNG image"),
    ("contacts.csv", workbook(), "a zip archive"),
    ("ticket.json", HTML, "a web page"),
    ("screen.png", b"just text", "text"),
    ("screen.png", picture(["x"], (60, 60), "JPEG"), "a JPEG image"),
    ("contacts.xlsx", document(), "a Word document"),
    ("note.docx", workbook(), "an Excel workbook"),
    ("note.docx", b"PK\x03\x04" + b"\0" * 40 + b"PK\x05\x06", "a zip archive without the parts of one"),
    ("contacts.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "an old or encrypted Office file"),
    ("service.log", pdf(), "a PDF document"),
    ("notes.txt", bytes(range(256)) * 8, "binary data"),
    ("contacts.csv", b'[{"a": 1}]', "JSON"),
    ("page.html", b"no tag at all", "text without any tag"),
    ("mail.eml", b"Hello, this is a note", "text without mail headers"),
    ("mail.eml", HTML, "a web page"),
    ("plan.ics", b"Monday: nothing", "text without BEGIN:VCALENDAR"),
    ("map.yaml", HTML, "a web page"),
    ("traffic.har", b"\x1f\x8b\x08" + b"\0" * 30, "a gzip archive"),
]


@pytest.mark.parametrize(("name", "data", "truth"), LIES)
def test_lying_name_is_refused_and_says_both(name: str, data: bytes, truth: str) -> None:
    reading = read(data, name)
    assert reading.unusable
    assert reading.problems[0].endswith(f"but this is {truth}")
    assert name[name.index(".") :] in reading.problems[0]


@pytest.mark.parametrize("extension", sorted(READERS))
def test_empty_file_is_refused(extension: str) -> None:
    assert read(b"", f"a{extension}").problems == ["the file is empty"]


@pytest.mark.parametrize("name", ["tool.exe", "README", ".json", "archive.tar.gz", "notes.TXTT"])
def test_unknown_kind_is_refused(name: str) -> None:
    reading = read(b"x", name)
    assert reading.unusable
    assert "unknown file type" in reading.problems[0]


@pytest.mark.parametrize("name", sorted(samples()))
def test_too_large_is_refused(name: str) -> None:
    reading = read(b"x" * 101, name, Limits(max_bytes=100))
    assert reading.problems == ["the file has 101 bytes; at most 100 are read"]


def test_a_hundred_megabyte_log_is_refused_at_once() -> None:
    data = bytes(100_000_000)
    began = time.perf_counter()
    assert "at most 67108864" in read(data, "service.log").problems[0]
    assert time.perf_counter() - began < 0.1


@pytest.mark.parametrize(
    ("name", "kind"),
    [("A.JSON", "json"), ("b.yml", "yaml"), ("c.JPEG", "jpg"), ("d.htm", "html"), ("x\\y\\e.Eml", "eml")],
)
def test_kind_is_the_canonical_extension(name: str, kind: str) -> None:
    data = {"json": b"1", "yaml": b"a: 1", "jpg": picture([], (40, 40), "JPEG"), "html": HTML, "eml": MAIL}[kind]
    assert read(data, name).kind == kind


def test_calendar_and_mail_are_recognised_behind_a_byte_order_mark() -> None:
    assert not read(b"\xef\xbb\xbf" + CALENDAR, "a.ics").unusable
    assert not read(b"\xef\xbb\xbf" + MAIL, "a.eml").unusable


def test_importing_the_readers_is_quick() -> None:
    code = "import time; t = time.perf_counter(); import tools.readers; print(time.perf_counter() - t)"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True) for _ in range(5)]
    assert min(float(run.stdout) for run in runs) < 0.06
