"""Times that a customer offers in a mail: windows where a zone is named, questions where none is, nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agents.bridge_windows import Wish, wishes
from agents.case_view import CaseView, Happening
from casefile.evidence import Evidence
from casefile.packet import Packet
from graphs.catalogue import scenario
from tools.readers import read

NOW = datetime(2026, 4, 21, 11, tzinfo=UTC)
CARD = scenario("bridge-scheduling")


def told(body: str, kind: str = "plain") -> list[Wish]:
    """What the customer's mail offers."""
    data = (
        "From: A. Bos <a.bos@c.example>\nTo: e@v.example\nSubject: times\n"
        f"Date: Tue, 21 Apr 2026 10:40:00 +0000\nContent-Type: text/{kind}; charset=utf-8\n\n{body}\n"
    ).encode()
    item = Evidence(id="mail", file="m.eml", system="crm", sha256="sha256:" + "0" * 64, size=1, arrived_at=NOW)
    reading = read(data, item.file)
    packet = Packet(scenario="x", case="c", tenant={"id": "tn"}, as_of=NOW, requested_by="o")  # type: ignore[arg-type]
    view = CaseView(
        CARD, {"bridge_minutes": 30}, "v", packet, NOW, Happening("open", "{}"), [item], [item], frozenset(),
        lambda _: reading, [], [], {},
    )  # fmt: skip
    return wishes(view, None)


def questions(body: str) -> list[str]:
    """What is asked."""
    return [one.question for one in told(body) if one.window is None]


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ("a) 3 pm, for half an hour", "3 pm"),
        ("- 4:30 pm", "4:30 pm"),
        ("1. 15:00, half an hour", "15:00"),
        ("* early afternoon", "afternoon"),
    ],
)
def test_an_offered_item_without_a_zone_is_asked_about_beside_a_window(item: str, said: str) -> None:
    body = f"For today, two possibilities:\n\n  {item}\n  - 10:30 - 11:30 Eastern (EDT)\n\nAnneke"
    assert [said in one for one in questions(body)] == [True]
    assert [one.window.start.isoformat() for one in told(body) if one.window] == ["2026-04-21T14:30:00+00:00"]


def test_an_offered_item_with_a_zone_is_a_window() -> None:
    body = "These times work for us:\n\n- 3 pm Eastern\n- 10:30 - 11:30 Eastern"
    starts = sorted(one.window.start.isoformat() for one in told(body) if one.window)
    assert starts == ["2026-04-21T14:30:00+00:00", "2026-04-21T19:00:00+00:00"]
    assert questions(body) == []


@pytest.mark.parametrize(
    "line",
    [
        "- 21:30 our drivers get their message",
        "- Anneke Bos",
        "Our own update is at 13:00 Eastern.",
        "The parcels left the depot at 3 pm.",
    ],
)
def test_other_times_are_no_offer(line: str) -> None:
    assert questions(f"Best for us is 10:30 - 11:30 Eastern.\n\nWhat happens today\n\n{line}") == []


@pytest.mark.parametrize("zone", ["Eastern (EDT), as before.", "(Eastern) if you can", "America/Toronto."])
def test_a_zone_on_the_next_line_belongs_to_the_clock_that_ends_the_line(zone: str) -> None:
    body = f"We can give you 09:00 to 10:00 Eastern, or 11:00 to 12:00\n{zone}"
    starts = [one.window.start.isoformat() for one in told(body) if one.window]
    assert starts == ["2026-04-21T13:00:00+00:00", "2026-04-21T15:00:00+00:00"]
    assert questions(body) == []


@pytest.mark.parametrize("line", ["Anneke Bos", "and 3 more", "", "- Eastern is where we sit"])
def test_another_next_line_names_no_zone(line: str) -> None:
    assert len(questions(f"We are free from 11:00 to 12:00\n{line}")) == 1


