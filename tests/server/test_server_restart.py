"""What was running when a server ended goes on when one starts, and only one works on it."""

from __future__ import annotations

from pathlib import Path

import pytest
from house import Client, House, live_packet
from packets import TENANT

from casefile.packet import Says, Step
from graphs.runner import Run
from runtime.clock import from_instant
from runtime.installation import Installation
from runtime.model.offline import Offline
from runtime.store import run_list
from runtime.store.database import Database
from runtime.store.tables import runs
from server.casebook import ModelName, context_of


def test_events_that_nobody_worked_on_are_found_at_the_start(both: House, tmp_path: Path) -> None:
    intake = both.sign_in("u-intake", ("support_intake_specialist",))
    run = both.open(live_packet(tmp_path / "packet"), intake)
    both.stop()

    async def put(database: Database) -> None:
        found = await run_list.find(database, run)
        assert found is not None
        context = context_of(database, found, Offline(), ModelName(), Installation.open(both.data))
        row = await context.store.row()
        assert row is not None
        step = Step(at=from_instant(row.clock), says=Says(by="u-intake", text="Which regions are affected?"))
        await Run(context, None, lambda _: None).submit("left-behind", step)

    both.store(put)
    assert both.store(run_list.unfinished) == [(TENANT, run)]
    both.start()
    both.rest(TENANT, run)
    again = both.sign_in("u-intake", ("support_intake_specialist",))
    kinds = [turn["kind"] for turn in again.get(f"/api/runs/{run}/chat").json()["turns"]]
    assert kinds.count("said") == kinds.count("answered") == 1


def test_a_run_that_was_cut_off_before_its_release_is_found(house: House, run: str, duty: Client) -> None:
    """Between settling and releasing nothing stands in the inbox: the ledger says that there is work."""
    house.stop()

    async def cut(database: Database) -> None:
        await database.together(
            lambda connection: connection.execute(
                runs.update().where(runs.c.run == run).values(status="working", gate=None)
            )
        )

    house.store(cut)
    assert house.store(run_list.unfinished) == [(TENANT, run)]


def test_two_servers_on_one_store_work_on_a_run_once(both: House, tmp_path: Path) -> None:
    other = House(both.url, tmp_path / "other").start()
    try:
        intake = both.sign_in("u-intake", ("support_intake_specialist",))
        run = both.open(live_packet(tmp_path / "packet"), intake)
        there = other.sign_in("u-duty", ("duty_manager",))
        for n in range(4):
            asked = {"text": f"Which regions are affected, {n}?"}
            assert (intake, there)[n % 2].post(f"/api/runs/{run}/chat", json=asked).status_code == 202
        both.rest(TENANT, run)
        turns = there.get(f"/api/runs/{run}/chat").json()["turns"]
        assert [t["kind"] for t in turns if t["kind"] in ("said", "answered")].count("answered") == 4
        assert there.post(f"/api/runs/{run}/lineage/verify").json()["intact"]
    finally:
        other.stop()


def test_a_fault_of_ours_is_on_record_and_stops_nobody_else(
    house: House, intake: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from graphs.nodes import people

    first = house.open(live_packet(tmp_path / "one"), intake)

    async def broken(*_: object) -> None:
        raise ZeroDivisionError("our fault")

    monkeypatch.setattr(people, "_answer", broken)
    intake.post(f"/api/runs/{first}/chat", json={"text": "Which regions are affected?"})
    house.rest(TENANT, first)
    page = intake.get(f"/api/runs/{first}").json()
    assert page["status"] == "failed"
    assert page["artifact"] is not None
    assert "our fault" not in page["next"]
    monkeypatch.undo()
    second = house.open(live_packet(tmp_path / "two", case="CASE-90002"), intake)
    assert intake.get(f"/api/runs/{second}").json()["status"] == "waiting"
    assert intake.get("/api/health").json()["worker"] == "ok"
