"""Logs, texts, Markdown: lines as an editor counts them, in any encoding."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from casefile.evidence import Span
from tools.readers import Limits, line_spans, read


def test_log_lines_and_their_spans() -> None:
    reading = read(b"2026-04-18T06:12:00.250Z INFO started\n\nStatus: open\n", "service.log")
    assert reading.lines == ["2026-04-18T06:12:00.250Z INFO started", "", "Status: open"]
    assert reading.spans == []
    at = datetime(2026, 4, 18, 6, 12, 0, 250_000, tzinfo=UTC)
    assert line_spans(reading) == [
        Span("line=1", "2026-04-18T06:12:00.250Z INFO started", "line", at=at),
        Span("line=3", "Status: open", "line", "Status", "open"),
    ]
    assert line_spans(reading, [3]) == line_spans(reading)[1:]
    with pytest.raises(IndexError):
        line_spans(reading, [4])


@pytest.mark.parametrize("data", [b"a\nb\nc", b"a\r\nb\r\nc\r\n", b"a\rb\rc\r", b"a\r\nb\nc\n"])
def test_line_ends_of_every_kind(data: bytes) -> None:
    assert read(data, "a.log").lines == ["a", "b", "c"]


def test_exotic_separators_end_no_line() -> None:
    assert read("a\u2028b\x85c\x0bd\x0ce\n".encode(), "a.txt").lines == ["a\u2028b\x85c d e"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_encodings(encoding: str) -> None:
    text = "Störung in Zürich – Gerät überprüft\nzweite Zeile: grün\n"
    assert read(text.encode(encoding), "a.log").lines == text.splitlines()


def test_other_alphabets_are_guessed_from_a_sample() -> None:
    text = "Сервер не отвечает, пользователи не могут войти в систему с самого утра"
    assert read(text.encode("cp1251"), "a.log").lines == [text]


def test_one_bad_byte_in_utf8_is_a_problem_not_another_encoding() -> None:
    reading = read("Störung überall, größer als gedacht\n".encode() + b"\xff rest", "a.log")
    assert reading.lines[0] == "Störung überall, größer als gedacht"
    assert reading.problems == ["line 2: 1 bytes are not UTF-8; shown as \N{REPLACEMENT CHARACTER}"]


def test_zero_bytes_and_escapes_are_taken_out() -> None:
    reading = read(b"ok\n\x1b[31mERROR\x1b[0m disk\x00 full\x07\n", "a.log")
    assert reading.lines == ["ok", "ERROR disk full"]
    assert reading.problems == ["line 2: 1 zero bytes in the text were taken out"]


def test_a_very_long_line_is_one_line() -> None:
    assert len(read(b"x" * 5_000_000 + b"\ny", "a.log").lines) == 2


def test_blank_text_and_too_many_lines_are_refused() -> None:
    assert read(b" \n\t\n", "a.txt").problems == ["the text is blank"]
    assert "more than 10 lines" in read(b"x\n" * 20, "a.log", Limits(max_lines=10)).problems[0]


@pytest.mark.parametrize(
    "text",
    [
        "# trace, exported 2026-05-20T07:30:00Z, times UTC\n",
        "# ledger, extract 12, extracted_at=2026-05-20T07:30:00Z\n",
        "# Title\n\nLast verified: 2026-05-20T09:30:00+02:00\n",
        "| key | value |\n| exported at | 2026-05-20 07:30 UTC |\n",
    ],
)
def test_the_head_says_when_it_was_made(text: str) -> None:
    assert read(text.encode(), "a.md").made_at == datetime(2026, 5, 20, 7, 30, tzinfo=UTC)


def test_log_stamps_are_not_when_the_log_was_made() -> None:
    assert read(b"2026-05-20T07:30:00Z exported something\n", "a.log").made_at is None


def test_front_matter_has_the_leaves_of_its_tree_cited_by_line() -> None:
    text = (
        '---\nversion: v2\nfreeze:\n  start: 2026-02-11T08:00:00Z\n  by: [ada, "bo b"]\n---\n# Packet\n\nversion: v9\n'
    )
    reading = read(text.encode(), "packet.md")
    told = [(span.pointer, span.locator, span.text) for span in reading.spans]
    assert told == [
        ("/version", "line=2", "v2"),
        ("/freeze/start", "line=4", "2026-02-11T08:00:00Z"),
        ("/freeze/by/0", "line=5", "ada"),
        ("/freeze/by/1", "line=5", "bo b"),
    ]
    assert reading.lines[6] == "# Packet"


@pytest.mark.parametrize("text", ["---\nA heading between rules\n---\nx\n", "---\n{broken: [\n---\nx\n", "---\na: b\n"])
def test_rules_and_broken_heads_are_no_front_matter(text: str) -> None:
    assert read(text.encode(), "note.md").spans == []
