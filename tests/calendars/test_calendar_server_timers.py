"""The server by itself: a hold goes when its time is over, also where its run is gone."""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bridge_case import packet
from radicale_server import Radicale
from test_calendar_race import opened, place

from tools.calendars.hold import Hold

sys.path.append(str(Path(__file__).parent.parent / "server"))

from house import House
from test_server_timers import later, page, waited

TENANT = "tn-kestrel"


@pytest.fixture
def house(tmp_path: Path, settings: Path) -> House:
    return House(f"sqlite:///{tmp_path / 'casegate.db'}", tmp_path / "data", {"calendars": settings})


def gone(server: Radicale, seconds: float = 20) -> bool:
    until = time.monotonic() + seconds
    while server.entries(server.holds) and time.monotonic() < until:
        time.sleep(0.2)
    return server.entries(server.holds) == []


def test_a_run_gives_its_hold_back_when_nobody_confirmed_it_also_over_a_restart(
    house: House, server: Radicale, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Only the run's own deadline is to act here, and not what clears the calendars of others' holds.
    monkeypatch.setattr("server.worker.expiring", lambda _: asyncio.Event().wait())
    house.start()
    try:
        escalations = house.sign_in("u-esc", ("support_escalation_manager",), tenant=TENANT)
        run = house.open(packet(tmp_path / "p"), escalations)
        assert page(escalations, run)["waiting_on"][0]["gate"] == "slot_and_attendee_confirmation"
        assert len(server.entries(server.holds)) == 1
        house.stop()
        later(house, run, TENANT, minutes=61)
        house.start()
        waited(house, run, TENANT)
        assert gone(server)
        escalations = house.sign_in("u-esc", ("support_escalation_manager",), tenant=TENANT)
        after = page(escalations, run)
        assert (after["outcome"], after["final"]) == ("holds_expired", True)
    finally:
        house.stop()


def test_a_hold_whose_run_is_gone_is_removed_by_the_server(house: House, server: Radicale, settings: Path) -> None:
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=5)
    hold = Hold("of-nobody", "A", start, start + timedelta(minutes=30), start - timedelta(hours=6), {"r": "ada@x.y"})
    assert place(opened(settings), hold) == 201
    house.start()
    try:
        assert gone(server)
    finally:
        house.stop()
