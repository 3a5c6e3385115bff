"""Tickets, rosters and calendars of a bridge as other teams and services write them."""

from __future__ import annotations

from datetime import UTC, datetime, time

import orjson
import pytest

from agents.bridge_calendars import Calendars, Span, calendars
from agents.bridge_inputs import hours, request, roster, says
from agents.bridge_windows import wishes
from tests.agents.test_bridge_words import mail, view

TICKET = "Severity: SEV-1\nCustomer: Delacroix Energy (tn-del)\nComponent: s3-store\n\n{line}\n"


def at(*clock: int) -> datetime:
    """A time of the day in UTC."""
    return datetime(2026, 4, 21, *clock, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "ends", "call"),
    [
        ("- agreed response window ends 2026-04-21 19:00 UTC", at(19), None),
        ("Agreed response window: 2026-04-21 12:00 UTC to 2026-04-21 18:00 UTC", at(18), None),
        ("Agreed response window: 4 hours", at(15), None),
        ("- customer update call promised for 2026-04-21 13:00 Eastern (17:00 UTC)", None, at(17)),
        ("Promised customer update call: 2026-04-21 13:00 US Eastern", None, at(17)),
        ("Promised customer update call: 2026-04-21 13:00 America/New_York", None, at(17)),
        ("Promised customer update call: 2026-04-21 18:00 Berlin office", None, None),
        ("Promised customer update call: 2026-04-21 13:00 Eastern (16:00 UTC)", None, at(16)),
        ("We talked of the customer update call at length on 2026-04-21 13:00 UTC.", None, None),
    ],
)
def test_times_of_a_ticket_are_read_with_their_zone_in_words(
    line: str, ends: datetime | None, call: datetime | None
) -> None:
    found = request(view({"t.md": ("incident_ticket", TICKET.format(line=line))}))
    assert (found.ends_at, found.call_at) == (ends, call)


def test_times_and_roles_stand_in_objects_of_a_ticket() -> None:
    asked = {
        "mustAttend": ["Support owner", "An incident commander"],
        "agreedResponseWindow": {"from": "2026-04-21T12:00:00Z", "until": "2026-04-21T16:30:00Z"},
    }
    found = request(view({"t.json": ("incident_ticket", orjson.dumps({"fields": {"bridge": asked}}).decode())}))
    assert (found.roles, found.ends_at) == (["support_owner", "incident_commander"], at(16, 30))


@pytest.mark.parametrize(
    ("text", "said"), [("yes (SEV-1)", True), ("not required", False), ("no", False), ("Jo Hall", None), ("Noa", None)]
)
def test_an_answer_is_yes_or_no_or_somebody(text: str, said: bool | None) -> None:
    assert says(text) is said


ROSTER = (
    "Duty,Covers,Person,Mail,On from (local),On until (local),Time zone\n"
    "Incident commander,{covers},Ana Ruiz,ana@v.example,2026-04-21 08:00,2026-04-21 18:00,Europe/Paris\n"
)


@pytest.mark.parametrize(
    ("covers", "there"),
    [
        ("all SEV-1", True),
        ("all SEV-2", False),
        ("Sev 0 and 1 incidents", True),
        ("major incidents", True),
        ("Delacroix Energy", True),
        ("s3-store", True),
        ("call-routing", False),
        ("company portal", False),
    ],
)
def test_a_scope_is_of_severities_of_everything_or_of_this_case(covers: str, there: bool) -> None:
    case = view({
        "t.md": ("incident_ticket", TICKET.format(line="")),
        "r.csv": ("oncall_schedule", ROSTER.format(covers=covers)),
    })  # fmt: skip
    found = roster(case, request(case))
    assert [(one.name, one.duty.start) for one in found] == ([("Ana Ruiz", at(6))] if there else [])


def test_who_is_on_call_may_stand_in_an_object_inside_the_row() -> None:
    row = {
        "escalation_policy": "Incident commander",
        "user": {"summary": "Ana Ruiz", "email": "ana@v.example", "time_zone": "Europe/Paris"},
        "start": "2026-04-21T06:00:00Z",
        "end": "2026-04-21T16:00:00Z",
    }
    case = view({"r.json": ("oncall_schedule", orjson.dumps({"oncalls": [row]}).decode())})
    assert [(one.name, one.who, one.zone) for one in roster(case, request(case))] == [
        ("Ana Ruiz", "ana@v.example", "Europe/Paris")
    ]


def _read(kind: str, text: str) -> Calendars:
    names = {"ana@v.example": "ana@v.example"}
    span = Span(at(0), at(23), names, {"ana@v.example": "Europe/Paris"})
    return calendars(view({f"c.{kind}": ("team_calendars", text)}), span)


