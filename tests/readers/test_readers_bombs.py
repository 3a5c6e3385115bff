"""Small files that would fill the memory or never end: refused, and quickly."""

from __future__ import annotations

import io
import time
import zipfile

import pytest
from reader_samples import workbook

from tools.readers import Limits, labelled, line_spans, read

SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
CELL = b'<c r="%s"><v>1</v></c></row></sheetData>'
HEAD = b"From: a@b.example\n"
EVENT = b"BEGIN:VEVENT\nUID:a\nEND:VEVENT\n"


def with_sheet(sheet: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as good, zipfile.ZipFile(stream, "w") as bad:
        for name in good.namelist():
            bad.writestr(name, sheet if name.endswith("sheet1.xml") else good.read(name))
    return stream.getvalue()


BOMBS = [
    ("a.json", b"[" + b"1.5," * 3_000_000 + b"1]", "more than 500000 values"),
    ("a.yaml", b"- a\n" * 2_000_000, "more than 500000 values"),
    ("a.csv", b"," * 10_000_000, "more than 1000000 cells"),
    ("a.csv", b"a,b\n" + b"\n" * 10_000_000, "more than 4000000 lines"),
    ("a.html", b"<html>" + b"<b>" * 1_000_000, "tags"),
    ("a.ics", b"BEGIN:VCALENDAR\n" + EVENT * 100_000 + b"END:VCALENDAR\n", "more than 200000 lines"),
    ("a.eml", HEAD + b"\n" + b"x\n" * 2_000_000, "more than 500000 lines"),
    ("a.eml", HEAD + b"Content-Type: text/html\n\n" + b"<p>x</p>" * 200_000, "tags"),
    ("a.pdf", b"%PDF-1.4\n1 0 obj\n" + b"[" * 3_000_000, "nested deeper"),
    ("a.pdf", b"%PDF-1.4\n" + b"1 0 obj\n<<>>\nendobj\n" * 300_000, "objects"),
    ("a.pdf", b"%PDF-1.4\n" + b"stream\n" * 1_000_000, "streams"),
    ("a.xlsx", with_sheet(SHEET + CELL % b"XFD1048576" + b"</worksheet>"), "1048576 rows"),
    (
        "a.xlsx",
        with_sheet(SHEET + CELL % b"A1" + b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>'),
        "merged cells or links",
    ),
    (
        "a.xlsx",
        with_sheet(SHEET + CELL % b"A1" + b'<hyperlinks><hyperlink ref="A1&#58;XFD9"/></hyperlinks></worksheet>'),
        "odd place",
    ),
]


@pytest.mark.parametrize(("name", "data", "problem"), BOMBS, ids=range(len(BOMBS)))
def test_bombs_are_refused_quickly(name: str, data: bytes, problem: str) -> None:
    began = time.perf_counter()
    reading = read(data, name, Limits(seconds=5))
    assert reading.unusable
    assert problem in reading.problems[0]
    assert time.perf_counter() - began < 10


@pytest.mark.parametrize(
    "line", [b"a" + b" " * 3_000_000 + b"x", b"a:" * 2_000_000, b"| " * 2_000_000, b"=" * 3_000_000]
)
def test_long_lines_take_no_time(line: bytes) -> None:
    began = time.perf_counter()
    line_spans(read(line, "a.log"))
    labelled(line.decode())
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(
    "body",
    [
        b"On " + b" " * 3_000_000 + b"wrote:\n",
        b"From: " + b"a." * 2_000_000 + b"\nSent: x\n",
        b"x wrote on " * 100_000 + b":\n",
        b"-" * 3_000_000 + b"\n",
    ],
)
def test_long_lines_of_a_mail_take_no_time(body: bytes) -> None:
    began = time.perf_counter()
    assert not read(HEAD + b"\n" + body, "a.eml").unusable
    assert time.perf_counter() - began < 3
