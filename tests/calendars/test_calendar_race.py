"""Two holders at once: nobody is ever held twice, by holds that raced or by runs in processes of their own."""

from __future__ import annotations

import asyncio
import re
import time
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import orjson
from bridge_case import packet, run
from radicale_server import Radicale
from running import APART

from runtime.calendar_settings import load_calendars
from tools.calendars.hold import Hold
from tools.calendars.server import CalendarServer
from tools.systems import Request

ROUNDS = 25
T0 = datetime(2026, 6, 1, 8, tzinfo=UTC)


def opened(settings: Path) -> CalendarServer:
    calendars = load_calendars(settings)
    return CalendarServer(calendars.calendars["bridges"], calendars.password("bridges"))


def place(server: CalendarServer, hold: Hold) -> int:
    return asyncio.run(server.call(Request("PUT", f"/{hold.uid}.ics", hold.state()))).status


def _compete(settings: Path, name: str, begin: float, out: Path) -> None:
    """Hold the same person for the same half-hours as the other process does, each round at the same moment."""
    server, won = opened(settings), []
    for number in range(ROUNDS):
        start = T0 + timedelta(hours=number)
        # Uids that sort either way, so that neither process is always the one that gives way.
        uid = f"{'ab'[(number + (name == 'two')) % 2]}-{name}-{number}"
        people = {"support_owner": "ada@x.example", "incident_commander": f"{name}@x.example"}
        hold = Hold(uid, name, start, start + timedelta(minutes=30), start, people)
        while time.time() < begin + number * 0.4:
            time.sleep(0.001)
        if place(server, hold) == 201:
            won.append(number)
    out.write_bytes(orjson.dumps(won))


def test_of_two_that_want_the_same_person_at_most_one_holds_her(
    server: Radicale, settings: Path, tmp_path: Path
) -> None:
    begin = time.time() + 4
    context = get_context("spawn")
    both = [context.Process(target=_compete, args=(settings, name, begin, tmp_path / name)) for name in ("one", "two")]
    for process in both:
        process.start()
    for process in both:
        process.join(120)
        assert process.exitcode == 0
    one, two = (set(orjson.loads((tmp_path / name).read_bytes())) for name in ("one", "two"))
    assert one & two == set()
    # And somebody gets her: nobody gives way to a hold that gave way.
    assert one | two == set(range(ROUNDS))
    standing = [re.search(r"DTSTART:(\S+)", text) for text in server.entries(server.holds)]
    starts = [found[1] for found in standing if found]
    assert len(starts) == len(set(starts)) == ROUNDS


def test_two_runs_in_two_processes_hold_different_slots(server: Radicale, settings: Path, tmp_path: Path) -> None:
    given = [packet(tmp_path / name, case=f"INC-{name}") for name in ("one", "two")]
    both = [APART.Process(target=run, args=(one, tmp_path / f"out-{one.name}", settings)) for one in given]
    for process in both:
        process.start()
    for process in both:
        process.join(120)
        assert process.exitcode == 0
    outcomes: list[dict[str, Any]] = [
        orjson.loads((tmp_path / f"out-{one.name}" / "outcome.json").read_bytes()) for one in given
    ]
    assert [one["status"] for one in outcomes] == ["waiting", "waiting"]
    starts = {one["artifact"]["fields"]["slot_start"]["value"] for one in outcomes}
    assert len(starts) == 2
    held = [re.search(r"DTSTART:(\S+)", text) for text in server.entries(server.holds)]
    assert sorted(f"{at[1]}" for at in held if at) == sorted(re.sub(r"[-:]", "", one) for one in starts)


def test_a_hold_that_overlaps_in_one_person_gives_way_and_one_that_does_not_stands(
    server: Radicale, settings: Path
) -> None:
    here = opened(settings)
    first = Hold("m", "A", T0, T0 + timedelta(minutes=30), T0, {"support_owner": "ada@x.example", "csm": "Bo Li"})

    def other(uid: str, minutes: int, **who: str) -> Hold:
        start = T0 + timedelta(minutes=minutes)
        return Hold(uid, "B", start, start + timedelta(minutes=30), T0, who)

    assert place(here, first) == 201
    assert place(here, first) == 201  # the same again is the same (R10)
    assert place(here, other("a", 15, commander="ada@x.example")) == 409
    assert place(here, other("z", -15, commander="Bo Li")) == 409
    assert place(here, other("b", 30, commander="ada@x.example")) == 201
    assert place(here, other("c", 0, commander="cy@x.example")) == 201
    assert place(here, other("m", 60, commander="cy@x.example")) == 409  # another hold under the same UID
    assert len(server.entries(server.holds)) == 3


def test_expiry_removes_what_nobody_confirmed_and_nothing_else(server: Radicale, settings: Path) -> None:
    from bridge_case import event

    here = opened(settings)

    def hold(uid: str, hours: int, expires: int) -> Hold:
        start = T0 + timedelta(hours=hours)
        return Hold(uid, "A", start, start + timedelta(minutes=30), T0 + timedelta(minutes=expires), {"r": "ada@x.y"})

    for one in (hold("old", 1, 10), hold("new", 2, 90), hold("sure", 3, 10)):
        assert place(here, one) == 201
    confirmed = hold("sure", 3, 10).state() | {"status": "CONFIRMED"}
    assert asyncio.run(here.call(Request("PUT", "/sure.ics", confirmed))).status in (200, 201, 204)
    server.put(server.holds, "other.ics", event("somebody-elses", "20260601T100000Z", "20260601T110000Z"))
    assert [one.uid for one in here.expire(T0 + timedelta(minutes=30))] == ["old"]
    assert len(server.entries(server.holds)) == 3
    assert [one.uid for one in here.expire(T0 + timedelta(minutes=30))] == []