def starts(body: str) -> list[str]:
    """When the windows begin, in UTC."""
    return sorted(f"{one.window.start:%H:%M}" for one in told(body) if one.window)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("10:00 - 11:00 Eastern works for us. Otherwise 15:00 would do.", "15:00"),
        ("Best is 10:00 - 11:00 Eastern. 15 Uhr ginge auch.", "15 Uhr"),
        ("Best is 10:00 - 11:00 Eastern, or 3 pm, or 4 pm.", "3 pm"),
        ("Best is 10:00 - 11:00 Eastern.\nFor her colleagues on the road 3 pm would do as well.", "3 pm"),
    ],
)
def test_another_clock_without_a_zone_beside_a_window_is_asked_about(line: str, said: str) -> None:
    assert starts(line) == ["14:00"]
    assert any(said in one for one in questions(line))


def test_a_clock_of_24_hours_with_its_zone_is_a_window() -> None:
    assert starts("15:00 Eastern would suit us best.") == ["19:00"]


@pytest.mark.parametrize(
    "line",
    [
        "We lost the first messages at 06:12 and the last ones at 07:40.",
        "Our own update to the clinics is at 1 pm Eastern.",
        "We have our board call with Boston at 12:00 Eastern.",
    ],
)
def test_when_something_happened_and_what_they_have_with_others_is_no_offer(line: str) -> None:
    assert told(f"Best for us is 10:30 - 11:30 Eastern.\n{line}") == told("Best for us is 10:30 - 11:30 Eastern.")


def test_an_end_alone_is_no_window() -> None:
    assert starts("We could do anything before 1 pm Eastern.") == []
    assert "before 1 pm" in questions("We could do anything before 1 pm Eastern.")[0]


@pytest.mark.parametrize(
    ("line", "start", "end"),
    [
        ("We could do 10:00 Eastern to 11:00 Eastern.", "14:00", "15:00"),
        ("We could do 3 pm Eastern to 4 pm.", "19:00", "20:00"),
        ("09:30-10:15 (America/New_York) suits us", "13:30", "14:15"),
        ("10:00 to 11:00 UTC-4 would work", "14:00", "15:00"),
        ("16:00 to 17:00 GMT+2 would work", "14:00", "15:00"),
    ],
)
def test_a_range_has_the_zone_that_stands_with_it(line: str, start: str, end: str) -> None:
    assert [f"{one.window.start:%H:%M} {one.window.end:%H:%M}" for one in told(line) if one.window] == [
        f"{start} {end}"
    ]
    assert questions(line) == []


@pytest.mark.parametrize("line", ["We could do 10:00 Eastern to 17:00 CET.", "Between 10 and 11 Eastern, or at noon."])
def test_a_range_that_says_two_things_is_asked_about(line: str) -> None:
    assert starts(line) == []
    assert len(questions(line)) == 1


TABLE = (
    "<p>For {day}:</p><table><tr><th>Window</th><th>From</th><th>To</th><th>Zone</th></tr>"
    "<tr><td>1</td><td>09:30</td><td>12:00</td><td>{zone}</td></tr></table>"
)


@pytest.mark.parametrize("zone", ["Eastern (EDT)", "America/New_York", "US Eastern", "America/New_York (ET)"])
def test_the_rows_of_a_mails_table_are_windows_of_its_day(zone: str) -> None:
    (found,) = told(TABLE.format(day="Wednesday 22 April 2026", zone=zone), "html")
    assert found.window is not None
    assert found.window.start.isoformat() == "2026-04-22T13:30:00+00:00"
    assert found.window.end.isoformat() == "2026-04-22T16:00:00+00:00"


@pytest.mark.parametrize("zone", ["", "Eastern (CET)", "our usual one"])
def test_a_row_whose_zone_is_missing_or_two_is_asked_about(zone: str) -> None:
    (found,) = told(TABLE.format(day="Wednesday 22 April 2026", zone=zone), "html")
    assert found.window is None
    assert found.question
