"""Holds of a run on a real calendar server: placed, confirmed, given back, lost, and never left behind."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from bridge_case import PEOPLE, decision, event, furnish, killed_at, live, packet, passes, run
from radicale_server import Radicale, radicale

from runtime.errors import InputError


def effects(outcome: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["kind"], one["state"]) for one in outcome["effects"]]


def test_a_slot_is_held_and_confirmed_by_a_person_only(server: Radicale, settings: Path, tmp_path: Path) -> None:
    waiting = run(packet(tmp_path / "a"), tmp_path / "out-a", settings)
    assert (waiting["status"], effects(waiting)) == ("waiting", [("place_hold", "done")])
    (held,) = server.entries(server.holds)
    assert "STATUS:TENTATIVE" in held
    assert "SCHEDULE-AGENT=NONE" in held
    outcome = run(packet(tmp_path / "b", case="INC-2", as_of="2026-03-18T12:30:00Z", timeline=[decision("12:40:00")]),
                  tmp_path / "out-b", settings)  # fmt: skip
    assert outcome["outcome"] == "slot_confirmed_by_human"
    assert outcome["artifact"]["fields"]["slot_start"]["value"] == "2026-03-18T14:30:00Z"
    placed, confirmed = outcome["effects"]
    assert placed["under"].startswith("hold_by_delegation@")
    assert [one["by"] for one in confirmed["approvals"]] == ["u-esc"]
    states = sorted(line for one in server.entries(server.holds) for line in one.splitlines() if "STATUS" in line)
    assert states == ["STATUS:CONFIRMED", "STATUS:TENTATIVE"]


def test_times_come_from_the_server_as_evidence_and_nothing_else_does(
    server: Radicale, settings: Path, tmp_path: Path
) -> None:
    outcome = run(packet(tmp_path / "p"), tmp_path / "out", settings)
    rejected = next(one for one in outcome["artifact"]["sections"] if one["id"] == "rejected")["claims"]
    # Nine o'clock of the office in the week after the clocks changed there: 13:00 UTC, not 14:00.
    assert [one["text"][:20] for one in rejected] == ["2026-03-18T13:00:00Z"]
    (cited,) = rejected[0]["citations"]
    assert (cited["evidence"], cited["quote"]) == ("calendar-1", "20260107T090000")
    assert cited["locator"].startswith("/events/")
    everything = b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert b"works council" not in everything
    assert b"nobody else is to know" not in everything


def test_silence_gives_the_hold_back(server: Radicale, settings: Path, tmp_path: Path) -> None:
    outcome = run(packet(tmp_path / "p", timeline=[passes("13:01:00")]), tmp_path / "out", settings)
    assert (outcome["outcome"], outcome["status"]) == ("holds_expired", "finished")
    assert effects(outcome) == [("place_hold", "done"), ("release_hold", "done")]
    assert server.entries(server.holds) == []


def test_a_refusal_gives_the_hold_back(server: Radicale, settings: Path, tmp_path: Path) -> None:
    outcome = run(packet(tmp_path / "p", timeline=[decision("12:20:00", "reject")]), tmp_path / "out", settings)
    assert outcome["outcome"] == "escalated_exception_needed"
    assert effects(outcome) == [("place_hold", "done"), ("release_hold", "done")]
    assert server.entries(server.holds) == []


def test_a_meeting_that_came_meanwhile_makes_the_approval_void(
    server: Radicale, settings: Path, tmp_path: Path
) -> None:
    async def story() -> None:
        async with live(packet(tmp_path / "p"), tmp_path / "out", settings) as there:
            meeting = event("new", "20260318T140000Z", "20260318T142000Z")
            server.put(server.calendar_of("joan@norden.example"), "new.ics", meeting)
            outcome = await there.tell(decision("12:20:00"))
            assert [one["state"] for one in outcome["approvals"]] == ["void"]
            assert outcome["waiting_on"][0]["gate"] == "slot_and_attendee_confirmation"
            assert outcome["artifact"]["fields"]["slot_start"]["value"] == "2026-03-18T14:30:00Z"
            (held,) = server.entries(server.holds)
            assert "DTSTART:20260318T143000Z" in held
            outcome = await there.tell(decision("12:25:00"))
            assert outcome["outcome"] == "slot_confirmed_by_human"

    asyncio.run(story())


def test_a_hold_that_somebody_removed_is_not_confirmed(server: Radicale, settings: Path, tmp_path: Path) -> None:
    async def story() -> None:
        async with live(packet(tmp_path / "p"), tmp_path / "out", settings) as there:
            uid = (await there.outcome())["effects"][0]["target"]
            server.delete(f"{server.holds}{uid}.ics")
            outcome = await there.tell(decision("12:20:00"))
            assert outcome["releases"] == []
            assert [one["state"] for one in outcome["approvals"]] == ["void"]
            outcome = await there.tell(decision("12:25:00"))
            assert outcome["outcome"] == "slot_confirmed_by_human"
            (held,) = server.entries(server.holds)
            assert "STATUS:CONFIRMED" in held
            assert uid not in held

    asyncio.run(story())


def test_somebody_put_into_a_hold_is_not_confirmed_with_it(server: Radicale, settings: Path, tmp_path: Path) -> None:
    async def story() -> None:
        async with live(packet(tmp_path / "p"), tmp_path / "out", settings) as there:
            uid = (await there.outcome())["effects"][0]["target"]
            (held,) = server.entries(server.holds)
            other = held.replace("tomas@norden.example", "boris@norden.example")
            server.put(server.holds, f"{uid}.ics", other)
            outcome = await there.tell(decision("12:20:00"))
            assert outcome["releases"] == []
            assert not any("boris" in one for one in server.entries(server.holds))

    asyncio.run(story())


def test_a_calendar_that_does_not_answer_holds_and_confirms_nothing(tmp_path: Path) -> None:
    with radicale(tmp_path / "radicale") as server:
        furnish(server)
        settings = server.settings(tmp_path / "installation", PEOPLE)

        async def story() -> None:
            async with live(packet(tmp_path / "p"), tmp_path / "out", settings) as there:
                assert effects(await there.outcome()) == [("place_hold", "done")]
                server.stop()
                outcome = await there.tell(decision("12:20:00"))
                assert outcome["releases"] == []
                assert outcome["outcome"] == "escalated_exception_needed"
                assert [one["state"] for one in outcome["approvals"]] == ["void"]
                outcome = await there.tell(passes("13:05:00"))
                assert (outcome["outcome"], outcome["status"]) == ("holds_expired", "finished")
                server.start()
                # The hold could not be given back in time: the run stays open until the calendar has taken it back.
                outcome = await there.tell(passes("13:10:00"))
                assert outcome["outcome"] == "holds_expired"
                assert effects(outcome)[-1] == ("release_hold", "done")
                assert server.entries(server.holds) == []

        asyncio.run(story())
        server.stop()
    down = run(packet(tmp_path / "down", case="INC-9"), tmp_path / "out-down", settings)
    assert (down["outcome"], effects(down)) == ("escalated_exception_needed", [])


def test_a_run_that_was_killed_leaves_one_hold_and_goes_on(server: Radicale, settings: Path, tmp_path: Path) -> None:
    given = packet(tmp_path / "p", timeline=[decision("12:20:00")])
    points = ("calendar.read", "execution.planned", "execution.sent", "calendar.written", "execution.answered",
              "execution.read_back", "execution.recorded")  # fmt: skip
    # The second time round is the confirmation.
    for point in (*points, "execution.sent:2", "execution.answered:2"):
        out = tmp_path / point.replace(":", "-")
        assert killed_at(point, given, out, settings), point
        outcome = run(given, out, settings)
        assert outcome["outcome"] == "slot_confirmed_by_human", point
        assert effects(outcome) == [("place_hold", "done"), ("confirm_hold", "done")]
        (held,) = server.entries(server.holds)
        assert "STATUS:CONFIRMED" in held
        server.delete(f"{server.holds}{outcome['effects'][0]['target']}.ics")


def test_what_a_dead_run_left_goes_when_anybody_looks_later(server: Radicale, settings: Path, tmp_path: Path) -> None:
    assert killed_at("calendar.written", packet(tmp_path / "p"), tmp_path / "out", settings)
    assert len(server.entries(server.holds)) == 1
    later = packet(tmp_path / "q", case="INC-2", as_of="2026-03-18T13:30:00Z")
    outcome = run(later, tmp_path / "out-q", settings)
    assert outcome["artifact"]["fields"]["slot_start"]["value"] == "2026-03-18T14:00:00Z"
    (held,) = server.entries(server.holds)
    assert "INC-2" in held


def test_a_packet_names_a_calendar_of_the_settings_and_no_address(
    server: Radicale, settings: Path, tmp_path: Path
) -> None:
    off = server.settings(tmp_path / "no-default", ["ilka@norden.example"], default=False)
    named = [{"id": "team_calendar_server", "kind": "caldav", "calendar": "bridges"}]
    outcome = run(packet(tmp_path / "named", systems=named), tmp_path / "out", settings)
    assert [one["system"] for one in outcome["effects"]] == ["team_calendar_server"]
    assert run(packet(tmp_path / "none"), tmp_path / "out-none", off)["effects"] == []
    unknown = [{"id": "x", "kind": "caldav", "calendar": "elsewhere"}]
    with pytest.raises(InputError, match=r"systems\[0\]\.calendar.*bridges.*'elsewhere'"):
        run(packet(tmp_path / "unknown", systems=unknown), tmp_path / "out-unknown", settings)