SCHEDULE = {
    "scheduleId": "ana@v.example",
    "workingHours": {"startTime": "09:00", "endTime": "17:30", "timeZone": "Europe/Paris"},
    "scheduleItems": [
        {
            "status": "busy",
            "start": {"dateTime": "2026-04-21T10:00:00", "timeZone": "Europe/Paris"},
            "end": {"dateTime": "2026-04-21T11:00:00", "timeZone": "Europe/Paris"},
        }
    ],
}


def test_a_schedule_of_nested_objects_has_its_times_and_hours() -> None:
    text = orjson.dumps({"value": [SCHEDULE]}).decode()
    assert [(one.who, one.start, one.end) for one, _ in _read("json", text).busy] == [("ana@v.example", at(8), at(9))]
    found = hours(view({"c.json": ("team_calendars", text)}), [])["ana@v.example"]
    assert (found.opens, found.closes) == (time(9), time(17, 30))


def test_a_column_in_utc_is_utc_whatever_the_zone_beside_it() -> None:
    text = "mail,Starts (UTC),Ends (UTC),tz\nana@v.example,2026-04-21 10:00,2026-04-21 11:00,Europe/Paris\n"
    assert [(one.start, one.end) for one, _ in _read("csv", text).busy] == [(at(10), at(11))]


@pytest.mark.parametrize(("state", "seen"), [("ok 2026-04-21T10:56Z", True), ("failed, timed out", False)])
def test_a_calendar_that_says_that_its_reading_failed_was_not_read(state: str, seen: bool) -> None:
    text = orjson.dumps({"value": [{**SCHEDULE, "retrieval": state}]}).decode()
    assert _read("json", text).seen == ({"ana@v.example"} if seen else set())


BUSY = "mail,Starts (UTC),Ends (UTC)\nana@v.example,2026-04-21 10:00,2026-04-21 11:00\n"
FAILED = orjson.dumps({"calendars": {"ana@v.example": {"errors": [{"status": 503}], "busy": []}}}).decode()


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_a_reading_that_failed_counts_beside_one_that_came_with_it(order: tuple[str, str]) -> None:
    files = {"a": ("a.csv", BUSY), "b": ("b.json", FAILED)}
    case = view({name: ("team_calendars", text) for name, text in (files[one] for one in order)})
    found = calendars(case, Span(at(0), at(23), {"ana@v.example": "ana@v.example"}, {}))
    assert found.seen == set()
    assert [who for who, _ in found.failures] == ["ana@v.example"]


def test_an_appointment_is_no_working_hours() -> None:
    text = "mail,start,end,tz\nana@v.example,2026-04-21 10:00,2026-04-21 11:00,Europe/Paris\n"
    assert hours(view({"c.csv": ("team_calendars", text)}), []) == {}


def _windows(body: str) -> list[str]:
    found = wishes(view({"m.eml": mail(0, body)}), None)
    return [one.window.start.isoformat()[11:16] if one.window is not None else "asked" for one in found]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("Between 10:30 and 11:30 US Eastern is good for us.", ["14:30"]),
        ("Our times today, all US Eastern:\n\n   10:00 - 11:00\n   12:00 - 13:00\n\nRegards", ["14:00", "16:00"]),
        ("Our times today, Eastern (yours is Central):\n\n   10:00 - 11:00", ["asked"]),
        ("Our times today, all US Eastern:\n\nThe small print.\n\n   10:00 - 11:00", ["asked"]),
        ("We can meet 10:00 to 11:00 Eastern European Time.", ["07:00"]),
        ("We can do 9:30 to 11:00 am New York time.", ["13:30"]),
        ("We can do 9:30 to 11:00 London local time.", ["08:30"]),
        ("We can do 9:30 to 11:00 West time.", ["asked"]),
        ("We can do 9:30 to 11:00 Victoria has time.", ["asked"]),
        ("We can meet 10:00 to 11:00 Eastern. At 12:30 pm Eastern you promised us the update call.", ["14:00"]),
        ("Could we meet at 10 am Eastern, before the promised update call?", ["14:00"]),
    ],
)
def test_the_zone_of_a_window_is_read_among_other_words(body: str, told: list[str]) -> None:
    assert _windows(body) == told


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "- SEV-1: support owner, commander\n  and an incident leadership delegate must all attend.\n- SEV-2: none",
            True,
        ),
        ("- SEV-1: page everybody\n- A leadership delegate must attend at SEV-0.", None),
        ("- SEV-1 needs no more than the owner\n  and no leadership delegate.", False),
    ],
)
def test_a_sentence_of_the_policy_goes_on_in_the_next_line(text: str, wanted: bool | None) -> None:
    case = view({"t.md": ("incident_ticket", TICKET.format(line="")), "p.md": ("team_calendars", text)})
    assert request(case).policy.delegate is wanted
