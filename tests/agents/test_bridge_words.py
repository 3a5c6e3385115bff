"""Later mails of a customer, what a severity policy wants of a bridge, and times that somebody else tells of him."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import orjson
import pytest

from agents.bridge_inputs import request
from agents.bridge_policy import levels
from agents.bridge_told import TOLD, told_in_chat, told_in_room
from agents.bridge_windows import Wish, wishes
from agents.case_view import CaseView, Happening
from casefile.evidence import Evidence
from casefile.packet import Packet
from graphs.catalogue import scenario
from tools.readers import read

NOW = datetime(2026, 4, 21, 11, tzinfo=UTC)
CARD = scenario("bridge-scheduling")
FIRST = "We are free 10:00 - 11:00 Eastern."


def view(files: Mapping[str, tuple[str, str]], says: str = "", kept: Mapping[str, str] | None = None) -> CaseView:
    """A case with these files, by name, each with its system and text."""
    items = [
        Evidence(id=name, file=name, system=system, sha256="sha256:" + "0" * 64, size=1, arrived_at=NOW)
        for name, (system, _) in files.items()
    ]
    readings = {name: read(text.encode(), name) for name, (_, text) in files.items()}
    tenant = {"id": "tn", "name": "Delacroix Energy"}
    packet = Packet(scenario="x", case="c", tenant=tenant, as_of=NOW, requested_by="o")
    happening = (
        Happening("says", orjson.dumps({"by": "u-csm", "text": says}).decode()) if says else Happening("open", "{}")
    )
    return CaseView(
        CARD, {"bridge_minutes": 30}, "v", packet, NOW, happening, items, items, frozenset(),
        readings.__getitem__, [], [], kept or {},
    )  # fmt: skip


def mail(minute: int, body: str) -> tuple[str, str]:
    """A mail of the customer's team, written so many minutes after ten."""
    return "crm", (
        "From: A. Bos <a.bos@c.example>\nTo: e@v.example\nSubject: times\n"
        f"Date: Tue, 21 Apr 2026 10:{minute:02}:00 +0000\n"
        f"Content-Type: text/plain; charset=utf-8\n\n{body}\n"
    )


def given(*bodies: str) -> list[Wish]:
    """What stands after mails in the order in which they were written; they came in the other one."""
    mails = [(f"m{n}.eml", mail(n, body)) for n, body in enumerate(bodies)]
    return wishes(view(dict(reversed(mails))), None)


def starts(found: list[Wish]) -> list[str]:
    """When the windows begin, in UTC."""
    return [f"{one.window.start:%H:%M}" for one in found if one.window]


@pytest.mark.parametrize(
    ("later", "windows", "asked"),
    [
        ("3 pm would be fine for me too, if that time does not work.", ["14:00"], 1),
        ("Thank you, see you then.", ["14:00"], 0),
        ("3 pm Eastern would also work.", ["14:00", "19:00"], 0),
        ("We can do 11:30 - 12:30 Eastern.", ["15:30"], 0),
        ("We can no longer make it in the morning. We could do 11:30 - 12:30 Eastern.", ["15:30"], 0),
        ("The morning no longer works for us. Could we do 3 pm instead?", [], 2),
        ("Unfortunately we have to cancel, something came up.", [], 1),
    ],
)
def test_what_a_later_mail_leaves_of_an_earlier_window(later: str, windows: list[str], asked: int) -> None:
    found = given(FIRST, later)
    assert starts(found) == windows
    assert len([one for one in found if one.window is None]) == asked


TICKET = '{"severity": "%s", "required_roles": ["support_owner", "incident_commander"]}'
IN_YAML = (
    "severity_policy:\n  SEV-0: {leadership_delegate_required: true}\n  SEV-1: {leadership_delegate_required: false}\n"
)
IN_ROWS = (
    "severity,leadership delegate,minimum coverage\nSev 0,required,support owner; CSM\nSev 1,optional,support owner\n"
)
IN_LIST = '{"leadership_delegate": {"required_for": ["P0"]}}'
IN_NAME = "leadership_delegate_required_for: [SEV-0]\n"
IN_PROSE = "A leadership delegate is required for SEV-0. SEV-1 runs without a delegate.\n"


@pytest.mark.parametrize(
    ("file", "policy"),
    [("p.yaml", IN_YAML), ("p.csv", IN_ROWS), ("p.json", IN_LIST), ("p.yaml", IN_NAME), ("p.md", IN_PROSE)],
)
@pytest.mark.parametrize(
    ("severity", "wanted"), [("SEV-0", True), ("P0 - critical", True), ("Sev 1", False), ("", False)]
)
def test_the_policy_says_for_which_severity_the_delegate_is_wanted(
    file: str, policy: str, severity: str, wanted: bool
) -> None:
    files = {"t.json": ("incident_ticket", TICKET % severity), file: ("team_calendars", policy)}
    found = request(view(files))
    assert ("leadership_delegate" in found.roles) == wanted
    if wanted:
        assert found.policy.cells


def test_whom_the_policy_lists_at_least_is_a_required_role() -> None:
    files = {"t.json": ("incident_ticket", TICKET % "Sev 0"), "p.csv": ("team_calendars", IN_ROWS)}
    assert "customer_success_manager" in request(view(files)).roles


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SEV-0, SEV-1", {0, 1}),
        ("P1 and above", {0, 1}),
        ("Sev 0 to 2", {0, 1, 2}),
        ("S1/2", {1, 2}),
        ("severe", set()),
    ],
)
def test_severities_are_read_by_their_numbers(text: str, found: set[int]) -> None:
    assert levels(text) == found


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("- 11:40 Dana Whitfield: customer would do 3 pm", ["3 pm"]),
        ("2026-04-21T10:50:00Z dana.whitfield   Delacroix prefers 15:30", ["15:30"]),
        ("- 11:40 Dana: A. Bos says 3 pm Eastern works for them", []),
        ("- 11:40 Dana: the customer lost the first messages at 3 am", []),
        ("- 11:40 Dana: their call with the hospitals could move to 3 pm", []),
        ("- 11:40 Jakub: I am free from 15:00", []),
        ("- 11:40 Dana: does 3 pm work for the customer?", []),
        ("- 11:40 Dana: 10:00 works for them", []),  # begins the window that he gave himself, with its zone
    ],
)
def test_a_time_of_the_customer_that_the_room_tells_without_a_zone_is_asked_about(line: str, asked: list[str]) -> None:
    case = view({"m.eml": mail(1, FIRST), "room.md": ("incident_room", line)})
    assert [one.text for one in told_in_room(case, wishes(case, None), "America/New_York")] == asked


def test_a_time_told_in_the_chat_is_asked_about_until_its_zone_is_told() -> None:
    first = told_in_chat(view({}, "The customer says 3 pm works."), [], "")
    assert [one.text for one in first] == ["3 pm"]
    kept = {TOLD: orjson.dumps([{"text": "3 pm", "where": "chat, u-csm", "said": "x", "locator": ""}]).decode()}
    assert told_in_chat(view({}, "What is still open?", kept), [], "")
    assert told_in_chat(view({}, "They mean 3 pm Eastern.", kept), [], "") == []


def test_a_required_role_that_is_none_of_a_bridge_is_not_dropped() -> None:
    ticket = '{"severity": "SEV-1", "required_roles": ["support_owner", "Data protection officer"]}'
    found = request(view({"t.json": ("incident_ticket", ticket)}))
    assert (found.roles, list(found.unknown)) == (["support_owner"], ["Data protection officer"])
