"""Rosters, hours, calendars and windows of a bridge under names of columns that nobody listed."""

from __future__ import annotations

from datetime import time

import orjson
import pytest

from agents.bridge_inputs import hours, request, roster
from agents.bridge_kinds import clocks_of, role_of, scoped_role
from agents.bridge_policy import own_levels
from agents.bridge_windows import wishes
from tests.agents.test_bridge_layouts import TICKET, _read, at
from tests.agents.test_bridge_words import CARD, mail, view

ROLES = CARD.data["roles"]


@pytest.mark.parametrize(
    ("text", "role", "scope"),
    [
        ("Engineering service owner (s3-store)", "engineering_service_owner", "s3-store"),
        ("Engineering service owner: s3-store", "engineering_service_owner", "s3-store"),
        ("Incident commander for EMEA", "incident_commander", "EMEA"),
        ("Support lead S1", "support_owner", "S1"),
        ("Incident commander", "incident_commander", ""),
        ("Support director", "", ""),
    ],
)
def test_a_role_may_say_for_what_it_is(text: str, role: str, scope: str) -> None:
    assert scoped_role(ROLES, text) == (role, scope)
    assert role_of(ROLES, text) == ("" if scope else role)


@pytest.mark.parametrize(("scope", "required"), [("s3-store", True), ("call-routing", False)])
def test_a_required_role_counts_for_the_service_of_the_ticket_only(scope: str, required: bool) -> None:
    line = f"Required roles: Support owner; Engineering service owner ({scope})"
    found = request(view({"t.md": ("incident_ticket", TICKET.format(line=line))}))
    assert ("engineering_service_owner" in found.roles) is required
    assert bool(found.unknown) is not required


def test_a_ticket_in_columns_is_read_by_what_its_labels_speak_of() -> None:
    text = (
        "Required roles .. support lead, incident commander\n"
        "Response window agreed with them: until 2026-04-21 17:30 UTC\n"
        "Last update call with the customer: 2026-04-21 08:00 UTC\n"
        "Update call promised to customer: 2026-04-21 17:00 UTC\n\n"
        "support lead            Ana Ruiz\n"
    )
    found = request(view({"t.txt": ("incident_ticket", text)}))
    assert found.roles == ["support_owner", "incident_commander"]
    assert (found.ends_at, found.call_at) == (at(17, 30), at(17))
    assert found.assigned["support_owner"].text == "Ana Ruiz"


def test_values_behind_each_other_in_a_line_are_each_their_own() -> None:
    found = request(view({"t.md": ("incident_ticket", "Customer: Delacroix Energy Plan: Gold Severity: 1\n")}))
    assert found.account is not None
    assert found.account.text == "Delacroix Energy"
    assert found.severity is not None
    assert own_levels(found.severity.text) == {1}


SHEET = (
    "<p>{said}</p><table><tr><th>Role</th><th>Service / account</th><th>On duty</th><th>Start</th><th>End</th></tr>"
    "<tr><td>Engineering service owner</td><td>s3-store</td><td>Ana Ruiz</td><td>2026-04-21 08:00</td>"
    "<td>2026-04-21 18:00</td></tr><tr><td>Engineering service owner</td><td>call-routing</td><td>Bo Li</td>"
    "<td>2026-04-21 08:00</td><td>2026-04-21 18:00</td></tr></table>"
)


@pytest.mark.parametrize(("said", "who"), [("Times below are UTC.", ["Ana Ruiz"]), ("Taco day.", [])])
def test_words_over_a_roster_give_its_zone_and_a_joined_name_its_scope(said: str, who: list[str]) -> None:
    ticket = ("incident_ticket", TICKET.format(line=""))
    case = view({"t.md": ticket, "r.html": ("oncall_schedule", SHEET.format(said=said))})
    assert [one.name for one in roster(case, request(case))] == who


def test_a_schedule_with_its_role_in_its_name_is_read() -> None:
    entry = {"user": "Ana Ruiz", "start": "2026-04-21T08:00:00Z", "end": "2026-04-21T18:00:00Z"}
    listed = [
        {"name": f"Engineering service owner: {service}", "entries": [entry | {"email": f"{service}@v.example"}]}
        for service in ("s3-store", "call-routing")
    ]
    text = orjson.dumps({"schedules": listed}).decode()
    case = view({"t.md": ("incident_ticket", TICKET.format(line="")), "r.json": ("oncall_schedule", text)})
    assert [one.who for one in roster(case, request(case))] == ["s3-store@v.example"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("08:30-17:30", (time(8, 30), time(17, 30))),
        ("Mon-Fri 8 am to 5 pm", (time(8), time(17))),
        ("09:00-12:00, 13:00-17:00", None),
        ("flexible", None),
    ],
)
def test_hours_in_one_cell_are_one_range(text: str, told: tuple[time, time] | None) -> None:
    assert clocks_of(text) == told


@pytest.mark.parametrize(("told", "unread"), [("08:30-17:30", False), ("09:00-12:00, 13:00-17:00", True)])
def test_hours_that_cannot_be_read_are_known_as_such(told: str, unread: bool) -> None:
    text = f'whoever,at home in,Works (local time)\nana@v.example,Europe/Paris,"{told}"\n'
    roster_row = (
        "Role,Person,Mail,From (UTC),Until (UTC)\n"
        "Incident commander,Ana Ruiz,ana@v.example,2026-04-21 08:00,2026-04-21 18:00\n"
    )
    case = view({"r.csv": ("oncall_schedule", roster_row), "h.csv": ("team_calendars", text)})
    found = hours(case, roster(case, request(case)))["ana@v.example"]
    assert (found.zone, found.unread) == ("Europe/Paris", unread)


@pytest.mark.parametrize(
    ("row", "seen", "busy"),
    [
        ("ana@v.example,2026-04-21,10:00,11:00,Busy", True, [(at(8), at(9))]),
        ("ana@v.example,2026-04-21,20:00,01:00,Busy", True, [(at(18), at(23))]),
        ("ana@v.example,2026-04-21,2026-04-21,2026-04-21,Busy", True, [(at(0), at(22))]),
        ("ana@v.example,2026-04-21,10:00,soon,Busy", False, []),
    ],
)
def test_a_calendar_is_of_the_person_in_its_row_and_of_nobody_if_it_cannot_be_placed(
    row: str, seen: bool, busy: list[object]
) -> None:
    found = _read("csv", f"Mailbox,Date,Start,End,Show as\n{row}\n")
    assert found.seen == ({"ana@v.example"} if seen else set())
    assert [(max(one.start, at(0)), min(one.end, at(23))) for one, _ in found.busy] == busy


@pytest.mark.parametrize(
    ("body", "begin"),
    [
        ("Our times, Eastern time:\n\n9:30 AM to 11:00 AM, or 1:30 PM to 2:30 PM.", ["13:30", "17:30"]),
        ("Today we have 10:00 to 11:30 in the morning, Eastern (EDT).", ["14:00"]),
        ("Today we have 1:00 to 2:30 in the afternoon, Eastern.", ["17:00"]),
        ("We are free 11 to 1 pm Eastern.", ["15:00"]),
        ("We are free 10:00 to 11:00 Eastern. We count on your update at 2 pm Eastern.", ["14:00"]),
    ],
)
def test_windows_of_one_line_and_halves_of_the_day_in_words(body: str, begin: list[str]) -> None:
    found = wishes(view({"m.eml": mail(0, body)}), None)
    assert [one.window.start.strftime("%H:%M") if one.window else "" for one in found] == begin
