"""JSON, HAR, JSON lines, YAML and calendars."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from reader_samples import CALENDAR, har

from casefile.evidence import Reading, Span
from tools.readers import Limits, read


def leaves(reading: Reading) -> dict[str, str]:
    return {span.locator: span.text for span in reading.spans}


def test_json_leaves_are_as_written() -> None:
    data = b'{"id": "T-1", "amount": 1.50, "big": 12345678901234567890, "open": true, "a/b~c": [null, ""]}'
    reading = read(data, "ticket.json")
    assert reading.spans[0] == Span("/id", "T-1", "leaf", "id", "T-1")
    assert leaves(reading) == {
        "/id": "T-1",
        "/amount": "1.50",
        "/big": "12345678901234567890",
        "/open": "true",
        "/a~1b~0c/0": "null",
        "/a~1b~0c/1": "",
    }
    assert reading.spans[-1].label == "a/b~c"
    assert reading.data == {
        "id": "T-1",
        "amount": 1.5,
        "big": 12345678901234567890,
        "open": True,
        "a/b~c": [None, ""],
    }


def test_json_says_when_it_was_made_only_near_the_top_and_outside_lists() -> None:
    assert read(b'{"meta": {"exported_at": "2026-04-18T09:00:00+02:00"}}', "a.json").made_at == datetime(
        2026, 4, 18, 7, tzinfo=UTC
    )
    assert read(b'{"items": [{"exported_at": "2026-04-18T09:00:00Z"}]}', "a.json").made_at is None
    assert read(b'{"exported_at": "2026-04-18T09:00:00"}', "a.json").made_at is None


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b'{"a": 1,}', "line 1 column 9: not JSON"),
        (b'{"a": 1', "line 1 column 8: not JSON"),
        (b'{"a":\n oops}', "line 2 column 2: not JSON"),
        (b"[" * 100_000 + b"]" * 100_000, "nested deeper than"),
        (b'{"a":' * 150 + b"1" + b"}" * 150, "nested deeper than 100 levels"),
        (b'{"a": "\\ud800"}', "half of a surrogate pair"),
    ],
)
def test_broken_json_is_unusable_and_says_where(data: bytes, problem: str) -> None:
    reading = read(data, "a.json")
    assert reading.unusable
    assert problem in reading.problems[0]


def test_json_oddities_are_problems_and_the_rest_is_read() -> None:
    reading = read(b'{"x": {"a": 1, "a": 2}, "n": NaN, "i": -Infinity, "e": 1e999, "ok": "\\ud83d\\ude00"}', "a.json")
    assert reading.problems == [
        "/x: the key 'a' stands twice; the last one is used",
        "/n: NaN is no JSON value; it is not used",
        "/i: -Infinity is no JSON value; it is not used",
        "/e: the number 1e999 is out of range; it is not used",
    ]
    assert leaves(reading) == {"/x/a": "2", "/ok": "\N{GRINNING FACE}"}


def test_too_many_values_are_refused() -> None:
    assert "more than 10 values" in read(b"[" + b"1," * 20 + b"1]", "a.json", Limits(max_leaves=10)).problems[0]


def test_har_needs_its_entries() -> None:
    reading = read(har(), "a.har")
    assert reading.kind == "har"
    assert leaves(reading)["/log/entries/0/request/url"] == "https://a.example/"
    assert "/log/entries" in read(b'{"log": {}}', "a.har").problems[0]


def test_json_lines_count_lines_from_zero_and_a_broken_one_is_a_problem() -> None:
    reading = read(b'{"text": "one"}\r\n\r\n{broken\n[1, 2]\n' + b"[" * 99999 + b'\n{"text": "six"}', "chat.jsonl")
    assert leaves(reading) == {"/0/text": "one", "/3/0": "1", "/3/1": "2", "/5/text": "six"}
    assert reading.data == [{"text": "one"}, None, None, [1, 2], None, {"text": "six"}]
    assert [problem.split(":")[0] for problem in reading.problems] == ["line 3 is left out", "line 5 is left out"]
    assert read(b"{broken\n", "chat.jsonl").unusable


def test_yaml_leaves_are_as_written() -> None:
    data = b"at: 2026-04-18T06:12:00Z\nstart: 12:30\ncountry: no\nopen: true\nn: 1.50\nhex: 0x1F\nnone: ~\nq: '7'\n"
    reading = read(data, "a.yaml")
    assert leaves(reading) == {
        "/at": "2026-04-18T06:12:00Z",
        "/start": "12:30",
        "/country": "no",
        "/open": "true",
        "/n": "1.50",
        "/hex": "0x1F",
        "/none": "~",
        "/q": "7",
    }
    assert reading.data == {
        "at": "2026-04-18T06:12:00Z",
        "start": "12:30",
        "country": "no",
        "open": True,
        "n": 1.5,
        "hex": 31,
        "none": None,
        "q": "7",
    }


def test_several_yaml_documents_have_an_index() -> None:
    assert leaves(read(b"a: 1\n---\na: 2\n", "a.yaml")) == {"/0/a": "1", "/1/a": "2"}


def test_yaml_aliases_are_expanded_and_counted() -> None:
    assert leaves(read(b"a: &x {k: v}\nb: *x\n", "a.yaml")) == {"/a/k": "v", "/b/k": "v"}
    bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{name}: &{name} [{','.join(['*' + before] * 10)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert "more than 500000 values" in read(bomb.encode(), "a.yaml").problems[0]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"a: [1", "line 2 column 1: not YAML"),
        (b"a:\n\t- b", "line 2 column 1: not YAML"),
        (b"[" * 100_000, "nested deeper than 100 levels"),
        (b"- " * 100_000, "nested deeper than 100 levels"),
        (b"a: &a [*a]", "the alias *a holds itself"),
        (b"a: *b", "the alias *b has no anchor"),
        (b"# only a comment\n", "no YAML document"),
        (b'a: "\\ud800"', "not YAML"),
    ],
)
def test_broken_yaml_is_unusable_and_says_where(data: bytes, problem: str) -> None:
    reading = read(data, "a.yaml")
    assert reading.unusable
    assert problem in reading.problems[0]


def test_yaml_double_keys_are_a_problem_and_tags_construct_nothing() -> None:
    reading = read(b"a: 1\na: 2\nrun: !!python/object/apply:os.system [id]\n", "a.yaml")
    assert reading.problems == ["/: the key 'a' stands twice; the last one is used"]
    assert leaves(reading) == {"/a": "2", "/run/0": "id"}


def test_calendar_properties_are_as_written_and_times_are_computed_beside_them() -> None:
    reading = read(CALENDAR, "plan.ics")
    assert leaves(reading) == {
        "/events/0/uid": "1@test.example",
        "/events/0/summary": "Outage OUT-771, region eu",
        "/events/0/dtstart": "20260820T140000",
        "/events/0/dtstart_tzid": "Europe/Berlin",
        "/events/0/dtend": "20260820T123000Z",
        "/events/0/rrule": "FREQ=WEEKLY;COUNT=3",
    }
    assert isinstance(reading.data, dict)
    event = reading.data["events"][0]
    assert event["dtstart_utc"] == "2026-08-20T12:00:00Z"
    assert event["dtend_utc"] == "2026-08-20T12:30:00Z"


def test_a_calendar_cut_off_is_refused_and_a_bad_date_is_a_problem() -> None:
    assert "cut off" in read(CALENDAR[:-20], "plan.ics").problems[0]
    reading = read(CALENDAR.replace(b"20260820T140000", b"99999999T140000"), "plan.ics")
    assert not reading.unusable
    assert reading.problems[0].startswith("/events/0/dtstart: ")
